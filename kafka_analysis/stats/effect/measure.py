"""Measure how much a series changed between two windows: effect, interval, noise, placebo, verdict."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np

from kafka_analysis.model.errors import InputError, SeriesError, WindowError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import format_time
from kafka_analysis.stats.effect.fit import fit_change
from kafka_analysis.stats.effect.hours import Blocks, blocks_of, check_season, steps_in
from kafka_analysis.stats.effect.interval import interval_of, least_effect
from kafka_analysis.stats.effect.placebo import placebo_layout
from kafka_analysis.stats.effect.result import Better, Effect, Hours, Placebo, Scale
from kafka_analysis.stats.effect.verdict import judge
from kafka_analysis.stats.effect.words import describe_noise, plain_duration, wanders
from kafka_analysis.stats.scope.windows import Window

LEAST_DAYS = 7  # of hours of the week: what was measured
LEAST_BLOCKS = 12  # of a window, without a season
_MATCHED = 0.6  # of a week's hours must be there on both sides
_WEEK_H = 168
SEASONS = ("week", "none")
WAYS = ("higher", "lower", "held")
EVEN = "the series does not vary: nothing says how large chance is"
WANDERS = "the series wanders as slowly as the windows are long: take longer windows, or a control"


@dataclass(frozen=True)
class _Asked:
    step_s: float
    seasonal: bool
    better: Better
    same_within: float
    level: float
    scale: Scale


def measure_effect(
    series: Frame,
    *,
    before: Window,
    after: Window,
    step: timedelta,
    better: Better,
    season: Literal["week", "none"] = "week",
    same_within: float = 0.05,
    same_up_to: float = 0.0,
    level: float = 0.95,
) -> Effect:
    """Measure how much a series changed from one window to another, with an interval that holds.

    Hours of the week are compared with the same hours of the week. The interval is over all noises that the data do not
    rule out: with a short memory, a long one, both, or days with levels of their own. How well it holds on
    simulated series: docs/before_after.md.

    Parameters
    ----------
    series
        ``ts`` (without a time zone: UTC), ``value``; one row for each step, null = missing.
    before, after
        Windows [start, end); the one before ends before the other begins.
    step
        Distance of the rows. Rows within one step are averaged.
    better
        Which way is better; ``held``: less is worse, more is neither better nor worse.
    season
        ``week``: traffic has a day and a week, hours are matched, each window needs 7 days. ``none``: the load is known
        to be even, as in a test of minutes.
    same_within
        Effects up to this size do not matter, as a share of the value before.
    same_up_to
        Nor do effects up to this amount, in the unit of the series: of the two the larger counts.
    level
        Of the interval.

    Returns
    -------
    Effect
        With verdict ``cannot tell`` and the reason where the data do not say.

    Raises
    ------
    WindowError
        The windows overlap or one is empty.
    SeriesError
        A column is missing, or the step does not divide a day although hours are to be matched.
    InputError
        An option that is not allowed.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import datetime
    >>> t0, rng = datetime(2026, 1, 1), np.random.default_rng(1)
    >>> rows = pl.DataFrame({"ts": [t0 + timedelta(seconds=10 * i) for i in range(80)],
    ...     "value": np.exp(rng.normal(0, 0.05, 80)) * np.where(np.arange(80) < 40, 100.0, 120.0)})
    >>> middle, end = t0 + timedelta(seconds=400), t0 + timedelta(seconds=800)
    >>> found = measure_effect(rows, before=Window(t0, middle), after=Window(middle, end),
    ...     step=timedelta(seconds=10), better="higher", season="none")
    >>> found.verdict, 0.1 < found.low < 0.2 < found.high < 0.3
    ('better', True)
    """
    _check(before, after, step, better, season, level)
    _check_margins(same_within=same_within, same_up_to=same_up_to)
    frame = to_polars(series)
    if missing := {"ts", "value"} - set(frame.columns):
        raise SeriesError(f"a series needs the columns ts and value; missing: {', '.join(sorted(missing))}")
    sides = tuple(steps_in(frame, window, step) for window in (before, after))
    smallest = min((value.min() for _, value, _ in sides if len(value)), default=1.0)
    scale: Scale = "log" if smallest > 0 else "additive"
    asked = _Asked(step.total_seconds(), season == "week", better, same_within, level, scale)
    if empty := [name for name, side in zip(("before", "after"), sides, strict=True) if not len(side[1])]:
        return _untold(asked, _hours(sides, asked.step_s), f"no value in the window {empty[0]}")
    scaled = tuple((n, np.log(v) if scale == "log" else v, e) for n, v, e in sides)
    blocks = blocks_of(scaled, step_s=asked.step_s, seasonal=asked.seasonal)
    matched = blocks.matched()
    if lacking := _lacking(matched, (before, after)):
        return _untold(asked, blocks.hours, lacking)
    usual = abs(float(sides[0][1].mean()))
    margin = max(same_within * usual, same_up_to) / (usual if scale == "log" else 1.0)
    return _measured(matched, asked, margin)


def _measured(blocks: Blocks, asked: _Asked, margin: float) -> Effect:
    fit = fit_change(blocks.value[:, None], blocks.layout(blocks.after))
    middle, low, high = (float(x[0]) for x in interval_of(fit, level=asked.level))
    log = asked.scale == "log"
    least = least_effect(low, high, log=log)
    effect, bottom, top = ((math.expm1(x) if log else x) for x in (middle, low, high))
    verdict, reason = judge(bottom, top, least=least, margin=margin, better=asked.better, scale=asked.scale)
    if wanders(fit)[0]:
        verdict, reason = "cannot tell", WANDERS
    noise = describe_noise(fit, block_s=blocks.block_s, step_s=asked.step_s)
    return Effect(
        verdict=verdict, reason=reason, scale=asked.scale, method=_method(blocks), noise=noise, hours=blocks.hours,
        level=asked.level, effect=effect, low=bottom, high=top, least=least, placebo=_placebo(blocks, asked),
    )  # fmt: skip


def _placebo(blocks: Blocks, asked: _Asked) -> Placebo:
    made = placebo_layout(blocks)
    if made is None or np.ptp(made[0]) == 0:
        return Placebo(
            None, None, None, None, "the window before is too short or too even to be split in half"
        )
    fit = fit_change(made[0][:, None], made[1])
    bounds = (float(x[0]) for x in interval_of(fit, level=asked.level))
    effect, low, high = ((math.expm1(x) if asked.scale == "log" else x) for x in bounds)
    return Placebo(effect, low, high, clear=low <= 0 <= high)


def _method(blocks: Blocks) -> str:
    block = plain_duration(blocks.block_s)
    matched = "matched hours of the week" if blocks.seasonal else "no season"
    return f"{matched}, means of {block}; averaged over the noise models that the data do not rule out"


def _lacking(blocks: Blocks, windows: tuple[Window, Window]) -> str:
    """Return what is missing for an interval, or nothing."""
    if blocks.seasonal:
        short = [w for w in windows if w.seconds < LEAST_DAYS * 86_400]
        if short:
            days = min(w.seconds for w in short) / 86_400
            return (
                f"{days:.1f} of {LEAST_DAYS} days: shorter windows do not show how weeks go; "
                "season='none' if the load is known to be even"
            )
        week = len(np.unique(blocks.slot)) * blocks.block_s / 3600
        if week < _MATCHED * _WEEK_H:
            return (
                f"{week:.0f} of {_WEEK_H} hours of the week are there in both windows, "
                f"{_MATCHED * _WEEK_H:.0f} are needed"
            )
    sizes = (int((~blocks.after).sum()), int(blocks.after.sum()))
    if min(sizes) < LEAST_BLOCKS:
        return f"{sizes[0]} values before and {sizes[1]} after: {LEAST_BLOCKS} are needed on each side"
    if all(np.ptp(blocks.value[side]) == 0 for side in (blocks.after, ~blocks.after)):
        return EVEN
    return ""


def _untold(asked: _Asked, hours: Hours, reason: str) -> Effect:
    return Effect(
        verdict="cannot tell", reason=reason, scale=asked.scale, method="none", noise="unknown", hours=hours,
        level=asked.level,
    )  # fmt: skip


def _hours(sides: tuple, step_s: float) -> Hours:
    here = [len(number) * step_s / 3600 for number, _, _ in sides]
    expected = sum(side[2] for side in sides) * step_s / 3600
    return Hours(before=here[0], after=here[1], missing=expected - sum(here), unmatched=sum(here))


def _check(before: Window, after: Window, step: timedelta, better: str, season: str, level: float) -> None:
    for name, window in (("before", before), ("after", after)):
        if window.start >= window.end:
            raise WindowError(f"window {name} is empty: {window}; its start must be before its end")
    if before.end > after.start:
        raise WindowError(
            f"the windows overlap or are swapped: before ends {format_time(before.end)}, "
            f"after starts {format_time(after.start)}; the one before must end first"
        )
    if better not in WAYS:
        raise InputError.unknown("direction", str(better), WAYS)
    if season not in SEASONS:
        raise InputError.unknown("season", str(season), SEASONS)
    if step < timedelta(milliseconds=1) or step % timedelta(milliseconds=1):
        raise SeriesError(
            f"a step of {step} is not allowed; give the distance of the rows in whole milliseconds"
        )
    if not 0.5 <= level < 1:
        raise InputError(f"a level of {level:g} is not allowed; take one from 0.5 to below 1, such as 0.95")
    if season == "week":
        check_season(step.total_seconds())


def _check_margins(*, same_within: float, same_up_to: float) -> None:
    if same_within < 0:
        raise InputError(f"same_within {same_within:g} is negative; give a share such as 0.05")
    if same_up_to < 0:
        raise InputError(f"same_up_to {same_up_to:g} is negative; give an amount, in the unit of the series")
