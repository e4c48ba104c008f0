"""Choose the scale on which the noise of a series is more even: its logarithm, or its values as they are."""

from __future__ import annotations

import numpy as np

from kafka_analysis.stats.change_points.levels import Levels, Problem
from kafka_analysis.stats.change_points.outliers import outliers
from kafka_analysis.stats.change_points.season import Season, without_season
from kafka_analysis.stats.change_points.whiten import GRID, Floats

LOG, VALUE = "log", "value"
_BETTER = 2.0  # log-likelihood by which values as they are must beat their logarithm


def choose_scale(values: Floats, season_of: dict[str, Season]) -> str:
    """Return ``log`` if all values are above 0 and their logarithm's noise is not clearly less even, else ``value``.

    Parameters
    ----------
    season_of
        The season found on each scale.

    Notes
    -----
    Likelihoods on both scales are made comparable by the Jacobian (Box and Cox 1964).

    Examples
    --------
    >>> from kafka_analysis.stats.change_points.season import NO_SEASON
    >>> rng = np.random.default_rng(1)
    >>> seasons = {"log": NO_SEASON, "value": NO_SEASON}
    >>> choose_scale(np.exp(rng.normal(size=200)), seasons), choose_scale(3.5 + rng.normal(size=200), seasons)
    ('log', 'value')
    """
    known = values[np.isfinite(values)]
    if known.min() <= 0:
        return VALUE
    logs = np.log(values)
    jacobian = np.where(np.isfinite(values), logs, 0.0)
    plain = without_season(logs, season_of[LOG])
    aside = outliers(plain)  # the same samples on both scales, or likelihoods would not compare
    on_logs = _likelihood(np.where(aside, np.nan, plain), jacobian)
    plain = without_season(values, season_of[VALUE])
    return VALUE if _likelihood(np.where(aside, np.nan, plain)) > on_logs + _BETTER else LOG


def _likelihood(plain: Floats, jacobian: Floats | None = None) -> float:
    problem = Problem(plain, apart=1)
    levels = min((Levels(problem, phi) for phi in GRID), key=lambda fitted: fitted.left)
    lost = 0.0 if jacobian is None else float(jacobian[levels.filter.rows].sum())
    return -0.5 * levels.count * float(np.log(levels.left / max(levels.count, 1))) - lost
