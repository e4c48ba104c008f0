"""What the search finds where there is nothing: the same search over made-up series of the same noise and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kafka_analysis.stats.change_points.levels import Levels, Problem
from kafka_analysis.stats.change_points.season import Season, without_season
from kafka_analysis.stats.change_points.whiten import GRID, Floats

DRAWS = 199
_EULER = 0.5772156649
_SEED = 20_260_101
_WARM_UP = 200
_NEIGHBOURS = 3  # values of the grid on either side of φ


@dataclass(frozen=True)
class Null:
    """Gumbel's distribution of the best single step's likelihood ratio where nothing changed.

    Examples
    --------
    >>> null = Null(location=8.0, scale=2.0)
    >>> round(null.threshold(0.05), 2), round(null.p_value(null.threshold(0.05)), 3)
    (13.94, 0.05)
    """

    location: float
    scale: float

    @classmethod
    def of(cls, ratios: Floats) -> Null:
        """Fit by moments.

        Examples
        --------
        >>> round(Null.of(np.array([4.0, 6.0, 8.0])).location, 3)
        5.1
        """
        scale = float(np.std(ratios, ddof=1)) * np.sqrt(6) / np.pi
        return cls(float(np.mean(ratios) - _EULER * scale), float(max(scale, 1e-6)))

    def threshold(self, level: float) -> float:
        """Return the ratio that is exceeded with this probability.

        Examples
        --------
        >>> round(Null(0.0, 1.0).threshold(0.5), 3)
        0.367
        """
        return float(self.location - self.scale * np.log(-np.log1p(-level)))

    def p_value(self, ratio: float) -> float:
        """Return how probable such a ratio, or a larger one, is where nothing changed.

        Examples
        --------
        >>> round(Null(0.0, 1.0).p_value(3.0), 4)
        0.0486
        """
        return float(-np.expm1(-np.exp(-(ratio - self.location) / self.scale)))


def null_of(problem: Problem, phi: float, innovations: Floats, season: Season, *, draws: int = DRAWS) -> Null:
    """Search series without a change: resampled innovations, the same φ, ψ, gaps, trend and removal of season.

    Parameters
    ----------
    innovations
        What was left of the series: they are drawn from, so that heavy tails stay heavy.

    Examples
    --------
    >>> from kafka_analysis.stats.change_points.season import NO_SEASON
    >>> rng = np.random.default_rng(5)
    >>> problem = Problem(np.zeros(200), apart=3)
    >>> null = null_of(problem, 0.5, rng.normal(size=200), NO_SEASON)
    >>> 8 < null.threshold(0.05) < 18
    True
    """
    from scipy.signal import lfilter  # slow to load

    rng = np.random.default_rng(_SEED)
    n = len(problem.values)
    pool = innovations - innovations.mean()
    if not pool.std() > 0:
        pool = rng.standard_normal(1000)
    drawn = rng.choice(pool / pool.std(), size=(draws, n + _WARM_UP))
    made = lfilter([1.0], problem.filter(phi).weights, drawn, axis=-1)[:, _WARM_UP:]
    near = int(np.argmin(np.abs(np.array(GRID) - phi)))
    grid = GRID[max(near - _NEIGHBOURS, 0) : near + _NEIGHBOURS + 1]
    return Null.of(best_ratios(problem, without_season(made, season), grid=grid))


def best_ratios(problem: Problem, made: Floats, *, grid: Sequence[float] = GRID) -> Floats:
    """Return for each of many series the likelihood ratio of its best single step, φ fitted with and without it.

    Examples
    --------
    >>> made = np.array([[0.0, 1.0, 0.0, 1.0, 8.0, 9.0, 8.0, 9.0]])
    >>> bool(best_ratios(Problem(made[0], apart=2), made)[0] > 10)
    True
    """
    least, least_with, count = np.full(len(made), np.inf), np.full(len(made), np.inf), 1
    for phi in grid:
        levels = Levels(problem, phi)
        white = levels.filter.whitened(made)
        basis = levels.basis
        residual = white - (white @ basis.T) @ basis
        left = np.einsum("ij,ij->i", residual, residual)
        gains = levels.largest_gain(residual)
        least, least_with = np.minimum(least, left), np.minimum(least_with, left - gains)
        count = levels.count
    tiny = np.finfo(float).tiny
    return count * np.log(np.maximum(least, tiny) / np.maximum(least_with, tiny))
