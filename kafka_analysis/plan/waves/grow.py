"""A first order: waves filled one after the other with the topics whose clients have already begun to migrate."""

from typing import NamedTuple

import numpy as np

from kafka_analysis.plan.waves.problem import Problem, client_counts

ROUNDING = 1 + 1e-9


def grow(problem: Problem, *, fill: float = 1.0, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """Put every set of topics into a wave.

    Parameters
    ----------
    problem
        What is to be ordered.
    fill
        Share of a wave's limits from which it is closed rather than filled with topics of clients not seen before.
    noise, seed
        How much chance weighs when the next is chosen, and which chance.

    Returns
    -------
    numpy.ndarray
        The wave of each set, from 0.
    """
    chance = np.random.default_rng(seed)
    of_tie = _groups_of_ties(problem)
    left = np.array([len(groups) for groups in of_tie], float)
    placed = np.full(len(problem.load), -1, np.int64)
    begun = np.zeros(len(of_tie), bool)
    score = np.array([_score(problem, group, begun, left) for group in range(len(placed))])
    worth = _Worth(begun, left, score, noise * chance.standard_normal(len(placed)), of_tie)
    wave = 0
    while (placed < 0).any():
        wave += _fill(problem, placed, wave, worth, fill=fill)
    return placed


class _Worth(NamedTuple):
    """What it is worth to place each set next, and what that comes from: of each client, whether it is on its way."""

    begun: np.ndarray
    left: np.ndarray
    score: np.ndarray
    jitter: np.ndarray
    of_tie: list[np.ndarray]


def _fill(problem: Problem, placed: np.ndarray, wave: int, worth: _Worth, *, fill: float) -> int:
    """Fill one wave; return 1, so that the next comes."""
    score = worth.score
    most, most_clients = problem.caps(wave)
    held, inside = np.zeros(problem.load.shape[1]), np.zeros(problem.clients, bool)
    comes = client_counts(problem)
    empty = True
    while True:
        may = (placed < 0) & ((held + problem.load) <= most * ROUNDING).all(axis=1)
        may &= inside.sum() + comes <= most_clients
        may &= ~problem.late if (placed[~problem.late] < 0).any() else True
        if not may.any():
            return 1
        best = int(np.where(may, score + worth.jitter, -np.inf).argmax())
        used = held[np.isfinite(most)] / np.maximum(most[np.isfinite(most)], 1e-300)
        if not empty and score[best] < 0 and used.size and used.max() >= fill:
            return 1
        placed[best], empty = wave, False
        held += problem.load[best]
        for tie in problem.tied[best]:
            if tie < problem.clients and not inside[tie]:
                inside[tie] = True
                comes[worth.of_tie[tie]] -= 1
        _took(problem, best, worth)


def _took(problem: Problem, group: int, worth: _Worth) -> None:
    """Note that a set was placed: its clients are on the way, and what is left of them is worth more."""
    begun, left, score, _, of_tie = worth
    for tie in problem.tied[group]:
        others = of_tie[tie]
        score[others] -= problem.weight[tie] * _worth(begun[tie], left[tie])
        begun[tie] = True
        left[tie] -= 1
        if left[tie]:
            score[others] += problem.weight[tie] * _worth(True, left[tie])


def _score(problem: Problem, group: int, begun: np.ndarray, left: np.ndarray) -> float:
    return float(sum(problem.weight[tie] * _worth(begun[tie], left[tie]) for tie in problem.tied[group]))


def _worth(begun: bool, left: float) -> float:
    """Return what it is worth to place one more set of a client: to end what is begun, to begin nothing large."""
    return 1 + 1 / left if begun else -(1 - 1 / left)


def _groups_of_ties(problem: Problem) -> list[np.ndarray]:
    tie = np.concatenate(problem.tied) if problem.tied else np.zeros(0, np.int64)
    group = np.repeat(np.arange(len(problem.tied)), [len(tied) for tied in problem.tied])
    order = np.argsort(tie, kind="stable")
    ends = np.cumsum(np.bincount(tie, minlength=len(problem.weight)))[:-1]
    return np.split(group[order], ends)
