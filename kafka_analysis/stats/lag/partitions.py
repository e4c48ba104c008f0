"""Where each group stands in each partition: its lag now, its pace, and whether it catches up."""

from typing import NamedTuple

import polars as pl

from kafka_analysis.model.frames import Frame, as_lazy
from kafka_analysis.stats.lag.over_time import SERIES, lag_at
from kafka_analysis.stats.lag.written_at import PLACE, Logs, logs_of

RECENT_ANSWERS = 10
_PART_ROWS = 2_000_000
_CHANGE = 0.05  # seconds of age per second: what grows or falls less stays as it is
_LEAST_ANSWERS = 3  # about a partition whose group does not move, before it is called stuck
_GROUP = ["cluster", "group"]


class Lag(NamedTuple):
    """Lag of every group: in each partition now, and summed up over time."""

    partitions: pl.DataFrame
    over_time: pl.DataFrame


def measure_lag(committed: Frame, offsets: Frame, *, tolerance_s: float = 0.0) -> Lag:
    """Measure how far every group is behind, how fast it reads, and whether it catches up.

    Pace is that of the last ten answers about the cluster's groups: what was committed, and what the log grew by
    meanwhile.

    Parameters
    ----------
    committed
        The capture's ``group_offsets``, narrowed to the window.
    offsets
        The capture's ``offsets``, with what was answered before the window: it dates old records.
    tolerance_s
        Seconds behind up to which a group keeps up.

    Returns
    -------
    Lag
        ``partitions``: a row per cluster, group, topic, partition: the last row of
        :func:`~kafka_analysis.stats.lag.over_time.group_lag`, ``peak_lag_records``, ``answers`` of the pace,
        ``consumed_per_s`` and ``produced_per_s`` (records; null after one answer), ``deleted_per_s`` (of the log's
        start), ``age_growth``: seconds that ``lag_seconds`` grows by per second (1 for a group that stands still),
        ``seconds_to_close`` (null: not at this pace, or unknown) and ``condition``:

        - ``keeps up``: at most ``tolerance_s`` behind, or neither nearer nor farther;
        - ``catching up``, ``slow``: the age of the record read next falls, grows;
        - ``stuck``: three or more answers, records to read at each, none read;
        - ``unknown``: no log end was read.

        ``over_time``: ``ts``, ``cluster``, ``group``, ``lag_records`` of all its partitions, ``lag_seconds`` of the one
        farthest behind, ``is_at_least``.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(4)]
    >>> place = {"cluster": "c", "topic": "t", "partition": 0}
    >>> ends = pl.DataFrame({"ts": t, **place, "log_end_offset": [0, 60, 120, 180]})
    >>> reads = pl.DataFrame({"ts": t, **place, "group": "g", "committed_offset": [0, 30, 60, 90]})
    >>> lag = measure_lag(reads, ends)
    >>> lag.partitions.select("lag_records", "consumed_per_s", "produced_per_s", "condition").row(0)
    (90, 0.5, 1.0, 'slow')
    """
    reads, ends = as_lazy(committed), as_lazy(offsets)
    if "log_start_offset" not in ends.collect_schema():
        ends = ends.with_columns(log_start_offset=pl.lit(None, pl.Int64))
    names = reads.select(SERIES).unique().collect(engine="streaming").sort(SERIES).with_row_index("series")
    places = names.select(PLACE).unique(maintain_order=True).with_row_index("place")
    groups = names.select(_GROUP).unique(maintain_order=True).with_row_index("number")
    series = names.join(places, on=PLACE).join(groups, on=_GROUP)
    numbered = _numbered(reads, series)
    logs = logs_of(ends.join(places.lazy(), on=PLACE).collect(engine="streaming"))
    recent = _recent(reads, series)
    count = 1 + len(numbered) // _PART_ROWS  # parts, so that what is computed fits into memory
    parts = [
        _part(numbered.filter(pl.col("series") % count == part), logs, recent, tolerance_s)
        for part in range(count)
    ]
    over_time = _summed(pl.concat([part.over_time for part in parts]))
    partitions = pl.concat([part.partitions for part in parts])
    return Lag(
        names.join(partitions, on="series").drop("series").sort(SERIES),
        groups.join(over_time, on="number").select("ts", *_GROUP, *over_time.columns[2:]).sort("ts", *_GROUP),
    )


