"""What of two windows can be compared: blocks on one scale, or what is missing."""

from dataclasses import dataclass

import numpy as np

from kafka_analysis.stats.effect.hours import Blocks, Steps, blocks_of
from kafka_analysis.stats.effect.result import Hours, Scale
from kafka_analysis.stats.scope.windows import Window

LEAST_DAYS = 7  # of hours of the week: what was measured
LEAST_BLOCKS = 12  # of a window, without a season
_MATCHED = 0.6  # of a week's hours must be there on both sides
_WEEK_H = 168
EVEN = "the series does not vary: nothing says how large chance is"


@dataclass(frozen=True)
class Terms:
    """How two windows are compared: the length of a step, whether hours of the week are matched, what does not matter.

    ``same_within`` is a share of the value before, ``same_up_to`` an amount in the unit of the series.
    """

    step_s: float
    seasonal: bool
    same_within: float = 0.05
    same_up_to: float = 0.0


@dataclass(frozen=True)
class Comparable:
    """Blocks of both windows that match, on their scale, and the change that does not matter on it."""

    blocks: Blocks
    scale: Scale
    margin: float


@dataclass(frozen=True)
class Lacking:
    """Why two windows cannot be compared, and how much of them there is."""

    reason: str
    scale: Scale
    hours: Hours


def comparable(
    sides: tuple[Steps, Steps], windows: tuple[Window, Window], terms: Terms
) -> Comparable | Lacking:
    """Put the steps of two windows into blocks that can be compared, or say what is missing.

    Parameters
    ----------
    sides
        Results of :func:`kafka_analysis.stats.effect.hours.steps_in` before and after.

    Returns
    -------
    Comparable or Lacking
        On the logarithmic scale where all values are above 0.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, h, tzinfo=UTC) for h in (0, 1, 2)]
    >>> few = np.arange(3), np.array([1.0, 2.0, 1.0]), 3
    >>> comparable((few, few), (Window(t[0], t[1]), Window(t[1], t[2])), Terms(1200.0, seasonal=False)).reason
    '3 values before and 3 after: 12 are needed on each side'
    """
    smallest = min((value.min() for _, value, _ in sides if len(value)), default=1.0)
    scale: Scale = "log" if smallest > 0 else "additive"
    if empty := [name for name, side in zip(("before", "after"), sides, strict=True) if not len(side[1])]:
        return Lacking(f"no value in the window {empty[0]}", scale, _hours(sides, terms.step_s))
    scaled = tuple((n, np.log(v) if scale == "log" else v, e) for n, v, e in sides)
    blocks = blocks_of(scaled, step_s=terms.step_s, seasonal=terms.seasonal)
    matched = blocks.matched()
    if lacking := _lacking(matched, windows):
        return Lacking(lacking, scale, blocks.hours)
    usual = abs(float(sides[0][1].mean()))
    margin = max(terms.same_within * usual, terms.same_up_to) / (usual if scale == "log" else 1.0)
    return Comparable(matched, scale, margin)


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


def _hours(sides: tuple[Steps, Steps], step_s: float) -> Hours:
    here = [len(number) * step_s / 3600 for number, _, _ in sides]
    expected = sum(side[2] for side in sides) * step_s / 3600
    return Hours(before=here[0], after=here[1], missing=expected - sum(here), unmatched=sum(here))
