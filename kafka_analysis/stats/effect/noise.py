"""What noise a series may have: each candidate's correlation over time, and how much it counts beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Chosen by measurement (benchmarks/before_after.py): noise of one memory against mixtures; of these, days of their own.
ONE_MEMORY = 0.33
OF_DAYS = 0.14
# A mixture's slow part counts the more the slower it is: it is the one that does harm where it is overlooked.
SLOW_POWER = 1.5
SHARE_POWER = 0.3
SHARES = (0.03, 0.06, 0.12, 0.25, 0.4, 0.6, 0.8)
HALVINGS = 7  # memories from the length of a window down to 1/128 of it
DAY = "day"
_FAST_FOR_DAYS = 0.5  # of a day: with a slower memory, days of their own cannot be told apart


@dataclass(frozen=True)
class Memory:
    """Noise made of one or two parts, ``shares`` of the variance of the second one at a time.

    ``fast`` and ``slow`` are time constants in blocks (0 = no memory); ``slow`` is None where there is one part only,
    and ``"day"`` where each day has a level of its own. ``log_prior`` are the logarithms of what each share counts.
    """

    fast: float
    slow: float | str | None
    shares: tuple[float, ...]
    log_prior: tuple[float, ...]


def memories(span: float, *, day: float | None) -> list[Memory]:
    """List the noises to consider for windows of a length.

    Time constants halve from the length of the window to 1/128 of it, and 0. A memory longer than the window is not
    among them: in two windows it looks like a change.

    Parameters
    ----------
    span
        Length of the shorter window in blocks.
    day
        Length of a day in blocks, where days may have levels of their own; else None.

    Examples
    --------
    >>> some = memories(84.0, day=12.0)
    >>> some[0].fast, some[0].slow, max(m.fast for m in some), some[-1].slow
    (0.0, None, 84.0, 'day')
    >>> round(float(sum(np.exp(m.log_prior).sum() for m in some)), 6)
    1.0
    """
    constants = [0.0, *(span * 2.0**-k for k in range(HALVINGS, -1, -1))]
    mixtures = 1.0 - ONE_MEMORY
    for_days = OF_DAYS * mixtures if day else 0.0
    pairs = [(a, b) for i, a in enumerate(constants) for b in constants[i + 1 :]]
    heights = np.outer(np.array([b for _, b in pairs]) ** SLOW_POWER, np.array(SHARES) ** SHARE_POWER)
    weights = (mixtures - for_days) * heights / heights.sum()
    found = [Memory(c, None, (0.0,), (float(np.log(ONE_MEMORY / len(constants))),)) for c in constants]
    found += [Memory(a, b, SHARES, tuple(np.log(w))) for (a, b), w in zip(pairs, weights, strict=True)]
    if day:
        quick = [c for c in constants if c <= _FAST_FOR_DAYS * day]
        each = float(np.log(for_days / len(quick) / len(SHARES)))
        found += [Memory(c, DAY, SHARES, (each,) * len(SHARES)) for c in quick]
    return found


def correlation(memory: float | str, at: Ints, *, steps: int, days: Ints) -> Floats:
    """Return how the means of blocks correlate with each other.

    Parameters
    ----------
    memory
        Time constant of an AR(1) in blocks, or ``"day"``.
    at
        Number of each block in time.
    steps
        Steps of a block: an AR(1) of the steps is averaged over them.
    days
        Day of each block.

    Examples
    --------
    >>> at = np.arange(3)
    >>> correlation(1.0, at, steps=1, days=at).round(3)[0].tolist()
    [1.0, 0.368, 0.135]
    >>> correlation("day", at, steps=1, days=np.array([0, 0, 1])).tolist()[0]
    [1.0, 1.0, 0.0]
    """
    if isinstance(memory, str):
        return (days[:, None] == days).astype(float)
    lags = np.abs(at[:, None] - at)
    if memory == 0:
        return (lags == 0).astype(float)
    inner = np.arange(min(steps, _INNER))
    distances, places = np.unique(lags, return_inverse=True)
    apart = np.abs(distances[:, None, None] + (inner[:, None] - inner) / len(inner))
    means = np.exp(-apart / memory).mean(axis=(1, 2))
    within = np.exp(-np.abs(inner[:, None] - inner) / len(inner) / memory).mean()
    return (means / within)[places].reshape(lags.shape)


_INNER = 12  # steps of a block that are told apart


def whitened(parts: list[Floats], *, first: int, second: int | None) -> tuple[Floats, Floats, float]:
    """Return what makes a mixture of two parts white: a matrix, each row's variance of the second, half a log det.

    For each share s the covariance is (1 − s) A + s B. In the rows of the matrix it is diagonal: (1 − s) + s λ
    (generalised eigenvectors), so that every share costs next to nothing.

    Examples
    --------
    >>> matrix, second, half = whitened([np.eye(2), np.array([[1.0, 0.5], [0.5, 1.0]])], first=0, second=1)
    >>> second.round(2).tolist(), half
    ([0.5, 1.5], 0.0)
    """
    lower = np.linalg.cholesky(parts[first])
    inverse = np.linalg.solve(lower, np.eye(len(lower)))
    half = float(np.log(np.diag(lower)).sum())
    if second is None:
        return inverse, np.ones(len(lower)), half
    values, vectors = np.linalg.eigh(inverse @ parts[second] @ inverse.T)
    return vectors.T @ inverse, np.maximum(values, 0.0), half


def constants_of(candidates: list[Memory]) -> Iterator[float | str]:
    """Yield each time constant once, as the parts of :class:`Memory` name them.

    Examples
    --------
    >>> list(constants_of([Memory(0.0, None, (0.0,), 0.0), Memory(0.0, 2.0, (0.5,), 0.0)]))
    [0.0, 2.0]
    """
    yield from dict.fromkeys(c for m in candidates for c in (m.fast, m.slow) if c is not None)
