from __future__ import annotations

from datetime import UTC, datetime

import dataframely as dy
import polars as pl
import pytest

from kafka_analysis.model.samples import REJECTED, SAMPLES, SERIES, Samples, empty_samples

ROW = dict.fromkeys(SAMPLES) | {
    "metric": "bytes_in_total",
    "ts": datetime(2026, 1, 1, tzinfo=UTC),
    "cluster": "c",
    "value": 1.0,
}


def table(**changed):
    return pl.DataFrame([ROW | changed], schema=SAMPLES)


def test_the_columns_are_those_of_the_contract():
    assert tuple(SAMPLES) == ("metric", "ts", *SERIES[1:], "value")
    assert SAMPLES["ts"] == pl.Datetime("ms", "UTC")
    assert tuple(REJECTED) == ("source", "position", "text", "reason")


def test_labels_may_be_unknown():
    assert Samples.is_valid(table())


@pytest.mark.parametrize("column", ["metric", "ts", "cluster", "value"])
def test_what_was_measured_where_and_when_may_not(column):
    with pytest.raises(dy.exc.ValidationError):
        Samples.validate(table(**{column: None}))


@pytest.mark.parametrize(("value", "valid"), [(float("nan"), False), (float("inf"), True), (-1.0, True)])
def test_nan_is_no_value(value, valid):
    assert Samples.is_valid(table(value=value)) == valid


def test_another_time_zone_is_not_utc():
    local = table().with_columns(pl.col("ts").dt.convert_time_zone("Europe/Paris"))
    assert not Samples.is_valid(local)


def test_an_empty_table_is_valid():
    assert Samples.is_valid(empty_samples())
