"""Take the course of the day and of the week out of a series, in a way that one change of level does not move.

A moving mean over one whole period stands for the level. The mean of the middle half of what lies above it, phase by
phase, is the season: robust as a median is, which needs half as many days more for the same precision. A season is
removed only where that of one half of the days (or weeks) foretells the other half.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.stats.change_points.whiten import Floats

DAY_S, WEEK_S = 86_400.0, 604_800.0
LEAST_DAYS = 4
LEAST_WEEKS = 3
LEAST_WEEKENDS = 2
LEAST_GAIN = 0.03  # of the mean absolute error, foretold from the other half
LEAST_MORE = 0.05  # that a longer season must gain over a shorter one
WORKDAYS = 5
MONDAY_S = 4 * DAY_S  # 5 January 1970


@dataclass(frozen=True, eq=False)
class Season:
    """A season: which phase each sample has, over how many samples it repeats, and why it was removed or not.

    Examples
    --------
    >>> NO_SEASON.kind
    'none'
    """

    kind: str
    reason: str
    phases: NDArray[np.int64] | None = field(default=None, repr=False)
    period: int = 0


NO_SEASON = Season("none", "declared absent")


def without_season(values: Floats, season: Season) -> Floats:
    """Return values less their season, along the last axis; NaN stays NaN.

    Examples
    --------
    >>> season = Season("day", "", np.array([0, 1] * 3), 2)
    >>> without_season(np.array([1.0, 3.0, 1.0, 3.0, 6.0, 8.0]), season).tolist()
    [2.0, 2.0, 2.0, 2.0, 7.0, 7.0]
    """
    if season.phases is None:
        return values
    first = profile(values, season)
    if not np.isfinite(values).all():  # the level of a stretch with gaps is known only without its season
        return values - profile(values, season, level=moving_level(values - first, season.period))
    return values - first


def profile(values: Floats, season: Season, *, level: Floats | None = None) -> Floats:
    """Return the season of each sample: the middle of its phase above the moving level, 0 on average.

    Examples
    --------
    >>> profile(np.array([1.0, 3.0, 1.0, 3.0]), Season("day", "", np.array([0, 1, 0, 1]), 2)).tolist()
    [-1.0, 1.0, -1.0, 1.0]
    """
    above = values - (moving_level(values, season.period) if level is None else level)
    return _midmeans(above, season.phases)[..., season.phases]


def _midmeans(above: Floats, phases: NDArray[np.int64], chosen: NDArray[np.bool_] | None = None) -> Floats:
    """Return the mean of the middle half of each phase, along the last axis, less their mean; 0 where none is known."""
    at = np.flatnonzero(np.ones(len(phases), bool) if chosen is None else chosen)
    order = at[np.argsort(phases[at], kind="stable")]
    count = np.bincount(phases[at], minlength=int(phases.max()) + 1)
    column = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    table = np.full((*above.shape[:-1], len(count), int(count.max())), np.nan)
    table[..., phases[order], column] = above[..., order]
    table.sort(axis=-1)  # what is not known comes last
    known = np.isfinite(table).sum(axis=-1, keepdims=True)
    place = np.arange(table.shape[-1])
    cut = (known + 1) // 4
    inner = (place >= cut) & (place < known - cut)
    total = np.where(inner, table, 0.0).sum(axis=-1)
    out = np.where(known[..., 0] > 0, total / np.maximum(inner.sum(axis=-1), 1), 0.0)
    weights = np.bincount(phases, minlength=out.shape[-1]) / len(phases)
    return out - (out @ weights)[..., None]


def moving_level(values: Floats, window: int) -> Floats:
    """Return the mean of the window around each sample, known ones only; at the edges that of the outermost window.

    Examples
    --------
    >>> moving_level(np.array([1.0, 3.0, 1.0, 3.0, 1.0]), 2).tolist()
    [2.0, 2.0, 2.0, 2.0, 2.0]
    """
    n = values.shape[-1]
    window = min(window, n)
    start = np.clip(np.arange(n) - window // 2, 0, n - window)
    known = np.isfinite(values)

    def sums(part: Floats) -> Floats:
        total = np.concatenate([np.zeros((*part.shape[:-1], 1)), np.cumsum(part, axis=-1)], axis=-1)
        return total[..., start + window] - total[..., start]

    count = sums(known.astype(float))
    return np.where(count > 0, sums(np.where(known, values, 0.0)) / np.maximum(count, 1.0), np.nan)


def find_season(values: Floats, *, start_s: float, step_s: float, weeks: bool = False) -> Season:
    """Choose the season of a series: none, by hour of the day, apart on weekends, or by hour of the week.

    Parameters
    ----------
    start_s
        Time of the first sample, seconds since 1970 UTC.
    step_s
        Seconds between samples.
    weeks
        Whether to look for seasons of a week too: for series without changes of level, which would blur them.

    Examples
    --------
    >>> hours = np.arange(24 * 8)
    >>> find_season(np.sin(hours * np.pi / 12), start_s=0.0, step_s=3600.0).kind
    'hour of the day'
    >>> find_season(np.sin(hours[:60]), start_s=0.0, step_s=3600.0).reason
    'not searched for: 2.5 days, and 4 are needed'
    """
    candidates = list(_candidates(len(values), start_s, step_s, weeks=weeks))
    if not candidates:
        return Season("none", _why_not(len(values), step_s))
    cycle = max(season.period for season in candidates)
    chosen, best = Season("none", f"the {candidates[0].kind} predicts nothing"), LEAST_GAIN - LEAST_MORE
    for season in candidates:
        error, plain = _foretold(values, season, cycle)
        less = 1 - error / plain if plain > 0 else 0.0
        if less >= best + LEAST_MORE:
            reason = f"predicts {100 * less:.0f} % of the spread"
            chosen, best = Season(season.kind, reason, season.phases, season.period), less
    return chosen


def _candidates(n: int, start_s: float, step_s: float, *, weeks: bool) -> Iterator[Season]:
    per_day, per_week, whole_weeks = DAY_S / step_s, WEEK_S / step_s, n * step_s / WEEK_S
    at = start_s + step_s * np.arange(n)
    if _divides(per_day) and n >= LEAST_DAYS * per_day:
        day = np.floor(at % DAY_S / step_s).astype(np.int64)
        yield Season("hour of the day", "", day, round(per_day))
        if weeks and whole_weeks >= LEAST_WEEKENDS:
            apart = day + ((at - MONDAY_S) % WEEK_S >= WORKDAYS * DAY_S) * round(per_day)
            yield Season("hour of the day, weekends apart", "", apart, round(per_week))
    if weeks and _divides(per_week) and whole_weeks >= LEAST_WEEKS:
        week = np.floor((at - MONDAY_S) % WEEK_S / step_s).astype(np.int64)
        yield Season("hour of the week" if per_day > 1 else "day of the week", "", week, round(per_week))


def _divides(samples: float) -> bool:
    return samples > 1 and samples == round(samples)


def _why_not(n: int, step_s: float) -> str:
    per_day = DAY_S / step_s
    if not _divides(per_day):
        return "not searched for: a day is not a whole number of steps"
    return f"not searched for: {n / per_day:.1f} days, and {LEAST_DAYS} are needed"


def _foretold(values: Floats, season: Season, cycle: int) -> tuple[float, float]:
    """Return mean absolute errors: by the season of the other half of the cycles, and without one."""
    above = values - moving_level(values, cycle)
    odd = (np.arange(len(values)) // cycle) % 2 == 1
    error = plain = 0.0
    for half in (odd, ~odd):
        rest = above[half] - _midmeans(above, season.phases, ~half)[season.phases[half]]
        error += float(np.nansum(np.abs(rest)))
        plain += float(np.nansum(np.abs(above[half] - np.nanmedian(above[half]))))
    return error, plain
