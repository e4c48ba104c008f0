"""The values of two windows, put into blocks that can be compared: the same hours of the week on both sides."""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.model.errors import SeriesError
from kafka_analysis.model.units import milliseconds_of
from kafka_analysis.stats.effect.fit import Layout
from kafka_analysis.stats.effect.result import Hours
from kafka_analysis.stats.scope.windows import Window

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Steps = tuple[Ints, Floats, int]  # numbers of the steps seen, their values, how many there should be

BLOCKS = 112  # of a window at most: more say hardly more about slow noise, and cost time
_DAY_S, _WEEK_S = 86_400, 604_800
_FULL = 0.5  # of the steps of a block must be there
_ALONE = "series"


@dataclass(frozen=True)
class Blocks:
    """Means of blocks of steps in two windows: where they lie, which season's slot they belong to, on which side."""

    value: Floats
    at: Ints
    slot: Ints
    after: NDArray[np.bool_]
    steps: int
    step_s: float
    seasonal: bool
    hours: Hours

    @property
    def block_s(self) -> float:
        """Return the length of a block in seconds."""
        return self.steps * self.step_s

    def layout(self, changed: NDArray[np.bool_], *, level: NDArray[np.bool_] | None = None) -> Layout:
        """Return the places of the blocks for a fit of a change in some of them."""
        lengths = [np.ptp(self.at[part]) + 1 for part in (changed, ~changed & ~_or_none(level, changed))]
        return Layout(
            at=tuple((self.at - self.at.min()).tolist()),
            slot=tuple(self.slot.tolist()),
            day=tuple((self.at * self.block_s // _DAY_S).astype(int).tolist()),
            changed=tuple(changed.tolist()),
            level=tuple(_or_none(level, changed).astype(int).tolist()),
            span=float(min(lengths)),
            steps=self.steps,
            day_blocks=_DAY_S / self.block_s if self.seasonal else None,
        )

    def part(self, chosen: NDArray[np.bool_]) -> "Blocks":
        """Return some of the blocks."""
        return replace(
            self,
            value=self.value[chosen],
            at=self.at[chosen],
            slot=self.slot[chosen],
            after=self.after[chosen],
        )

    def matched(self) -> "Blocks":
        """Return the blocks whose slot of the season is there on both sides."""
        both = np.intersect1d(self.slot[self.after], self.slot[~self.after])
        return self.part(np.isin(self.slot, both))


def _or_none(level: NDArray[np.bool_] | None, like: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.zeros(len(like), dtype=bool) if level is None else level


def steps_in(series: pl.DataFrame, window: Window, step: timedelta) -> Steps:
    """Return the steps of a window that have a value, numbered since 1970, their values, and how many steps it has.

    Values of one step are averaged; null and NaN are missing. Times without a time zone are UTC.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> rows = pl.DataFrame({"ts": [datetime(1970, 1, 1, h) for h in (0, 1, 2, 3)], "value": [5.0, None, 7.0, 8.0]})
    >>> day = Window(datetime(1970, 1, 1), datetime(1970, 1, 1, 3))
    >>> [x if isinstance(x, int) else x.tolist() for x in steps_in(rows, day, timedelta(hours=1))]
    [[0, 2], [5.0, 7.0], 3]
    """
    named = series.with_columns(name=pl.lit(_ALONE))
    return steps_of_each(named, window, step).get(_ALONE, _no_steps(window, step))


def steps_of_each(series: pl.DataFrame, window: Window, step: timedelta) -> dict[str, Steps]:
    """Return what :func:`steps_in` returns, for each of many series; those without a value in the window are absent.

    Parameters
    ----------
    series
        ``name``, ``ts``, ``value``.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> rows = pl.DataFrame({"name": ["a", "b", "b"], "ts": [datetime(1970, 1, 1, h) for h in (0, 0, 1)],
    ...     "value": [1.0, 2.0, 4.0]})
    >>> day = Window(datetime(1970, 1, 1), datetime(1970, 1, 1, 3))
    >>> {name: steps[1].tolist() for name, steps in steps_of_each(rows, day, timedelta(hours=1)).items()}
    {'a': [1.0], 'b': [2.0, 4.0]}
    """
    step_ms = step // timedelta(milliseconds=1)
    start, end = (milliseconds_of(moment) for moment in (window.start, window.end))
    ms = pl.col("ts").dt.epoch("ms")
    value = pl.col("value").cast(pl.Float64)
    rows = series.filter(value.is_finite() & (ms >= start) & (ms < end))
    number = (ms // step_ms).alias("number")  # a quotient of floats may lie just below the whole number
    means = rows.group_by("name", number).agg(value.mean()).sort("name", "number")
    expected = _no_steps(window, step)[2]
    parts = means.partition_by("name", maintain_order=True, include_key=True)
    return {
        part["name"][0]: (part["number"].to_numpy(), part["value"].to_numpy(), max(expected, len(part)))
        for part in parts
        if len(part)
    }


def _no_steps(window: Window, step: timedelta) -> Steps:
    """Return the steps of a window in which nothing was seen."""
    step_ms = step // timedelta(milliseconds=1)
    start, end = (milliseconds_of(moment) for moment in (window.start, window.end))
    return np.zeros(0, np.int64), np.zeros(0), -(-end // step_ms) + (-start // step_ms)


def block_steps(steps: int, step_s: float, *, seasonal: bool) -> int:
    """Return how many steps make a block, so that the shorter window has about 100; with a season they divide a day.

    Examples
    --------
    >>> block_steps(168, 3600, seasonal=True), block_steps(672, 3600, seasonal=True), block_steps(36, 5, seasonal=False)
    (2, 6, 1)
    """
    least = max(1, -(-steps // BLOCKS))
    if not seasonal:
        return least
    in_a_day = round(_DAY_S / step_s)
    return next((k for k in range(least, in_a_day + 1) if in_a_day % k == 0), in_a_day)


def check_season(step_s: float) -> None:
    """Raise where steps do not divide a day, so that hours of the week cannot be matched.

    Raises
    ------
    SeriesError
        The step does not divide a day.

    Examples
    --------
    >>> check_season(3600)
    """
    if step_s > _DAY_S or abs(_DAY_S / step_s - round(_DAY_S / step_s)) > 1e-9:
        raise SeriesError(
            f"a step of {step_s:g} s does not divide a day; take one that does, such as 1h, or season=None"
        )


def blocks_of(sides: tuple[Steps, ...], *, step_s: float, seasonal: bool) -> Blocks:
    """Put the steps of two windows into blocks; a step that is missing is filled from what its slot usually has.

    Parameters
    ----------
    sides
        Results of :func:`steps_in` before and after, on the scale of the comparison.

    Examples
    --------
    >>> sides = ((np.arange(3), np.array([1.0, 2.0, 3.0]), 3), (np.arange(5, 8), np.array([4.0, 5.0, 6.0]), 3))
    >>> blocks = blocks_of(sides, step_s=3600.0, seasonal=False)
    >>> blocks.value.tolist(), blocks.after.tolist(), blocks.hours.missing
    ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [False, False, False, True, True, True], 0.0)
    """
    steps = block_steps(min(expected for _, _, expected in sides), step_s, seasonal=seasonal)
    in_a_week = round(_WEEK_S / step_s) if seasonal else 1
    usual = _usual(sides, in_a_week)
    parts = []
    for number, value, _ in sides:
        rest = value - usual[number % in_a_week]
        block, place = np.unique(number // steps, return_inverse=True)
        count = np.bincount(place)
        inside = (block[:, None] * steps + np.arange(steps)) % in_a_week
        mean = np.bincount(place, rest) / count + np.nanmean(usual[inside], axis=1)
        full = count >= _FULL * steps
        parts.append((block[full], mean[full]))
    at = np.concatenate([block for block, _ in parts])
    hours = [len(number) * step_s / 3600 for number, _, _ in sides]
    return Blocks(
        value=np.concatenate([mean for _, mean in parts]),
        at=at,
        slot=at % (in_a_week // steps) if seasonal else np.zeros_like(at),
        after=np.repeat([False, True], [len(block) for block, _ in parts]),
        steps=steps,
        step_s=step_s,
        seasonal=seasonal,
        hours=Hours(
            before=hours[0],
            after=hours[1],
            missing=sum(expected for _, _, expected in sides) * step_s / 3600 - sum(hours),
            unmatched=_unmatched(sides, in_a_week) * step_s / 3600,
        ),
    )


def _usual(sides: tuple[Steps, ...], in_a_week: int) -> Floats:
    """Return what each slot of a season usually has beyond the mean of its side; NaN for one never seen."""
    if in_a_week == 1:
        return np.zeros(1)
    slot = np.concatenate([number % in_a_week for number, _, _ in sides])
    value = np.concatenate([value - value.mean() for _, value, _ in sides])
    count = np.bincount(slot, minlength=in_a_week)
    total = np.bincount(slot, value, minlength=in_a_week)
    return np.divide(total, count, out=np.full(in_a_week, np.nan), where=count > 0)


def _unmatched(sides: tuple[Steps, ...], in_a_week: int) -> int:
    if in_a_week == 1:
        return 0
    slots = [number % in_a_week for number, _, _ in sides]
    both = np.intersect1d(*slots)
    return int(sum((~np.isin(slot, both)).sum() for slot in slots))
