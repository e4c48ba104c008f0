from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.load.brokers import (
    broker_load,
    client_load,
    rack_load,
    recent_brokers,
    replica_counts,
)

RATES = {
    "metric": pl.String,
    "cluster": pl.String,
    "broker": pl.Int32,
    "topic": pl.String,
    "rate_per_s": pl.Float64,
    "uncovered_s": pl.Float64,
}


@pytest.fixture
def rates(frame):
    """Return a constructor of rates from (metric without _total, broker, topic, rate, uncovered seconds)."""

    def make(*given):
        full = [(f"{m}_total", "c", b, t, r, u[0] if u else 0.0) for m, b, t, r, *u in given]
        return frame(full, schema=RATES, orient="row")

    return make


@pytest.fixture
def brokers(frame):
    return frame({"cluster": "c", "broker": [1, 2, 3], "rack": ["a", "b", None]})


@pytest.fixture
def partitions(frame):
    """Return topic t with two partitions on brokers 1 and 2, topic u with one, led by nobody, on 2."""
    return frame(
        {
            "cluster": "c",
            "topic": ["t", "t", "u"],
            "partition": [0, 1, 0],
            "leader": [1, 2, -1],
            "replicas": [[1, 2], [2, 1], [2]],
        }
    )


@pytest.fixture
def sizes(frame):
    return frame(
        {
            "cluster": "c",
            "broker": [1, 2, 1, 2, 2],
            "topic": ["t", "t", "t", "t", "u"],
            "partition": [0, 0, 1, 1, 0],
            "last": [10.0, 9.0, 5.0, 6.0, 1.0],
        }
    )


def test_a_broker_carries_its_topics_its_replicas_and_its_leaders(rates, brokers, partitions, sizes, rows):
    table = rates(
        *(("bytes_in", 1, None, 5.0), ("bytes_in", 1, "t", 5.0), ("replication_bytes_in", 1, None, 4.0)),
        ("bytes_in", 2, None, 7.0),
    )
    answer = broker_load(table, sizes=sizes, partitions=partitions, brokers=brokers)
    columns = (
        "broker",
        "rack",
        "bytes_in_per_s",
        "replication_bytes_in_per_s",
        "size_bytes",
        "leaders",
        "replicas",
    )
    assert rows(answer, *columns) == [
        (1, "a", 5, 4, 15, 1, 2),
        (2, "b", 0, None, 16, 1, 3),  # scraped, and no topic had anything: 0
        (3, None, None, None, None, 0, 0),  # not scraped: unknown
    ]


def test_only_the_topics_asked_for_count(frame, rates, brokers, partitions, sizes, rows):
    table = rates(("bytes_in", 1, None, 5.0), ("bytes_in", 1, "t", 3.0), ("bytes_in", 1, "u", 2.0))
    chosen = frame({"cluster": ["c"], "topic": ["u"]})
    answer = broker_load(table, sizes=sizes, partitions=partitions, brokers=brokers, topics=chosen)
    assert rows(answer, "broker", "bytes_in_per_s", "size_bytes", "leaders", "replicas")[:2] == [
        (1, 2, 0, 0, 0),
        (2, None, 1, 0, 1),
    ]


def test_replicas_and_leaders_are_counted(partitions, rows):
    assert rows(replica_counts(partitions)) == [("c", 1, 1, 2), ("c", 2, 1, 3)]


def test_a_rack_is_the_sum_of_its_brokers(frame, rows):
    table = frame(
        {
            "cluster": "c",
            "broker": [1, 2, 3, 4],
            "rack": ["a", "a", "b", None],
            "leaders": [1, 2, 3, 4],
            "size_bytes": [1.5, 2.5, None, 9.0],
        }
    )
    assert rows(rack_load(table)) == [("c", None, 1, 4, 9), ("c", "a", 2, 3, 4), ("c", "b", 1, 3, None)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10**9)), min_size=1, max_size=20))
def test_racks_add_up_to_their_brokers(brokers):
    table = pl.DataFrame(
        {
            "cluster": "c",
            "broker": range(len(brokers)),
            "rack": [r for r, _ in brokers],
            "load": [v for _, v in brokers],
        }
    )
    racks = rack_load(table)
    assert racks["load"].sum() == table["load"].sum()
    assert racks["brokers"].sum() == len(brokers)


