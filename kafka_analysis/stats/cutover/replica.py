"""Whether the replica holds what the source holds: within the tolerance before producers stop, all of it after."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import format_duration
from kafka_analysis.stats.cutover.counted import counted
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows

_KEYS = ["source", "target", "topic", "partition"]
_POSITION = ("committed_offset", "log_end_offset")  # of the source, which the replicator has copied up to


def replica_checks(
    moving: Moving,
    measured: Frame,
    *,
    is_quiet: bool,
    tolerance_s: float,
    reads: Frame | None = None,
    checks: Frame | None = None,
) -> pl.DataFrame:
    """Say of each partition that moves whether its replica has caught up.

    Parameters
    ----------
    moving
        What moves.
    measured
        ``partitions`` of :func:`~kafka_analysis.stats.mirror.measure.measure_mirrors`.
    is_quiet
        Producers are stopped: nothing may be left to copy. Else a replica within its tolerance is ready.
    tolerance_s
        Said in the words of what is late.
    reads, checks
        The capture's ``record_reads`` and ``record_checks``: where no record was read between the position and the end
        of the source's log, only markers of transactions are left, which no replicator copies. None: nothing was read.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``replica``. ``value``: records behind. A lag that is only an upper bound is ``unknown``: the
        replica may be complete, and nothing shows it. Where several replicators copy a partition, the best counts.

    Examples
    --------
    >>> from kafka_analysis.stats.cutover.moving import moving as made
    >>> topics = pl.DataFrame({"wave": [1], "source": "a", "target": "b", "topic": "t", "remote_topic": "t"})
    >>> held = pl.DataFrame({"cluster": "a", "topic": "t", "partition": [0, 1]})
    >>> none = pl.DataFrame(schema={"cluster": pl.String, "group": pl.String, "topic": pl.String, "partition": pl.Int32,
    ...     "committed_offset": pl.Int64})
    >>> seen = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "partition": 0, "condition": "keeps up",
    ...     "lag_records": 3, "lag_seconds": 1.0, "seconds_to_close": None, "is_at_most": False,
    ...     "known_by": "committed position"}, schema_overrides={"partition": pl.Int32})
    >>> rows = replica_checks(made(topics, partitions=held, commits=none), seen, is_quiet=True, tolerance_s=0)
    >>> rows.select("partition", "state", "finding").rows()
    [(0, 'blocks', 'replica behind'), (1, 'unknown', 'replica unknown')]
    """
    names = ["condition", "lag_records", "lag_seconds", "seconds_to_close", "is_at_most", "known_by"]
    is_read = reads is not None and checks is not None
    seen = to_polars(measured).select(*_KEYS, *names, *(_POSITION if is_read else ()))
    order = pl.col("is_at_most").cast(pl.Int8), pl.col("lag_records")
    best = seen.sort(*order, nulls_last=True).unique(_KEYS, keep="first", maintain_order=True)
    rows = moving.partitions.join(best, on=_KEYS, how="left", maintain_order="left")
    if reads is not None and checks is not None:
        rows = rows.join(_nothing_left(best, to_polars(reads), to_polars(checks)), on=_KEYS, how="left")
    else:
        rows = rows.with_columns(nothing_left=pl.lit(None, pl.Boolean))
    missing = moving.topics.join(moving.partitions, on=["source", "target", "topic"], how="anti")
    is_known = pl.col("condition").is_not_null() & (pl.col("condition") != "unknown")
    is_complete = (pl.col("lag_records") == 0) & ~pl.col("is_at_most")
    is_passed = ((pl.col("condition") == "keeps up") & pl.col("is_at_most")) | pl.col(
        "nothing_left"
    ).fill_null(value=False)
    in_time = pl.lit(value=False) if is_quiet else pl.col("condition") == "keeps up"
    is_ready = (is_complete | is_passed | in_time).fill_null(value=False)
    lag = counted("lag_records", "record behind", "records behind").fill_null("some records behind")
    judged = rows.with_columns(
        state=pl.when(is_known & is_ready)
        .then(pl.lit("ok"))
        .when(is_known)
        .then(pl.lit("blocks"))
        .otherwise(pl.lit("unknown")),
        finding=pl.when(is_known & is_ready)
        .then(None)
        .when(is_known)
        .then(pl.lit("replica behind"))
        .otherwise(pl.lit("replica unknown")),
        detail=pl.when(pl.col("condition").is_null())
        .then(pl.lit("no position of a replicator was seen"))
        .when(is_known & is_complete)
        .then(pl.lit("every record is copied"))
        .when(is_known & is_passed)
        .then(pl.lit("only transaction markers or removed records are left"))
        .when(is_known)
        .then(lag + _late(tolerance_s))
        .when(pl.col("lag_records").is_null())
        .then(pl.lit("how far it is behind is unknown"))
        .otherwise(
            pl.format(
                "at most {}, known by {}",
                counted("lag_records", "record behind", "records behind"),
                pl.col("known_by").fill_null("nothing"),
            )
        ),
        value=pl.col("lag_records").cast(pl.Float64),
        limit=pl.lit(0.0 if is_quiet else None, pl.Float64),
    )
    return pl.concat(
        [
            check_rows("replica", judged, unit="records"),
            check_rows(
                "replica",
                missing,
                state="unknown",
                finding="replica unknown",
                detail="the topic is not at the source, or its partitions were not seen",
            ),
        ]
    )


def _nothing_left(best: pl.DataFrame, reads: pl.DataFrame, checks: pl.DataFrame) -> pl.DataFrame:
    """Return the partitions of which no record was read from the position on to the end of the source's log."""
    place = ["source", "topic", "partition"]
    stretches = reads.filter(ended="end of log").select(
        "topic", "partition", "stretch", "first_offset", "next_offset", source="cluster"
    )
    last = checks.group_by("topic", "partition", "stretch", source="cluster").agg(last=pl.col("offset").max())
    to_end = stretches.join(last, on=[*place, "stretch"], how="left")
    position = pl.col("committed_offset")
    found = (
        best.join(to_end, on=place)
        .filter(pl.col("first_offset") <= position, pl.col("next_offset") >= pl.col("log_end_offset"))
        .group_by(_KEYS)
        .agg(nothing_left=(pl.col("last").max() < position.first()).fill_null(value=True))
    )
    return found.select(*_KEYS, "nothing_left")


def _late(tolerance_s: float) -> pl.Expr:
    seconds = pl.col("lag_seconds").map_elements(format_duration, return_dtype=pl.String)
    closing = (
        pl.col("seconds_to_close").cast(pl.Float64).map_elements(format_duration, return_dtype=pl.String)
    )
    late = (
        pl.when(pl.col("lag_seconds").is_not_null())
        .then(pl.format(", {} old", seconds))
        .otherwise(pl.lit(""))
    )
    gains = pl.when(pl.col("seconds_to_close").is_not_null()).then(pl.format("; caught up in {}", closing))
    limit = f" ({format_duration(tolerance_s)} allowed)" if tolerance_s else ""
    return late + gains.otherwise(pl.lit("")) + pl.lit(limit)
