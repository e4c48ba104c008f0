from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.load import load

RATES = {
    "metric": pl.String,
    "cluster": pl.String,
    "broker": pl.Int32,
    "topic": pl.String,
    "rate_per_s": pl.Float64,
    "uncovered_s": pl.Float64,
}
TRAFFIC = ("bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s")


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


def test_topics_are_summed_over_their_leaders(rates, rows):
    table = rates(
        ("bytes_in", 1, "t", 5.0, 0.0),
        ("bytes_in", 2, "t", 7.0, 30.0),
        ("messages_in", 1, "t", 2.0),
        ("bytes_in", 1, "u", 0.0),
    )
    assert rows(load.topic_load(table), "topic", *TRAFFIC, "uncovered_s") == [
        ("t", 12, None, 2, 30),
        ("u", 0, None, None, 0),
    ]


def test_aggregates_and_other_counters_are_no_topic_s_load(rates, rows):
    assert rows(load.topic_load(rates(("bytes_in", 1, None, 5.0), ("fetch_requests", 1, "t", 3.0)))) == []


def test_a_broker_carries_its_topics_its_replicas_and_its_leaders(rates, brokers, partitions, sizes, rows):
    table = rates(
        *(("bytes_in", 1, None, 5.0), ("bytes_in", 1, "t", 5.0), ("replication_bytes_in", 1, None, 4.0)),
        ("bytes_in", 2, None, 7.0),
    )
    answer = load.broker_load(table, sizes=sizes, partitions=partitions, brokers=brokers)
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
    answer = load.broker_load(table, sizes=sizes, partitions=partitions, brokers=brokers, topics=chosen)
    assert rows(answer, "broker", "bytes_in_per_s", "size_bytes", "leaders", "replicas")[:2] == [
        (1, 2, 0, 0, 0),
        (2, None, 1, 0, 1),
    ]


def test_replicas_and_leaders_are_counted(partitions, rows):
    assert rows(load.replica_counts(partitions)) == [("c", 1, 1, 2), ("c", 2, 1, 3)]


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
    assert rows(load.rack_load(table)) == [("c", None, 1, 4, 9), ("c", "a", 2, 3, 4), ("c", "b", 1, 3, None)]


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
    racks = load.rack_load(table)
    assert racks["load"].sum() == table["load"].sum()
    assert racks["brokers"].sum() == len(brokers)


@pytest.fixture
def estimated(frame, rates, sizes, rows):
    """Return a function of (topic, partition, leader, records per s) and rates that estimates partitions."""

    def estimate(*logs, counters):
        keys = {"cluster": "c", "topic": [t for t, *_ in logs], "partition": [p for _, p, *_ in logs]}
        records = frame(
            {**keys, "records_per_s": [r for *_, r in logs]}, schema_overrides={"records_per_s": pl.Float64}
        )
        led = frame({**keys, "leader": [b for _, _, b, _ in logs], "replicas": [[1, 2]] * len(logs)})
        answer = load.partition_load(led, rates=rates(*counters), records=records, sizes=sizes)
        return rows(answer, "topic", "partition", "bytes_in_per_s", "bytes_out_per_s", "evidence")

    return estimate


def test_a_leader_s_bytes_are_shared_out_by_records(estimated):
    assert estimated(
        ("t", 0, 1, 3.0), ("t", 1, 1, 1.0), counters=[("bytes_in", 1, "t", 100.0), ("bytes_out", 1, "t", 8.0)]
    ) == [("t", 0, 75, 6, "estimated"), ("t", 1, 25, 2, "estimated")]


def test_a_partition_alone_on_its_leader_is_measured(estimated):
    counters = [("bytes_in", 1, "t", 100.0), ("bytes_in", 2, "t", 7.0)]
    assert estimated(("t", 0, 1, None), ("t", 1, 2, 0.0), counters=counters) == [
        ("t", 0, 100, None, "measured"),
        ("t", 1, 7, None, "measured"),
    ]


def test_bytes_without_records_cannot_be_shared_out(estimated):
    assert estimated(
        ("t", 0, 1, 0.0), ("t", 1, 1, 0.0), counters=[("bytes_in", 1, "t", 5.0), ("bytes_out", 1, "t", 0.0)]
    ) == [
        ("t", 0, None, 0, "estimated"),
        ("t", 1, None, 0, "estimated"),
    ]


def test_a_partition_without_offsets_leaves_the_bytes_to_the_others(estimated):
    assert estimated(("t", 0, 1, None), ("t", 1, 1, 2.0), counters=[("bytes_in", 1, "t", 5.0)]) == [
        ("t", 0, None, None, "estimated"),
        ("t", 1, 5, None, "estimated"),
    ]


def test_a_topic_without_a_row_on_a_leader_that_counts_the_flow_carried_nothing(estimated):
    whole = [("bytes_in", 1, None, 9.0), ("bytes_in", 1, "u", 9.0), ("bytes_out", 1, None, 9.0)]
    led = [("t", 0, 1, 3.0), ("t", 1, 1, 1.0), ("u", 0, 1, 1.0)]
    assert estimated(*led, counters=whole) == [  # no topic's bytes out are told apart: nobody knows
        ("t", 0, 0, None, "estimated"), ("t", 1, 0, None, "estimated"), ("u", 0, 9, None, "measured"),
    ]  # fmt: skip
    assert estimated(("t", 0, 2, 1.0), counters=whole) == [("t", 0, None, None, "measured")]


