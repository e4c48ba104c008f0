from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.load.placement_findings import placement_findings


@pytest.fixture
def placed(frame):
    """Return a function of (leader, replicas, isr) of the partitions of topic t, on brokers of racks a, b, c."""

    def find(*partitions, racks=("a", "b", "c")):
        table = frame(
            {
                "topic": "t",
                "partition": range(len(partitions)),
                "leader": [leader for leader, *_ in partitions],
                "replicas": [replicas for _, replicas, *_ in partitions],
                "isr": [rest[0] if rest else replicas for _, replicas, *rest in partitions],
            }
        )
        brokers = frame(
            {"broker": range(1, len(racks) + 1), "rack": list(racks)}, schema_overrides={"rack": pl.String}
        )
        return [(f.light, f.title) for f in placement_findings(table, brokers)]

    return find


def test_a_sound_partition_is_no_finding(placed):
    assert placed((1, [1, 2, 3])) == []


@pytest.mark.parametrize("leader", [-1, None])
def test_a_partition_without_a_leader(placed, leader):
    assert placed((leader, [1, 2, 3]), (1, [1, 2, 3])) == [
        ("red", "1 of 2 partitions has no leader: it cannot be written or read")
    ]


def test_a_replica_out_of_sync(placed):
    assert placed((1, [1, 2, 3], [1, 3])) == [("red", "1 of 1 partitions is under-replicated")]


def test_replicas_in_one_rack_too_few(placed):
    assert placed((1, [1, 2, 3]), racks="aab") == []
    assert placed((1, [1, 2, 3]), racks="aabc") == [
        ("amber", "1 of 1 partitions is not spread across all available racks")
    ]


@pytest.mark.parametrize("racks", ["aaa", (None, None, None), ("a", "a", None)])
def test_without_two_racks_there_is_no_rack_rule(placed, racks):
    assert placed((1, [1, 2, 3]), racks=racks) == []


def test_a_replica_in_an_unknown_rack_is_not_held_against_it(placed):
    assert placed((1, [1, 2, 4]), racks=("a", "b", "c", None)) == []
    assert placed((1, [1, 2, 9])) == []  # broker 9 is down, and its rack not known
    assert placed((1, [1, 2, 8, 9]), racks=("a", "a", "b", "c")) == []


def test_unless_no_rack_would_do(placed):
    title = "1 of 1 partitions is not spread across all available racks"
    assert placed((1, [1, 2, 9]), racks=("a", "a", "b", "c")) == [("amber", title)]


def test_fewer_than_three_replicas(placed):
    assert placed((1, [1, 2])) == [("amber", "1 of 1 partitions has fewer than 3 replicas")]


def test_another_leader_than_the_preferred(placed):
    assert placed((2, [1, 2, 3])) == [("amber", "1 of 1 partitions is not led by its preferred leader")]


def test_several_are_told_in_the_plural_worst_first(placed):
    broken = (2, [1, 4], [2])
    lost = (-1, [1, 2, 3])
    assert [title for _, title in placed(broken, broken, lost, lost, racks="abca")] == [
        "2 of 4 partitions have no leader: they cannot be written or read",
        "2 of 4 partitions are under-replicated",
        "2 of 4 partitions are not spread across all available racks",
        "2 of 4 partitions have fewer than 3 replicas",
        "2 of 4 partitions are not led by their preferred leaders",
    ]


def test_the_topics_with_most_of_them_are_named(frame):
    topics = ["a", *"bbcdefg"]
    table = frame(
        {
            "topic": topics,
            "partition": range(8),
            "leader": -1,
            "replicas": [[1, 2, 3]] * 8,
            "isr": [[1, 2, 3]] * 8,
        }
    )
    finding = placement_findings(table, frame({"broker": [1], "rack": ["a"]}))[0]
    assert finding.detail == "Topics (partitions): b (2), a (1), c (1), d (1), e (1) and 2 more topics."
    assert finding.action == "Bring back a broker that holds one of its replicas."