def _numbered(committed: pl.LazyFrame, series: pl.DataFrame) -> pl.DataFrame:
    """Return the committed offsets with numbers in place of names: a tenth of the memory."""
    position = pl.col("committed_offset").cast(pl.Int64)
    joined = committed.filter(position.fill_null(0) >= 0).join(series.lazy(), on=SERIES)
    return joined.select("series", "place", "number", "ts", position).collect(engine="streaming")


def _recent(committed: pl.LazyFrame, series: pl.DataFrame) -> pl.DataFrame:
    """Return for each series the first of the answers of its cluster that tell the pace."""
    answers = committed.select("cluster", "ts").unique().collect(engine="streaming").sort("ts")
    last = answers.group_by("cluster").agg(pl.col("ts").tail(RECENT_ANSWERS))
    since = last.select("cluster", since=pl.col("ts").list.min().cast(pl.Datetime("ms", "UTC")))
    return series.join(since, on="cluster").select("series", "since")


def _part(committed: pl.DataFrame, logs: Logs, recent: pl.DataFrame, tolerance_s: float) -> Lag:
    lag = lag_at(committed, logs)
    return Lag(_partitions(lag.sort("series", "ts"), recent, tolerance_s), _summed(lag))


def _summed(lag: pl.DataFrame) -> pl.DataFrame:
    """Sum partitions, or parts of them, up to groups."""
    records = pl.col("lag_records")
    return lag.group_by("ts", "number").agg(
        lag_records=pl.when(records.count() > 0).then(records.sum()),
        lag_seconds=pl.col("lag_seconds").max(),
        is_at_least=pl.col("is_at_least").filter(pl.col("lag_seconds") == pl.col("lag_seconds").max()).any(),
    )


def _partitions(ordered: pl.DataFrame, recent: pl.DataFrame, tolerance_s: float) -> pl.DataFrame:
    now = ordered.group_by("series", maintain_order=True).agg(
        pl.exclude("series", "place", "number").last(), peak_lag_records=pl.col("lag_records").max()
    )
    joined = now.join(_pace(ordered, recent), on="series", how="left")
    net = pl.col("consumed_per_s") - pl.col("produced_per_s")
    is_late = pl.col("lag_seconds") > tolerance_s
    rates = joined.with_columns(
        seconds_to_close=pl.when(is_late & (net > 0)).then(pl.col("lag_records") / net),
        condition=_condition(is_late),
    )
    return rates.drop("least_lag")


def _pace(ordered: pl.DataFrame, recent: pl.DataFrame) -> pl.DataFrame:
    """Measure over the last answers how fast each partition is read, written and deleted."""
    rows = ordered.join(recent, on="series", maintain_order="left").filter(pl.col("ts") >= pl.col("since"))
    known = rows.drop_nulls("log_end_offset")
    seconds = (pl.col("ts").last() - pl.col("ts").first()).dt.total_milliseconds() / 1000

    def per_second(name: str) -> pl.Expr:
        grown = pl.col(name).diff().clip(lower_bound=0).sum()
        return pl.when(seconds > 0).then(grown / seconds)

    age = pl.col("lag_seconds").last() - pl.col("lag_seconds").first()
    return known.group_by("series", maintain_order=True).agg(
        answers=pl.len(),
        least_lag=pl.col("lag_records").min(),
        consumed_per_s=per_second("committed_offset"),
        produced_per_s=per_second("log_end_offset"),
        deleted_per_s=per_second("log_start_offset"),
        age_growth=pl.when(seconds > 0).then(age / seconds),
    )


def _condition(is_late: pl.Expr) -> pl.Expr:
    stands = (
        (pl.col("answers") >= _LEAST_ANSWERS) & (pl.col("least_lag") > 0) & (pl.col("consumed_per_s") == 0)
    )
    return (
        pl.when(pl.col("lag_records").is_null())
        .then(pl.lit("unknown"))
        .when(stands)
        .then(pl.lit("stuck"))
        .when(is_late & (pl.col("age_growth") > _CHANGE))
        .then(pl.lit("slow"))
        .when(is_late & (pl.col("age_growth") < -_CHANGE))
        .then(pl.lit("catching up"))
        .otherwise(pl.lit("keeps up"))
    )
