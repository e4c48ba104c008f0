from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.skew.hot_partitions import hot_partition_findings


@pytest.fixture
def hot(frame):
    """Return a function of each topic's records per second by partition."""

    def find(topics, **options):
        rows = [(t, p, r) for t, rates in topics.items() for p, r in enumerate(rates)]
        schema = {"topic": pl.String, "partition": pl.Int32, "records_per_s": pl.Float64}
        return [f.title for f in hot_partition_findings(frame(rows, schema=schema, orient="row"), **options)]

    return find


def test_a_partition_that_takes_twice_the_mean_is_hot(hot):
    assert hot({"keyed": [2.0, 0.0], "even": [1.0, 1.0]}) == [
        "partition 0 of keyed receives 100 % of its records"
    ]
    assert hot({"keyed": [1.99, 0.01], "even": [1.0, 1.0]}) == []
    assert hot({"keyed": [1.8, 0.2]}, ratio=1.8) == ["partition 0 of keyed receives 90 % of its records"]


def test_a_topic_that_hardly_counts_is_not(hot):
    assert hot({"keyed": [5.0, 0.0], "even": [47.5, 47.5]}) == [
        "partition 0 of keyed receives 100 % of its records"
    ]
    assert hot({"keyed": [4.9, 0.0], "even": [47.6, 47.5]}) == []
    assert hot({"keyed": [4.9, 0.0], "even": [47.6, 47.5]}, share_of_cluster=0.01) != []


def test_one_partition_alone_cannot_be_hot(hot):
    assert hot({"single": [9.0], "half known": [9.0, None]}, ratio=1) == []


def test_where_nothing_flows_nothing_is_hot(hot):
    assert hot({"idle": [0.0, 0.0], "unknown": [None, None]}) == []
    assert hot({}) == []


def test_of_equals_the_first_is_named_and_topics_come_by_size(hot):
    assert hot({"small": [0, 3, 3, 0], "b": [9, 0], "a": [9, 0]}) == [
        *("partition 0 of a receives 100 % of its records", "partition 0 of b receives 100 % of its records"),
        "partition 1 of small receives 50 % of its records",
    ]
