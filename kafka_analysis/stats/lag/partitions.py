"""Where each group stands in each partition: its lag now, its pace, and whether it catches up."""

from typing import NamedTuple

import polars as pl

from kafka_analysis.model.frames import Frame, as_lazy
from kafka_analysis.stats.lag.over_time import SERIES, lag_at
from kafka_analysis.stats.lag.written_at import PLACE, Logs, logs_of

RECENT_ANSWERS = 10
MOST_ANSWERS = 120  # of longer captures every second, third … answer is looked at, besides the recent ones
_PART_ROWS = 2_000_000
_CHANGE = 0.05  # seconds of age per second: what grows or falls less stays as it is
_LEAST_ANSWERS = 3  # about a partition whose group does not move, before it is called stuck
_GROUP = ["cluster", "group"]
# Whoever reads transactions commits the offset after the last record, which may be that of the transaction's marker.
MAY_BE_MARKER = (pl.col("lag_records") == 1) & (pl.col("produced_per_s") == 0).fill_null(value=False)


class Lag(NamedTuple):
    """Lag of every group: in each partition now, and summed up over time; when committed offsets were read."""

    partitions: pl.DataFrame
    over_time: pl.DataFrame
    answers: pl.DataFrame


class _Part(NamedTuple):
    partitions: pl.DataFrame
    over_time: pl.DataFrame


def measure_lag(
    committed: Frame,
    offsets: Frame,
    *,
    tolerance_s: float = 0.0,
    recent_answers: int = RECENT_ANSWERS,
    shown_answers: int = MOST_ANSWERS,
) -> Lag:
    """Measure how far every group is behind, how fast it reads, and whether it catches up.

    Pace is that of the last ten answers (or ``recent_answers``) about the cluster's groups: what was committed, and
    what the log grew by meanwhile.

    Parameters
    ----------
    committed
        The capture's ``group_offsets``, narrowed to the window.
    offsets
        The capture's ``offsets``, with what was answered before the window: it dates old records.
    tolerance_s
        Seconds behind up to which a group keeps up.
    recent_answers
        Answers that tell the pace; more where offsets are committed less often than they are read.
    shown_answers
        Of more answers every second, third … is looked at, besides the recent ones.

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

        A lag of 1 on a log that does not grow may be the marker of a transaction, which nobody reads: it keeps up.

        ``over_time``: ``ts``, ``cluster``, ``group``, ``lag_records`` of all its partitions, ``lag_seconds`` of the one
        farthest behind, ``is_at_least``; of more than 120 answers every second, third … one, and the last ten.
        ``answers``: ``cluster``, ``ts`` of all.

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
    answers = reads.select("cluster", "ts").unique().collect(engine="streaming").sort("cluster", "ts")
    chosen = _chosen(answers, recent_answers, shown_answers)
    reads = reads.join(chosen.lazy(), on=["cluster", "ts"])
    names = reads.select(SERIES).unique().collect(engine="streaming").sort(SERIES).with_row_index("series")
    places = names.select(PLACE).unique(maintain_order=True).with_row_index("place")
    groups = names.select(_GROUP).unique(maintain_order=True).with_row_index("number")
    series = names.join(places, on=PLACE).join(groups, on=_GROUP)
    numbered = _numbered(reads, series)
    logs = logs_of(ends.join(places.lazy(), on=PLACE).collect(engine="streaming"))
    count = 1 + len(numbered) // _PART_ROWS  # parts, so that what is computed fits into memory
    parts = [
        _part(numbered.filter(pl.col("series") % count == part), logs, tolerance_s) for part in range(count)
    ]
    over_time = _summed(pl.concat([part.over_time for part in parts]))
    partitions = pl.concat([part.partitions for part in parts])
    return Lag(
        names.join(partitions, on="series").drop("series").sort(SERIES),
        groups.join(over_time, on="number").select("ts", *_GROUP, *over_time.columns[2:]).sort("ts", *_GROUP),
        answers,
    )


def _numbered(committed: pl.LazyFrame, series: pl.DataFrame) -> pl.DataFrame:
    """Return the committed offsets with numbers in place of names: a tenth of the memory."""
    position = pl.col("committed_offset").cast(pl.Int64)
    joined = committed.filter(position.fill_null(0) >= 0).join(series.lazy(), on=SERIES)
    return joined.select("series", "place", "number", "is_recent", "ts", position).collect(engine="streaming")


def _chosen(answers: pl.DataFrame, recent_answers: int, shown_answers: int) -> pl.DataFrame:
    """Choose of each cluster's answers those that tell the pace (``is_recent``), and of those before so many."""
    back = pl.int_range(pl.len() - 1, -1, -1).over("cluster")
    step = (pl.len() // shown_answers + 1).over("cluster")
    numbered = answers.with_columns(is_recent=back < recent_answers, is_shown=back % step == 0)
    return numbered.filter(pl.col("is_recent") | pl.col("is_shown")).drop("is_shown")


def _part(committed: pl.DataFrame, logs: Logs, tolerance_s: float) -> _Part:
    lag = lag_at(committed, logs)
    return _Part(_partitions(lag, tolerance_s), _summed(lag))


def _summed(lag: pl.DataFrame) -> pl.DataFrame:
    """Sum partitions, or parts of them, up to groups."""
    records = pl.col("lag_records")
    return lag.group_by("ts", "number").agg(
        lag_records=pl.when(records.count() > 0).then(records.sum()),
        lag_seconds=pl.col("lag_seconds").max(),
        is_at_least=pl.col("is_at_least").filter(pl.col("lag_seconds") == pl.col("lag_seconds").max()).any(),
    )


def _partitions(lag: pl.DataFrame, tolerance_s: float) -> pl.DataFrame:
    recent = lag.filter("is_recent").sort("series", "ts")
    ended = lag.join(recent.select("series").unique(), on="series", how="anti").sort("series", "ts")
    last = pl.concat([recent, ended]).group_by("series", maintain_order=True).last()
    peaks = lag.group_by("series").agg(peak_lag_records=pl.col("lag_records").max())
    now = last.drop("place", "number", "is_recent").join(peaks, on="series", how="left")
    joined = now.join(_pace(recent), on="series", how="left")
    net = pl.col("consumed_per_s") - pl.col("produced_per_s")
    is_late = (pl.col("lag_seconds") > tolerance_s) & ~MAY_BE_MARKER
    rates = joined.with_columns(
        seconds_to_close=pl.when(is_late & (net > 0)).then(pl.col("lag_records") / net),
        condition=_condition(is_late),
    )
    return rates.drop("least_lag")


def _pace(recent: pl.DataFrame) -> pl.DataFrame:
    """Measure over the last answers how fast each partition is read, written and deleted."""
    known = recent.drop_nulls("log_end_offset")
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
    stands = ~MAY_BE_MARKER & (
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
