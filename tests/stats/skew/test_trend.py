"""Series with a planted course, and what they are judged to be."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.skew.trend import judge_skew_over_time

T0 = datetime(2026, 1, 5, tzinfo=UTC)


def series(days, course, *, step_h=2.0, noise=0.0, seed=1, complete=None, resource="leaders"):
    """Return a series of max ÷ mean, ``course`` of the days gone by, with noise."""
    rng, n = random.Random(seed), round(days * 24 / step_h)
    at = [i * step_h / 24 for i in range(n)]
    return pl.DataFrame(
        {
            "cluster": "c",
            "resource": resource,
            "window_start": [T0 + timedelta(days=t) for t in at],
            "max_over_mean": [course(t) + rng.gauss(0, noise) for t in at],
            "complete": [complete is None or complete(t) for t in at],
        },
        schema_overrides={"window_start": pl.Datetime("ms", "UTC")},
    )


def judged(*args, **options):
    return judge_skew_over_time(series(*args, **options)).row(0, named=True)


def daily(t):
    return 1.5 + 0.3 * math.sin(2 * math.pi * t)


def test_a_planted_trend_is_growing():
    found = judged(10, lambda t: 1.2 + 0.05 * t, noise=0.05)
    assert found["judgement"] == "growing"
    assert found["slope_low"] <= 0.05 <= found["slope_high"]
    assert found["slope_per_day"] == pytest.approx(0.05, abs=0.01)
    assert found["daily_swing"] is None


def test_the_other_way_round_it_is_shrinking():
    assert judged(10, lambda t: 1.9 - 0.05 * t, noise=0.05)["judgement"] == "shrinking"


def test_a_planted_day_is_daily():
    found = judged(8, daily, noise=0.05)
    assert found["judgement"] == "daily"
    assert found["daily_swing"] == pytest.approx(0.55, abs=0.1)  # of means over 3 h
    assert "swings by" in found["reason"]


def test_a_trend_is_found_under_a_day():
    found = judged(10, lambda t: daily(t) + 0.05 * t, noise=0.02)
    assert found["judgement"] == "growing"
    assert found["slope_per_day"] == pytest.approx(0.05, abs=0.01)
    assert found["daily_swing"] is not None


def test_noise_is_constant():
    found = judged(10, lambda t: 1.5, noise=0.05)
    assert found["judgement"] == "constant"
    assert found["slope_low"] < 0 < found["slope_high"]


@pytest.mark.parametrize("days", [0.02, 1.9])
def test_too_short_is_unknown_and_says_what_is_needed(days):
    found = judged(days, lambda t: 1.2 + t, step_h=0.25)
    assert found["judgement"] == "unknown"
    assert found["reason"].startswith("not enough data:")
    assert found["reason"].endswith("of 2 days")
    assert found["slope_per_day"] is None


def test_too_few_buckets_are_unknown_however_long():
    found = judged(10, lambda t: 1.2 + t, complete=lambda t: t == 0 or t > 9.2)
    assert (found["judgement"], found["reason"]) == ("unknown", "not enough data: 10 of 12 complete buckets")


def test_less_than_a_week_is_no_daily_course():
    found = judged(6, daily, noise=0.02)
    assert found["judgement"] == "unknown"
    assert found["reason"].endswith("a day; 7 days are needed to call it daily")
    assert found["daily_swing"] is None
    assert "7 days" in judged(6, lambda t: 1.5, noise=0.02)["reason"]


@pytest.mark.parametrize("days", [2.25, 2.5, 2.75])
def test_a_piece_of_a_day_is_no_trend(days):
    found = judged(days, daily)
    assert found["judgement"] == "unknown"
    assert max(-found["slope_low"], found["slope_high"]) * days < 0.1  # with the day in it, it would be 0.4


def test_a_trend_too_small_to_matter_is_constant():
    assert judged(10, lambda t: 1.2 + 0.005 * t)["judgement"] == "constant"


def test_what_varies_too_much_to_tell_is_unknown():
    assert judged(3, lambda t: 2.0, noise=0.8, step_h=4)["judgement"] == "unknown"


def test_only_complete_buckets_count():
    found = judged(10, lambda t: 1.5 if t < 9 else 9.0, complete=lambda t: t < 9)
    assert found["judgement"] == "constant"
    assert found["buckets"] == 108
    assert found["days"] == pytest.approx(9)


def test_nothing_known_is_unknown(frame, rows):
    nothing = series(10, lambda t: 1.0).with_columns(max_over_mean=pl.lit(None, pl.Float64))
    given = frame(nothing.to_dict(as_series=False), schema=nothing.schema)
    assert rows(judge_skew_over_time(given), "judgement", "buckets") == [("unknown", 0)]
    assert rows(judge_skew_over_time(given.head(0)), "judgement") == []


def test_resources_are_judged_on_their_own():
    both = pl.concat([series(8, lambda t: 1 + 0.1 * t), series(8, lambda t: 1.0, resource="replicas")])
    found = judge_skew_over_time(both).select("resource", "judgement").rows()
    assert found == [("leaders", "growing"), ("replicas", "constant")]


@given(st.integers(0, 2**16), st.sampled_from([2, 5, 8, 14]))
def test_a_slope_lies_in_its_interval(seed, days):
    found = judged(days, lambda t: 1.5, noise=0.2, seed=seed)
    assert found["slope_low"] <= found["slope_per_day"] <= found["slope_high"]
