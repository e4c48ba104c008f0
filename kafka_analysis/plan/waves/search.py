"""The best of several orders: each grown from another chance and improved; large problems are first made smaller."""

from __future__ import annotations

import numpy as np

from kafka_analysis.plan.waves.coarsen import coarsen
from kafka_analysis.plan.waves.grow import grow
from kafka_analysis.plan.waves.improve import cost, improve
from kafka_analysis.plan.waves.problem import Problem

_FILLS = (1.0, 0.75, 0.5)
_FEW = 250
_WORK = 1600  # sets × tries: a plan of 3,000 topics is to take a few seconds
_MOST_TRIES = 96


def search(problem: Problem, *, seed: int) -> np.ndarray:
    """Return the wave of each set of topics, from 0.

    Parameters
    ----------
    problem
        What is to be ordered.
    seed
        The same problem and seed give the same order.
    """
    if len(problem.load) <= _FEW:
        return _best(problem, seed=seed)
    pilot = grow(problem, seed=seed) == 0 if problem.pilot is not None else np.zeros(len(problem.load), bool)
    small, label = coarsen(problem, fixed=pilot, target=_FEW)
    return improve(problem, _best(small, seed=seed)[label])


def _best(problem: Problem, *, seed: int) -> np.ndarray:
    best, price = None, np.inf
    for number in range(int(np.clip(_WORK // max(len(problem.load), 1), 3, _MOST_TRIES))):
        noise = 0.0 if number < len(_FILLS) else 0.5 + number / _MOST_TRIES
        grown = grow(problem, fill=_FILLS[number % len(_FILLS)], noise=noise, seed=seed + number)
        order = improve(problem, grown)
        if (costs := cost(problem, order)) < price - 1e-9:
            best, price = order, costs
    return best
