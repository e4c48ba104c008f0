"""Search a series for steps of its level: which samples, how many, against which noise.

For each φ of a grid the series is whitened, and the step that fits best is added again and again; the squared
standardised size of every possible step comes of running sums. What is compared at the end is the likelihood of levels
and noise together, so that a change does not pass for slow noise, nor slow noise for a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kafka_analysis.stats.change_points.levels import Fit, Levels, Problem
from kafka_analysis.stats.change_points.whiten import GRID

MOST_STEPS = 12
TREND_COST = 3.0  # times log n: what a straight line must gain before it counts as one
_POOR = 0.6  # two additions in a row below this share of the penalty end a path
_ROUNDS = 4
WANDERING = 0.96  # φ from which a jump and a change of level are the same
LEAST_LASTING = 1.5
_SAME = 0.01


@dataclass(frozen=True)
class Found:
    """The problem that was searched, with a trend or without, all fits of its paths, and the best under a penalty.

    Examples
    --------
    >>> Found(Problem(np.ones(9), apart=3), (Fit(0.0, (), 1.0, 9),), 10.0).best.steps
    ()
    """

    problem: Problem
    fits: tuple[Fit, ...]
    penalty: float

    @property
    def best(self) -> Fit:
        """The fit of the lowest score.

        Examples
        --------
        >>> fits = (Fit(0.0, (), 2.0, 9), Fit(0.0, (4,), 0.1, 9))
        >>> Found(Problem(np.ones(9), apart=3), fits, 10.0).best.steps
        (4,)
        """
        return min(self.fits, key=lambda fit: fit.score(self.penalty))

    @property
    def flat(self) -> Fit:
        """The best fit without a step.

        Examples
        --------
        >>> fits = (Fit(0.0, (), 2.0, 9), Fit(0.0, (4,), 0.1, 9))
        >>> Found(Problem(np.ones(9), apart=3), fits, 10.0).flat.steps
        ()
        """
        return min((fit for fit in self.fits if not fit.steps), key=lambda fit: fit.left)

    @property
    def ratio(self) -> float:
        """Likelihood ratio of the best fit with steps against none, less the penalty of each step after the first.

        Examples
        --------
        >>> fits = (Fit(0.0, (), 1.0, 10), Fit(0.0, (4,), np.exp(-2.0), 10))
        >>> round(Found(Problem(np.ones(9), apart=3), fits, 10.0).ratio, 6)
        20.0
        """
        stepped = [fit.score(self.penalty) for fit in self.fits if fit.steps]
        return self.flat.score(self.penalty) - min(stepped) + self.penalty if stepped else 0.0


def search(problem: Problem, penalty: float) -> Found:
    """Search with and without a straight line among what is no change; keep the line only if it explains much more.

    Examples
    --------
    >>> search(Problem(np.arange(60.0) + np.tile([0.5, -0.5], 30), apart=3), 12.0).problem.trend
    True
    """
    level = Found(problem, tuple(paths(problem, penalty)), penalty)
    sloped = replace(problem, trend=True)
    cost = TREND_COST * np.log(len(problem.values))
    gains = [
        fit.score(penalty) - min(Levels(sloped, phi, fit.steps).fit().score(penalty) for phi in GRID)
        for fit in (level.flat, level.best)
    ]
    if max(gains) < cost:
        return level
    line = Found(sloped, tuple(paths(sloped, penalty)), penalty)
    return line if line.best.score(penalty) + cost < level.best.score(penalty) else level


def paths(problem: Problem, penalty: float, *, grid: Sequence[float] = GRID) -> Iterator[Fit]:
    """Yield the fits with 0, 1, 2, … steps for each φ of a grid, each step the best beside those before.

    Examples
    --------
    >>> values = np.repeat([0.0, 5.0, 0.0], 10) + np.tile([0.1, -0.1], 15)
    >>> min(paths(Problem(values, apart=3), 10.0), key=lambda fit: fit.score(10.0)).steps
    (10, 20)
    """
    for phi in grid:
        levels, poor = Levels(problem, phi), 0
        yield levels.fit()
        while len(levels.steps) < MOST_STEPS and poor < 2:
            gains = levels.gains()
            if gains.max() <= 0:
                break
            more = levels.with_step(int(gains.argmax()))
            improved = levels.count * np.log(levels.left / more.left)
            poor = poor + 1 if improved < _POOR * penalty else 0
            levels = more
            yield levels.fit()


def best_phi(problem: Problem, steps: Sequence[int], near: float) -> float:
    """Return the φ that fits best with some steps, between the neighbours of a value of the grid.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> abs(best_phi(Problem(rng.normal(size=500), apart=3), (), 0.0)) < 0.1
    True
    """
    order = sorted({*GRID, -0.9})
    at = order.index(near) if near in order else int(np.argmin(np.abs(np.array(order) - near)))
    low, high = order[max(at - 1, 0)], order[min(at + 1, len(order) - 1)]
    tried = np.linspace(low, high, 9)
    left = [Levels(problem, float(phi), steps).left for phi in tried]
    return float(tried[int(np.argmin(left))])


def refined(problem: Problem, fit: Fit, penalty: float) -> Fit:
    """Move each step to where it fits best beside the others, drop those not worth the penalty, fit φ anew.

    Examples
    --------
    >>> values = np.repeat([0.0, 5.0], 20) + np.random.default_rng(1).normal(size=40) / 4
    >>> refined(Problem(values, apart=3), Fit(0.0, (8, 21), 1.0, 39), 12.0).steps
    (20,)
    """
    for _ in range(_ROUNDS + len(fit.steps)):
        moved = _moved(problem, fit)
        steps = _without_worst(problem, fit.phi, moved, penalty)
        phi = fit.phi if steps != moved else best_phi(problem, steps, fit.phi)
        found = Levels(problem, phi, steps).fit()
        if found.steps == fit.steps and abs(found.phi - fit.phi) < _SAME:
            return found
        fit = found
    return fit


def _moved(problem: Problem, fit: Fit) -> tuple[int, ...]:
    steps = list(fit.steps)
    for i in range(len(steps)):
        others = Levels(problem, fit.phi, steps[:i] + steps[i + 1 :])
        gains = others.gains()
        if gains.max() > 0:
            steps[i] = int(gains.argmax())
    return tuple(sorted(set(steps)))


def _without_worst(problem: Problem, phi: float, steps: tuple[int, ...], penalty: float) -> tuple[int, ...]:
    """Drop the step of least worth if it is not worth the penalty: the others must move before they are judged."""
    fit = Levels(problem, phi, steps).fit()
    worths = [worth(problem, fit, step) for step in steps]
    if not steps or min(worths) >= penalty:
        return steps
    least = int(np.argmin(worths))
    return steps[:least] + steps[least + 1 :]


def worth(problem: Problem, fit: Fit, step: int) -> float:
    """Return the likelihood ratio of a fit against the same without one step, φ fitted anew.

    It is 0 for a step that does not last, unless noise wanders so slowly that nobody could tell.

    Examples
    --------
    >>> problem = Problem(np.repeat([0.0, 5.0], 10) + np.tile([0.1, -0.1], 10), apart=3)
    >>> worth(problem, Levels(problem, 0.0, [10]).fit(), 10) > 50
    True
    """
    if fit.phi < WANDERING and lasting(problem, fit, step) < LEAST_LASTING:
        return 0.0
    left = min(without(problem, phi, fit.steps, step).left for phi in (*GRID, fit.phi))
    return fit.count * float(np.log(left / fit.left))


def lasting(problem: Problem, fit: Fit, step: int) -> float:
    """Return the evidence for a step in what follows its first sample, in standard deviations of noise.

    A jump that dies away as noise does is noise with a heavy tail. Below 0, the level after the jump lies on the other
    side of the level before it.

    Examples
    --------
    >>> jump = np.where(np.arange(60) < 30, 0.0, 8.0) + np.random.default_rng(1).normal(size=60)
    >>> problem = Problem(jump, apart=3)
    >>> lasting(problem, Levels(problem, 0.0, [30]).fit(), 30) > 10
    True
    """
    levels = without(problem, fit.phi, fit.steps, step)
    first = (np.arange(len(problem.values)) == step).astype(float)
    later = levels.filter.step(step) * (1.0 - first)
    later -= (levels.basis @ later) @ levels.basis
    first -= (levels.basis @ first) @ levels.basis
    later -= first * (first @ later) / max(first @ first, 1e-12)
    jump = levels.residual @ (levels.filter.step(step))
    evidence = levels.residual @ later / max(np.linalg.norm(later), 1e-12)
    return float(np.sign(jump) * evidence / np.sqrt(fit.left / fit.count))


def without(problem: Problem, phi: float, steps: Sequence[int], step: int) -> Levels:
    """Return the levels without one of the steps.

    Examples
    --------
    >>> without(Problem(np.ones(9), apart=1), 0.0, (3, 6), 3).steps
    (6,)
    """
    return Levels(problem, phi, [other for other in steps if other != step])
