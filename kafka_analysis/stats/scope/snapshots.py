"""Pick the state of the metadata tables at a moment, and the growth of offsets in a window."""

from datetime import datetime

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.moments import as_time
from kafka_analysis.stats.reduce import samples as reduce


@same_kind
def snapshot_at(table: Frame, moment: datetime) -> Frame:
    """Return each cluster's last snapshot at or before a moment, else its first one after.

    Parameters
    ----------
    table
        A metadata table: ``ts``, ``cluster`` and the rest; rows of one snapshot share their ``ts``.
    moment
        Without a time zone it is UTC.

    Returns
    -------
    frame of the kind given
        The rows of the chosen snapshots.

    Examples
    --------
    >>> t = [datetime(2026, 1, d) for d in (1, 3, 5)]
    >>> table = pl.DataFrame({"ts": t, "cluster": "c", "leader": [1, 2, 3]})
    >>> snapshot_at(table, datetime(2026, 1, 4))["leader"].to_list()
    [2]
    >>> snapshot_at(table, datetime(2025, 1, 1))["leader"].to_list()
    [1]
    """
    moments = table.select("cluster", "ts").unique()
    is_past = pl.col("ts") <= as_time(moment, table.schema["ts"])
    past = moments.filter(is_past).group_by("cluster").agg(chosen=pl.col("ts").max())
    future = moments.group_by("cluster").agg(first=pl.col("ts").min())
    chosen = future.join(past, on="cluster", how="left").with_columns(chosen=pl.coalesce("chosen", "first"))
    return table.join(chosen.select("cluster", ts="chosen"), on=["cluster", "ts"], how="semi")


@same_kind
def last_snapshot(table: Frame) -> Frame:
    """Return each cluster's last snapshot; a frame without ``ts`` is one snapshot already.

    Functions that take one snapshot of a table call it, so that replicas are not counted once for each snapshot.

    Examples
    --------
    >>> t = [datetime(2026, 1, d) for d in (1, 3)]
    >>> last_snapshot(pl.DataFrame({"ts": t, "cluster": "c", "leader": [1, 2]}))["leader"].to_list()
    [2]
    """
    if "ts" not in table.columns:
        return table
    latest = pl.col("ts").max()
    return table.filter(ts=latest.over("cluster") if "cluster" in table.columns else latest)


@same_kind
def records_appended(offsets: Frame, *, start: datetime, end: datetime) -> Frame:
    """Count the records each partition's log grew by in a window, from log end offsets.

    Transaction markers take an offset each and are counted here. A log end offset that falls (topic re-created)
    counts from 0; a partition first seen later began at 0. Where a leader did not answer (null), its log grew evenly
    between the answers before and after; without one of them it stood still, so that ``records`` is a lower bound.

    Parameters
    ----------
    offsets
        The capture's ``offsets`` table: ``ts``, ``cluster``, ``topic``, ``partition``, ``log_end_offset``.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``partition``, ``records``, ``seconds``, ``records_per_s``; partitions never seen are
        absent.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in (0, 10)]
    >>> table = pl.DataFrame({"ts": t, "cluster": "c", "topic": "t", "partition": 0, "log_end_offset": [5, 25]})
    >>> records_appended(table, start=t[0], end=t[1]).row(0)
    ('c', 't', 0, 20.0, 10.0, 2.0)
    """
    series = ["cluster", "topic", "partition"]
    silent = offsets.filter(pl.col("log_end_offset").is_null()).select(series).unique()
    answered = offsets.join(silent, on=series, how="anti")
    filled = _filled(offsets.join(silent, on=series, how="semi"), series)
    rows = pl.concat([answered, filled], how="vertical_relaxed").select(
        pl.lit("log_end_offset").alias("metric"),
        "ts",
        "cluster",
        pl.lit(None, dtype=pl.Int32).alias("broker"),
        "topic",
        "partition",
        *[pl.lit(None, dtype=pl.String).alias(name) for name in ("group", "entity", "stat")],
        pl.col("log_end_offset").cast(pl.Float64).alias("value"),
    )
    grown = reduce.increase(rows, start=start, end=end)
    return grown.select(
        "cluster", "topic", "partition", records="increase", seconds="seconds", records_per_s="rate_per_s"
    )


def _filled(offsets: pl.DataFrame, series: list[str]) -> pl.DataFrame:
    """Fill in what a silent leader left out: a series that is not there would count as ended, and again from 0."""
    end = pl.col("log_end_offset").cast(pl.Float64)
    ordered = offsets.sort(*series, "ts").with_columns(
        log_end_offset=end,
        _before=end.forward_fill().over(series),
        _after=end.backward_fill().over(series),
        _between=end.interpolate_by("ts").over(series),
    )
    filled = (
        pl.when(pl.col("_after") >= pl.col("_before"))
        .then("_between")
        .otherwise(pl.coalesce("_before", "_after"))
    )
    ended = ordered.with_columns(log_end_offset=pl.coalesce("log_end_offset", filled))
    return ended.select(offsets.columns).drop_nulls("log_end_offset")
