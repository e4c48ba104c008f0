"""Whether unread records outlive the move: a group that is far behind must not lose them before it is at the target."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import format_duration
from kafka_analysis.stats.cutover.counted import counted
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows

_KEYS = ["source", "group", "topic", "partition"]


def retention_checks(moving: Moving, unread: Frame, *, needed_s: float) -> pl.DataFrame:
    """Say of each group and partition whether the oldest unread record is kept until the move is done.

    Parameters
    ----------
    moving
        What moves.
    unread
        Result of :func:`~kafka_analysis.stats.lag.retention.retention_used` for the groups at the sources: ``cluster``,
        ``group``, ``topic``, ``partition``, ``lag_records``, ``lag_seconds``, ``retention_s``, ``lost_records``.
    needed_s
        So long the move takes, with the time in which it can be taken back.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``retention``; ``value``: seconds until the oldest unread record may be deleted; ``limit``: the
        seconds needed. Nothing unread: ready. A topic without end (null ``retention_s`` and a lag that is known) is
        ready too.

    Examples
    --------
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "group": "g", "topic": "t", "partition": 0},
    ...     schema_overrides={"partition": pl.Int32})
    >>> rows = pl.DataFrame({"cluster": ["a"], "group": "g", "topic": "t", "partition": 0, "lag_records": [9],
    ...     "lag_seconds": [3000.0], "retention_s": [3600.0], "retention_used": [0.8], "lost_records": [0]})
    >>> retention_checks(Moving(topics, topics, topics), rows, needed_s=7200).select("state", "value", "limit").row(0)
    ('blocks', 600.0, 7200.0)
    """
    seen = to_polars(unread).select(
        "group",
        "topic",
        "partition",
        "lag_records",
        "lag_seconds",
        "retention_s",
        "retention_used",
        "lost_records",
        source="cluster",
    )
    rows = moving.groups.join(seen, on=_KEYS, how="left", maintain_order="left")
    left = (pl.col("retention_s") - pl.col("lag_seconds")).clip(lower_bound=0.0)
    nothing = pl.col("lag_records") == 0
    endless = (pl.col("retention_used") == 0) & (pl.col("lag_records") > 0)
    is_lost = (pl.col("lost_records") > 0).fill_null(value=False)
    is_unknown = ~(nothing | endless).fill_null(value=False) & left.is_null() & ~is_lost
    is_short = is_lost | ((left < needed_s) & ~nothing & ~endless).fill_null(value=False)
    words = left.map_elements(format_duration, return_dtype=pl.String)
    needed = format_duration(needed_s)
    judged = rows.with_columns(
        state=pl.when(is_unknown)
        .then(pl.lit("unknown"))
        .when(is_short)
        .then(pl.lit("blocks"))
        .otherwise(pl.lit("ok")),
        finding=pl.when(is_unknown)
        .then(pl.lit("retention unknown"))
        .when(is_lost)
        .then(pl.lit("records were deleted unread"))
        .when(is_short)
        .then(pl.lit("unread records are deleted too soon")),
        detail=pl.when(is_unknown)
        .then(pl.lit("the age of its oldest unread record, or the retention, is unknown"))
        .when(is_lost)
        .then(
            counted(
                "lost_records",
                "record was deleted before it read it",
                "records were deleted before it read them",
            )
        )
        .when(nothing.fill_null(value=False))
        .then(pl.lit("nothing is unread"))
        .when(endless.fill_null(value=False))
        .then(pl.lit("no records are deleted by age"))
        .otherwise(
            pl.format(
                "the oldest unread record is kept for another {}, and {} are needed", words, pl.lit(needed)
            )
        ),
        value=left,
        limit=pl.lit(needed_s, pl.Float64),
    )
    return check_rows("retention", judged, unit="s")
