"""Whether the replica holds what the source holds: within the tolerance before producers stop, all of it after."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import format_duration
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows

_KEYS = ["source", "target", "topic", "partition"]


def replica_checks(moving: Moving, measured: Frame, *, is_quiet: bool, tolerance_s: float) -> pl.DataFrame:
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
    seen = to_polars(measured).select(
        *_KEYS, "condition", "lag_records", "lag_seconds", "seconds_to_close", "is_at_most", "known_by"
    )
    order = pl.col("is_at_most").cast(pl.Int8), pl.col("lag_records")
    best = seen.sort(*order, nulls_last=True).unique(_KEYS, keep="first", maintain_order=True)
    rows = moving.partitions.join(best, on=_KEYS, how="left", maintain_order="left")
    missing = moving.topics.join(moving.partitions, on=["source", "target", "topic"], how="anti")
    is_known = pl.col("condition").is_not_null() & (pl.col("condition") != "unknown")
    is_complete = (pl.col("lag_records") == 0) & ~pl.col("is_at_most")
    is_passed = (pl.col("condition") == "keeps up") & pl.col("is_at_most")
    in_time = pl.lit(value=False) if is_quiet else pl.col("condition") == "keeps up"
    is_ready = (is_complete | is_passed | in_time).fill_null(value=False)
    lag = pl.format("{} records behind", pl.col("lag_records").cast(pl.String).fill_null("some"))
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
        .then(pl.lit("only markers of transactions or removed records are left"))
        .when(is_known)
        .then(lag + _late(tolerance_s))
        .when(pl.col("lag_records").is_null())
        .then(pl.lit("how far it is behind is unknown"))
        .otherwise(
            pl.format(
                "at most {} records behind, known by {}",
                "lag_records",
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
    limit = f" ({format_duration(tolerance_s)} are allowed)" if tolerance_s else ""
    return late + gains.otherwise(pl.lit("")) + pl.lit(limit)
