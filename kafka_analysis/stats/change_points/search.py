"""Search a series for steps of its level: which samples, how many, against which noise.

For each φ of a grid the series is whitened, and the step that fits best is added again and again; the squared
standardised size of every possible step comes of running sums. What is compared at the end is the likelihood of levels
and noise together, so that a change does not pass for slow noise, nor slow noise for a change.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kafka_analysis.stats.change_points.course import NO_COURSE, Course, bends, straight_line
from kafka_analysis.stats.change_points.levels import Fit, Levels, Problem
from kafka_analysis.stats.change_points.whiten import GRID

MOST_STEPS = 12
_POOR = 0.6  # two additions in a row below this share of the penalty end a path
_ROUNDS = 4
WANDERING = 0.96  # φ from which a jolt and a step are nearly the same
BETTER_THAN_JOLT, ABOUT_AS_GOOD = 2.0, -4.0  # likelihood ratios
_SAME = 0.01


@dataclass(frozen=True)
class Found:
    """The problem that was searched, with what goes on beside, all fits of its paths, and the best under a penalty.

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
        """Return the fit of the lowest score.

        Examples
        --------
        >>> fits = (Fit(0.0, (), 2.0, 9), Fit(0.0, (4,), 0.1, 9))
        >>> Found(Problem(np.ones(9), apart=3), fits, 10.0).best.steps
        (4,)
        """
        return min(self.fits, key=lambda fit: fit.score(self.penalty))

    @property
    def score(self) -> float:
        """Return the lowest score, with the cost of what goes on beside the steps.

        Examples
        --------
        >>> Found(Problem(np.ones(9), apart=3), (Fit(0.0, (), 1.0, 9),), 10.0).score
        0.0
        """
        return self.best.score(self.penalty) + self.problem.course.cost(len(self.problem.values))

    @property
    def flat(self) -> Fit:
        """Return the best fit without a step.

        Examples
        --------
        >>> fits = (Fit(0.0, (), 2.0, 9), Fit(0.0, (4,), 0.1, 9))
        >>> Found(Problem(np.ones(9), apart=3), fits, 10.0).flat.steps
        ()
        """
        return min((fit for fit in self.fits if not fit.steps), key=lambda fit: fit.left)

    @property
    def ratio(self) -> float:
        """Return the likelihood ratio of the best fit with steps, less the penalty of each step after the first.

        Examples
        --------
        >>> fits = (Fit(0.0, (), 1.0, 10), Fit(0.0, (4,), np.exp(-2.0), 10))
        >>> round(Found(Problem(np.ones(9), apart=3), fits, 10.0).ratio, 6)
        20.0
        """
        stepped = [fit.score(self.penalty) for fit in self.fits if fit.steps]
        return self.flat.score(self.penalty) - min(stepped) + self.penalty if stepped else 0.0


def search(problem: Problem, penalty: float, beside: Iterable[Course] = ()) -> Found:
    """Search with and without what may go on beside changes; keep it only if it explains much more.

    Examples
    --------
    >>> from kafka_analysis.stats.change_points.course import straight_line
    >>> values = np.arange(60.0) + np.tile([0.5, -0.5], 30)
    >>> search(Problem(values, apart=3), 12.0, [straight_line(60)]).problem.course.name
    'straight line'
    """
    found = Found(problem, tuple(paths(problem, penalty)), penalty)
    found = _better(found, _most_promising(found, beside))
    if not _climbs(found):
        return found
    bent = _best_bend(found, straight_line(len(problem.values)))
    twice = _best_bend(found, bent)
    return min(_better(found, bent), _better(found, twice), key=lambda tried: tried.score)


def _gain(found: Found, course: Course, fits: set[Fit], grid: Sequence[float]) -> float:
    """Return what a course would gain beside some steps, above its cost."""
    other = replace(found.problem, course=course)
    cost = course.cost(len(found.problem.values)) - found.problem.course.cost(len(found.problem.values))
    gains = [
        fit.score(found.penalty)
        - min(Levels(other, phi, fit.steps).fit().score(found.penalty) for phi in {*grid, fit.phi})
        for fit in fits
    ]
    return max(gains) - cost


def _most_promising(found: Found, beside: Iterable[Course]) -> Course:
    gains = [(_gain(found, course, {found.flat, found.best}, GRID[::2]), course) for course in beside]
    gain, course = max(gains, key=lambda pair: pair[0], default=(0.0, NO_COURSE))
    return course if gain > 0 else NO_COURSE


def _best_bend(found: Found, line: Course) -> Course:
    coarse = GRID[2::2]
    return max(
        bends(line, len(found.problem.values)), key=lambda bent: _gain(found, bent, {found.flat}, coarse)
    )


def _better(found: Found, course: Course) -> Found:
    if course is NO_COURSE:
        return found
    problem = replace(found.problem, course=course)
    other = Found(problem, tuple(paths(problem, found.penalty)), found.penalty)
    return min(found, other, key=lambda tried: tried.score)


def _climbs(found: Found) -> bool:
    """Return whether two steps that follow one another lead the same way, as stairs that stand for a slope do."""
    ups = np.sign(Levels(found.problem, found.best.phi, found.best.steps).sizes)
    return bool(len(ups) > 1 and np.any(ups[1:] == ups[:-1]))


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
        moved = _merged(problem, fit.phi, _moved(problem, fit), penalty)
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


def _merged(problem: Problem, phi: float, steps: tuple[int, ...], penalty: float) -> tuple[int, ...]:
    """Replace two neighbours by the best single step between them where the second is not worth the penalty."""
    for first, second in itertools.pairwise(steps):
        whole = Levels(problem, phi, steps).fit()
        others = Levels(problem, phi, [step for step in steps if step not in (first, second)])
        between = (np.arange(len(problem.values)) >= first) & (np.arange(len(problem.values)) <= second)
        gains = others.gains() * between
        one = others.with_step(int(gains.argmax())).fit() if gains.max() > 0 else others.fit()
        if one.score(penalty) < whole.score(penalty):
            return _merged(problem, phi, one.steps, penalty)
    return steps


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

    It is 0 for a step that is no better than a jolt at its sample, which dies away as noise does: a heavy tail. Where
    noise wanders so slowly that a jolt lasts as a step does, the step need only be about as good.

    Examples
    --------
    >>> problem = Problem(np.repeat([0.0, 5.0], 10) + np.tile([0.1, -0.1], 10), apart=3)
    >>> worth(problem, Levels(problem, 0.0, [10]).fit(), 10) > 50
    True
    >>> dying = np.where(np.arange(60) < 30, 0.0, 9 * 0.8 ** np.arange(-30, 30.0))
    >>> problem = Problem(dying + np.random.default_rng(1).normal(size=60) / 9, apart=3)
    >>> worth(problem, Levels(problem, 0.97, [30]).fit(), 30)
    0.0
    """
    every = [without(problem, phi, fit.steps, step) for phi in (*GRID, fit.phi)]
    jolt = min(levels.left - levels.jolt(step) for levels in every)
    better = fit.count * float(np.log(max(jolt, np.finfo(float).tiny) / fit.left))
    if better < (ABOUT_AS_GOOD if fit.phi >= WANDERING else BETTER_THAN_JOLT):
        return 0.0
    return fit.count * float(np.log(min(levels.left for levels in every) / fit.left))


def without(problem: Problem, phi: float, steps: Sequence[int], step: int) -> Levels:
    """Return the levels without one of the steps.

    Examples
    --------
    >>> without(Problem(np.ones(9), apart=1), 0.0, (3, 6), 3).steps
    (6,)
    """
    return Levels(problem, phi, [other for other in steps if other != step])
