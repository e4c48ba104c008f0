from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.load.brokers import broker_load, rack_load, replica_counts

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
