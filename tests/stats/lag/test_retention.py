from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats import retention_used, topic_retention

ROW = {
    "cluster": "c", "topic": "t", "lag_records": 100, "lag_seconds": 30.0, "age_growth": 1.0, "committed_offset": 900,
    "log_start_offset": 0, "log_end_offset": 1000, "lost_records": 0, "deleted_per_s": 0.0, "consumed_per_s": 0.0,
    "produced_per_s": 1.0,
}  # fmt: skip


def used(
    retention_s: float | None = 60.0, *, unlimited: bool | None = False, **changed
) -> tuple[float | None, ...]:
    kept = pl.DataFrame(
        {"cluster": ["c"], "topic": ["t"], "retention_s": [retention_s], "is_unlimited": [unlimited]},
        schema_overrides={"retention_s": pl.Float64, "is_unlimited": pl.Boolean},
    )
    return (
        retention_used(pl.DataFrame([{**ROW, **changed}]), kept)
        .select("retention_used", "seconds_to_loss")
        .row(0)
    )


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, (0.5, 30.0)),
        ({"age_growth": 0.1}, (0.5, 300.0)),
        ({"age_growth": -0.2}, (0.5, None)),  # catches up
        ({"lag_seconds": 90.0}, (1.5, 0.0)),
        ({"lag_records": 0, "lag_seconds": 0.0}, (0.0, None)),
        ({"lost_records": 5}, (0.5, 0.0)),
        ({"lag_records": 1}, (0.5, 30.0)),
        ({"lag_records": 1, "produced_per_s": 0.0}, (0.0, None)),  # may be the marker of a transaction
        ({"retention_s": None, "unlimited": True}, (0.0, None)),
        ({"retention_s": None, "unlimited": None}, (None, None)),
        ({"lag_records": None, "lag_seconds": None, "age_growth": None}, (None, None)),
    ],
)
def test_by_time(changed, expected) -> None:
    assert used(**changed) == expected


def test_by_the_log_where_its_start_moves() -> None:
    moving = {"log_start_offset": 800, "deleted_per_s": 12.0, "consumed_per_s": 2.0, "age_growth": 0.0}
    assert used(retention_s=None, unlimited=True, **moving) == (0.5, 10.0)
    assert used(retention_s=None, unlimited=True, **{**moving, "consumed_per_s": 20.0}) == (0.5, None)


@pytest.mark.parametrize(
    ("configs", "expected"),
    [
        ({"retention.ms": "60000", "cleanup.policy": "delete"}, (60.0, False)),
        ({"retention.ms": "60000", "cleanup.policy": "compact,delete"}, (60.0, False)),
        ({"retention.ms": "60000", "cleanup.policy": "compact"}, (None, True)),
        ({"retention.ms": "-1", "cleanup.policy": "delete"}, (None, True)),
        ({"cleanup.policy": "compact"}, (None, True)),
        ({"retention.ms": "60000"}, (60.0, False)),
    ],
)
def test_what_a_topic_keeps(configs, expected) -> None:
    rows = pl.DataFrame(
        {"cluster": "c", "topic": "t", "name": list(configs), "value": list(configs.values())}
    )
    assert topic_retention(rows).select("retention_s", "is_unlimited").row(0) == expected


def test_a_topic_whose_configuration_was_not_read_is_not_there() -> None:
    other = pl.DataFrame({"cluster": ["c"], "topic": ["t"], "name": ["segment.ms"], "value": ["1"]})
    assert topic_retention(other).is_empty()
