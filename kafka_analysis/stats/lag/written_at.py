"""When the record at an offset was written to its log, found from the log ends of successive answers."""

from typing import NamedTuple

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

PLACE = ["cluster", "topic", "partition"]
_LOG = ["place", "log"]


@same_kind
def written_at(positions: Frame, offsets: Frame) -> Frame:
    """Tell when the record at each position was written, interpolated between the log ends of two answers.

    The record was written after the last answer at which the log ended at or before it, and before the next answer.
    Records in between are taken to have come evenly. A log whose end falls below half of what it held was re-created
    or truncated: what was seen of it before says nothing about its records. A smaller fall (the high watermark of a
    new leader) is the same log.

    Parameters
    ----------
    positions
        ``ts``, ``cluster``, ``topic``, ``partition``, ``position``: the offset of the record that is read next, by
        a consumer group or a replicator; where retention has deleted it, the first record left is meant. Other columns
        are kept.
    offsets
        The capture's ``offsets``: ``ts``, ``cluster``, ``topic``, ``partition``, ``log_start_offset``,
        ``log_end_offset``; rows without a log end are left out.

    Returns
    -------
    frame of the kind given
        The rows of ``positions`` in their order, and of the last answer at or before ``ts``: ``log_start_offset``,
        ``log_end_offset`` (null where there was none), ``since`` and ``until``: the record was written in between;
        ``since`` null: before the log was first seen, ``until`` null: not before the last answer. ``written_at`` is
        null where either is.

    Examples
    --------
    >>> from datetime import datetime
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in (0, 10, 20)]
    >>> place = {"cluster": "c", "topic": "t", "partition": 0}
    >>> ends = pl.DataFrame({"ts": t, **place, "log_start_offset": 0, "log_end_offset": [100, 100, 200]})
    >>> reads = pl.DataFrame({"ts": t[2], **place, "position": [150, 90, 200]})
    >>> [at and at.second for at in written_at(reads, ends)["written_at"]]
    [15, None, None]
    """
    places = offsets.select(PLACE).unique().with_row_index("place")
    rows = positions.with_row_index("_row")
    numbered = rows.join(places, on=PLACE, how="left").select("_row", "place", "ts", "position")
    logs = logs_of(offsets.join(places, on=PLACE))
    found = dated(numbered, logs).drop("place", "ts", "position")
    return rows.join(found, on="_row", how="left", maintain_order="left").drop("_row")


class Logs(NamedTuple):
    """Answers about logs by the number of their place (``place``, ``log``: it grows when a log is re-created).

    ``answers``: ts, log_start_offset, log_end_offset. ``crossings``: for each end of a log when it was last seen there
    (``since``), which end was seen next (``next_end``) and when (``until``). ``firsts``: when each log was first seen.
    """

    answers: pl.DataFrame
    crossings: pl.DataFrame
    firsts: pl.DataFrame


def logs_of(offsets: pl.DataFrame) -> Logs:
    """Take the answers about logs apart; ``offsets`` has ``place`` in place of names.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(3)]
    >>> ends = pl.DataFrame({"place": 0, "ts": t, "log_start_offset": 0, "log_end_offset": [10, 10, 30]})
    >>> logs_of(ends).crossings.select("end", "next_end").rows()
    [(10, 30), (30, None)]
    """
    start, end = (pl.col(name).cast(pl.Int64) for name in ("log_start_offset", "log_end_offset"))
    ordered = (
        offsets.filter(pl.col("log_end_offset").is_not_null())
        .select("place", pl.col("ts").cast(pl.Datetime("ms", "UTC")), start, end)
        .sort("place", "ts")
    )
    end = pl.col("log_end_offset")
    same_place = pl.col("place") == pl.col("place").shift(1)
    is_new = same_place & (end < (pl.col("log_start_offset").fill_null(0) + end).shift(1) / 2)
    answers = ordered.with_columns(log=is_new.fill_null(value=False).cum_sum().cast(pl.UInt32))
    ends = answers.select(*_LOG, "ts", end=end)
    if ends.select(((pl.col("end").diff() < 0) & ~_begins(*_LOG)).any()).item():
        # an end counts as low as any later one, so that a dip is no end of its own
        ends = ends.with_columns(end=pl.col("end").reverse().cum_min().reverse().over(_LOG))
    is_last = _begins(*_LOG, "end").shift(-1, fill_value=True)
    seen = ends.with_columns(_first=_begins(*_LOG, "end"), _last=is_last)
    crossings = (
        seen.filter("_last").select(*_LOG, "end", since="ts").hstack(seen.filter("_first").select(first="ts"))
    )
    ends_log = _begins(*_LOG).shift(-1, fill_value=True)
    following = crossings.with_columns(
        next_end=pl.when(~ends_log).then(pl.col("end").shift(-1)),
        until=pl.when(~ends_log).then(pl.col("first").shift(-1)),
    )
    firsts = crossings.filter(_begins(*_LOG)).select(*_LOG, "first")
    return Logs(answers.sort("ts"), following.drop("first").sort("end"), firsts)


def _begins(*names: str) -> pl.Expr:
    """Return whether a row of a sorted frame differs from the one before it."""
    return pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in names)


def dated(positions: pl.DataFrame, logs: Logs) -> pl.DataFrame:
    """Return the positions (``ts``, ``place``, ``position`` and others) with what :func:`written_at` adds.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(3)]
    >>> ends = pl.DataFrame({"place": [0] * 3, "ts": t, "log_start_offset": 0, "log_end_offset": [10, 10, 30]})
    >>> dated(pl.DataFrame({"place": [0], "ts": t[2:], "position": 20}), logs_of(ends))["since"][0].minute
    1
    """
    ordered = positions.with_columns(pl.col("ts").cast(pl.Datetime("ms", "UTC"))).sort("ts")
    now = ordered.join_asof(logs.answers, on="ts", by="place", check_sortedness=False)
    # of records that retention has deleted, the first one left is read next
    read_next = pl.max_horizontal("position", "log_start_offset").cast(pl.Int64)
    known = now.with_columns(_read_next=pl.when(pl.col("position").is_not_null()).then(read_next)).sort(
        "_read_next"
    )
    between = known.join_asof(
        logs.crossings, left_on="_read_next", right_on="end", by=_LOG, check_sortedness=False
    ).join(logs.firsts, on=_LOG, how="left", maintain_order="left")
    share = (pl.col("_read_next") - pl.col("end") + 0.5) / (pl.col("next_end") - pl.col("end"))
    taken = pl.col("since") + (pl.col("until") - pl.col("since")) * share.clip(0.0, 1.0)
    first = pl.when(pl.col("_read_next").is_not_null() & pl.col("since").is_null()).then("first")
    return between.select(
        *positions.columns,
        "log_start_offset",
        "log_end_offset",
        "since",
        until=pl.coalesce("until", first),
        written_at=taken,
    )
