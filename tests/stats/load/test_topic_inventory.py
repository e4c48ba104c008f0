from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.load.topic_inventory import topic_inventory

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
