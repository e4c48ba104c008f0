"""What is found where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gumbel_r

from kafka_analysis.stats.change_points.levels import Problem
from kafka_analysis.stats.change_points.null import Null, best_ratios, null_of
from kafka_analysis.stats.change_points.search import paths
from kafka_analysis.stats.change_points.season import NO_SEASON


def test_tails_are_gumbels():
    null, judge = Null(8.0, 2.0), gumbel_r(8.0, 2.0)
    assert null.p_value(13.0) == pytest.approx(judge.sf(13.0))
    assert null.threshold(0.01) == pytest.approx(judge.isf(0.01))


def test_a_fit_by_moments_has_the_moments():
    ratios = gumbel_r(9.0, 1.5).rvs(4000, random_state=1)
    null = Null.of(ratios)
    assert (null.location, null.scale) == pytest.approx((9.0, 1.5), abs=0.1)


def test_ratios_of_many_series_are_those_of_the_search():
    values = np.random.default_rng(7).normal(size=80)
    problem = Problem(values, apart=3, edge=4)
    fits = [fit for fit in paths(problem, 99.0) if len(fit.steps) < 2]
    none, one = (min(fit.left for fit in fits if len(fit.steps) == steps) for steps in (0, 1))
    assert best_ratios(problem, values[None])[0] == pytest.approx(79 * np.log(none / one))


def test_the_same_series_gives_the_same_null():
    problem, innovations = Problem(np.zeros(100), apart=3), np.random.default_rng(8).normal(size=99)
    assert null_of(problem, 0.5, innovations, NO_SEASON) == null_of(problem, 0.5, innovations, NO_SEASON)
