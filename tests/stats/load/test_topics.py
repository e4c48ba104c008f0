from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.load.topics import aggregate_agreement, topic_inventory, topic_load, topic_totals

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


def test_topics_are_summed_over_their_leaders(rates, rows):
    table = rates(
        ("bytes_in", 1, "t", 5.0, 0.0),
        ("bytes_in", 2, "t", 7.0, 30.0),
        ("messages_in", 1, "t", 2.0),
        ("bytes_in", 1, "u", 0.0),
    )
    assert rows(topic_load(table), "topic", *TRAFFIC, "uncovered_s") == [
        ("t", 12, None, 2, 30),
        ("u", 0, None, None, 0),
    ]


def test_aggregates_and_other_counters_are_no_topic_s_load(rates, rows):
    assert rows(topic_load(rates(("bytes_in", 1, None, 5.0), ("fetch_requests", 1, "t", 3.0)))) == []


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
    assert rows(aggregate_agreement(table), "broker", "aggregate", "topics", "uncovered_share") == [
        (1, 100, 90, pytest.approx(0.1)),
        (2, 0, 0, None),
    ]
    assert rows(aggregate_agreement(table, metric="bytes_out_total")) == []


FLOWS = ("bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s")


@pytest.fixture
def inventory(frame, rows):
    """Return the inventory of topics a (busy), b (idle, size unknown) and c (gone from the metadata) of cluster c."""
    topics = frame({"cluster": "c", "topic": ["c", "a", "b"]})
    traffic = frame({"cluster": ["c"], "topic": ["a"], **{key: [7.0] for key in FLOWS}})
    sizes = frame(
        {"cluster": "c", "topic": ["a", "a", "c"], "partition": [0, 0, 0], "last": [10.0, 10.0, 3.0]}
    )
    placed = frame(
        {
            "cluster": "c",
            "topic": ["a", "a", "b", "other"],
            "partition": [0, 1, 0, 0],
            "replicas": [[1, 2], [1], [1, 2, 3], [1]],
        }
    )
    return rows(topic_inventory(traffic, sizes=sizes, partitions=placed, topics=topics))


def test_every_chosen_topic_is_there_and_no_other(inventory):
    assert [row[:2] for row in inventory] == [("c", "a"), ("c", "b"), ("c", "c")]


def test_the_replication_factor_is_that_of_the_least_copied_partition(inventory):
    assert inventory[0][2:4] == (2, 1)
    assert inventory[1][2:4] == (1, 3)


def test_bytes_are_those_of_all_copies(inventory):
    assert inventory[0][4] == 20.0


def test_what_nobody_told_is_unknown_not_zero(inventory):
    assert inventory[1][4:] == (None, None, None, None)
    assert inventory[2] == ("c", "c", None, None, 3.0, None, None, None)


def test_traffic_is_that_of_the_topic_in_its_own_cluster(frame, rows):
    topics = frame({"cluster": ["new", "old"], "topic": "a"})
    traffic = frame({"cluster": ["old"], "topic": ["a"], **{key: [7.0] for key in FLOWS}})
    none = {"cluster": pl.String, "topic": pl.String}
    sizes = frame({"cluster": [], "topic": [], "last": []}, schema={**none, "last": pl.Float64})
    placed = frame(
        {"cluster": ["old"], "topic": ["a"], "partition": [0], "replicas": [[1]]},
        schema={**none, "partition": pl.Int32, "replicas": pl.List(pl.Int32)},
    )
    answer = topic_inventory(traffic, sizes=sizes, partitions=placed, topics=topics)
    assert rows(answer, "cluster", "bytes_in_per_s") == [("new", None), ("old", 7.0)]


@pytest.fixture
def totals(frame, rows):
    """Return the totals of topics a (busy), b (idle) and u (nothing known), all of cluster c."""
    topics = frame({"cluster": "c", "topic": ["u", "b", "a"]})
    traffic = frame(
        {
            "cluster": ["c"],
            "topic": ["a"],
            "bytes_in_per_s": [5.0],
            "bytes_out_per_s": [9.0],
            "messages_in_per_s": [1.0],
        }
    )
    load = frame(
        {
            "cluster": "c",
            "topic": ["a", "a", "b", "b", "u", "u"],
            "bytes_in_per_s": [3.0, 1.0, 0.0, 0.0, 0.0, None],
            "bytes_out_per_s": [3.0, 1.0, 0.0, 0.0, None, None],
        }
    )
    sizes = frame({"cluster": "c", "topic": ["a", "a", "b"], "last": [10.0, 10.0, 0.0]})
    partitions = frame(
        {
            "cluster": "c",
            "topic": ["a", "a", "b"],
            "partition": [0, 1, 0],
            "replicas": [[1, 2, 3], [1, 2], [4]],
        }
    )
    ownership = frame(
        {
            "pattern": ["a"],
            "kind": ["topic"],
            "team": ["blue"],
            "criticality": ["high"],
            "application": ["x"],
        }
    )
    answer = topic_totals(
        traffic, load=load, sizes=sizes, partitions=partitions, topics=topics, ownership=ownership
    )
    return rows(answer)


def test_counters_of_the_topic_count_before_its_partitions_estimates(totals):
    assert totals[0] == ("c", "a", 5.0, 9.0, 20.0, 5, "blue")


def test_replicas_are_counted_one_by_one(totals):
    assert [row[5] for row in totals] == [5, 1, None]


def test_a_topic_that_carried_nothing_is_0_and_one_nobody_told_of_is_unknown(totals):
    assert totals[1] == ("c", "b", 0.0, 0.0, 0.0, 1, None)
    assert totals[2] == ("c", "u", None, None, None, None, None)


def test_without_an_ownership_file_teams_are_unknown(frame, rows):
    topics = frame({"cluster": ["c"], "topic": ["a"]})
    zero = frame(
        {
            "cluster": ["c"],
            "topic": ["a"],
            "bytes_in_per_s": [0.0],
            "bytes_out_per_s": [0.0],
            "messages_in_per_s": [0.0],
        }
    )
    sizes = frame({"cluster": ["c"], "topic": ["a"], "last": [1.0]})
    placed = frame({"cluster": ["c"], "topic": ["a"], "partition": [0], "replicas": [[1]]})
    answer = topic_totals(zero, load=zero, sizes=sizes, partitions=placed, topics=topics)
    assert rows(answer, "topic", "team") == [("a", None)]
