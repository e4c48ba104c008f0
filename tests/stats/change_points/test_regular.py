"""Series on regular steps, and the errors of those that are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.stats.change_points.regular import regular

T0, HOUR = datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1)


def series(hours, values=None):
    return pl.DataFrame({"ts": [T0 + h * HOUR for h in hours], "value": values or [1.0] * len(hours)})


def test_missing_rows_nulls_and_what_is_no_number_are_missing():
    laid = regular(series([3, 0, 1, 2], [4.0, 1.0, None, float("inf")]), HOUR)
    np.testing.assert_array_equal(laid.values, [1.0, np.nan, np.nan, 4.0])
    assert (laid.start, laid.time(3)) == (T0, T0 + 3 * HOUR)


def test_years_with_a_leap_day_are_steps_of_365_days():
    rows = pl.DataFrame(
        {"ts": [datetime(year, 1, 1, tzinfo=UTC) for year in range(1990, 2020)], "value": [1.0] * 30}
    )
    assert len(regular(rows, timedelta(days=365)).values) == 30


@pytest.mark.parametrize(
    ("hours", "step", "said"),
    [
        ([0, 1], timedelta(0), "must be longer than 0"),
        ([0, 1.5], HOUR, "is not on a step of 1:00:00"),
        ([0, 1, 1.1], HOUR, "two samples on one step"),
        ([0, 9000], timedelta(seconds=1), "at most 20,000"),
    ],
)
def test_what_is_not_regular_is_refused(hours, step, said):
    with pytest.raises(InputError, match=said):
        regular(series(hours), step)


def test_a_column_that_is_missing_is_named():
    with pytest.raises(InputError, match="unknown column 'value'"):
        regular(series([0]).rename({"value": "bytes"}), HOUR)


def test_nothing_is_nothing():
    assert len(regular(series([]), HOUR).values) == 0