FIRST, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)


@pytest.fixture
def recent(frame, rows):
    """Return a function of the snapshots (when, cluster, broker) and of the rates (cluster, broker, topic, resets)."""

    def find(snapshots, rates=()):
        seen = frame(list(snapshots), schema={"ts": pl.Datetime("ms", "UTC"), "cluster": pl.String, "broker": pl.Int32},
                     orient="row")  # fmt: skip
        schema = {"cluster": pl.String, "broker": pl.Int32, "topic": pl.String, "resets": pl.Int64}
        return rows(
            recent_brokers(seen, rates=frame(list(rates), schema=schema, orient="row")),
            "cluster",
            "broker",
            "how",
        )

    return find


def test_a_broker_first_seen_after_the_others_is_new(recent):
    assert recent([(FIRST, "c", 1), (LATER, "c", 1), (LATER, "c", 2)]) == [("c", 2, "new")]


def test_a_cluster_first_seen_later_has_no_new_broker(recent):
    assert recent([(FIRST, "a", 1), (LATER, "b", 1), (LATER, "b", 2)]) == []


def test_a_broker_whose_totals_were_reset_was_restarted(recent):
    rates = [("c", 1, None, 1), ("c", 1, None, 1), ("c", 2, None, 0), ("c", 2, "t", 1)]
    assert recent([(FIRST, "c", 1), (FIRST, "c", 2)], rates) == [("c", 1, "restarted")]


def test_a_new_broker_that_restarts_is_new(recent):
    found = recent([(FIRST, "c", 1), (LATER, "c", 2)], [("c", 2, None, 1)])
    assert found == [("c", 2, "new")]


REQUESTS = {"cluster": pl.String, "broker": pl.Int32, "entity": pl.String, "rate_per_s": pl.Float64}
CONNECTIONS = {"metric": pl.String, "cluster": pl.String, "broker": pl.Int32, "mean": pl.Float64}


@pytest.fixture
def asked(frame, rows):
    """Return a function of the requests and connections of brokers 1 and 2."""

    def compute(requests=(), connections=()):
        load = frame({"cluster": "c", "broker": [1, 2], "leaders": [3, 4]})
        told = client_load(
            load,
            requests=frame(list(requests), schema=REQUESTS, orient="row"),
            connections=frame(list(connections), schema=CONNECTIONS, orient="row"),
        )
        return rows(told, "broker", "requests_per_s", "connections")

    return compute


def test_a_fetch_is_counted_once(asked):
    requests = [("c", 1, "Fetch", 9.0), ("c", 1, "FetchConsumer", 4.0), ("c", 1, "FetchFollower", 5.0),
                ("c", 1, "Produce", 1.0), ("c", 2, "Fetch", 2.0)]  # fmt: skip
    assert asked(requests) == [(1, 10.0, None), (2, 2.0, None)]


def test_where_only_the_kinds_of_fetch_are_told_they_are_summed(asked):
    assert asked([("c", 1, "FetchConsumer", 4.0), ("c", 1, "FetchFollower", 5.0)])[0] == (1, 9.0, None)


def test_another_cluster_s_fetches_say_nothing_of_this_one(asked):
    assert asked([("other", 1, "Fetch", 4.0), ("c", 1, "FetchFollower", 5.0)])[0] == (1, 5.0, None)


def test_requests_of_no_kind_are_counted(asked):
    assert asked([("c", 1, None, 4.0), ("c", 1, "Fetch", 1.0)])[0] == (1, 5.0, None)


def test_connections_of_all_listeners_are_summed(asked):
    connections = [("connection_count", "c", 1, 2.0), ("connection_count", "c", 1, 3.0),
                   ("client_connection_count", "c", 1, 4.0)]  # fmt: skip
    assert asked(connections=connections) == [(1, None, 5.0), (2, None, None)]


def test_clients_connections_stand_in_where_there_are_no_others(asked):
    assert asked(connections=[("client_connection_count", "c", 2, 4.0)])[1] == (2, None, 4.0)
