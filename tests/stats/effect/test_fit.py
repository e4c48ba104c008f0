"""A fit under each candidate, held against generalised least squares written out with every season's column."""

from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.stats.effect.fit import LEAST_TRUST, Layout, fit_change, trust_in
from kafka_analysis.stats.effect.noise import correlation

WEEK = 8  # slots of a made-up week
N = 6 * WEEK


def layout(**changes):
    at = np.arange(N)
    given = {
        "at": tuple(at.tolist()), "slot": tuple((at % WEEK).tolist()), "day": tuple((at // 4).tolist()),
        "changed": tuple((at >= N // 2).tolist()), "level": (0,) * N, "span": N / 2, "steps": 1, "day_blocks": 4.0,
    }  # fmt: skip
    return Layout(**(given | changes))


def by_hand(values, places, memory, share):
    """Return change, standard error and restricted likelihood with one column for each slot."""
    at, day = np.array(places.at), np.array(places.day)
    cov = correlation(memory.fast, at, steps=1, days=day)
    if memory.slow is not None:
        cov = (1 - share) * cov + share * correlation(memory.slow, at, steps=1, days=day)
    design = np.column_stack([places.changed, np.array(places.slot)[:, None] == np.arange(WEEK)]).astype(
        float
    )
    inverse = np.linalg.inv(cov)
    information = design.T @ inverse @ design
    best = np.linalg.solve(information, design.T @ inverse @ values)
    rest = (values - design @ best) @ inverse @ (values - design @ best)
    freedom = len(values) - design.shape[1]
    error = np.sqrt(rest / freedom * np.linalg.inv(information)[0, 0])
    dets = np.linalg.slogdet(cov)[1] + np.linalg.slogdet(information)[1]
    return best[0], error, -0.5 * dets - 0.5 * freedom * np.log(rest)


def test_each_candidate_is_generalised_least_squares_and_weighed_by_its_restricted_likelihood():
    values = np.random.default_rng(3).normal(size=N)
    places = layout()
    fit = fit_change(values[:, None], places)
    expected = [by_hand(values, places, m, s) for m, s in zip(fit.memory, fit.share, strict=True)]
    change, error, likelihood = (np.array(part) for part in zip(*expected, strict=True))
    assert fit.freedom == N - WEEK - 1
    assert fit.change[:, 0] == pytest.approx(change, abs=1e-7)
    assert fit.error[:, 0] == pytest.approx(error, rel=1e-6)
    weight = fit.prior * np.exp(likelihood - likelihood.max())
    assert fit.weight[:, 0] == pytest.approx(weight / weight.sum(), abs=1e-7)


def test_any_season_cancels_out_and_the_change_is_added():
    values = np.random.default_rng(4).normal(size=N)
    season = 5.0 * np.random.default_rng(5).normal(size=WEEK)
    places = layout()
    plain, moved = (
        fit_change(v[:, None], places)
        for v in (values, values + season[np.arange(N) % WEEK] + 2.0 * np.array(places.changed))
    )
    assert moved.change == pytest.approx(plain.change + 2.0)
    assert moved.error == pytest.approx(plain.error)


def test_many_series_are_fitted_as_each_alone():
    values = np.random.default_rng(6).normal(size=(N, 3))
    together = fit_change(values, layout())
    for i in range(3):
        alone = fit_change(values[:, i : i + 1], layout())
        assert together.weight[:, i] == pytest.approx(alone.weight[:, 0])
        assert together.change[:, i] == pytest.approx(alone.change[:, 0])


def test_a_level_of_its_own_takes_no_part():
    """In a placebo the window after may lie anywhere."""
    at = np.arange(N)
    places = layout(
        changed=tuple(((at >= WEEK) & (at < 2 * WEEK)).tolist()),
        level=tuple((at >= N // 2).astype(int).tolist()),
    )
    values = np.random.default_rng(7).normal(size=N)
    plain, far = (fit_change((values + jump * (at >= N // 2))[:, None], places) for jump in (0.0, 100.0))
    assert far.change == pytest.approx(plain.change)


def test_the_candidate_that_is_true_gains_weight():
    rng = np.random.default_rng(8)
    slow = np.linalg.cholesky(correlation(24.0, np.arange(N), steps=1, days=np.arange(N))) @ rng.normal(
        size=(N, 200)
    )
    for values, has_memory in ((slow, True), (rng.normal(size=(N, 200)), False)):
        fit = fit_change(values, layout())
        white = np.array([m.fast == 0 and m.slow is None for m in fit.memory])
        gain = np.median(fit.weight[white].sum(axis=0)) / fit.prior[white].sum()
        assert (gain < 0.1) if has_memory else (gain > 2)


def test_the_longer_the_windows_the_less_a_likelihood_is_trusted():
    trusts = [trust_in(8.0 * days, 8.0) for days in (1, 7, 8, 10, 14, 28)]
    assert trusts[:2] == [1.0, 1.0]
    assert trusts == sorted(trusts, reverse=True)
    assert trusts[-2:] == [LEAST_TRUST] * 2


def test_a_fit_carries_the_trust_of_its_windows():
    values = np.random.default_rng(9).normal(size=(N, 1))
    short, long = (fit_change(values, layout(day_blocks=blocks)) for blocks in (4.0, 2.0))
    assert (short.trust, long.trust) == (1.0, LEAST_TRUST)
    assert fit_change(values, layout(day_blocks=None)).trust == 1.0


def test_the_fits_of_some_series_are_theirs():
    values = np.random.default_rng(10).normal(size=(N, 4))
    some = fit_change(values, layout()).part(np.array([False, True, False, True]))
    alone = fit_change(values[:, [1, 3]], layout())
    assert some.change == pytest.approx(alone.change)
    assert some.weight == pytest.approx(alone.weight)
    assert some.freedom == alone.freedom
