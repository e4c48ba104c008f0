"""Seasons that are taken out, and a change of level that stays."""

from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.stats.change_points.season import find_season, moving_level, without_season

HOUR_S, DAY_S = 3600.0, 86_400.0
MONDAY = 4 * DAY_S


def day(days):
    return 3 * np.sin(2 * np.pi * np.arange(24 * days) / 24)


def test_the_day_is_taken_out_and_a_change_stays_as_it_was():
    change = 2.0 * (np.arange(24 * 14) >= 150)
    season = find_season(day(14) + change, start_s=MONDAY, step_s=HOUR_S)
    assert season.kind == "hour of the day"
    np.testing.assert_allclose(without_season(day(14) + change, season), change, atol=1e-9)


def test_noise_has_no_season():
    noise = np.random.default_rng(9).normal(size=24 * 14)
    season = find_season(noise, start_s=MONDAY, step_s=HOUR_S)
    assert (season.kind, season.reason) == ("none", "the hour of the day predicts nothing")


def test_gaps_do_not_bend_the_day():
    values = day(14)
    values[np.random.default_rng(10).random(len(values)) < 0.2] = np.nan
    plain = without_season(values, find_season(values, start_s=MONDAY, step_s=HOUR_S))
    assert np.nanmax(np.abs(plain)) < 0.3
    assert (np.isnan(plain) == np.isnan(values)).all()


@pytest.mark.parametrize(
    ("weeks", "kind"), [(2, "hour of the day, weekends apart"), (4, "hour of the day, weekends apart")]
)
def test_weekends_with_another_day_are_kept_apart(weeks, kind):
    weekend = np.arange(24 * 7 * weeks) // 24 % 7 >= 5
    values = day(7 * weeks) * np.where(weekend, 0.2, 1.0)
    values += 0.1 * np.random.default_rng(11).normal(size=len(values))
    assert find_season(values, start_s=MONDAY, step_s=HOUR_S, weeks=True).kind == kind


def test_hours_of_the_week_take_three_weeks():
    week = np.random.default_rng(12).normal(size=168)
    assert find_season(np.tile(week, 4), start_s=MONDAY, step_s=HOUR_S, weeks=True).kind == "hour of the week"
    assert find_season(np.tile(week, 2), start_s=MONDAY, step_s=HOUR_S, weeks=True).kind != "hour of the week"


@pytest.mark.parametrize(
    ("step_s", "why"),
    [
        (HOUR_S, "not searched for: 2.0 days, and 4 are needed"),
        (7001.0, "not searched for: a day is not a whole number of steps"),
    ],
)
def test_it_says_why_none_was_looked_for(step_s, why):
    assert find_season(np.arange(48.0), start_s=0.0, step_s=step_s).reason == why


def test_the_level_at_an_edge_is_that_of_the_outermost_window():
    assert moving_level(np.arange(6.0), 3).tolist() == [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]
