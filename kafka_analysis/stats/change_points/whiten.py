"""Turn autocorrelated noise into independent noise: the filter of an autoregression, fitted beside the change itself.

The filter is ``(1 - φ B) ψ(B)``: φ says how slowly noise dies away and is tried over a grid, so that it is always
fitted together with the levels; ψ holds what a longer memory needs besides, and is 1 for most series.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRID = (-0.5, -0.25, 0.0, 0.2, 0.35, 0.5, 0.6, 0.7, 0.78, 0.85, 0.9, 0.94, 0.97, 0.99)
NO_MEMORY = np.ones(1)
MOST_LAGS = 3
_LARGEST = 0.99


@dataclass(frozen=True, eq=False)
class Filter:
    """A whitening filter on a series with gaps.

    Parameters
    ----------
    weights
        ``a``: a whitened value is ``sum(a[k] * value[t - k])``.
    present
        Which samples of the series are known.

    Examples
    --------
    >>> noise = Filter.of(0.5, np.ones(4, bool))
    >>> noise.weights.tolist(), noise.whitened(np.array([8.0, 4.0, 2.0, 3.0])).tolist()
    ([1.0, -0.5], [0.0, 0.0, 0.0, 2.0])
    >>> noise.step(2).tolist()
    [0.0, 0.0, 1.0, 0.5]
    """

    weights: Floats
    present: NDArray[np.bool_]

    @classmethod
    def of(cls, phi: float, present: NDArray[np.bool_], short_run: Floats = NO_MEMORY) -> Filter:
        """Return the filter of a φ and of what a longer memory needs besides.

        Examples
        --------
        >>> Filter.of(0.5, np.ones(3, bool), np.array([1.0, 0.2])).weights.round(2).tolist()
        [1.0, -0.3, -0.1]
        """
        return cls(np.convolve([1.0, -phi], short_run), present)

    @cached_property
    def rows(self) -> NDArray[np.bool_]:
        """Return where a whitened value exists: the sample and all before it that the filter reads are known.

        Examples
        --------
        >>> Filter.of(0.5, np.array([True, True, False, True, True])).rows.tolist()
        [False, True, False, False, True]
        """
        known = np.array(self.present)
        for lag in range(1, len(self.weights)):
            known[lag:] &= self.present[:-lag]
            known[:lag] = False
        return known

    def whitened(self, values: Floats) -> Floats:
        """Return whitened values along the last axis, 0 where there is none.

        Examples
        --------
        >>> Filter.of(0.0, np.array([True, False])).whitened(np.array([3.0, np.nan])).tolist()
        [0.0, 0.0]
        """
        filled = np.where(self.present, values, 0.0)
        out = filled * self.weights[0]
        for lag in range(1, len(self.weights)):
            out[..., lag:] += self.weights[lag] * filled[..., :-lag]
        return np.where(self.rows, out, 0.0)

    def step(self, at: int) -> Floats:
        """Return what becomes of a level that is 0 before a sample and 1 from it on.

        Examples
        --------
        >>> Filter.of(0.25, np.ones(3, bool)).step(1).tolist()
        [0.0, 1.0, 0.75]
        """
        return self.whitened((np.arange(len(self.present)) >= at).astype(float))

    def along_steps(self, values: Floats) -> Floats:
        """Return the inner product of whitened values with the step at each sample, along the last axis.

        Examples
        --------
        >>> filter_ = Filter.of(0.5, np.ones(4, bool))
        >>> white = filter_.whitened(np.array([1.0, 1.0, 5.0, 5.0]))
        >>> filter_.along_steps(white)[2] == white @ filter_.step(2)
        np.True_
        """
        return _along(values, np.cumsum(self.weights))

    @cached_property
    def step_norms(self) -> Floats:
        """Return the squared length of the whitened step at each sample.

        Examples
        --------
        >>> Filter.of(0.5, np.ones(4, bool)).step_norms.tolist()
        [0.75, 1.5, 1.25, 1.0]
        """
        return _along(self.rows.astype(float), np.cumsum(self.weights) ** 2)


def _along(values: Floats, step: Floats) -> Floats:
    """Return ``sum(step[min(j, last)] * values[t + j])`` for each t, by one running sum from the end."""
    last = len(step) - 1
    tails = np.cumsum(values[..., ::-1], axis=-1)[..., ::-1]
    out = np.zeros_like(values)
    out[..., : out.shape[-1] - last] = step[-1] * tails[..., last:]
    for lag in range(last):
        out[..., : out.shape[-1] - lag] += step[lag] * values[..., lag:]
    return out


def fitted_weights(noise: Floats, lags: int, rows: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Fit an autoregression by least squares; return its filter and the mean square of what is left.

    Parameters
    ----------
    noise
        Values less their levels; null (NaN) where missing.
    rows
        Which samples to fit: the same for each number of lags that is compared.

    Examples
    --------
    >>> noise = np.array([16.0, 8.0, 4.0, 2.0, 1.0])
    >>> weights, left = fitted_weights(noise, 1, np.array([False, True, True, True, True]))
    >>> weights.round(6).tolist(), round(left, 6)
    ([1.0, -0.5], 0.0)
    """
    at = np.flatnonzero(rows)
    past = np.column_stack([noise[at - lag] for lag in range(1, lags + 1)])
    slopes = np.linalg.lstsq(past, noise[at], rcond=None)[0]
    left = noise[at] - past @ slopes
    return np.concatenate([[1.0], -slopes]), float(left @ left) / max(len(at), 1)


def short_run(noise: Floats) -> Floats:
    """Return ψ: what noise needs besides φ, chosen by BIC among 1 to 3 lags; 1 where one lag is enough.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> short_run(rng.normal(size=400)).tolist()
    [1.0]
    """
    present = np.isfinite(noise)
    rows = Filter(np.ones(MOST_LAGS + 1), present).rows
    count = int(rows.sum())
    if count < 20 * MOST_LAGS:
        return NO_MEMORY
    fits = [fitted_weights(noise, lags, rows) for lags in range(1, MOST_LAGS + 1)]
    scores = [
        count * np.log(max(left, np.finfo(float).tiny)) + lags * np.log(count)
        for lags, (_, left) in enumerate(fits, start=1)
    ]
    weights = fits[int(np.argmin(scores))][0]
    return NO_MEMORY if len(weights) == 2 else _without_slowest_root(weights)


def _without_slowest_root(weights: Floats) -> Floats:
    """Divide the slowest real root out of a filter; a filter without one keeps its first lag only."""
    roots = np.roots(weights)
    real = roots[np.abs(roots.imag) < 1e-9].real
    slow = real[real > 0]
    if not len(slow):
        return np.real(weights) if np.all(np.abs(roots) < _LARGEST) else NO_MEMORY
    quotient = np.polydiv(weights, [1.0, -slow.max()])[0]
    return np.real(quotient) if np.all(np.abs(np.roots(quotient)) < _LARGEST) else NO_MEMORY


def without_bias(phi: float, count: int) -> float:
    """Return φ corrected for the pull of a fitted mean towards 0, (1 + 3 φ) / n (Kendall 1954), at most .99.

    Examples
    --------
    >>> round(without_bias(0.8, 340), 3), without_bias(0.985, 100)
    (0.81, 0.99)
    """
    return float(min(phi + (1 + 3 * phi) / max(count, 1), _LARGEST))
