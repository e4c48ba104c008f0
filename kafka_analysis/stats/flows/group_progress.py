"""How far consumer groups got in a window, from the offsets they committed."""

from datetime import datetime

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.moments import as_time

_PART_ROWS = 1_000_000
_PLACE = ["cluster", "topic", "partition"]
_SERIES = ["cluster", "group", "topic", "partition"]


@same_kind
def group_progress(group_offsets: Frame, *, start: datetime, end: datetime, offsets: Frame = None) -> Frame:
    """Count the records each group moved on by in each partition within a window, from committed offsets.

    An edge of the window takes its share of what lies between two answers: as much as was appended to the log on its
    side, where ``offsets`` tell, for groups move as records come; else by time. Nothing is extrapolated beyond the
    first or last answer. An offset that falls was reset: what was read again is not known and counts 0, so that
    ``records`` is a lower bound. An offset set forward cannot be told from reading. Exporters write −1 where nothing
    was committed: that is no position.

    Parameters
    ----------
    group_offsets
        The capture's ``group_offsets`` table: ``ts``, ``cluster``, ``group``, ``topic``, ``partition``,
        ``committed_offset``. Samples of ``group_committed_offset`` serve too, with ``value`` renamed.
    start, end
        The window [start, end); without a time zone they are UTC.
    offsets
        The capture's ``offsets`` table: ``ts``, ``cluster``, ``topic``, ``partition``, ``log_end_offset``.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``group``, ``topic``, ``partition``, ``records``, ``seconds`` from the first answer of the cluster
        to the last about the group (a snapshot may lack it while its coordinator moves), ``records_per_s``, ``resets``.
        ``records`` is 0 for a group that stood still, and null for a partition seen once only: one answer tells no
        progress. A partition not seen in the window is absent.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, m) for m in (0, 1, 2)]
    >>> table = pl.DataFrame({"ts": t, "cluster": "c", "group": "g", "topic": "t", "partition": 0,
    ...     "committed_offset": [100, 160, 40]})
    >>> group_progress(table, start=t[0], end=t[2]).row(0)[4:]
    (60.0, 120.0, 0.5, 1)
    """
    low, high = (as_time(edge, group_offsets.schema["ts"]) for edge in (start, end))
    parts = 1 + len(group_offsets) // _PART_ROWS  # whole topics, so that what is computed fits into memory
    part = group_offsets["topic"].hash() % parts
    moved = pl.concat(_moved(group_offsets.filter(part == n), low, high, offsets) for n in range(parts))
    rate = pl.when(pl.col("seconds") > 0).then(pl.col("records") / pl.col("seconds"))
    joined = moved.join(_observed(group_offsets, low, high), on=["cluster", "group"], how="left")
    columns = [*_SERIES, "records", "seconds", "records_per_s", "resets"]
    return joined.with_columns(records_per_s=rate).select(columns).sort(_SERIES)


def _moved(
    group_offsets: pl.DataFrame, low: pl.Expr, high: pl.Expr, offsets: pl.DataFrame | None
) -> pl.DataFrame:
    """Count the records that each group moved on by in each partition."""
    steps = _steps(
        group_offsets.filter(pl.col("committed_offset") >= 0).select("ts", *_SERIES, "committed_offset")
    )
    since, until = pl.col("_since"), pl.col("ts")
    reaches = ((since < high) & (until > low)).fill_null(value=False)
    seen = steps.filter(reaches | ((until >= low) & (until < high))).with_columns(
        _reaches=reaches, _from=pl.max_horizontal(since, low), _to=pl.min_horizontal(until, high)
    )
    shared = _with_shares(seen, offsets)
    return shared.group_by(_SERIES).agg(
        records=pl.when(pl.col("_reaches").any()).then((pl.col("_moved") * pl.col("_share")).sum()),
        resets=pl.col("_fell").filter("_reaches").sum().cast(pl.Int64),
    )


def _steps(offsets: pl.DataFrame) -> pl.DataFrame:
    """Add to each answer when the one before it came, and how many records the group moved on by since."""
    is_same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in _SERIES)
    # cheaper than shift and diff over the series
    ordered = offsets.sort(*_SERIES, "ts").with_columns(_same=is_same)
    moved = pl.when("_same").then(pl.col("committed_offset").diff())
    return ordered.with_columns(
        _since=pl.when("_same").then(pl.col("ts").shift(1)), _moved=moved.clip(lower_bound=0), _fell=moved < 0
    ).drop("_same")


def _with_shares(steps: pl.DataFrame, offsets: pl.DataFrame | None) -> pl.DataFrame:
    """Add which share of each step lies in the window; null for an answer with none before it."""
    by_time = (pl.col("_to") - pl.col("_from")).dt.total_milliseconds() / (
        pl.col("ts") - pl.col("_since")
    ).dt.total_milliseconds()
    inside = (pl.col("_from") == pl.col("_since")) & (pl.col("_to") == pl.col("ts"))
    timed = steps.with_columns(
        _share=pl.when("_reaches").then(by_time), _crosses=pl.col("_reaches") & ~inside
    )
    crossing = timed.filter("_crosses")
    if offsets is None or crossing.is_empty():
        return timed
    moments = ("_since", "_from", "_to", "ts")
    ends = _log_ends(offsets, pl.concat(crossing.select(*_PLACE, ts=moment) for moment in moments))
    for moment in moments:
        at = ends.rename({"ts": moment, "_end": f"_end{moment}"})
        crossing = crossing.join(at, on=[*_PLACE, moment], how="left")
    whole = pl.col("_endts") - pl.col("_end_since")
    by_records = pl.when(whole > 0).then((pl.col("_end_to") - pl.col("_end_from")) / whole)
    exact = crossing.with_columns(_share=pl.coalesce(by_records.clip(0.0, 1.0), "_share"))
    return pl.concat([timed.filter(~pl.col("_crosses")), exact.select(timed.columns)])


def _log_ends(offsets: pl.DataFrame, moments: pl.DataFrame) -> pl.DataFrame:
    """Return where logs ended at some moments, evenly between answers; null before the first and after the last."""
    distinct = moments.unique()
    end = pl.col("log_end_offset").cast(pl.Float64)
    answers = offsets.join(distinct, on=_PLACE, how="semi").select(*_PLACE, "ts", _end=end)
    between = distinct.join(answers, on=[*_PLACE, "ts"], how="anti")
    both = pl.concat([answers, between], how="diagonal_relaxed").sort(*_PLACE, "ts")
    filled = both.with_columns(_end=pl.col("_end").interpolate_by("ts").over(_PLACE))
    return filled.unique([*_PLACE, "ts"]).select(*_PLACE, "ts", "_end")


def _observed(offsets: pl.DataFrame, low: pl.Expr, high: pl.Expr) -> pl.DataFrame:
    """Return the seconds of the window from its cluster's first answer to the last one about each group."""
    ends = offsets.group_by("cluster", "group").agg(_last=pl.col("ts").max())
    starts = offsets.group_by("cluster").agg(_first=pl.col("ts").min())
    seconds = (
        pl.min_horizontal("_last", high) - pl.max_horizontal("_first", low)
    ).dt.total_milliseconds() / 1000
    return ends.join(starts, on="cluster").select("cluster", "group", seconds=seconds.clip(lower_bound=0.0))
