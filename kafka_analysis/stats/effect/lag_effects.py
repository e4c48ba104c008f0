"""How far consumers were behind, before and after, and how long they took to come back after the cut-over."""

import math
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, as_lazy, back_to, to_polars
from kafka_analysis.model.units import counted, format_duration
from kafka_analysis.stats.effect.rows import AMOUNTS, SCHEMA, Asked, cannot_tell
from kafka_analysis.stats.effect.sides import Sides, compared
from kafka_analysis.stats.effect.traffic import HOUR
from kafka_analysis.stats.lag.partitions import measure_lag

ANSWERS = 1200  # of a window at most: 7 an hour of a week
_OF_A_DAY = (1, 2, 3, 4, 6, 8, 12)  # hours that divide a day
_LATE_S = 1.0
_LASTING = 3  # answers in a row, before a group is called back
_MS = pl.Datetime("ms", "UTC")
_SECONDS = Asked("lag_seconds", "Consumers behind in time, mean of groups", "s", same_up_to=_LATE_S)
_RECORDS = Asked("lag_records", "Records that wait for consumers, mean of groups", "records")
_RECOVERY = Asked("recovery", "Consumers' recovery after the cut-over", "s")


def lag_effects(committed: Frame, offsets: Frame, *, events: Frame, sides: Sides) -> Any:
    """Say by how much consumers are farther behind, and how long they took to come back after the last cut-over.

    Parameters
    ----------
    committed
        The capture's ``group_offsets`` of the topics and groups that count.
    offsets
        The capture's ``offsets``.
    events
        The capture's ``events``.
    sides
        Result of :func:`kafka_analysis.stats.effect.sides.sides_of`.

    Returns
    -------
    frame of the kind given
        Rows (``SCHEMA`` of :mod:`kafka_analysis.stats.effect.rows`): seconds and records behind, as the mean of the
        groups seen on both sides; and the recovery, of which ``effect`` is the seconds from the last cut-over until
        three answers in a row are no worse than the worst before, between ``low`` and ``high``.

    Examples
    --------
    >>> from datetime import UTC
    >>> from kafka_analysis.stats.scope.windows import Window
    >>> t = [datetime(2026, 1, 1, h, tzinfo=UTC) for h in range(3)]
    >>> sides = Sides(Window(t[0], t[1]), Window(t[1], t[2]), ("a",), ("b",), timedelta(hours=1), "week")
    >>> rows = pl.DataFrame(schema={"ts": pl.Datetime("ms", "UTC"), "cluster": pl.String, "group": pl.String,
    ...     "topic": pl.String, "partition": pl.Int32, "committed_offset": pl.Int64, "log_end_offset": pl.Int64})
    >>> events = pl.DataFrame(schema={"ts": pl.Datetime("ms", "UTC"), "kind": pl.String, "name": pl.String})
    >>> lag_effects(rows, rows, events=events, sides=sides)["reason"][0]
    'no committed offsets of consumer groups were read before or after (tables group_offsets and offsets)'
    """
    cutover = last_cutover(to_polars(events), sides)
    since = sides.after.start if cutover is None else min(cutover[0], sides.after.start)
    then = _lag(committed, offsets, sides.clusters_before, sides.before.start, sides.before.end)
    now = _lag(committed, offsets, sides.clusters_after, since, sides.after.end)
    groups = sorted(set(then["group"]) & set(now["group"]))
    if missing := _missing(then, now, groups):
        rows = [cannot_tell(asked, missing) for asked in (_SECONDS, _RECORDS, _RECOVERY)]
        return back_to(pl.DataFrame(rows, schema=SCHEMA), offsets)
    then, now = (rows.filter(pl.col("group").is_in(groups)) for rows in (then, now))
    step = answer_step(pl.concat([then, now]), step=sides.step)
    rows = []
    for asked, column in ((_SECONDS, "lag_seconds"), (_RECORDS, "lag_records")):
        series = pl.concat([lag_series(side, column, step=step) for side in (then, now)])
        rows.append(compared(asked, series, sides, step=step))
    before, after = (lag_series(side, "lag_seconds", step=step) for side in (then, now))
    rows.append(recovery(before, after, cutover=cutover))
    return back_to(pl.DataFrame(rows, schema=SCHEMA), offsets)


def _lag(
    committed: Frame, offsets: Frame, clusters: tuple[str, ...], start: datetime, end: datetime
) -> pl.DataFrame:
    """Measure the lag of the groups of some clusters in a window; earlier answers about logs date old records."""
    here, ts = pl.col("cluster").is_in(list(clusters)), pl.col("ts").cast(_MS)
    reads = as_lazy(committed).filter(here, ts >= start, ts < end)
    ends = as_lazy(offsets).filter(here, ts < end)
    lag = measure_lag(reads, ends, shown_answers=ANSWERS).over_time
    return lag.cast({"ts": _MS}).drop_nulls("lag_records")


def _missing(then: pl.DataFrame, now: pl.DataFrame, groups: list[str]) -> str:
    empty = [name for name, rows in (("before", then), ("after", now)) if rows.is_empty()]
    if empty:
        when = " or ".join(empty)
        return f"no committed offsets of consumer groups were read {when} (tables group_offsets and offsets)"
    return "" if groups else "no consumer group was seen both before and after"


