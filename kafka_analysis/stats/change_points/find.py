"""Find every change of level of one series, without knowing when it should have changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.change_points.course import courses
from kafka_analysis.stats.change_points.interval import place
from kafka_analysis.stats.change_points.levels import Fit, Levels, Problem
from kafka_analysis.stats.change_points.null import Null, null_of
from kafka_analysis.stats.change_points.outliers import outliers
from kafka_analysis.stats.change_points.regular import Regular, regular
from kafka_analysis.stats.change_points.results import Change, Changes
from kafka_analysis.stats.change_points.scale import LOG, VALUE, choose_scale
from kafka_analysis.stats.change_points.search import Found, best_phi, refined, search, worth
from kafka_analysis.stats.change_points.season import NO_SEASON, Season, find_season, without_season
from kafka_analysis.stats.change_points.whiten import Floats, short_run, without_bias

LEVEL = 0.05
CHOICES = 3.0  # how many steps, what beside, which lags: chosen by the same data, so p-values are tripled
LEAST_SAMPLES = 12
LEAST_KNOWN = 0.5
APART = 3  # fewest samples between two steps of the search
LONGEST_EDGE = 24
EDGE_SHARE = 20
BURSTS = 2  # rounds in which bursts are set aside
_RETURNED = 0.5


@same_kind
def find_changes(series: Frame, *, step: timedelta, season: bool = True, level: float = LEVEL) -> Changes:
    """Find when the level of a series changed, how sure the time is, and by how much; or that it did not.

    The season of the day and of the week is removed where the series foretells it, noise is whitened by an
    autoregression that is fitted together with the levels, and steps are kept that are clearer than the clearest step
    of all but 5 % of made-up series with the same noise and none. A single outlier, a short burst and a straight trend
    are no changes.

    Parameters
    ----------
    series
        ``ts``, ``value``: one value for each step; null is missing, and so is a step without a row.
    step
        Time between samples: any.
    season
        Whether to look for a season; False where a load's events say that there is none.
    level
        Greatest share of series without a change in which one may be found.

    Returns
    -------
    Changes
        Read ``cannot_tell`` first: why a series does not answer (too short, constant, mostly missing). Then
        ``changes``. None found means that none stands out of the noise, not that there is none: with ``phi`` near 1
        noise wanders so far that only a large jump does.

    Raises
    ------
    InputError
        Times that are not on steps, or twice the same; more than 20,000 steps.

    Notes
    -----
    Generalised least squares for a step in autoregressive noise (Tsay 1988; Chen and Liu 1993), added greedily and
    refined; the null distribution by a parametric bootstrap. docs/change_points.md says what was measured.

    Examples
    --------
    >>> from datetime import datetime
    >>> import polars as pl
    >>> times = [datetime(2026, 1, 1) + timedelta(hours=i) for i in range(60)]
    >>> values = [100.0 + i % 3 + (40 if i >= 36 else 0) for i in range(60)]
    >>> found = find_changes(pl.DataFrame({"ts": times, "value": values}), step=timedelta(hours=1))
    >>> [(change.time.isoformat(), round(change.size, 2)) for change in found.changes]
    [('2026-01-02T12:00:00+00:00', 1.4)]
    """
    laid = regular(series, step)
    reason = _why_not(laid.values)
    known = int(np.isfinite(laid.values).sum())
    missing = len(laid.values) - known
    if reason:
        return Changes.unknown(reason, step=step, samples=len(laid.values), missing=missing)
    return _changes(laid, _analysed(laid, season=season, level=level), missing)


def _why_not(values: Floats) -> str | None:
    known = values[np.isfinite(values)]
    if len(known) < LEAST_SAMPLES:
        return f"too short: {len(known)} known samples, {LEAST_SAMPLES} are needed"
    if len(known) < LEAST_KNOWN * len(values):
        return f"mostly missing: {len(known)} of {len(values)} samples are known, half are needed"
    if np.ptp(known) <= 1e-12 * np.abs(known).max():
        return f"constant: every known sample is {known[0]:g}"
    pairs = np.isfinite(values[1:]) & np.isfinite(values[:-1])
    if pairs.sum() < LEAST_SAMPLES - 2:
        return f"too many gaps: {pairs.sum()} pairs of samples follow one another, {LEAST_SAMPLES - 2} are needed"
    return None


@dataclass(frozen=True, eq=False)
class _Steps:
    problem: Problem
    fit: Fit
    null: Null
    p_value: float


@dataclass(frozen=True, eq=False)
class _Analysis:
    scale: str
    season: Season
    aside: np.ndarray
    steps: _Steps


def _analysed(laid: Regular, *, season: bool, level: float) -> _Analysis:
    start_s, step_s = laid.start.timestamp(), laid.step.total_seconds()
    positive = bool(np.nanmin(laid.values) > 0)
    on = {VALUE: laid.values} | ({LOG: np.log(laid.values)} if positive else {})
    seasons = {
        name: find_season(values, start_s=start_s, step_s=step_s) if season else NO_SEASON
        for name, values in on.items()
    }
    scale = choose_scale(laid.values, seasons)
    values, chosen = on[scale], seasons[scale]
    aside = outliers(without_season(values, chosen))
    steps = _steps(laid, np.where(aside, np.nan, values), chosen, level)
    if season and (longer := _longer_season(laid, values, aside, chosen, steps)):
        chosen = longer
        steps = _steps(laid, np.where(aside, np.nan, values), chosen, level)
    for _ in range(BURSTS):
        bursts = _bursts(steps.problem, steps.fit)
        if not bursts.any():
            break
        aside = aside | bursts
        steps = _steps(laid, np.where(aside, np.nan, values), chosen, level)
    return _Analysis(scale, chosen, aside, steps)


def _longer_season(
    laid: Regular, values: Floats, aside: np.ndarray, chosen: Season, steps: _Steps
) -> Season | None:
    """Return a season of weeks if, beside the steps that were found, it foretells more than what was removed."""
    fit = steps.fit
    sizes = Levels(steps.problem, fit.phi, fit.steps).sizes
    moved = sum(
        (size * (np.arange(len(values)) >= at) for at, size in zip(fit.steps, sizes, strict=True)),
        start=np.zeros(len(values)),
    )
    plain = np.where(aside, np.nan, values) - moved
    found = find_season(plain, start_s=laid.start.timestamp(), step_s=laid.step.total_seconds(), weeks=True)
    return found if found.kind not in (chosen.kind, "none") else None


def _steps(laid: Regular, values: Floats, season: Season, level: float) -> _Steps:
    n = len(values)
    edge = int(np.clip(n // EDGE_SHARE, APART, LONGEST_EDGE))
    problem = Problem(without_season(values, season), apart=APART, edge=edge)
    rough = 6.0 + 1.5 * np.log(n)
    beside = list(courses(n, start_s=laid.start.timestamp(), step_s=laid.step.total_seconds()))
    found = search(problem, rough, beside)
    memory = short_run(problem.values - Levels(found.problem, found.best.phi, found.best.steps).fitted)
    if len(memory) > 1:
        found = search(replace(problem, short_run=memory), rough, beside)
    null = _null(found, season)
    penalty = null.threshold(level / CHOICES)
    judged = replace(found, penalty=penalty)
    best = refined(found.problem, judged.best, penalty) if judged.best.steps else judged.best
    p_value = min(CHOICES * null.p_value(judged.ratio), 1.0)
    return _Steps(found.problem, best, null, p_value if best.steps else max(p_value, level))


def _null(found: Found, season: Season) -> Null:
    levels = Levels(found.problem, found.best.phi, found.best.steps)
    phi = best_phi(found.problem, (), found.flat.phi)
    innovations = levels.residual[levels.filter.rows]
    return null_of(found.problem, without_bias(phi, levels.count), innovations, season)


def _bursts(problem: Problem, fit: Fit) -> np.ndarray:
    """Return samples between two steps so near that they are no level, the second of which takes the first back."""
    sizes, held = Levels(problem, fit.phi, fit.steps).sizes, np.zeros(len(problem.values), bool)
    for first, second, there, back in zip(fit.steps, fit.steps[1:], sizes, sizes[1:], strict=False):
        if second - first < problem.edge and abs(there + back) < _RETURNED * max(abs(there), abs(back)):
            held[first:second] = True
    return held


def _changes(laid: Regular, analysis: _Analysis, missing: int) -> Changes:
    problem, fit = analysis.steps.problem, analysis.steps.fit
    levels = Levels(problem, fit.phi, fit.steps)
    shown = np.exp(levels.fitted) if analysis.scale == LOG else levels.fitted
    is_ratio = bool(np.nanmin(laid.values) > 0 and shown.min() > 0)
    return Changes(
        changes=tuple(
            _change(laid, analysis, at, size, is_ratio=is_ratio)
            for at, size in zip(fit.steps, levels.sizes, strict=True)
        ),
        cannot_tell=None,
        p_value=analysis.steps.p_value,
        is_ratio=is_ratio,
        scale=analysis.scale,
        phi=fit.phi,
        noise=float(np.nanstd(problem.values - levels.fitted)),
        season=analysis.season.kind,
        season_reason=analysis.season.reason,
        beside=problem.course.name,
        step=laid.step,
        samples=len(laid.values),
        missing=missing,
        outliers=int(analysis.aside.sum()),
    )


def _change(laid: Regular, analysis: _Analysis, at: int, size: float, *, is_ratio: bool) -> Change:
    steps = analysis.steps
    problem, fit = steps.problem, steps.fit
    best, low, high = place(problem, fit.phi, fit.steps, at)
    before = float(Levels(problem, fit.phi, fit.steps).fitted[at - 1])
    levels = np.array([before, before + size])
    first, second = (float(level) for level in (np.exp(levels) if analysis.scale == LOG else levels))
    return Change(
        time=laid.time(best),
        low=laid.time(low),
        high=laid.time(high),
        before=first,
        after=second,
        size=second / first if is_ratio else second - first,
        p_value=min(CHOICES * steps.null.p_value(worth(problem, fit, at)), 1.0),
    )
