from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.metrics import SIGNED_METRICS
from kafka_analysis.model.possible import LARGEST, impossible, is_possible

SIGNED = min(SIGNED_METRICS)
VALUES = [
    ("bytes_in_total", 0.0, None),
    ("bytes_in_total", 5.0, None),
    ("bytes_in_total", -1e-9, "negative"),
    ("bytes_in_total", LARGEST, None),
    ("bytes_in_total", LARGEST * 1.001, "beyond 2^63"),
    ("bytes_in_total", float("nan"), "not a number"),
    ("bytes_in_total", float("inf"), "infinite"),
    (SIGNED, -5.0, None),
    (SIGNED, -LARGEST, None),
    (SIGNED, -LARGEST * 1.001, "beyond 2^63"),
    (SIGNED, float("-inf"), "infinite"),
]


@pytest.mark.parametrize(("metric", "value", "reason"), VALUES)
def test_what_is_possible_has_no_reason_why_not(metric, value, reason):
    row = pl.DataFrame({"metric": [metric], "value": [value]})
    assert row.select(impossible()).item() == reason
    assert row.select(is_possible()).item() is (reason is None)


def test_nothing_is_no_value_and_no_mistake():
    row = pl.DataFrame(
        {"metric": ["bytes_in_total"], "value": [None]}, schema_overrides={"value": pl.Float64}
    )
    assert row.select(is_possible()).item() is False
    assert row.select(impossible()).item() is None


def test_columns_may_have_other_names():
    row = pl.DataFrame({"name": ["bytes_in_total"], "number": [-1.0]})
    assert row.select(impossible("name", "number")).item() == "negative"
    assert row.select(impossible("name", pl.col("number") * -1)).item() is None
    assert row.select(is_possible("name", "number")).item() is False
