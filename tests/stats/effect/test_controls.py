"""Difference in differences, and series per message produced."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from kafka_analysis.stats.effect.controls import measure_against_control, ratio_series
from kafka_analysis.stats.effect.measure import measure_effect
from tests.simulated_series import NOISES, season
from tests.stats.effect.series import HOUR, MONDAY, hourly, windows

DAYS = 14
OPTIONS = {**windows(DAYS), "step": HOUR, "better": "higher"}
N = 48 * DAYS
GROWTH = 0.3 * np.arange(N) / N  # both grow by a third over the four weeks


def draw(seed):
    return 0.05 * NOISES["AR(1), φ 0.5"].draw(np.random.default_rng(seed), 1, N)[0]


CONTROL = hourly(season(N) + GROWTH + draw(1))


@pytest.mark.parametrize("planted", [0.0, 0.1])
def test_what_both_went_through_cancels_out(planted):
    moved = hourly(season(N) + GROWTH + draw(2) + np.log1p(planted) * (np.arange(N) >= N // 2))
    found = measure_against_control(moved, CONTROL, **OPTIONS)
    assert found.low < planted < found.high
    assert found.verdict == ("better" if planted else "same")
    assert found.method.startswith("difference in differences: matched hours of the week")
    alone = measure_effect(moved, **OPTIONS)
    assert alone.placebo.clear is False
    assert alone.high - alone.low > found.high - found.low


def test_the_placebo_shows_that_they_did_not_go_alike_before():
    apart = hourly(season(N) + 4 * GROWTH + draw(3))
    assert measure_against_control(apart, CONTROL, **OPTIONS).placebo.clear is False


def test_a_base_that_is_missing_or_0_leaves_the_ratio_unknown(frame, rows):
    times = [MONDAY + i * HOUR for i in range(4)]
    series = frame({"ts": times, "value": [2.0, 4.0, 6.0, 8.0]})
    base = frame({"ts": times[:3], "value": [2.0, 0.0, None]})
    assert rows(ratio_series(series, base), "value") == [(1.0,), (None,), (None,), (None,)]


def test_bytes_per_message_do_not_grow_with_messages():
    records = hourly(season(N) + GROWTH + 3 * draw(4))
    volume = records.with_columns(value=pl.col("value") * 100 * np.exp(draw(5)))
    found = measure_effect(ratio_series(volume, records), **OPTIONS)
    assert found.verdict == "same"
