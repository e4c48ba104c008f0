"""How far consumer groups got in a window, from the offsets they committed."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

_SERIES = ["cluster", "group", "topic", "partition"]


@same_kind
def group_progress(group_offsets: Frame, *, start: datetime, end: datetime) -> Frame:
    """Count the records each group moved on by in each partition within a window, from committed offsets.

    Between two answers a group moves on evenly; an edge of the window takes its share, and nothing is extrapolated
    beyond the first or last answer. An offset that falls was reset: what was read again is not known and counts 0, so
    that ``records`` is a lower bound. An offset set forward cannot be told from reading.

    Parameters
    ----------
    group_offsets
        The capture's ``group_offsets`` table: ``ts``, ``cluster``, ``group``, ``topic``, ``partition``,
        ``committed_offset``. Samples of ``group_committed_offset`` serve too, with ``value`` renamed.
    start, end
        The window [start, end), UTC.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``group``, ``topic``, ``partition``, ``records``, ``seconds`` in which the cluster's groups were
        observed, ``records_per_s``, ``resets``. ``records`` is 0 for a group that stood still, and null for a
        partition seen once only: one answer tells no progress. A partition not seen in the window is absent.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, m) for m in (0, 1, 2)]
    >>> table = pl.DataFrame({"ts": t, "cluster": "c", "group": "g", "topic": "t", "partition": 0,
    ...     "committed_offset": [100, 160, 40]})
    >>> group_progress(table, start=t[0], end=t[2]).row(0)[4:]
    (60.0, 120.0, 0.5, 1)
    """
    steps = _steps(group_offsets.select("ts", *_SERIES, "committed_offset"))
    since, until = pl.col("_since"), pl.col("ts")
    low, high = (pl.lit(edge).cast(group_offsets.schema["ts"]) for edge in (start, end))
    inside = pl.min_horizontal(until, high) - pl.max_horizontal(since, low)
    share = inside.dt.total_milliseconds() / (until - since).dt.total_milliseconds()
    reaches = (since < high) & (until > low)
    seen = reaches | ((until >= low) & (until < high))
    grown = (
        steps.filter(seen.fill_null((until >= low) & (until < high)))
        .group_by(_SERIES)
        .agg(
            records=pl.when(reaches.any()).then((pl.col("_moved") * share).filter(reaches).sum()),
            resets=pl.col("_fell").filter(reaches).sum().cast(pl.Int64),
        )
    )
    observed = _observed(group_offsets, low, high)
    rate = pl.when(pl.col("seconds") > 0).then(pl.col("records") / pl.col("seconds"))
    columns = [*_SERIES, "records", "seconds", "records_per_s", "resets"]
    joined = grown.join(observed, on="cluster", how="left").with_columns(records_per_s=rate)
    return joined.select(columns).sort(_SERIES)


def _steps(offsets: pl.DataFrame) -> pl.DataFrame:
    """Add to each answer when the one before it came, and how many records the group moved on by since."""
    moved = pl.col("committed_offset").diff().over(_SERIES)
    return offsets.sort(*_SERIES, "ts").with_columns(
        _since=pl.col("ts").shift(1).over(_SERIES), _moved=moved.clip(lower_bound=0), _fell=moved < 0
    )


def _observed(offsets: pl.DataFrame, low: pl.Expr, high: pl.Expr) -> pl.DataFrame:
    """Return the seconds of the window between each cluster's first and last answer."""
    first, last = pl.max_horizontal(pl.col("ts").min(), low), pl.min_horizontal(pl.col("ts").max(), high)
    seconds = (last - first).dt.total_milliseconds() / 1000
    return offsets.group_by("cluster").agg(seconds=seconds.clip(lower_bound=0.0))
