"""When the traffic moved, by the traffic alone, held against the cut-overs that were stated."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind, to_polars
from kafka_analysis.stats.change_points.agreement import Agreement, agreement
from kafka_analysis.stats.change_points.find import find_changes
from kafka_analysis.stats.change_points.results import Change, Changes

MOST_STEPS = 2000
_AT_REST = 0.2  # of the usual traffic: below it, a share says nothing
_PRODUCERS = " producers"
SCHEMA = {
    "event": pl.String, "at": pl.Datetime("ms", "UTC"), "verdict": pl.String, "found": pl.Datetime("ms", "UTC"),
    "low": pl.Datetime("ms", "UTC"), "high": pl.Datetime("ms", "UTC"), "before": pl.Float64, "after": pl.Float64,
    "p_value": pl.Float64,
}  # fmt: skip


def move_step(start: datetime, end: datetime, *, interval_s: float) -> timedelta:
    """Choose the step of the search: one scrape, or as many as leave 2,000 steps.

    Examples
    --------
    >>> t0 = datetime(2026, 1, 1)
    >>> [move_step(t0, t0 + timedelta(days=n), interval_s=15).total_seconds() for n in (0.1, 14)]
    [15.0, 615.0]
    """
    scrapes = math.ceil((end - start).total_seconds() / (MOST_STEPS * interval_s))
    return timedelta(seconds=max(scrapes, 1) * interval_s)


@same_kind
def target_share(traffic: Frame, *, targets: Sequence[str]) -> Frame:
    """Compute which share of the business traffic the targets carry, step by step.

    The share does not move when all traffic grows or pauses; a migration moves it, and so does a cell that stops.

    Parameters
    ----------
    traffic
        Result of ``stats.traffic_over_time``.
    targets
        Names of the targets.

    Returns
    -------
    frame of the kind given
        ``ts``, ``value`` from 0 to 1; null where there is less than a fifth of the usual traffic.

    Examples
    --------
    >>> rows = pl.DataFrame({"window_start": [1, 1, 2], "cluster": ["a", "b", "a"], "kind": "business",
    ...     "bytes_in_per_s": [1.0, 3.0, 4.0]})
    >>> target_share(rows, targets=["b"]).rows()
    [(1, 0.75), (2, 0.0)]
    """
    rows = traffic.filter(kind="business").drop_nulls("bytes_in_per_s")
    there = pl.col("bytes_in_per_s").filter(pl.col("cluster").is_in(list(targets))).sum()
    sums = rows.group_by(ts="window_start").agg(whole=pl.col("bytes_in_per_s").sum(), there=there)
    is_known = pl.col("whole") > _AT_REST * pl.col("whole").median()
    return sums.sort("ts").select("ts", value=pl.when(is_known).then(pl.col("there") / pl.col("whole")))


@same_kind
def stated_moves(events: Frame) -> Frame:
    """Return when each wave is said to have moved: when its producers did, where that is stated.

    Parameters
    ----------
    events
        The capture's ``events``.

    Returns
    -------
    frame of the kind given
        ``ts``, ``name``: a row per wave, and one per cut-over without a number.

    Examples
    --------
    >>> rows = pl.DataFrame({"ts": [1, 2, 3], "kind": "cutover", "name": ["wave-1", "wave-1 producers", "x"],
    ...     "wave": [1, 1, None]})
    >>> stated_moves(rows).rows()
    [(2, 'wave-1'), (3, 'x')]
    """
    moves = events.filter(kind="cutover")
    of_producers = pl.col("name").str.ends_with(_PRODUCERS)
    waves = moves.drop_nulls("wave").filter(of_producers | ~of_producers.any().over("wave"))
    numbered = waves.group_by("wave").agg(pl.col("ts").min()).sort("wave")
    named = numbered.select("ts", name=pl.format("wave-{}", "wave"))
    return pl.concat([named, moves.filter(pl.col("wave").is_null()).select("ts", "name")]).sort("ts")


def found_moves(
    share: Frame, events: Frame, *, step: timedelta, others: Frame = None
) -> tuple[Agreement, pl.DataFrame]:
    """Find when the targets' share changed, without the events; then hold the stated cut-overs against it.

    Parameters
    ----------
    share
        Result of :func:`target_share`.
    events
        Result of :func:`stated_moves`.
    step
        Of the share.
    others
        ``ts``, ``name`` of what else happened, such as faults: named beside a change that no stated move explains.

    Returns
    -------
    (Agreement, polars.DataFrame)
        In words; and a row per stated move with the change nearest to it, and per change that no stated move explains:
        ``event`` (null: none), ``at``, ``verdict``, ``found`` with ``low`` and ``high`` (95 %), the median share
        ``before`` and ``after``, from change to change, ``p_value``, and ``beside``: what else happened within the
        interval.

    Examples
    --------
    >>> import numpy as np
    >>> from datetime import UTC
    >>> noise = np.random.default_rng(1).normal(0, 0.01, 60)
    >>> t = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=10 * n) for n in range(60)]
    >>> rows = pl.DataFrame({"ts": t, "value": [0.1 + x + (0.5 if n >= 30 else 0) for n, x in enumerate(noise)]})
    >>> found, table = found_moves(rows, pl.DataFrame({"ts": [t[30]], "name": ["wave-1"]}), step=timedelta(seconds=10))
    >>> found.verdict, table["verdict"].to_list()
    ('within interval', ['within interval'])
    """
    series = to_polars(share).cast({"ts": pl.Datetime("ms", "UTC")})
    changes = find_changes(series, step=step, season=False) if len(series) else _nothing(step)
    stated = agreement(changes, to_polars(events))
    levels = _levels(series, changes.changes)
    rows = [_row(match.event, match.at, match.verdict, match.change, levels) for match in stated.matches]
    rows += [_row(None, None, "not stated", change, levels) for change in stated.unexplained]
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row").sort(pl.coalesce("at", "found"))
    meanwhile = [] if others is None else to_polars(others).select("ts", "name").rows()
    beside = [_beside(row, meanwhile, step) for row in table.iter_rows(named=True)]
    return stated, table.with_columns(beside=pl.Series(beside, dtype=pl.List(pl.String)))


def _beside(row: dict[str, Any], meanwhile: Sequence[tuple[datetime, str]], step: timedelta) -> list[str]:
    """Name what else happened within the interval of a change that was not stated."""
    if row["event"] is not None:
        return []
    return [name for at, name in meanwhile if row["low"] - step <= at < row["high"] + step]


def _nothing(step: timedelta) -> Changes:
    return Changes.unknown("no traffic was seen", step=step, samples=0, missing=0)


def _levels(
    series: pl.DataFrame, changes: Sequence[Change]
) -> dict[datetime, tuple[float | None, float | None]]:
    """Return the median share before and after each change; fitted levels may leave 0 to 1 where noise drifts."""
    known = series.drop_nulls("value").with_columns(
        part=pl.sum_horizontal(pl.lit(0), *(pl.col("ts") >= change.time for change in changes))
    )
    medians = dict(known.group_by("part").agg(pl.col("value").median()).rows())
    return {change.time: (medians.get(n), medians.get(n + 1)) for n, change in enumerate(changes)}


def _row(
    event: str | None,
    at: datetime | None,
    verdict: str,
    change: Change | None,
    levels: dict[datetime, tuple[float | None, float | None]],
) -> tuple:
    found = (
        (None,) * 6
        if change is None
        else (change.time, change.low, change.high, *levels[change.time], change.p_value)
    )
    return event, at, verdict, *found
