"""The parts of the search: each keeps the limits, and none makes an order worse."""

from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.plan.waves.grow import grow
from kafka_analysis.plan.waves.improve import cost, improve
from kafka_analysis.plan.waves.problem import Problem
from kafka_analysis.plan.waves.search import coarsen, search


def problem(tied, *, clients, most_topics=2.0, **more):
    count = len(tied)
    given = {
        "group": np.arange(count), "load": np.ones((count, 3)), "most": np.array([np.inf, most_topics, np.inf]),
        "pilot": None, "tied": tuple(np.array(one, np.int64) for one in tied), "clients": clients,
        "most_clients": np.inf, "pilot_clients": np.inf, "weight": np.ones(clients), "late": np.zeros(count, bool),
        "wave_weight": 0.0,
    }  # fmt: skip
    return Problem(**given | more)


def random_problem(seed, count=60, clients=40, **more):
    chance = np.random.default_rng(seed)
    tied = [np.unique(chance.integers(0, clients, chance.integers(0, 4))) for _ in range(count)]
    late = chance.random(count) < 0.2
    return problem(tied, clients=clients, most_topics=9.0, late=late, **more)


def assert_kept(given, at):
    assert np.bincount(at).max() <= given.most[1]
    assert sorted(set(at.tolist())) == list(range(at.max() + 1))
    if given.late.any():
        assert at[~given.late].max() <= at[given.late].min()
    if given.pilot is not None:
        assert (at == 0).sum() <= given.pilot[1]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("fill", [0.5, 1.0])
def test_growing_and_improving_keep_the_limits(seed, fill):
    pilot = np.array([np.inf, 2.0, np.inf]) if seed % 2 else None
    given = random_problem(seed, pilot=pilot)
    grown = grow(given, fill=fill, noise=0.5, seed=seed)
    assert_kept(given, grown)
    better = improve(given, grown)
    assert_kept(given, better)
    assert cost(given, better) <= cost(given, grown)


def test_a_swap_mends_what_no_single_move_can():
    given = problem([[0], [1], [0], [1]], clients=2)
    assert cost(given, np.array([0, 0, 1, 1])) == 4
    assert cost(given, improve(given, np.array([0, 0, 1, 1]))) == 0


def test_whole_waves_change_places():
    given = problem([[0], [0, 1], [1, 2], [2]], clients=3, most_topics=1.0)
    assert cost(given, np.array([0, 2, 1, 3])) == 2 + 1 + 1 + 1 + 1 + 2
    assert cost(given, improve(given, np.array([0, 2, 1, 3]))) == 6


def test_a_pilot_stays_first():
    given = problem([[0], [0, 1], [1]], clients=2, most_topics=1.0, pilot=np.array([np.inf, 1.0, np.inf]))
    assert set(improve(given, np.array([1, 0, 2])).tolist()) == {0, 1, 2}


@pytest.mark.parametrize("limits", [
    {"most_clients": 2.0}, {"pilot": np.array([np.inf, 2.0, np.inf]), "pilot_clients": 2.0},
])  # fmt: skip
def test_a_wave_has_no_more_clients_than_it_may(limits):
    given = problem([[0, 1], [1, 2]], clients=3, **limits)
    apart = np.array([0, 1])
    assert improve(given, apart).tolist() == [0, 1]  # together they would be cheaper, and three clients
    assert improve(problem([[0, 1], [1, 2]], clients=3), apart).tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(4))
def test_a_smaller_problem_costs_what_the_large_one_does(seed):
    given = random_problem(seed, count=200, clients=90)
    fixed = np.zeros(200, bool)
    fixed[np.flatnonzero(~given.late)[:3]] = True
    small, label = coarsen(given, fixed=fixed, target=40)
    assert len(small.load) < 200
    assert len(set(label[fixed].tolist())) == 1
    assert set(np.flatnonzero(label == label[fixed][0])) == set(np.flatnonzero(fixed))
    np.testing.assert_allclose(small.load.sum(axis=0), given.load.sum(axis=0))
    assert (small.late[label] == given.late).all()
    at = np.random.default_rng(seed).permutation(np.arange(len(small.load)) % 7)
    assert cost(small, at) == pytest.approx(cost(given, at[label]))


def test_large_problems_keep_the_limits_too():
    chance = np.random.default_rng(1)
    tied = [np.unique(chance.integers(home // 10 * 8, home // 10 * 8 + 8, 3)) for home in range(600)]
    pilot = np.array([np.inf, 5.0, np.inf])
    given = problem(tied, clients=480, most_topics=70.0, pilot=pilot, late=np.arange(600) >= 560)
    at = search(given, seed=0)
    assert_kept(given, at)
    assert np.array_equal(at, search(given, seed=0))
    assert cost(given, at) <= 80
