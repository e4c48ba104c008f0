"""The best of several orders: each grown from another chance and improved; large problems are first made smaller."""

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from kafka_analysis.plan.waves.grow import grow
from kafka_analysis.plan.waves.improve import cost, improve
from kafka_analysis.plan.waves.problem import Problem

_FILLS = (1.0, 0.75, 0.5)
_FEW = 250
_WORK = 1600  # sets × tries: a plan of 3,000 topics is to take a few seconds
_MOST_TRIES = 96


_PART_OF_WAVE = 0.125
_MOST_TIED = 200  # a client of more sets says little about which of them belong together
_ROUNDS = 12


def coarsen(problem: Problem, *, fixed: np.ndarray, target: int) -> tuple[Problem, np.ndarray]:
    """Merge sets that share clients, two and two, until few are left or none may be merged.

    Parameters
    ----------
    problem
        What is to be ordered.
    fixed
        Sets, true or false, that become one and are merged with no other: those of the pilot wave.
    target
        How many sets are few enough.

    Returns
    -------
    tuple of Problem and numpy.ndarray
        The smaller problem, and the number each set has in it. No merged set takes more than an eighth of a wave.
    """
    label = _first_labels(fixed)
    small = _merged(problem, label)
    for _ in range(_ROUNDS):
        if len(small.load) <= target:
            break
        matched = _matched(small, alone=label[fixed.argmax()] if fixed.any() else -1)
        if matched.max() + 1 == len(small.load):
            break
        small, label = _merged(small, matched), matched[label]
    return small, label


def _first_labels(fixed: np.ndarray) -> np.ndarray:
    label = np.arange(len(fixed))
    if fixed.any():
        label[fixed] = fixed.argmax()
    return np.unique(label, return_inverse=True)[1]


def _merged(problem: Problem, label: np.ndarray) -> Problem:
    count = int(label.max()) + 1
    load = np.zeros((count, problem.load.shape[1]))
    np.add.at(load, label, problem.load)
    late = np.zeros(count, bool)
    late[label] = problem.late
    tie, group = problem.pairs
    pairs = np.unique(label[group] * len(problem.weight) + tie)
    owner, ties = np.divmod(pairs, len(problem.weight))
    tied = np.split(ties, np.searchsorted(owner, np.arange(1, count)))
    return replace(problem, group=label[problem.group], load=load, late=late, tied=tuple(tied))


def _matched(problem: Problem, *, alone: int) -> np.ndarray:
    """Pair every set with the one it shares most clients with, large clients counting less."""
    shared = _affinity(problem)
    free = np.ones(len(problem.load), bool)
    if alone >= 0:
        free[alone] = False
    label = np.arange(len(free))
    most = problem.most * _PART_OF_WAVE
    several = np.diff(shared.indptr)
    for group in np.argsort(several, kind="stable"):
        if not free[group]:
            continue
        near = shared.indices[shared.indptr[group] : shared.indptr[group + 1]]
        worth = shared.data[shared.indptr[group] : shared.indptr[group + 1]]
        fits = free[near] & (near != group) & (problem.late[near] == problem.late[group])
        fits &= (problem.load[near] + problem.load[group] <= most).all(axis=1)
        if fits.any():
            other = near[np.where(fits, worth, -1.0).argmax()]
            if _clients_fit(problem, group, other):
                label[other], free[group], free[other] = group, False, False
    return np.unique(label, return_inverse=True)[1]


def _affinity(problem: Problem) -> csr_matrix:
    tie, group = problem.pairs
    size = np.bincount(tie, minlength=len(problem.weight))
    tells = (size[tie] > 1) & (size[tie] <= _MOST_TIED)
    values = np.sqrt(problem.weight[tie[tells]] / (size[tie[tells]] - 1))
    shape = (len(problem.load), len(problem.weight))
    uses = csr_matrix((values, (group[tells], tie[tells])), shape=shape)
    shared = (uses @ uses.T).tocsr()
    shared.sort_indices()
    return shared


def _clients_fit(problem: Problem, group: int, other: int) -> bool:
    if not np.isfinite(problem.most_clients):
        return True
    both = np.union1d(problem.tied[group], problem.tied[other])
    return (both < problem.clients).sum() <= problem.most_clients * _PART_OF_WAVE


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
