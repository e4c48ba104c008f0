"""What happens when: phases, cut-overs, restarts and gaps, in steps of one interval."""

from dataclasses import dataclass
from itertools import cycle, pairwise

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.model.errors import InputError
from kafka_analysis.simulate.plan import Plan

TRIES = 2000
MOST_AWAY = 10
FIRST, APART = 2, 2  # scrapes before the first, and between two on one broker


@dataclass(frozen=True)
class Absence:
    """A broker (from 0) that is away from ``first`` to ``last``.

    Of a restart these are the steps within which it goes and within which its leadership comes back; of a gap, the
    first and the last scrape without an answer.
    """

    broker: int
    first: int
    last: int


@dataclass(frozen=True)
class Schedule:
    """Everything dated. Step k lasts from scrape k − 1 to scrape k; what moves in it moves at ``fraction`` of it."""

    steps: int
    baseline: tuple[int, int]  # scrapes between which a phase lies
    after: tuple[int, int]
    mirror_from: int | None  # scrape at which the mirror starts
    cutovers: tuple[int, ...]  # scrape at which each cell takes over
    restarts: tuple[Absence, ...]
    missed: tuple[Absence, ...]
    fraction: NDArray[np.float64]

    @property
    def moves(self) -> set[int]:
        """Return the steps within which leaders move."""
        return {step for restart in self.restarts for step in (restart.first, restart.last)}

    def away(self, step: int) -> set[int]:
        """Return the brokers that lead nothing once the moves of a step are done."""
        return {restart.broker for restart in self.restarts if restart.first <= step < restart.last}

    def restarted(self, step: int) -> list[int]:
        """Return the brokers that restart within a step."""
        return [restart.broker for restart in self.restarts if restart.first == step]

    def answered(self, brokers: int, steps: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return, for each scrape and broker of the source, whether it answered."""
        seen = np.ones((len(steps), brokers), dtype=np.bool_)
        for gap in self.missed:
            seen[(steps >= gap.first) & (steps <= gap.last), gap.broker] = False
        return seen

    def chunks(self, most: int) -> list[NDArray[np.int64]]:
        """Split the scrapes into runs of at most ``most`` within which nothing changes."""
        dated = {*self.cutovers, *([] if self.mirror_from is None else [self.mirror_from])}
        ends = {0, self.steps, *dated, *self.moves, *(step - 1 for step in self.moves)}
        edges = [-1, *sorted(ends)]
        runs = [np.arange(a + 1, b + 1) for a, b in pairwise(edges) if b > a]
        return [run[n : n + most] for run in runs for n in range(0, len(run), most)]


def draw_schedule(plan: Plan) -> Schedule:
    """Date the phases, and draw who restarts and who does not answer when.

    Raises
    ------
    InputError
        When there is no room for that many restarts and gaps.

    Examples
    --------
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> drawn = draw_schedule(plan_of({"brokers": 3, "partitions": 30, "cells": 2, "resets": 1}))
    >>> drawn.baseline, drawn.mirror_from, drawn.cutovers, drawn.after
    ((2, 42), 44, (64, 68), (74, 118))
    """
    rng = np.random.default_rng([plan.seed, 1])
    n = plan.steps
    away = int(np.clip(n // 20, 2, MOST_AWAY))
    taken: list[Absence] = []
    turn = cycle(rng.permutation(plan.brokers).tolist())
    restarts = [_place(rng, plan, next(turn), away + 1, taken, "resets") for _ in range(plan.resets)]
    missed = [_place(rng, plan, next(turn), plan.gap_scrapes, taken, "gaps") for _ in range(plan.gaps)]
    cutovers = tuple(round(n * (0.5 + 0.1 * (i + 1) / (plan.cells + 1))) for i in range(plan.cells))
    margin = max(round(n / 60), 1)
    return Schedule(
        steps=n,
        baseline=(margin, round(n * 0.35)),
        after=(round(n * 0.6) + margin if n >= 20 else round(n * 0.6), n - margin),
        mirror_from=round(n * 0.37) if plan.cells else None,
        cutovers=cutovers,
        restarts=tuple(restarts),
        missed=tuple(missed),
        fraction=rng.uniform(0.2, 0.8, n + 1),
    )


def _place(
    rng: np.random.Generator, plan: Plan, broker: int, width: int, taken: list[Absence], what: str
) -> Absence:
    """Find a stretch of scrapes for a broker, away from the ends and from what it was already given."""
    latest = plan.steps - 1 - width
    for _ in range(TRIES if latest >= FIRST else 0):
        first = int(rng.integers(FIRST, latest + 1))
        last = first + width - 1
        near = [
            a for a in taken if a.broker == broker and first <= a.last + APART and a.first <= last + APART
        ]
        if not near:
            taken.append(Absence(broker, first, last))
            return taken[-1]
    message = f"{what}: too many of {width} scrapes for {plan.brokers} brokers in {plan.steps} intervals; give fewer"
    raise InputError(message)
