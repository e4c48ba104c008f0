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
    on_logs = _likelihood(logs, season_of[LOG], jacobian)
    return VALUE if _likelihood(values, season_of[VALUE]) > on_logs + _BETTER else LOG


def _likelihood(values: Floats, season: Season, jacobian: Floats | None = None) -> float:
    plain = without_season(values, season)
    plain = np.where(outliers(plain), np.nan, plain)
    problem = Problem(plain, apart=1)
    levels = min((Levels(problem, phi) for phi in GRID), key=lambda fitted: fitted.left)
    lost = 0.0 if jacobian is None else float(jacobian[levels.filter.rows].sum())
    return -0.5 * levels.count * float(np.log(levels.left / max(levels.count, 1))) - lost
