"""Intervals of mixtures, held against Student's t and a quantile of drawn numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from kafka_analysis.stats.effect.fit import Fit
from kafka_analysis.stats.effect.interval import chance_of, interval_of, least_effect


def fit(weight, change, error, freedom=30, *, prior=None, trust=1.0):
    columns = [np.array(x, dtype=float)[:, None] for x in (weight, change, error)]
    before = np.ones(len(weight)) if prior is None else np.array(prior)
    return Fit(*columns, freedom, (), np.zeros(len(weight)), before, trust)


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


def test_less_trust_in_the_likelihood_is_a_flatter_likelihood():
    """By hand: likelihoods 16 to 1 at half trust are 4 to 1, times what each counted beforehand."""
    prior = [0.2, 0.8]
    weight = np.array([16.0, 1.0]) * prior
    flat = np.array([4.0, 1.0]) * prior
    cautious = interval_of(fit(weight / weight.sum(), [0.0, 0.0], [1.0, 5.0], prior=prior, trust=0.5))
    by_hand = interval_of(fit(flat / flat.sum(), [0.0, 0.0], [1.0, 5.0]))
    assert np.array(cautious) == pytest.approx(np.array(by_hand), abs=1e-6)


def test_what_is_impossible_stays_so_with_less_trust():
    some = fit([1.0, 0.0], [0.0, 0.0], [1.0, 5.0], prior=[0.5, 0.5], trust=0.6)
    alone = interval_of(fit([1.0], [0.0], [1.0]))
    assert np.array(interval_of(some)) == pytest.approx(np.array(alone), abs=1e-6)


def test_the_least_effect_is_half_the_width_as_an_effect():
    assert least_effect(np.log(1.0), np.log(1.21), log=True) == pytest.approx(0.1)
    assert least_effect(4.0, 10.0, log=False) == 3.0


@pytest.mark.parametrize("change", [0.4, -0.4, 3.0])
def test_an_interval_excludes_no_change_where_chance_is_below_its_level(change):
    mixture = fit([0.7, 0.3], [change, change], [1.0, 0.2], 12)
    chance = float(chance_of(mixture)[0])
    assert 0 < chance < 1
    for level, excludes in ((1 - 1.01 * chance, True), (1 - 0.99 * chance, False)):
        _, low, high = interval_of(mixture, level=level)
        assert (low[0] > 0 or high[0] < 0) == excludes


def test_chance_is_that_of_student_s_t_up_and_down():
    assert chance_of(fit([1.0], [-1.5], [0.5], 9))[0] == pytest.approx(2 * scipy_stats.t(9).sf(3.0))
    assert chance_of(fit([1.0], [0.0], [0.5], 9))[0] == pytest.approx(1.0)