def test_what_a_leader_s_counters_do_not_say_is_unknown(estimated):
    assert estimated(("t", 0, 3, 1.0), ("u", 0, -1, None), counters=[("bytes_in", 1, "t", 5.0)]) == [
        ("t", 0, None, None, "measured"),
        ("u", 0, None, None, "measured"),
    ]


def test_a_leader_that_counts_by_topic_and_not_this_one_carried_nothing_of_it(estimated):
    counters = [("bytes_in", 1, None, 5.0), ("bytes_in", 1, "t", 5.0), ("bytes_out", 1, None, 9.0)]
    assert estimated(("t", 0, 1, 1.0), ("u", 0, 1, 0.0), counters=counters) == [
        ("t", 0, 5, None, "measured"),  # no topic of this cluster tells what goes out
        ("u", 0, 0, None, "measured"),
    ]


def test_where_a_leader_moved_the_topic_s_bytes_of_all_brokers_are_apportioned(frame, rates, sizes, rows):
    # Partition 0 of t was led by broker 2 for most of the window: broker 1 counted little of it.
    counters = [("bytes_in", 1, "t", 10.0), ("bytes_in", 2, "t", 90.0), ("bytes_in", 1, "u", 7.0)]
    places = {"cluster": "c", "topic": ["t", "t", "u"], "partition": [0, 1, 0]}
    led = frame(
        {**places, "leader": [1, 2, 1], "replicas": [[1, 2]] * 3, "leader_moved": [True, False, False]}
    )
    records = frame({**places, "records_per_s": [3.0, 1.0, 1.0]})
    answer = load.partition_load(led, rates=rates(*counters), records=records, sizes=sizes)
    assert rows(answer, "topic", "partition", "bytes_in_per_s", "bytes_out_per_s", "evidence") == [
        ("t", 0, 75, None, "estimated"),
        ("t", 1, 25, None, "estimated"),
        ("u", 0, 7, None, "measured"),
    ]


def test_size_and_copies_are_those_of_the_leader_s_replica(frame, rates, partitions, sizes, rows):
    records = frame({"cluster": "c", "topic": ["t"], "partition": [1], "records_per_s": [4.0]})
    answer = load.partition_load(
        partitions, rates=rates(("bytes_in", 1, "t", 1.0)), records=records, sizes=sizes
    )
    assert rows(
        answer, "topic", "partition", "leader", "replication_factor", "size_bytes", "records_per_s"
    ) == [
        ("t", 0, 1, 2, 10, None),
        ("t", 1, 2, 2, 6, 4),
        ("u", 0, -1, 1, None, None),
    ]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 10**6)), min_size=1, max_size=20),
    st.integers(0, 10**9),
)
def test_partitions_add_up_to_their_topic_s_counters(logs, rate):
    keys = {"cluster": "c", "topic": "t", "partition": range(len(logs))}
    leaders = [leader for leader, _ in logs]
    partitions = pl.DataFrame({**keys, "leader": leaders, "replicas": [[b] for b in leaders]})
    records = pl.DataFrame({**keys, "records_per_s": [float(r) for _, r in logs]})
    used = sorted(set(leaders))
    counters = [("bytes_in_total", "c", b, "t", float(rate * b), 0.0) for b in used]
    rates = pl.DataFrame(counters, schema=RATES, orient="row")
    sizes = pl.DataFrame({**keys, "broker": leaders, "last": 1.0})
    answer = load.partition_load(partitions, rates=rates, records=records, sizes=sizes)
    assert answer["bytes_in_per_s"].sum() == pytest.approx(sum(rate * b for b in used))


def test_topics_are_held_against_the_broker_s_aggregate(frame, rows):
    table = frame(
        {
            "metric": ["bytes_in_total"] * 6 + ["bytes_out_total"],
            "cluster": "c",
            "broker": [1, 1, 1, 2, 3, 3, 1],
            "topic": [None, "t", "u", None, "t", "u", "t"],
            "increase": [100.0, 60.0, 30.0, 0.0, 5.0, 5.0, 9.0],
        }
    )
    assert rows(load.aggregate_agreement(table), "broker", "aggregate", "topics", "uncovered_share") == [
        (1, 100, 90, pytest.approx(0.1)),
        (2, 0, 0, None),
    ]
    assert rows(load.aggregate_agreement(table, metric="bytes_out_total")) == []


def test_what_topics_cover_is_told_of_counters_that_grew():
    rows = pl.DataFrame(
        [
            ("bytes_in_total", 1, None, 100.0),
            ("bytes_in_total", 2, None, 100.0),
            ("bytes_in_total", 1, "a", 50.0),
            ("messages_in_total", 1, None, 0.0),
            ("replication_bytes_in_total", 1, None, 7.0),
        ],
        schema=["metric", "broker", "topic", "increase"],
        orient="row",
    ).with_columns(cluster=pl.lit("c"))
    assert load.covered_by_topics(rows) == {"bytes_in_total": 0.25}
