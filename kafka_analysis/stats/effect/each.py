"""How much each of many series changed, so that few of those called changed are not.

Series that lie alike in time are fitted together, by the fit of a single one. At 95 %, one in 20 series without a
change would be called changed: Benjamini and Hochberg's procedure (1995, "Controlling the false discovery rate: a
practical and powerful approach to multiple testing", Journal of the Royal Statistical Society B 57) keeps the share of
false ones among those called changed at 5 % on average. Whatever is picked out of many seems by chance to have moved
further than it did: the intervals of those called changed are at the level that Benjamini and Yekutieli derive for them
(2005, "False discovery rate-adjusted multiple confidence intervals for selected parameters", Journal of the American
Statistical Association 100), 1 − 5 % × called ÷ compared. They exclude 0 where the procedure says so, and 95 % of them
hold on average.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.effect.comparable import Comparable, Lacking, Terms, comparable
from kafka_analysis.stats.effect.fit import Fit, Layout, fit_change
from kafka_analysis.stats.effect.hours import Steps, steps_of_each
from kafka_analysis.stats.effect.interval import chance_of, interval_of, least_effect
from kafka_analysis.stats.effect.measure import WANDERS
from kafka_analysis.stats.effect.sides import Sides
from kafka_analysis.stats.effect.verdict import judge
from kafka_analysis.stats.effect.words import wanders

Floats = NDArray[np.float64]

FALSE_SHARE = 0.05
LEVEL = 0.95
MOST_LAYOUTS = (
    24  # sets of hours that are there: preparing the fit of one takes longer than fitting 100 series
)
_AT_ONCE = 256  # series fitted together: what they need is some MB
ROSE, FELL, SAME, UNTOLD = "rose", "fell", "same", "cannot tell"
ONLY_BEFORE, ONLY_AFTER = "only before", "only after"
OWN_GAPS = (
    f"its gaps are its own: intervals are computed for the {MOST_LAYOUTS} sets of hours that carry most"
)
WIDE = "the interval is too wide"
NOTHING = "nothing was seen to flow in either window"
EACH = {
    "verdict": pl.String, "is_share": pl.Boolean, "effect": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "level": pl.Float64, "least": pl.Float64, "chance": pl.Float64, "chance_among": pl.Float64, "reason": pl.String,
    "hours_before": pl.Float64, "hours_after": pl.Float64,
}  # fmt: skip
_WAYS = {"better": ROSE, "worse": FELL}


@dataclass(frozen=True)
class _Fitted:
    """Series fitted together, and how probable a change as large would be in each if there were none."""

    names: Sequence[str]
    fit: Fit
    chance: Floats


@same_kind
def measure_each(series: Frame, *, sides: Sides, same_within: float = 0.05) -> Frame:
    """Measure how much each of many series changed, with control over how many are called changed by chance.

    Parameters
    ----------
    series
        ``name``, ``ts``, ``value`` of at least 0; one row for each step, null = missing.
    sides
        The windows, the step, and whether hours of the week are matched.
    same_within
        Changes up to this share of the value before do not matter.

    Returns
    -------
    frame of the kind given
        A row per ``name``. ``verdict``: ``rose`` or ``fell`` (called changed), ``same`` (the whole interval lies within
        what does not matter), ``only before`` or ``only after`` (nothing was seen on the other side: no change is
        computed), ``cannot tell`` with the ``reason``. ``effect`` with ``low`` and ``high``: after ÷ before − 1 of
        the geometric means where ``is_share``, else (some value is 0) after − before in the unit of the series.
        ``level`` of the interval: 0.95, higher for those called changed. ``least`` change that this series alone could
        show at 95 %. ``chance``: how probable a change at least as large would be without one; ``chance_among``: the
        same adjusted for all series compared, called changed up to 0.05. ``hours_before``, ``hours_after`` seen.

    Examples
    --------
    >>> from datetime import UTC, datetime, timedelta
    >>> from kafka_analysis.stats.scope.windows import Window
    >>> t = [datetime(2026, 1, 1, 0, 0, s, tzinfo=UTC) for s in range(40)]
    >>> sides = Sides(Window(t[0], t[20]), Window(t[20], t[39]), ("a",), ("a",), timedelta(seconds=1), "none")
    >>> noise = np.exp(np.random.default_rng(1).normal(0, 0.02, 40))
    >>> rows = pl.DataFrame({"name": ["t"] * 40 + ["u"] * 20, "ts": t + t[:20],
    ...     "value": [*(noise * np.repeat([100.0, 150.0], 20)), *noise[:20]]})
    >>> measure_each(rows, sides=sides).select("name", "verdict").rows()
    [('t', 'rose'), ('u', 'only before')]
    """
    windows = sides.before, sides.after
    then, now = (steps_of_each(series, window, sides.step) for window in windows)
    terms = Terms(sides.step.total_seconds(), sides.season == "week", same_within)
    answers: dict[str, dict[str, Any]] = {}
    compared: dict[str, Comparable] = {}
    for name in series["name"].unique().sort():
        found = _looked_at(then.get(name), now.get(name), windows, terms)
        if isinstance(found, Comparable):
            compared[name] = found
        else:
            answers[name] = found
    weights = {name: float(then[name][1].mean() + now[name][1].mean()) for name in compared}
    answers |= _answers(compared, weights)
    rows = [{"name": name, **answers[name]} for name in sorted(answers)]
    return pl.DataFrame(rows, schema={"name": pl.String, **EACH})


def _looked_at(
    before: Steps | None, after: Steps | None, windows: tuple[Any, Any], terms: Terms
) -> Comparable | dict[str, Any]:
    """Return what can be compared of one series, or the row that says why there is nothing to compare."""
    carried = [side is not None and bool((side[1] > 0).any()) for side in (before, after)]
    if before is not None and after is not None and (all(carried) or not any(carried)):
        if not any(carried):
            return _without(SAME, "none in either window")
        found = comparable((before, after), windows, terms)
        if isinstance(found, Lacking):
            is_share = found.scale == "log"
            hours = {"hours_before": found.hours.before, "hours_after": found.hours.after}
            return _without(UNTOLD, found.reason) | {"is_share": is_share, **hours}
        return found
    if not any(carried):
        return _without(UNTOLD, NOTHING)
    other, missing = ("after", after) if carried[0] else ("before", before)
    why = "not seen" if missing is None else "nothing was carried"
    return _without(ONLY_BEFORE if carried[0] else ONLY_AFTER, f"{why} in the window {other}")


def _without(verdict: str, reason: str) -> dict[str, Any]:
    return dict.fromkeys(EACH) | {"verdict": verdict, "reason": reason}


def _answers(compared: Mapping[str, Comparable], weights: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    """Fit all series that can be compared, and judge them together."""
    groups = _alike(compared)
    order = sorted(groups, key=lambda layout: -sum(weights[name] for name in groups[layout]))
    rows = {name: _without(UNTOLD, OWN_GAPS) for layout in order[MOST_LAYOUTS:] for name in groups[layout]}
    fitted = [one for layout in order[:MOST_LAYOUTS] for one in _fitted(compared, groups[layout], layout)]
    if not fitted:
        return rows
    among = adjusted(np.concatenate([one.chance for one in fitted]))
    called = among <= FALSE_SHARE
    level = 1 - FALSE_SHARE * max(int(called.sum()), 1) / len(called)
    first = 0
    for one in fitted:
        here = slice(first, first := first + len(one.names))
        rows |= _rows(one, compared, among=among[here], level=level, of=len(called))
    return rows


def _alike(compared: Mapping[str, Comparable]) -> dict[Layout, list[str]]:
    """Return the series by the places of their blocks."""
    groups: dict[Layout, list[str]] = {}
    for name, one in compared.items():
        groups.setdefault(one.blocks.layout(one.blocks.after), []).append(name)
    return groups


def _fitted(compared: Mapping[str, Comparable], names: Sequence[str], layout: Layout) -> Iterator[_Fitted]:
    """Fit series of the same places, so many at once."""
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        fit = fit_change(np.column_stack([compared[name].blocks.value for name in part]), layout)
        yield _Fitted(part, fit, np.where(wanders(fit), 1.0, chance_of(fit)))


def adjusted(chances: Floats) -> Floats:
    """Adjust probabilities for their number: what is called up to a value is false in at most that share of cases.

    Benjamini and Hochberg's procedure (1995; ``scipy.stats.false_discovery_control``).

    Examples
    --------
    >>> adjusted(np.array([0.001, 0.02, 0.5, 0.6])).round(3).tolist()
    [0.004, 0.04, 0.6, 0.6]
    """
    from scipy.stats import false_discovery_control  # slow to load

    return false_discovery_control(chances, method="bh")


def _rows(
    one: _Fitted, compared: Mapping[str, Comparable], *, among: Floats, level: float, of: int
) -> dict[str, dict[str, Any]]:
    called = among <= FALSE_SHARE
    middle, low, high = (bounds.copy() for bounds in interval_of(one.fit, level=LEVEL))
    alone = zip(low.tolist(), high.tolist(), strict=True)
    if called.any():
        _, low[called], high[called] = interval_of(one.fit.part(called), level=level)
    wandering = wanders(one.fit)
    rows = {}
    for n, (name, ends) in enumerate(zip(one.names, alone, strict=True)):
        found = compared[name]
        log = found.scale == "log"
        effect, bottom, top = (math.expm1(x[n]) if log else float(x[n]) for x in (middle, low, high))
        least = least_effect(*ends, log=log)
        verdict, reason = _judged(found, bottom, top, least=least, of=None if called[n] else of)
        if wandering[n]:
            verdict, reason = UNTOLD, WANDERS
        rows[name] = {
            "verdict": verdict, "is_share": log, "effect": effect, "low": bottom, "high": top,
            "level": level if called[n] else LEVEL, "least": least, "chance": float(one.chance[n]),
            "chance_among": float(among[n]), "reason": reason, "hours_before": found.blocks.hours.before,
            "hours_after": found.blocks.hours.after,
        }  # fmt: skip
    return rows


def _judged(found: Comparable, low: float, high: float, *, least: float, of: int | None) -> tuple[str, str]:
    """Judge one interval; ``of``: the number compared, where the series is not among those called changed."""
    verdict, reason = judge(low, high, least=least, margin=found.margin, better="higher", scale=found.scale)
    if verdict == UNTOLD:
        return UNTOLD, WIDE
    if verdict not in _WAYS:
        return verdict, reason
    if of is None:
        return _WAYS[verdict], reason
    return UNTOLD, f"{reason} if looked at alone; among {of:,} compared, chance alone does that"
