"""The interval of a change over all noises that may be, and the least effect it could have shown."""

import math

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.stats.effect.fit import Fit

Floats = NDArray[np.float64]
_KEPT = 64  # candidates with the largest weights: the others together are hardly 1 in 100
_HALVINGS = 32
_FAR = 40.0  # standard errors beyond which nothing is left


def interval_of(fit: Fit, *, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Return the middle of the change and its interval, for each series.

    The change under all candidates together is a mixture of Student's t, each by its weight with the fit's trust in
    likelihoods; the interval cuts off as much on either side.

    Returns
    -------
    arrays
        Median, lower and upper bound, one of each for a series.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> fit = Fit(weight=one, change=one, error=one, freedom=10, memory=(), share=np.zeros(1), prior=np.ones(1))
    >>> [round(float(x[0]), 3) for x in interval_of(fit)]
    [1.0, -1.228, 3.228]
    """
    tail = (1 - level) / 2
    return tuple(_quantile(fit, p) for p in (0.5, tail, 1 - tail))  # type: ignore[return-value]


def chance_of(fit: Fit) -> Floats:
    """Return for each series how probable a change at least as far from 0 would be if there were none, up or down.

    It belongs to :func:`interval_of`: an interval at a level of 1 − α excludes 0 where this is below α.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> fit = Fit(weight=one, change=2.228 * one, error=one, freedom=10, memory=(), share=np.zeros(1), prior=np.ones(1))
    >>> [round(float(x), 3) for x in chance_of(fit)]
    [0.05]
    """
    weight, change, error = _mixture(fit)
    below = _below(np.zeros(change.shape[1]), weight, change, error, fit.freedom)
    return np.clip(2 * np.minimum(below, 1 - below), 0.0, 1.0)


def _quantile(fit: Fit, p: float) -> Floats:
    weight, change, error = _mixture(fit)
    low, high = (change - _FAR * error).min(axis=0), (change + _FAR * error).max(axis=0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = _below(middle, weight, change, error, fit.freedom) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def _below(bound: Floats, weight: Floats, change: Floats, error: Floats, freedom: int) -> Floats:
    """Return how much of each series' mixture lies below a bound."""
    from scipy.special import stdtr  # slow to load

    return (weight * stdtr(freedom, (bound - change) / error)).sum(axis=0)


def _mixture(fit: Fit) -> tuple[Floats, Floats, Floats]:
    """Return weight, change and error of the candidates that count."""
    cautious = _cautious(fit)
    order = np.argsort(-cautious, axis=0)[:_KEPT]
    weight, change, error = (np.take_along_axis(x, order, axis=0) for x in (cautious, fit.change, fit.error))
    return weight / weight.sum(axis=0), change, error


def _cautious(fit: Fit) -> Floats:
    """Return the weights with the likelihood raised to the power of the trust in it, up to a factor for each series."""
    return fit.weight**fit.trust * fit.prior[:, None] ** (1 - fit.trust)


def least_effect(low: float, high: float, *, log: bool) -> float:
    """Return the least effect that could have been seen: half the width of the interval, as an effect.

    An effect of this size is told from none in about half of all cases, one of 1.8 times its size in 95 %.

    Parameters
    ----------
    low, high
        Bounds of the change: of logarithms with ``log``, else of values.

    Examples
    --------
    >>> round(least_effect(-0.05, 0.05, log=True), 4), least_effect(-3.0, 1.0, log=False)
    (0.0513, 2.0)
    """
    half = (high - low) / 2
    return math.expm1(half) if log else half
