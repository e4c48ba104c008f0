from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats import Window, answers_seen

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def seen(*minutes: int, length: int = 10):
    table = pl.DataFrame(
        {"cluster": "c", "ts": [T0 + timedelta(minutes=m) for m in minutes]},
        schema={"cluster": pl.String, "ts": pl.Datetime("ms", "UTC")},
    )
    return answers_seen(table, windows={"c": Window(T0, T0 + timedelta(minutes=length))})["c"]


@pytest.mark.parametrize(
    ("minutes", "expected", "sufficient"),
    [
        (range(10), 10, True),
        (range(11), 11, True),  # both edges
        ((0, 1, 2, 9), 10, False),
        ((0, 1, 2, 8, 9), 10, True),
        ((0, 5), 2, True),
        (range(5, 10), 5, True),  # nothing was committed before
        ((0,), 0, False),
        ((), 0, False),
    ],
)
def test_expected_is_the_window_by_the_usual_interval(minutes, expected, sufficient) -> None:
    coverage = seen(*minutes)
    assert (coverage.expected, coverage.sufficient) == (expected, sufficient)
