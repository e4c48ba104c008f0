"""Paths of steps, and what is left of them when each must be worth its penalty."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from kafka_analysis.stats.change_points.course import straight_line
from kafka_analysis.stats.change_points.levels import Fit, Levels, Problem
from kafka_analysis.stats.change_points.search import Found, paths, refined, search, worth

PENALTY = 14.0


def levels_of(*levels, length=60, seed=5):
    noise = np.random.default_rng(seed).normal(size=length * len(levels))
    return np.repeat(levels, length) + noise


def test_a_bump_is_not_hidden_by_slow_noise():
    problem = Problem(levels_of(0.0, 4.0, 0.0), apart=3, edge=6)
    best = refined(problem, search(problem, PENALTY).best, PENALTY)
    assert best.steps == pytest.approx((60, 120), abs=1)
    assert abs(best.phi) < 0.4


def test_steps_that_are_not_worth_it_are_dropped_and_the_others_move():
    problem = Problem(levels_of(0.0, 4.0), apart=3)
    assert refined(problem, Fit(0.0, (20, 58, 90), 1.0, 119), PENALTY).steps == pytest.approx((60,), abs=1)


def test_two_steps_that_stand_for_one_are_merged():
    problem = Problem(levels_of(0.0, 4.0), apart=3)
    assert len(refined(problem, Fit(0.0, (58, 62), 1.0, 119), PENALTY).steps) == 1


@pytest.mark.parametrize("slope", [0.05, 0.5])
def test_a_straight_line_is_no_stairs(slope):
    values = levels_of(0.0, 0.0) + slope * np.arange(120)
    assert search(Problem(values, apart=3), PENALTY, [straight_line(120)]).best.steps == ()


def test_a_bend_is_no_stairs():
    values = levels_of(0.0, 0.0, 0.0) + 0.2 * np.maximum(np.arange(180) - 90, 0)
    found = search(Problem(values, apart=3), PENALTY, [straight_line(180)])
    assert (found.best.steps, found.problem.course.name) == ((), "broken line")


def test_stairs_stay_stairs():
    found = search(Problem(levels_of(0.0, 5.0, 10.0), apart=3), PENALTY, [straight_line(180)])
    assert found.best.steps == pytest.approx((60, 120), abs=1)


def test_a_jolt_is_worth_nothing_and_a_step_is():
    rng = np.random.default_rng(6)
    noise = 0.2 * rng.normal(size=200)
    after = np.arange(200) - 100
    dying = Problem(noise + np.where(after >= 0, 8 * 0.8 ** np.maximum(after, 0), 0.0), apart=3)
    lasting = Problem(noise + 8 * (after >= 0), apart=3)
    assert worth(dying, Levels(dying, 0.8, [100]).fit(), 100) == 0.0
    assert worth(lasting, Levels(lasting, 0.8, [100]).fit(), 100) > PENALTY


def test_the_ratio_of_a_second_step_pays_for_it():
    fits = (Fit(0.0, (), 1.0, 10), Fit(0.0, (3,), np.exp(-1.0), 10), Fit(0.0, (3, 6), np.exp(-3.0), 10))
    assert Found(Problem(np.ones(11), apart=2), fits, PENALTY).ratio == pytest.approx(30 - PENALTY)


def test_a_path_adds_one_step_at_a_time():
    fits = list(paths(Problem(levels_of(0.0, 4.0), apart=3), PENALTY, grid=[0.0]))
    assert [len(fit.steps) for fit in fits] == list(range(len(fits)))
    assert all(second.left <= first.left for first, second in itertools.pairwise(fits))
