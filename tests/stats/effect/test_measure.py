"""Effects planted and found again; what cannot be told is said, and what cannot be asked is an error."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from kafka_analysis.model.errors import InputError, SeriesError, WindowError
from kafka_analysis.stats.effect.measure import measure_effect
from kafka_analysis.stats.scope.windows import Window
from tests.simulated_series import NOISES, logarithms
from tests.stats.effect.series import HOUR, MONDAY, even, hourly, windows

AR = NOISES["AR(1), φ 0.8"]


def run(days=14, *, effect=0.1, noise=AR, seed=5, sd=0.1):
    return hourly(logarithms(noise, days=days, runs=1, effect=effect, seed=seed, sd=sd)[0])


def measured(rows, *, days=14, **options):
    given = {**windows(days), "step": HOUR, "better": "higher"}
    return measure_effect(rows, **(given | options))


def even_load(*, effect, seed, n=72, sd=0.05):
    rng = np.random.default_rng(seed)
    return even(500.0 * np.exp(sd * rng.normal(size=n)) * np.where(np.arange(n) < n // 2, 1.0, 1 + effect))


@pytest.mark.parametrize(("effect", "verdict"), [(0.3, "better"), (-0.3, "worse"), (0.0, "same")])
def test_a_planted_effect_is_found(effect, verdict):
    found = measured(run(28, effect=effect, sd=0.05), days=28)
    assert found.low < effect < found.high
    assert found.low < found.effect < found.high
    assert found.verdict == verdict
    assert found.scale == "log"
    assert found.method.startswith("matched hours of the week, means of 6 h")
    assert found.noise.startswith("AR(1), φ 0.")
    assert found.least == pytest.approx(((1 + found.high) / (1 + found.low)) ** 0.5 - 1)
    assert found.placebo.clear
    assert found.hours.missing == found.hours.unmatched == 0


def test_lower_may_be_better():
    assert measured(run(28, effect=-0.3, sd=0.05), days=28, better="lower").verdict == "better"


def test_noise_that_hides_the_effect_is_no_equality():
    found = measured(run(7, effect=0.05, sd=0.5), days=7)
    assert found.verdict == "cannot tell"
    assert "the smallest detectable change is" in found.reason


def test_the_unit_of_the_series_does_not_matter_and_the_inverse_turns_the_effect_round():
    rows = run()
    found = measured(rows)
    scaled = measured(rows.with_columns(pl.col("value") * 1e-6))
    assert (scaled.effect, scaled.low) == pytest.approx((found.effect, found.low))
    inverse = measured(rows.with_columns(value=1 / pl.col("value")))
    assert np.log1p([inverse.low, inverse.high]) == pytest.approx(-np.log1p([found.high, found.low]))


def test_a_day_is_missing_and_the_interval_still_holds():
    rows = run(28, effect=0.1, sd=0.05).with_row_index()
    gap = rows.with_columns(value=pl.when(pl.col("index").is_between(100, 129)).then(None).otherwise("value"))
    found = measured(gap, days=28)
    assert found.hours.missing == 30
    assert found.low < 0.1 < found.high
    assert found.high - found.low < 0.1


def test_windows_weeks_apart_are_compared():
    rows = run(35, effect=0.0, sd=0.05)
    found = measured(rows, **windows(14, apart=21))
    assert found.low < 0.0 < found.high
    assert found.hours.before == found.hours.after == 14 * 24


@pytest.mark.parametrize("step_s", [1, 10])
@pytest.mark.parametrize("seed", range(5))
def test_a_run_of_minutes_shows_ten_percent_and_nothing_where_there_is_nothing(seed, step_s):
    for effect in (0.0, 0.1):
        rng = np.random.default_rng(seed)
        values = 500.0 * np.exp(0.05 * rng.normal(size=72)) * np.where(np.arange(72) < 36, 1.0, 1 + effect)
        rows, asked = even(values, step_s=step_s)
        found = measure_effect(rows, better="higher", **asked)
        assert found.low <= effect <= found.high
        assert (found.low > 0) == (effect > 0)
        assert found.method.startswith("no season")


@pytest.mark.parametrize("level", [500.0, 0.5])
def test_an_amount_that_does_not_matter_is_one_of_the_unit(level):
    rows, asked = even_load(effect=0.3, seed=4)
    scaled = rows.with_columns(pl.col("value") * level / 500)
    found = measure_effect(scaled, better="higher", same_up_to=level, **asked)
    assert found.verdict == "same"
    assert measure_effect(scaled, better="higher", same_up_to=level / 100, **asked).verdict == "better"


def test_traffic_that_held_or_grew_is_the_same_and_a_loss_is_worse():
    for effect, verdict in ((0.3, "same"), (-0.3, "worse")):
        rows, asked = even_load(effect=effect, seed=4)
        assert measure_effect(rows, better="held", **asked).verdict == verdict


def test_zeros_and_values_below_are_compared_by_difference():
    rng = np.random.default_rng(1)
    values = np.where(np.arange(80) < 40, 5.0, 20.0) + rng.normal(0, 4, 80)
    rows, asked = even(values)
    assert rows["value"].min() < 0
    found = measure_effect(rows, better="lower", **asked)
    assert (found.scale, found.verdict) == ("additive", "worse")
    assert found.low < 15 < found.high


@pytest.mark.parametrize("engine", ["polars", "pandas"])
def test_pandas_gives_the_same(engine):
    rows, asked = even_load(effect=0.1, seed=3)
    gap = rows.with_columns(value=pl.when(pl.int_range(pl.len()) != 7).then("value"))
    found = measure_effect(gap if engine == "polars" else gap.to_pandas(), better="higher", **asked)
    assert found == measure_effect(gap, better="higher", **asked)


def told(rows, **asked):
    found = measure_effect(rows, better="higher", **asked)
    assert found.verdict == "cannot tell"
    assert (found.effect, found.low, found.high) == (None, None, None)
    return found.reason


def test_what_is_missing_is_said():
    rows, asked = even_load(effect=0.1, seed=1)
    assert told(rows.head(40), **asked) == "36 values before and 4 after: 12 are needed on each side"
    assert told(rows.head(36), **asked) == "no value in the window after"
    assert told(rows.clear(), **asked) == "no value in the window before"
    assert told(rows.with_columns(value=pl.lit(None, pl.Float64)), **asked) == "no value in the window before"
    assert "does not vary" in told(rows.with_columns(value=pl.lit(3.0)), **asked)
    assert "does not vary" in told(rows.with_columns(value=pl.lit(0.0)), **asked)


def test_windows_shorter_than_a_week_do_not_show_a_season():
    assert "3.0 of 7 days" in told(run(), **windows(3), step=HOUR)


def test_no_common_hours_of_the_week_is_said():
    rows = run().with_row_index()
    odd = pl.col("index") % 168 < 84
    mine = (pl.col("index") < 336) == odd
    reason = told(rows.with_columns(value=pl.when(mine).then("value")), **windows(14), step=HOUR)
    assert reason == "0 of 168 hours of the week are there in both windows, 101 are needed"


def test_a_series_that_wanders_as_slowly_as_the_windows_are_long_cannot_be_judged():
    walk = np.cumsum(np.random.default_rng(4).normal(size=400)) * 0.02
    rows, asked = even(np.exp(walk))
    found = measure_effect(rows, better="higher", **asked)
    assert found.verdict == "cannot tell"
    assert "wanders" in found.reason


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"before": Window(MONDAY, MONDAY)}, WindowError, "window before is empty"),
        ({"before": Window(MONDAY, MONDAY + timedelta(days=20))}, WindowError, "overlap or are swapped"),
        ({"better": "bigger"}, InputError, "unknown direction 'bigger'"),
        ({"season": "day"}, InputError, "unknown season 'day'"),
        ({"step": timedelta(0)}, SeriesError, "in whole milliseconds"),
        ({"step": timedelta(seconds=7)}, SeriesError, "does not divide a day"),
        ({"level": 1.0}, InputError, "level of 1"),
        ({"same_within": -0.1}, InputError, "is negative"),
        ({"same_up_to": -1.0}, InputError, "same_up_to -1 is negative"),
    ],
)
def test_what_cannot_be_asked(changes, error, words):
    with pytest.raises(error, match=words) as raised:
        measured(run(), **changes)
    assert "\n" not in str(raised.value)


def test_a_series_without_values_column_is_refused():
    with pytest.raises(SeriesError, match="missing: value"):
        measured(run().rename({"value": "bytes"}))
