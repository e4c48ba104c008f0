from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats import retention_failures

ROW = {
    "tool": "m", "source": "a", "target": "b", "connector": "c", "topic": "t", "partition": 0, "lag_records": 5,
    "produced_per_s": 1.0, "lag_seconds": 600.0, "retention_s": 1000.0, "retention_used": 0.6, "lost_records": 0,
    "is_at_most": False,
}  # fmt: skip


def found(**changed) -> list[tuple[str, int, float]]:
    schema = {"retention_s": pl.Float64, "retention_used": pl.Float64, "lag_seconds": pl.Float64}
    rows = pl.DataFrame([ROW | changed], schema_overrides=schema | {"lost_records": pl.Int64})
    frame = retention_failures(rows, interval_s=15, amber=0.5, red=0.8)
    return frame.select("failure", "records", "seconds").rows()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("retention_nearing", 5, 400.0)),
        ({"retention_used": 0.8}, ("retention_close", 5, 400.0)),
        ({"lag_seconds": 970.0}, ("retention_close", 5, 30.0)),  # two intervals are left
        ({"lag_seconds": 969.0}, ("retention_nearing", 5, 31.0)),
        ({"lag_seconds": 2000.0}, ("retention_close", 5, 0.0)),
        ({"retention_s": None, "retention_used": 0.9}, ("retention_close", 5, None)),  # by bytes
    ],
)
def test_how_much_of_the_retention_is_used_up(changed, expected) -> None:
    assert found(**changed) == [expected]


@pytest.mark.parametrize(
    "changed",
    [
        {"retention_used": 0.4},
        {"retention_used": None, "retention_s": None},  # unknown
        {"lag_records": 0},
        {
            "lag_records": 1,
            "produced_per_s": 0.0,
            "retention_used": 0.9,
        },  # may be the marker of a transaction
        {"is_at_most": True},
        {"lost_records": 3},
        {"lag_seconds": 50.0, "retention_s": 60.0, "retention_used": 0.9},  # not committed yet
    ],
)
def test_what_is_no_danger(changed) -> None:
    assert found(**changed) == []
