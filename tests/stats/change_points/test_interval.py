"""Where a step may be, held against all places tried one by one."""

from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.stats.change_points.interval import place
from kafka_analysis.stats.change_points.levels import Levels, Problem


def test_the_interval_is_the_shortest_set_with_95_percent():
    values = np.random.default_rng(14).normal(size=60) + (np.arange(60) >= 30)
    problem = Problem(values, apart=3)
    best, low, high = place(problem, 0.3, (30,), 30)
    left = np.array([Levels(problem, 0.3, [at]).left for at in range(3, 58)])
    share = left ** (-59 / 2)
    share /= share.sum()
    order = np.argsort(-share)
    held = order[: int(np.searchsorted(np.cumsum(share[order]), 0.95)) + 1] + 3
    assert low <= best <= high
    assert (low, high) == pytest.approx((held.min(), held.max()), abs=0)


def test_a_clear_step_has_one_place():
    values = np.repeat([0.0, 9.0], 20) + np.random.default_rng(15).normal(size=40) / 9
    assert place(Problem(values, apart=3), 0.0, (20,), 20) == (20, 20, 20)


def test_a_step_within_a_gap_may_be_anywhere_in_it():
    values = np.repeat([0.0, 9.0], 20) + np.random.default_rng(15).normal(size=40) / 9
    values[18:26] = np.nan
    _, low, high = place(Problem(values, apart=3), 0.0, (20,), 20)
    assert low <= 19
    assert high >= 25


def test_a_neighbour_bounds_it():
    values = np.repeat([0.0, 9.0, 8.5], 20) + np.random.default_rng(15).normal(size=60)
    _, low, high = place(Problem(values, apart=3), 0.0, (20, 40), 40)
    assert low > 20
    assert high < 60
