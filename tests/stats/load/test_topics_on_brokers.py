from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.load.topics_on_brokers import topics_on_brokers

RATES = [
    ("bytes_in_total", "c", 1, "a", 5.0),
    ("bytes_in_total", "c", 1, "b", 2.0),
    ("bytes_in_total", "c", 1, None, 7.0),
    ("bytes_out_total", "c", 2, "a", 4.0),
    ("messages_in_total", "c", 1, "a", 1.0),
]
SIZES = [("c", 1, "a", 0, 10.0), ("c", 1, "a", 1, 20.0), ("c", 2, "a", 0, 10.0)]
PARTITIONS = [("c", "a", 0, 1, [1, 2]), ("c", "a", 1, 1, [1, 2]), ("c", "b", 0, -1, [2])]


@pytest.fixture
def shares(frame):
    rates = frame(RATES, schema=["metric", "cluster", "broker", "topic", "rate_per_s"], orient="row")
    sizes = frame(SIZES, schema=["cluster", "broker", "topic", "partition", "last"], orient="row")
    placed = frame(PARTITIONS, schema=["cluster", "topic", "partition", "leader", "replicas"], orient="row")

    def compute(**options):
        return topics_on_brokers(rates, sizes=sizes, partitions=placed, **options)

    return compute


@pytest.fixture
def of(shares, rows):
    def read(resource, **options):
        found = rows(shares(**options), "resource", "broker", "topic", "value")
        return sorted(row[1:] for row in found if row[0] == resource)

    return read


def test_traffic_is_a_topic_s_counter_on_a_broker_never_the_aggregate(of):
    assert of("bytes_in_per_s") == [(1, "a", 5.0), (1, "b", 2.0)]
    assert of("bytes_out_per_s") == [(2, "a", 4.0)]


def test_bytes_stored_are_summed_over_the_partitions(of):
    assert of("size_bytes") == [(1, "a", 30.0), (2, "a", 10.0)]


def test_a_partition_without_a_leader_is_led_by_nobody(of):
    assert of("leaders") == [(1, "a", 2.0)]
    assert of("replicas") == [(1, "a", 2.0), (2, "a", 2.0), (2, "b", 1.0)]


def test_other_counters_are_no_resource(shares, rows):
    assert {row[0] for row in rows(shares(), "resource")} == {
        "bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s", "size_bytes", "leaders", "replicas",
    }  # fmt: skip


def test_only_chosen_topics_are_listed(frame, of):
    assert of("bytes_in_per_s", topics=frame({"cluster": ["c"], "topic": ["b"]})) == [(1, "b", 2.0)]


def test_its_columns_are_typed_even_without_a_row():
    empty = {"metric": pl.String, "cluster": pl.String, "broker": pl.Int32, "topic": pl.String}
    answer = topics_on_brokers(
        pl.DataFrame(schema=empty | {"rate_per_s": pl.Float64}),
        sizes=pl.DataFrame(
            schema={"cluster": pl.String, "broker": pl.Int32, "topic": pl.String, "last": pl.Float64}
        ),
        partitions=pl.DataFrame(
            schema={
                "cluster": pl.String,
                "topic": pl.String,
                "leader": pl.Int32,
                "replicas": pl.List(pl.Int32),
            }
        ),
    )
    assert len(answer) == 0
    assert answer.schema["broker"] == pl.Int32
    assert answer.schema["value"] == pl.Float64
