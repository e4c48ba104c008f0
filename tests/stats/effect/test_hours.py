"""Windows put into blocks: what is matched, what is missing, and that a gap does not look like a change."""

from __future__ import annotations

from datetime import timedelta, timezone

import numpy as np
import polars as pl
import pytest

from kafka_analysis.model.errors import SeriesError
from kafka_analysis.stats.effect.hours import (
    BLOCKS,
    block_steps,
    blocks_of,
    check_season,
    steps_in,
    steps_of_each,
)
from kafka_analysis.stats.scope.windows import Window
from tests.simulated_series import season
from tests.stats.effect.series import HOUR, MONDAY, hourly, windows

FIRST = int(MONDAY.timestamp()) // 3600


def sides(*, days=14, drop=(), noise=0.0):
    at = np.arange(48 * days)
    values = season(len(at)) + noise * np.random.default_rng(1).normal(size=len(at))
    kept = ~np.isin(at, drop)
    halves = [(at < 24 * days) & kept, (at >= 24 * days) & kept]
    return tuple((FIRST + at[half], values[half], 24 * days) for half in halves)


def blocks(**options):
    return blocks_of(sides(**options), step_s=3600.0, seasonal=True)


@pytest.mark.parametrize("days", [7, 14, 28])
def test_blocks_are_about_a_hundred_of_a_window_and_divide_a_day(days):
    steps = block_steps(24 * days, 3600.0, seasonal=True)
    assert 24 % steps == 0
    assert BLOCKS / 2 <= 24 * days / steps <= BLOCKS


def test_blocks_are_means_of_their_steps():
    made = blocks(noise=1.0)
    hours = np.concatenate([value for _, value, _ in sides(noise=1.0)])
    assert made.value == pytest.approx(hours.reshape(-1, made.steps).mean(axis=1))
    assert made.after.sum() == (~made.after).sum()
    assert made.hours.missing == made.hours.unmatched == 0


def test_a_missing_hour_of_the_night_does_not_lift_its_block():
    whole, gap = blocks(), blocks(drop=[2])
    assert gap.hours.missing == 1
    assert gap.value == pytest.approx(whole.value, abs=1e-3)
    without = sides(drop=[2])[0][1][:2].mean()
    assert abs(without - whole.value[0]) > 0.01


def test_a_block_without_half_of_its_steps_is_left_out():
    whole, gap = blocks(), blocks(drop=[0, 1])
    assert whole.steps == 3
    assert len(gap.value) == len(whole.value) - 1


def test_hours_of_the_week_there_on_one_side_only_are_not_matched():
    mondays = [hour + 168 * week for week in (2, 3) for hour in range(24)]
    made = blocks(drop=mondays)
    assert made.hours.unmatched == 48
    kept = made.matched()
    assert len(kept.value) == len(made.value) - 48 / made.steps
    assert set(kept.slot[kept.after]) == set(kept.slot[~kept.after])


def test_slots_are_hours_of_the_week_whatever_the_window_starts_with():
    late = blocks_of(
        tuple((number + 5, value, n) for number, value, n in sides()), step_s=3600.0, seasonal=True
    )
    assert late.slot.max() == 168 / late.steps - 1
    assert np.array_equal(late.slot, late.at % (168 // late.steps))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", None])
def test_times_of_any_zone_are_the_same_hours(zone):
    rows = hourly(season(336))
    times = pl.col("ts").dt.convert_time_zone(zone) if zone else pl.col("ts").dt.replace_time_zone(None)
    window = windows(7)["before"]
    number, value, expected = steps_in(rows.with_columns(times), window, HOUR)
    assert number.tolist() == list(range(FIRST, FIRST + 168))
    assert expected == 168
    assert value == pytest.approx(rows["value"].to_numpy()[:168])


def test_a_window_of_another_zone_is_the_same_time():
    rows, window = hourly(season(336)), windows(7)["before"]
    india = timezone(timedelta(hours=5, minutes=30))
    moved = Window(window.start.astimezone(india), window.end.astimezone(india))
    assert steps_in(rows, moved, HOUR)[0].tolist() == steps_in(rows, window, HOUR)[0].tolist()


def test_missing_and_not_a_number_are_no_values_and_rows_of_one_step_are_averaged():
    times = [MONDAY, MONDAY + HOUR / 2, MONDAY + HOUR, MONDAY + 2 * HOUR]
    rows = pl.DataFrame({"ts": times, "value": [1.0, 3.0, None, float("nan")]})
    number, value, expected = steps_in(rows, Window(MONDAY, MONDAY + 4 * HOUR), HOUR)
    assert (number.tolist(), value.tolist(), expected) == ([FIRST], [2.0], 4)


@pytest.mark.parametrize("step_s", [7.0, 100_000.0, 1800.5])
def test_steps_that_do_not_divide_a_day_have_no_hours_of_the_week(step_s):
    with pytest.raises(SeriesError, match="does not divide a day"):
        check_season(step_s)


def test_of_many_series_each_has_the_steps_it_has_alone():
    rows = hourly(season(336))
    both = pl.concat(
        [
            rows.with_columns(name=pl.lit("a")),
            rows.filter(pl.col("ts") >= MONDAY + 5 * HOUR).with_columns(
                name=pl.lit("b"), value=pl.col("value") * 2
            ),
            rows.tail(1).with_columns(name=pl.lit("later")),
        ]
    )
    window = windows(7)["before"]
    found = steps_of_each(both, window, HOUR)
    assert set(found) == {"a", "b"}
    for name, (number, value, expected) in found.items():
        alone = steps_in(both.filter(name=name), window, HOUR)
        assert number.tolist() == alone[0].tolist()
        assert value.tolist() == alone[1].tolist()
        assert expected == alone[2] == 168