def last_cutover(events: pl.DataFrame, sides: Sides) -> tuple[datetime, str] | None:
    """Return when the last cut-over between the windows was, and its name; None where no event says so.

    Examples
    --------
    >>> from datetime import UTC
    >>> from kafka_analysis.stats.scope.windows import Window
    >>> t = [datetime(2026, 1, 1, h, tzinfo=UTC) for h in range(4)]
    >>> sides = Sides(Window(t[0], t[1]), Window(t[2], t[3]), ("a",), ("b",), timedelta(hours=1), "week")
    >>> rows = pl.DataFrame({"ts": t[:3], "kind": "cutover", "name": ["early", "wave-1", "wave-2"]})
    >>> last_cutover(rows, sides)[1]
    'wave-2'
    """
    ts = pl.col("ts").cast(_MS)
    between = events.filter(pl.col("kind") == "cutover", ts >= sides.before.end, ts <= sides.after.start)
    return None if between.is_empty() else between.select(ts, "name").sort("ts").row(-1)


def answer_step(over_time: pl.DataFrame, *, step: timedelta) -> timedelta:
    """Return the step of a comparison of lag: that of the answers where they are farther apart than ``step``.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, m) for m in range(4)]
    >>> rows = pl.DataFrame({"cluster": "c", "group": "g", "ts": t})
    >>> [answer_step(rows, step=timedelta(seconds=s)).total_seconds() for s in (10, 3600)]
    [60.0, 3600.0]
    """
    ordered = over_time.sort("ts").select(
        "cluster", "group", gap=pl.col("ts").diff().over("cluster", "group")
    )
    typical = ordered["gap"].dt.total_milliseconds().drop_nulls().median() or 0.0
    steps = max(1, round(float(typical) / (step / timedelta(milliseconds=1))))  # type: ignore[arg-type]
    if step == HOUR:
        steps = next((hours for hours in _OF_A_DAY if hours >= steps), 24)
    return steps * step


def lag_series(over_time: pl.DataFrame, column: str, *, step: timedelta) -> pl.DataFrame:
    """Average the lag of groups, step by step.

    Parameters
    ----------
    over_time
        ``over_time`` of ``stats.measure_lag``.
    column
        ``lag_seconds`` or ``lag_records``.

    Returns
    -------
    polars.DataFrame
        ``ts``, ``value``, ``answered`` (when the last answer of the step came); the value is null where a cluster did
        not answer: the others' mean would be another one.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in (0, 1, 10)]
    >>> rows = pl.DataFrame({"ts": t, "cluster": ["a", "b", "a"], "group": ["g", "h", "g"], "lag_seconds": [2.0, 4, 9]})
    >>> lag_series(rows, "lag_seconds", step=timedelta(seconds=10))["value"].to_list()
    [3.0, None]
    """
    clusters = over_time["cluster"].n_unique()
    milliseconds = step // timedelta(milliseconds=1)
    since = pl.col("ts").dt.epoch("ms") // milliseconds * milliseconds
    ts = pl.from_epoch(since, "ms").dt.replace_time_zone("UTC")
    each = over_time.group_by(ts.alias("step"), "cluster", "group").agg(
        pl.col(column).mean(), pl.col("ts").max()
    )
    known = pl.when(pl.col("cluster").n_unique() == clusters).then(pl.col(column).mean())
    return each.group_by(ts="step").agg(value=known, answered=pl.col("ts").max()).sort("ts")


def recovery(
    before: pl.DataFrame, after: pl.DataFrame, *, cutover: tuple[datetime, str] | None
) -> dict[str, Any]:
    """Tell how long after a cut-over consumers were as near to the end of their logs as before.

    Parameters
    ----------
    before, after
        Results of :func:`lag_series` of seconds: the window before, and from the cut-over on.
    cutover
        Result of :func:`last_cutover`.

    Returns
    -------
    dict
        A row: ``same`` where they came back, ``worse`` where they had not at the end of the window.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in range(0, 60, 10)]
    >>> usual = pl.DataFrame({"answered": t, "value": 2.0})
    >>> late = pl.DataFrame({"answered": t, "value": [9.0, 5.0, 2.0, 1.0, 2.0, 1.0]})
    >>> row = recovery(usual, late, cutover=(t[0], "wave-1"))
    >>> row["verdict"], row["low"], row["effect"]
    ('same', 10.0, 20.0)
    """
    if cutover is None:
        return cannot_tell(_RECOVERY, "no event says when the last cut-over was")
    at, name = cutover
    rows = after.drop_nulls("value").filter(pl.col("answered") >= at).sort("answered")
    limit = max(float(before["value"].max() or 0.0), _LATE_S)  # type: ignore[arg-type]
    late, times = (rows["value"] > limit).to_list(), rows["answered"].to_list()
    if len(rows) < _LASTING:
        return cannot_tell(
            _RECOVERY, f"{counted(len(rows), 'answer')} about lag after {name}: {_LASTING} are needed"
        )
    starts = range(len(late) - _LASTING + 1)
    back = next((i for i in starts if not any(late[i : i + _LASTING])), None)
    if back is None:
        passed = format_duration((times[-1] - at).total_seconds())
        reason = f"{passed} after {name} they were still more than {format_duration(math.ceil(limit))} behind"
        return _recovered("worse", reason)
    high = (times[back] - at).total_seconds()
    low = (times[back - 1] - at).total_seconds() if back else 0.0
    reason = f"as near to the end of their logs as before, {format_duration(high)} after {name}"
    return _recovered("same", reason, effect=high, low=max(low, 0.0), high=high)


def _recovered(verdict: str, reason: str, **amounts: float) -> dict[str, Any]:
    empty = dict.fromkeys(AMOUNTS)
    said = {"verdict": verdict, "reason": reason, "is_share": False, "method": "first three answers in a row"}
    return {**_RECOVERY.names, **empty, **said, **amounts}
