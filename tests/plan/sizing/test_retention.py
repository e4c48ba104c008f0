from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plan.sizing.retention import mean_retention_hours, topic_retention

TOPIC = {"topic": "t", "partitions": 2, "replication_factor": 3, "size_bytes": 2160e6, "bytes_in_per_s": 1e4}


def hours(configs, **more):
    rows = pl.DataFrame(
        [("t", name, value) for name, value in configs.items()],
        schema={"topic": pl.String, "name": pl.String, "value": pl.String}, orient="row",
    )  # fmt: skip
    return (
        topic_retention(pl.DataFrame([TOPIC | more]), configs=rows)
        .select("retention_hours", "evidence")
        .row(0)
    )


@pytest.mark.parametrize(
    ("configs", "found"),
    [
        ({"retention.ms": "86400000"}, (24.0, "declared")),
        ({"retention.ms": "86400000", "retention.bytes": "-1"}, (24.0, "declared")),
        ({"retention.ms": "86400000", "retention.bytes": "180000000"}, (10.0, "declared")),
        ({"retention.ms": "-1", "retention.bytes": "180000000"}, (10.0, "declared")),
        ({"retention.ms": "-1"}, (20.0, "estimated")),
        ({"retention.ms": "86400000", "cleanup.policy": "compact"}, (20.0, "estimated")),
        ({"retention.ms": "86400000", "cleanup.policy": "compact,delete"}, (20.0, "estimated")),
        ({}, (20.0, "estimated")),
        ({"segment.bytes": "1"}, (20.0, "estimated")),
    ],
)
def test_configs_first_then_what_is_held(configs, found):
    assert hours(configs) == pytest.approx(found)


def test_what_is_not_known_is_null():
    assert hours({}, size_bytes=None) == (None, None)
    assert hours({}, bytes_in_per_s=0.0) == (None, None)
    assert hours({"retention.ms": "3600000"}, bytes_in_per_s=None) == (1.0, "declared")


def test_the_mean_is_by_bytes_of_those_known():
    rows = pl.DataFrame({"bytes_in_per_s": [1.0, 3.0, 9.0, None], "retention_hours": [24.0, 48.0, None, 5.0]})
    assert mean_retention_hours(rows) == 42.0
    assert mean_retention_hours(rows.tail(2)) is None
