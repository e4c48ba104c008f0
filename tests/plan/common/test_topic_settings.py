from __future__ import annotations

import polars as pl

from kafka_analysis.plan.common.topic_settings import with_settings


def test_the_last_setting_counts_and_unknown_ones_are_null():
    topics = pl.DataFrame({"cluster": "c", "topic": ["b", "a", "x"]})
    configs = pl.DataFrame(
        {"ts": [2, 1, 1, 1], "cluster": "c", "topic": ["a", "a", "b", "b"],
         "name": ["retention.ms", "retention.ms", "cleanup.policy", "retention.ms"],
         "value": ["7", "5", "compact", "-1"]}
    )  # fmt: skip
    placed = pl.DataFrame({"cluster": "c", "topic": ["a", "a", "b"], "replicas": [[1, 2], [1, 2, 3, 4], [1]]})
    assert with_settings(topics, configs=configs, partitions=placed).rows() == [
        ("c", "b", -1.0, "compact", 1.0), ("c", "a", 7.0, None, 3.0), ("c", "x", None, None, None),
    ]  # fmt: skip
