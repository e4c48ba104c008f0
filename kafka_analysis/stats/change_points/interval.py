"""When a change happened: the samples that would do nearly as well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kafka_analysis.stats.change_points.levels import Problem
from kafka_analysis.stats.change_points.search import without

LEVEL = 0.95
NEAR = 2  # samples that a place may lie off
_AS_GOOD = 0.02


def place(
    problem: Problem, phi: float, steps: Sequence[int], step: int, *, level: float = LEVEL
) -> tuple[int, int, int]:
    """Return where a step most probably is, and the first and last sample of where it is with some probability.

    Each sample between the neighbouring steps is weighted by its likelihood, other steps held fixed: the posterior of
    the place under equal prior weights (Smith 1975), sizes and the variance of the noise integrated out. The place is
    the likeliest sample of those with the greatest probability of being right within two samples.

    Examples
    --------
    >>> values = np.repeat([0.0, 5.0], 20) + np.random.default_rng(1).normal(size=40) / 4
    >>> place(Problem(values, apart=3), 0.0, (20,), 20)
    (20, 20, 20)
    """
    others = without(problem, phi, steps, step)
    before = max((s for s in others.steps if s < step), default=0)
    after = min((s for s in others.steps if s > step), default=len(problem.values))
    places = np.arange(min(before + problem.apart, step), max(after - problem.apart, step) + 1)
    left = others.left - others.gains(crowded=True)[places]
    weight = -0.5 * others.count * np.log(np.maximum(left, 1e-12 * others.left))
    share = np.exp(weight - weight.max())
    share /= share.sum()
    order = np.argsort(-share, kind="stable")
    held = places[order[: np.searchsorted(np.cumsum(share[order]), level) + 1]]
    best = int(places[_most_surely_near(share)])
    return best, int(min(held.min(), best)), int(max(held.max(), best))


def _most_surely_near(share: np.ndarray) -> int:
    sums = np.concatenate([np.zeros(NEAR + 1), np.cumsum(share), np.ones(NEAR)])
    near = sums[2 * NEAR + 1 :] - sums[: len(share)]
    return int(np.where(near >= near.max() - _AS_GOOD, share, -1.0).argmax())
