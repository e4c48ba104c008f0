"""Whether the records that were read at both ends are the same, in the same order."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows

_KEYS = ["source", "target", "topic", "partition"]
_STRETCH = [*_KEYS, "stretch"]
_WHOLE = ("enough", "end of log")  # a stretch that was read to its end
_DIFFERENCES = (
    "of {} records read, {} are not at the target, {} at the target are not at the source, {} of a key are in another "
    "order"
)


def compared_records(moving: Moving, reads: Frame, checks: Frame) -> pl.DataFrame:
    """Compare the stretches of records that were read at both ends.

    Parameters
    ----------
    moving
        What moves.
    reads, checks
        The capture's ``record_reads`` (``purpose`` ``sample``) and ``record_checks``.

    Returns
    -------
    polars.DataFrame
        A row for each partition and stretch: ``compared`` records of the source, of which ``missing`` at the target,
        ``foreign`` at the target and not at the source, ``swapped`` (same key, other order), ``ended_at_source``,
        ``ended_at_target``, ``is_proven``: the target was read far enough to say that what was not found is not there.
    """
    where = moving.partitions
    sampled = to_polars(reads).filter(purpose="sample")
    hashes = to_polars(checks)
    reads_of = {
        "source": sampled.select("topic", "partition", "stretch", source="cluster", ended_at_source="ended"),
        "target": sampled.select(
            "partition", "stretch", remote_topic="topic", target="cluster", ended_at_target="ended"
        ),
    }
    stretches = (
        where.join(reads_of["source"], on=["source", "topic", "partition"])
        .join(reads_of["target"], on=["target", "remote_topic", "partition", "stretch"], how="left")
        .unique(_STRETCH, keep="last", maintain_order=True)
    )
    record = ["written_at", "key_hash", "record_hash"]
    at_source = stretches.select(*_STRETCH).join(
        hashes.select("topic", "partition", "stretch", "offset", *record, source="cluster"),
        on=["source", "topic", "partition", "stretch"],
    )
    at_target = stretches.select(*_STRETCH, "remote_topic").join(
        hashes.select("partition", "stretch", "offset", *record, remote_topic="topic", target="cluster"),
        on=["target", "remote_topic", "partition", "stretch"],
    )
    held = at_target.group_by(*_STRETCH, *record).agg(target_offset=pl.col("offset").min())
    found = at_source.join(held, on=[*_STRETCH, *record], how="left", nulls_equal=True)
    span = at_source.group_by(_STRETCH).agg(first=pl.col("written_at").min(), last=pl.col("written_at").max())
    known = at_source.select(*_STRETCH, *record).unique()
    inside = at_target.join(span, on=_STRETCH).filter(
        pl.col("written_at") > pl.col("first"), pl.col("written_at") < pl.col("last")
    )
    foreign = (
        inside.join(known, on=[*_STRETCH, *record], how="anti", nulls_equal=True)
        .group_by(_STRETCH)
        .len("foreign")
    )
    order = found.drop_nulls(["target_offset", "key_hash"]).sort("offset")
    swapped = (
        order.with_columns(is_swapped=(pl.col("target_offset").diff() < 0).over(*_STRETCH, "key_hash"))
        .group_by(_STRETCH)
        .agg(swapped=pl.col("is_swapped").sum())
    )
    counts = found.group_by(_STRETCH).agg(compared=pl.len(), missing=pl.col("target_offset").null_count())
    joined = stretches.select(*_STRETCH, "ended_at_source", "ended_at_target")
    for part in (counts, foreign, swapped):
        joined = joined.join(part, on=_STRETCH, how="left", maintain_order="left")
    numbers = [
        pl.col(name).fill_null(0).cast(pl.Int64) for name in ("compared", "missing", "foreign", "swapped")
    ]
    is_proven = pl.col("ended_at_target").is_in(_WHOLE).fill_null(value=False)
    return joined.with_columns(*numbers, is_proven=is_proven).sort(_STRETCH)


def record_checks(
    moving: Moving, compared: Frame, *, uneven: Frame, logs: Frame | None = None
) -> pl.DataFrame:
    """Say of each partition whether the records that were read are the same at both ends.

    Parameters
    ----------
    moving
        What moves.
    compared
        Result of :func:`compared_records`.
    uneven
        Result of :func:`~kafka_analysis.stats.cutover.counts.uneven_topics`: compaction may have removed what is
        missing.
    logs
        The last answer about each log: ``cluster``, ``topic``, ``partition``, ``log_start_offset``,
        ``log_end_offset``: one that is empty at both ends has no record that could be read. None: not known.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``records``; ``value``: records that differ. ``unknown`` where nothing was compared, or where
        the target was not read far enough to say that a record is missing. An empty partition is ready.
    """
    per = (
        to_polars(compared)
        .group_by(_KEYS)
        .agg(
            stretches=pl.len(),
            compared=pl.col("compared").sum(),
            missing=pl.col("missing").filter(pl.col("is_proven")).sum(),
            unproven=pl.col("missing").filter(~pl.col("is_proven")).sum(),
            foreign=pl.col("foreign").sum(),
            swapped=pl.col("swapped").sum(),
            ended=pl.col("ended_at_source").filter(~pl.col("ended_at_source").is_in(_WHOLE)).first(),
            ended_at_target=pl.col("ended_at_target")
            .fill_null("not read")
            .filter(~pl.col("is_proven"))
            .first(),
        )
    )
    compacted = (
        to_polars(uneven)
        .filter(pl.col("why").str.contains("compact"))
        .select("source", "topic", is_compacted=True)
    )
    rows = moving.partitions.join(per, on=_KEYS, how="left", maintain_order="left").join(
        compacted, on=["source", "topic"], how="left", maintain_order="left"
    )
    rows = _with_held(rows, logs)
    is_compacted = pl.col("is_compacted").fill_null(value=False)
    is_bare = ((pl.col("held_at_source") == 0) & (pl.col("held_at_target") == 0)).fill_null(value=False)
    is_empty = ((pl.col("compared") == 0) & pl.col("ended").is_null()) | (
        is_bare & pl.col("stretches").is_null()
    )
    differs = (pl.col("missing") > 0) & ~is_compacted
    is_unknown = (
        (pl.col("stretches").is_null() & ~is_bare)
        | (pl.col("unproven") > 0)
        | ((pl.col("compared") == 0) & ~is_empty)
    ).fill_null(value=False)
    wrong = differs | (pl.col("foreign") > 0) | (pl.col("swapped") > 0)
    reason = pl.coalesce("ended", "ended_at_target", pl.lit("not read"))
    judged = rows.with_columns(
        state=pl.when(wrong)
        .then(pl.lit("blocks"))
        .when(is_unknown)
        .then(pl.lit("unknown"))
        .when(is_compacted & (pl.col("missing") > 0))
        .then(pl.lit("note"))
        .otherwise(pl.lit("ok")),
        finding=pl.when(differs)
        .then(pl.lit("records missing at the target"))
        .when(pl.col("foreign") > 0)
        .then(pl.lit("records only at the target"))
        .when(pl.col("swapped") > 0)
        .then(pl.lit("order per key differs"))
        .when(is_unknown)
        .then(pl.lit("records not compared")),
        detail=pl.when(wrong)
        .then(
            pl.format(
                _DIFFERENCES,
                "compared",
                "missing",
                "foreign",
                "swapped",
            )
        )
        .when(is_unknown & pl.col("stretches").is_null())
        .then(pl.lit("no record of it was read at both ends"))
        .when(is_unknown)
        .then(pl.format("reading ended too early ({})", reason))
        .when(is_compacted & (pl.col("missing") > 0))
        .then(
            pl.format(
                "{} of {} records are not at the target: compaction removes records", "missing", "compared"
            )
        )
        .when(is_empty)
        .then(pl.lit("it holds no record"))
        .otherwise(pl.format("{} records in {} stretches are the same", "compared", "stretches")),
        value=(pl.col("missing") + pl.col("foreign") + pl.col("swapped")).cast(pl.Float64),
        limit=pl.lit(0.0),
    )
    return check_rows("records", judged, unit="records")


def _with_held(rows: pl.DataFrame, logs: Frame | None) -> pl.DataFrame:
    """Add how many offsets the logs of both ends hold; null where that is not known."""
    if logs is None:
        unknown = pl.lit(None, pl.Int64)
        return rows.with_columns(held_at_source=unknown, held_at_target=unknown)
    held = to_polars(logs).select(
        "cluster",
        "topic",
        pl.col("partition").cast(pl.Int32),
        held=pl.col("log_end_offset") - pl.col("log_start_offset"),
    )
    at_source = held.rename({"cluster": "source", "held": "held_at_source"})
    at_target = held.rename({"cluster": "target", "topic": "remote_topic", "held": "held_at_target"})
    return rows.join(at_source, on=["source", "topic", "partition"], how="left", maintain_order="left").join(
        at_target, on=["target", "remote_topic", "partition"], how="left", maintain_order="left"
    )
