from __future__ import annotations

import pytest

from kafka_analysis.stats.load.topic_totals import topic_totals


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
