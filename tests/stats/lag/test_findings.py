from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.lag.findings import lag_findings

ROW = {
    "group": "g", "condition": "keeps up", "lag_records": 90, "lag_seconds": 600.0, "is_at_least": False,
    "retention_used": 0.01, "seconds_to_loss": None, "lost_records": 0,
}  # fmt: skip


def told(*rows: dict, **options) -> list[tuple[str, str]]:
    table = pl.DataFrame([{**ROW, **row} for row in rows], schema_overrides={"seconds_to_loss": pl.Float64})
    return [(finding.light.value, finding.title) for finding in lag_findings(table, **options)]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, []),
        ({"lost_records": 7}, [("red", "1 group lost records: they were deleted before they were read (g)")]),
        ({"retention_used": 0.5}, [("amber", "1 group is close to losing records (g)")]),
        ({"retention_used": 0.81}, [("red", "1 group is close to losing records (g)")]),
        ({"condition": "stuck"}, [("red", "1 group reads nothing although records are waiting (g)")]),
        ({"condition": "slow"}, [("amber", "1 group falls behind (g)")]),
        ({"condition": "rebalancing"}, [("amber", "1 group keeps rebalancing (g)")]),
        ({"condition": "empty"}, [("amber", "1 group has unread records and no members (g)")]),
        ({"condition": "empty", "lag_records": 0, "lag_seconds": 0.0}, []),
        ({"condition": "catching up"}, []),
        ({"condition": "dead"}, []),
        ({"condition": "unknown", "lag_records": None}, [("grey", "the lag of 1 group is unknown (g)")]),
    ],
)
def test_each_is_told_once(row, expected) -> None:
    assert told(row) == expected


def test_many_are_named_in_part_and_the_worst_first() -> None:
    rows = [{"group": f"g{n}", "condition": "stuck", "lag_seconds": float(n)} for n in range(5)]
    assert told(*rows) == [
        ("red", "5 groups read nothing although records are waiting (g4, g3, g2 and 2 more)")
    ]


def test_an_empty_group_within_the_tolerance_is_no_finding() -> None:
    assert told({"condition": "empty"}, tolerance_s=600.0) == []


def test_the_loss_to_come_is_dated() -> None:
    table = pl.DataFrame([{**ROW, "retention_used": 0.9, "seconds_to_loss": 7200.0}])
    assert lag_findings(table)[0].detail.startswith(
        "g: 90 % of retention used, records will be lost in 2 h 0 min at this pace."
    )
