"""Estimate a change under every noise that the data do not rule out."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.stats.effect.noise import Memory, constants_of, correlation, memories, whitened

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_TRUST = 0.6  # chosen by measurement (benchmarks/before_after.py)
_WEEK = 7.0  # days


@dataclass(frozen=True)
class Layout:
    """Where blocks lie: ``at`` in time, ``slot`` of the season, ``day``, and the ``changed`` ones.

    ``level`` numbers stretches that have a level of their own besides, such as the window after in a placebo; ``span``
    is the length in blocks of the shorter window, ``steps`` those of a block, ``day_blocks`` the blocks of a day
    (None: no days of their own).
    """

    at: tuple[int, ...]
    slot: tuple[int, ...]
    day: tuple[int, ...]
    changed: tuple[bool, ...]
    level: tuple[int, ...]
    span: float
    steps: int
    day_blocks: float | None


@dataclass(frozen=True)
class Fit:
    """What each candidate noise makes of the change in each series: arrays of candidates × series.

    ``weight`` sums to 1 over the candidates, ``change`` has standard error ``error`` and Student's t with ``freedom``.
    ``memory`` and ``share`` name the candidate of each row, ``prior`` what it counted beforehand. ``trust`` says how
    far intervals follow the data in what they rule out.
    """

    weight: Floats
    change: Floats
    error: Floats
    freedom: int
    memory: tuple[Memory, ...]
    share: Floats
    prior: Floats
    trust: float = 1.0

    def part(self, chosen: Ints | NDArray[np.bool_]) -> "Fit":
        """Return the fits of some of the series."""
        columns = {name: getattr(self, name)[:, chosen] for name in ("weight", "change", "error")}
        return replace(self, **columns)


def fit_change(values: Floats, layout: Layout) -> Fit:
    """Estimate the change of level by generalised least squares under each candidate noise, and weigh the candidates.

    The season (a level for each slot) is projected out, and what is left is weighed by its restricted likelihood
    (Harville 1977) times what each candidate counts beforehand; the variance is integrated out.

    Parameters
    ----------
    values
        Blocks × series, none missing.

    Examples
    --------
    >>> layout = Layout(at=tuple(range(40)), slot=(0,) * 40, day=(0,) * 40, changed=(False,) * 20 + (True,) * 20,
    ...     level=(0,) * 40, span=20.0, steps=1, day_blocks=None)
    >>> noise = np.random.default_rng(1).normal(0, 0.01, (40, 1))
    >>> fit = fit_change(noise + np.array(layout.changed)[:, None], layout)
    >>> round(float((fit.weight * fit.change).sum()), 2)
    1.0
    """
    free, candidates = _prepared(layout)
    kept = free.T @ values
    freedom = len(kept) - 1
    rows = [_under(kept, freedom, memory, *white) for memory, white in zip(*candidates, strict=True)]
    change, error, evidence, prior = (np.concatenate(part) for part in zip(*rows, strict=True))
    weight = np.exp(evidence - evidence.max(axis=0))
    listed = tuple(m for m in candidates[0] for _ in m.shares)
    share = np.array([s for m in candidates[0] for s in m.shares])
    trust = trust_in(layout.span, layout.day_blocks)
    return Fit(weight / weight.sum(axis=0), change, error, freedom, listed, share, prior, trust)


def trust_in(span: float, day_blocks: float | None) -> float:
    """Return the power that likelihoods of noises are raised to in an interval: 1 for a week, less for longer windows.

    Over longer windows slower noise fits in, and by chance the data rule it out too often. A power below 1 lets less be
    ruled out. In a week intervals are wide without it; without days, nothing was measured that asks for it.

    Parameters
    ----------
    span, day_blocks
        Those of :class:`Layout`.

    Examples
    --------
    >>> [round(trust_in(12.0 * days, 12.0), 2) for days in (3.5, 7, 10, 14, 28)], trust_in(36.0, None)
    ([1.0, 1.0, 0.7, 0.6, 0.6], 1.0)
    """
    if day_blocks is None:
        return 1.0
    return float(np.clip(_WEEK * day_blocks / span, LEAST_TRUST, 1.0))


def _under(
    kept: Floats, freedom: int, memory: Memory, matrix: Floats, second: Floats, half: float, turned: Floats
) -> tuple[Floats, ...]:
    shares = np.array(memory.shares)[:, None]
    variance = (1 - shares) + shares * second
    z = matrix @ kept
    information = (turned**2 / variance).sum(axis=1)[:, None]
    change = (turned / variance) @ z / information
    rest = np.maximum((1 / variance) @ z**2 - change**2 * information, np.finfo(float).tiny)
    error = np.sqrt(rest / freedom / information)
    determinant = half + 0.5 * np.log(variance).sum(axis=1)[:, None]
    prior = np.array(memory.log_prior)[:, None]
    evidence = prior - determinant - 0.5 * np.log(information) - 0.5 * freedom * np.log(rest)
    return change, error, evidence, np.exp(prior[:, 0])


@lru_cache(maxsize=4)
def _prepared(layout: Layout) -> tuple[Floats, tuple[list[Memory], list[tuple]]]:
    """Prepare what depends on the times alone: many series of a report share them."""
    at, slot, day, level = (np.array(x) for x in (layout.at, layout.slot, layout.day, layout.level))
    free = _free_of(slot, level)
    changed = free.T @ np.array(layout.changed, dtype=float)
    candidates = memories(layout.span, day=layout.day_blocks)
    constants = list(constants_of(candidates))
    parts = [free.T @ correlation(c, at, steps=layout.steps, days=day) @ free for c in constants]
    white = []
    for memory in candidates:
        second = None if memory.slow is None else constants.index(memory.slow)
        matrix, variances, half = whitened(parts, first=constants.index(memory.fast), second=second)
        white.append((matrix, variances, half, matrix @ changed))
    return free, (candidates, white)


def _free_of(slot: Ints, level: Ints) -> Floats:
    """Return an orthonormal basis of what neither the season nor other levels explain."""
    columns = [slot[:, None] == np.unique(slot), level[:, None] == np.unique(level)[1:]]
    taken = np.concatenate(columns, axis=1).astype(float)
    vectors, sizes, _ = np.linalg.svd(taken, full_matrices=True)
    rank = int((sizes > sizes.max() * 1e-9).sum())
    return vectors[:, rank:]
