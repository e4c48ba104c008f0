from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.load.partitions import partition_load
from kafka_analysis.stats.load.topics import covered_by_topics

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


@pytest.fixture
def estimated(frame, rates, sizes, rows):
    """Return a function of (topic, partition, leader, records per s) and rates that estimates partitions."""

    def estimate(*logs, counters):
        keys = {"cluster": "c", "topic": [t for t, *_ in logs], "partition": [p for _, p, *_ in logs]}
        records = frame(
            {**keys, "records_per_s": [r for *_, r in logs]}, schema_overrides={"records_per_s": pl.Float64}
        )
        led = frame({**keys, "leader": [b for _, _, b, _ in logs], "replicas": [[1, 2]] * len(logs)})
        answer = partition_load(led, rates=rates(*counters), records=records, sizes=sizes)
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
    answer = partition_load(led, rates=rates(*counters), records=records, sizes=sizes)
    assert rows(answer, "topic", "partition", "bytes_in_per_s", "bytes_out_per_s", "evidence") == [
        ("t", 0, 75, None, "estimated"),
        ("t", 1, 25, None, "estimated"),
        ("u", 0, 7, None, "measured"),
    ]


def test_size_and_copies_are_those_of_the_leader_s_replica(frame, rates, partitions, sizes, rows):
    records = frame({"cluster": "c", "topic": ["t"], "partition": [1], "records_per_s": [4.0]})
    answer = partition_load(partitions, rates=rates(("bytes_in", 1, "t", 1.0)), records=records, sizes=sizes)
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
    answer = partition_load(partitions, rates=rates, records=records, sizes=sizes)
    assert answer["bytes_in_per_s"].sum() == pytest.approx(sum(rate * b for b in used))


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
    assert covered_by_topics(rows) == {"bytes_in_total": 0.25}
