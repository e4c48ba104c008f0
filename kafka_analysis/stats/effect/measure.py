"""Measure how much a series changed between two windows: effect, interval, noise, placebo, verdict."""

import math
from datetime import timedelta
from typing import Literal

import numpy as np

from kafka_analysis.model.errors import InputError, SeriesError, WindowError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import format_time
from kafka_analysis.stats.effect.comparable import Comparable, Lacking, Terms, comparable
from kafka_analysis.stats.effect.fit import fit_change
from kafka_analysis.stats.effect.hours import Blocks, check_season, steps_in
from kafka_analysis.stats.effect.interval import interval_of, least_effect
from kafka_analysis.stats.effect.placebo import placebo_layout
from kafka_analysis.stats.effect.result import Better, Effect, Placebo, Scale
from kafka_analysis.stats.effect.verdict import judge
from kafka_analysis.stats.effect.words import describe_noise, plain_duration, wanders
from kafka_analysis.stats.scope.windows import Window

SEASONS = ("week", "none")
WAYS = ("higher", "lower", "held")
WANDERS = "the series wanders as slowly as the windows are long: take longer windows, or a control"


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
    sides = steps_in(frame, before, step), steps_in(frame, after, step)
    terms = Terms(step.total_seconds(), season == "week", same_within, same_up_to)
    found = comparable(sides, (before, after), terms)
    if isinstance(found, Lacking):
        return Effect(
            verdict="cannot tell", reason=found.reason, scale=found.scale, method="none", noise="unknown",
            hours=found.hours, level=level,
        )  # fmt: skip
    return _measured(found, step_s=terms.step_s, better=better, level=level)


def _measured(found: Comparable, *, step_s: float, better: Better, level: float) -> Effect:
    blocks, scale = found.blocks, found.scale
    fit = fit_change(blocks.value[:, None], blocks.layout(blocks.after))
    middle, low, high = (float(x[0]) for x in interval_of(fit, level=level))
    log = scale == "log"
    least = least_effect(low, high, log=log)
    effect, bottom, top = ((math.expm1(x) if log else x) for x in (middle, low, high))
    verdict, reason = judge(bottom, top, least=least, margin=found.margin, better=better, scale=scale)
    if wanders(fit)[0]:
        verdict, reason = "cannot tell", WANDERS
    return Effect(
        verdict=verdict, reason=reason, scale=scale, method=_method(blocks),
        noise=describe_noise(fit, block_s=blocks.block_s, step_s=step_s), hours=blocks.hours, level=level,
        effect=effect, low=bottom, high=top, least=least, placebo=_placebo(blocks, scale, level),
    )  # fmt: skip


def _placebo(blocks: Blocks, scale: Scale, level: float) -> Placebo:
    made = placebo_layout(blocks)
    if made is None or np.ptp(made[0]) == 0:
        return Placebo(
            None, None, None, None, "the window before is too short or too even to be split in half"
        )
    fit = fit_change(made[0][:, None], made[1])
    bounds = (float(x[0]) for x in interval_of(fit, level=level))
    effect, low, high = ((math.expm1(x) if scale == "log" else x) for x in bounds)
    return Placebo(effect, low, high, clear=low <= 0 <= high)


def _method(blocks: Blocks) -> str:
    block = plain_duration(blocks.block_s)
    matched = "matched hours of the week" if blocks.seasonal else "no season"
    return f"{matched}, means of {block}; averaged over the noise models that the data do not rule out"


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
