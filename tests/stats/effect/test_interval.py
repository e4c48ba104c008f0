"""Intervals of mixtures, held against Student's t and a quantile of drawn numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from kafka_analysis.stats.effect.fit import Fit
from kafka_analysis.stats.effect.interval import interval_of, least_effect


def fit(weight, change, error, freedom=30):
    columns = [np.array(x, dtype=float)[:, None] for x in (weight, change, error)]
    return Fit(*columns, freedom, (), np.zeros(len(weight)), np.ones(len(weight)))


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_one_candidate_is_student_s_t(level):
    middle, low, high = (x[0] for x in interval_of(fit([1.0], [2.0], [0.5], 9), level=level))
    assert (low, high) == pytest.approx(scipy_stats.t(9, loc=2.0, scale=0.5).interval(level))
    assert middle == pytest.approx(2.0)


def test_a_mixture_is_cut_where_drawn_numbers_are():
    rng = np.random.default_rng(1)
    wide = rng.random(400_000) < 0.3
    drawn = np.where(wide, 1.0, 0.0) + np.where(wide, 3.0, 1.0) * rng.standard_t(30, wide.size)
    middle, low, high = (x[0] for x in interval_of(fit([0.7, 0.3], [0.0, 1.0], [1.0, 3.0])))
    assert (middle, low, high) == pytest.approx(np.quantile(drawn, [0.5, 0.025, 0.975]), abs=0.05)


def test_a_wide_candidate_that_may_be_widens_the_interval():
    _, low, high = interval_of(fit([0.9, 0.1], [0.0, 0.0], [1.0, 10.0]))
    assert high[0] - low[0] > 1.5 * 2 * 1.96


def test_the_least_effect_is_half_the_width_as_an_effect():
    assert least_effect(np.log(1.0), np.log(1.21), log=True) == pytest.approx(0.1)
    assert least_effect(4.0, 10.0, log=False) == 3.0
