from __future__ import annotations

import polars as pl

from kafka_analysis.plan.common.topic_families import ONE_CELL, ONE_CLUSTER, whole_families

FAMILIES = pl.DataFrame({
    "family": ["f", "f", "f", "g", "g", "h", "h"],
    "kind": ["streams", "streams", "streams", "acl", "acl", "mirror", "mirror"],
    "topic": ["b", "a", "gone", "a", "c", "c", "gone"],
})  # fmt: skip
TOPICS = pl.DataFrame({"topic": ["a", "b", "c"]})


def test_families_are_whole_in_a_cell_and_fewer_of_them_in_a_wave():
    assert whole_families(FAMILIES, TOPICS, kinds=ONE_CELL) == [("a", "b"), ("a", "c")]
    assert whole_families(FAMILIES, TOPICS, kinds=ONE_CLUSTER) == [("a", "b")]


def test_one_topic_left_is_no_family():
    assert whole_families(FAMILIES, TOPICS.filter(topic="a"), kinds=ONE_CELL) == []
