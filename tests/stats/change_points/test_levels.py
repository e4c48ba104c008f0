"""Gains of steps, held against least squares by numpy."""

from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.stats.change_points.course import straight_line
from kafka_analysis.stats.change_points.levels import Levels, Problem

VALUES = np.random.default_rng(4).normal(size=40) + 3 * (np.arange(40) >= 17)
VALUES[[6, 25]] = np.nan


def left(problem, phi, columns):
    white = problem.filter(phi)
    design = np.array([white.whitened(column) for column in columns]).T
    target = white.whitened(problem.values)
    return float(((target - design @ np.linalg.lstsq(design, target, rcond=None)[0]) ** 2).sum())


def step(at):
    return (np.arange(40) >= at).astype(float)


@pytest.mark.parametrize("phi", [-0.3, 0.0, 0.7])
@pytest.mark.parametrize("steps", [(), (17,), (9, 30)])
def test_a_gain_is_what_least_squares_would_gain(phi, steps):
    problem = Problem(VALUES, apart=2, course=straight_line(40))
    levels = Levels(problem, phi, steps)
    columns = [np.ones(40), *problem.course.columns, *map(step, steps)]
    assert levels.left == pytest.approx(left(problem, phi, columns))
    gains = levels.gains()
    for at in np.flatnonzero(gains):
        assert gains[at] == pytest.approx(levels.left - left(problem, phi, [*columns, step(at)]))
        assert levels.with_step(int(at)).left == pytest.approx(levels.left - gains[at])


def test_a_jolt_gains_what_leaving_the_row_out_gains():
    problem = Problem(VALUES, apart=2)
    levels = Levels(problem, 0.0)
    known = VALUES.copy()
    known[~levels.filter.rows] = np.nan
    known[17] = np.nan
    assert levels.left - levels.jolt(17) == pytest.approx(np.nansum((known - np.nanmean(known)) ** 2))


def test_steps_keep_their_distance_from_one_another_and_from_the_edges():
    where = np.flatnonzero(Levels(Problem(np.arange(30.0), apart=4, edge=6), 0.0, [15]).open)
    assert where.min() == 7  # the first sample is only read
    assert where.max() == 24
    assert not {12, 13, 14, 15, 16, 17, 18} & set(where.tolist())


def test_a_clean_step_is_fitted_exactly():
    levels = Levels(Problem(np.repeat([2.0, 5.0], 10), apart=2), 0.4, [10])
    np.testing.assert_allclose(levels.sizes, [3.0])
    np.testing.assert_allclose(levels.fitted, np.repeat([2.0, 5.0], 10))
