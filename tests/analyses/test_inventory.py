from __future__ import annotations

import pytest

from kafka_analysis.analyses import inventory
from tests.small import HOSTILE


def figures(answer) -> dict[str, float]:
    (result,) = answer.results
    return {figure.name: figure.value for figure in result.figures}


def test_what_is_there_is_counted(recorded) -> None:
    answer = inventory(recorded, cluster="old")
    assert figures(answer) == {"brokers": 3, "topics": 3, "partitions": 4, "size_bytes": 4000, "groups": 1}
    assert answer.topics.filter(topic="orders").select(
        "partitions", "replication_factor", "size_bytes"
    ).rows() == [(2, 2, 2000.0)]
    assert answer.groups["group"].to_list() == ["billing"]


@pytest.mark.parametrize(
    ("options", "topics", "stored"),
    [
        ({"include_internal": False}, {"orders", HOSTILE}, 3000),
        ({"topics_exclude": ["orders"]}, {HOSTILE, "__consumer_offsets"}, 2000),
    ],
)
def test_topics_left_out_count_nowhere(recorded, options, topics, stored) -> None:
    answer = inventory(recorded, cluster="old", **options)
    assert set(answer.topics["topic"]) == set(answer.partitions["topic"]) == topics
    assert figures(answer)["size_bytes"] == answer.brokers["size_bytes"].sum() == stored


def test_a_cluster_that_was_not_scraped_is_unknown_and_not_empty(recorded) -> None:
    answer = inventory(recorded, cluster="new")
    assert set(figures(answer).values()) == {None}
    assert answer.results[0].verdict.light.value == "grey"
