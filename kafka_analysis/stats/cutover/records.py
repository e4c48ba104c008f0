"""Whether the records that were read at both ends are the same, in the same order."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.counted import counted
from kafka_analysis.stats.cutover.counts import copied_to
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows

_KEYS = ["source", "target", "topic", "partition"]
_STRETCH = [*_KEYS, "stretch"]
_WHOLE = ("enough", "end of log")  # a stretch that was read to its end
_DIFFERENCES = (
    "of {} read, {} not at the target, {} at the target and not at the source, {} out of order per key"
)


def compared_records(
    moving: Moving, reads: Frame, checks: Frame, *, copied: Frame | None = None
) -> pl.DataFrame:
    """Compare the stretches of records that were read at both ends.

    Parameters
    ----------
    moving
        What moves.
    reads, checks
        The capture's ``record_reads`` (``purpose`` ``sample``) and ``record_checks``.
    copied
        As for :func:`~kafka_analysis.stats.cutover.counts.sealed_counts`: records beyond are not compared.

    Returns
    -------
    polars.DataFrame
        A row for each partition and stretch: ``read`` records at the source that are known to be copied (``late``:
        the others), ``compared`` those that are held (fewer: hashes were lost), of which ``missing`` at the target
        (also where it has fewer of several that are equal), ``foreign`` at the target and not at the source,
        ``swapped`` (same key, other order), ``ended_at_source``, ``ended_at_target``, ``is_proven``: the target was
        read far enough to say that what was not found is not there.

    Examples
    --------
    >>> from kafka_analysis.model.tables import empty_table
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "remote_topic": "t", "partition": 0},
    ...     schema_overrides={"partition": pl.Int32})
    >>> none = empty_table("record_reads"), empty_table("record_checks")
    >>> len(compared_records(Moving(topics, topics, topics), *none))
    0
    """
    where = moving.partitions
    sampled = to_polars(reads).filter(purpose="sample")
    hashes = to_polars(checks)
    reads_of = {
        "source": sampled.select(
            "topic", "partition", "stretch", source="cluster", ended_at_source="ended", read="records"
        ),
        "target": sampled.select(
            "partition", "stretch", remote_topic="topic", target="cluster", ended_at_target="ended"
        ),
    }
    stretches = (
        where.join(reads_of["source"], on=["source", "topic", "partition"])
        .join(reads_of["target"], on=["target", "remote_topic", "partition", "stretch"], how="left")
        .unique(_STRETCH, keep="last", maintain_order=True)
    )
    # One source to several cells: a stretch belongs to the cell that was read with it.
    sought = stretches.filter(pl.col("ended_at_target").is_not_null())
    of_other = stretches.filter(pl.col("ended_at_target").is_null()).join(
        sought, on=["source", "topic", "partition", "stretch"], how="semi"
    )
    stretches = stretches.join(of_other, on=_STRETCH, how="anti", maintain_order="left")
    record = ["written_at", "key_hash", "record_hash"]
    at_source = stretches.select(*_STRETCH).join(
        hashes.select("topic", "partition", "stretch", "offset", *record, source="cluster"),
        on=["source", "topic", "partition", "stretch"],
    )
    reached = at_source.join(copied_to(copied), on=_KEYS, how="left", maintain_order="left")
    is_copied = pl.col("copied_to").is_null() | (pl.col("offset") < pl.col("copied_to"))
    late = reached.filter(~is_copied).group_by(_STRETCH).len("late")
    at_source = reached.filter(is_copied).drop("copied_to")
    at_target = stretches.select(*_STRETCH, "remote_topic").join(
        hashes.select("partition", "stretch", "offset", *record, remote_topic="topic", target="cluster"),
        on=["target", "remote_topic", "partition", "stretch"],
    )
    held = at_target.group_by(*_STRETCH, *record).agg(
        target_offset=pl.col("offset").min(), copies_at_target=pl.col("offset").n_unique()
    )
    found = at_source.join(held, on=[*_STRETCH, *record], how="left", nulls_equal=True)
    # Times need not be in order: what lies between two records of the stretch at the target must be of the stretch.
    span = found.group_by(_STRETCH).agg(
        first=pl.col("target_offset").min(), last=pl.col("target_offset").max()
    )
    known = at_source.select(*_STRETCH, *record).unique()
    inside = at_target.join(span, on=_STRETCH).filter(
        pl.col("offset") > pl.col("first"), pl.col("offset") < pl.col("last")
    )
    foreign = (
        inside.join(known, on=[*_STRETCH, *record], how="anti", nulls_equal=True)
        .group_by(_STRETCH)
        .len("foreign")
    )
    # Equal records of one time cannot be told apart, so that they say nothing of the order.
    is_alone = (pl.col("copies_at_target") == 1) & (pl.len().over(*_STRETCH, *record) == 1)
    order = found.drop_nulls(["target_offset", "key_hash"]).filter(is_alone).sort("offset")
    swapped = (
        order.with_columns(is_swapped=(pl.col("target_offset").diff() < 0).over(*_STRETCH, "key_hash"))
        .group_by(_STRETCH)
        .agg(swapped=pl.col("is_swapped").sum())
    )
    copies = pl.len().over(*_STRETCH, *record).cast(pl.Int64)
    lacking = copies - pl.col("copies_at_target").fill_null(0).cast(pl.Int64)
    each = found.with_columns(copies=copies, lacking=lacking.clip(lower_bound=0))
    counts = each.group_by(_STRETCH).agg(
        compared=pl.len(), missing=(pl.col("lacking") / pl.col("copies")).sum().round()
    )
    joined = (
        stretches.select(*_STRETCH, "read", "ended_at_source", "ended_at_target")
        .join(late, on=_STRETCH, how="left", maintain_order="left")
        .with_columns(pl.col("late").fill_null(0).cast(pl.Int64))
        .with_columns(read=pl.col("read") - pl.col("late"))
    )
    for part in (counts, foreign, swapped):
        joined = joined.join(part, on=_STRETCH, how="left", maintain_order="left")
    numbers = [
        pl.col(name).fill_null(0).cast(pl.Int64) for name in ("compared", "missing", "foreign", "swapped")
    ]
    is_proven = pl.col("ended_at_target").is_in(_WHOLE).fill_null(value=False)
    return joined.with_columns(*numbers, is_proven=is_proven).sort(_STRETCH)


def record_checks(moving: Moving, compared: Frame, *, uneven: Frame, offsets: Frame) -> pl.DataFrame:
    """Say of each partition whether the records that were read are the same at both ends.

    Parameters
    ----------
    moving
        What moves.
    compared
        Result of :func:`compared_records`.
    uneven
        Result of :func:`~kafka_analysis.stats.cutover.counts.uneven_topics`: compaction may have removed what is
        missing at either end.
    offsets
        The last answer about each log: ``cluster``, ``topic``, ``partition``, ``log_start_offset``,
        ``log_end_offset``: a log without a record has nothing to be read.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``records``; ``value``: records that differ. ``unknown`` where nothing was compared, or where
        the target was not read far enough to say that a record is missing. An empty partition is ready.

    Examples
    --------
    >>> from kafka_analysis.model.tables import empty_table
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "remote_topic": "t", "partition": 0},
    ...     schema_overrides={"partition": pl.Int32})
    >>> moved = Moving(topics, topics, topics)
    >>> none = compared_records(moved, empty_table("record_reads"), empty_table("record_checks"))
    >>> even = pl.DataFrame(schema={"source": pl.String, "topic": pl.String, "why": pl.String})
    >>> record_checks(moved, none, uneven=even, offsets=empty_table("offsets")).select("state", "finding").row(0)
    ('unknown', 'records not compared')
    """
    per = (
        to_polars(compared)
        .group_by(_KEYS)
        .agg(
            stretches=pl.len(),
            compared=pl.col("compared").sum(),
            lost=(pl.col("read") - pl.col("compared")).clip(lower_bound=0).sum(),
            missing=pl.col("missing").filter(pl.col("is_proven")).sum(),
            late=pl.col("late").sum(),
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
    logs = to_polars(offsets).select(
        "topic",
        "partition",
        source="cluster",
        held=pl.col("log_end_offset") - pl.col("log_start_offset"),
    )
    rows = (
        moving.partitions.join(per, on=_KEYS, how="left", maintain_order="left")
        .join(compacted, on=["source", "topic"], how="left", maintain_order="left")
        .join(logs, on=["source", "topic", "partition"], how="left", maintain_order="left")
    )
    is_compacted = pl.col("is_compacted").fill_null(value=False)
    has_all = (pl.col("lost") == 0) & (pl.col("late") == 0) & pl.col("ended").is_null()
    is_read_whole = has_all.fill_null(value=False)
    is_empty = ((pl.col("compared").fill_null(0) == 0) & (is_read_whole | (pl.col("held") == 0))).fill_null(
        value=False
    )
    differs = (pl.col("missing") > 0) & ~is_compacted
    is_unknown = ~is_empty & (
        pl.col("stretches").is_null()
        | (pl.col("unproven") > 0)
        | (pl.col("lost") > 0)
        | (pl.col("compared") == 0)
    )
    is_foreign = (pl.col("foreign") > 0) & ~is_compacted
    wrong = differs | is_foreign | (pl.col("swapped") > 0)
    is_thinned = is_compacted & ((pl.col("missing") > 0) | (pl.col("foreign") > 0))
    reason = pl.coalesce("ended", "ended_at_target", pl.lit("not read"))
    judged = rows.with_columns(
        state=pl.when(wrong)
        .then(pl.lit("blocks"))
        .when(is_unknown)
        .then(pl.lit("unknown"))
        .when(is_thinned)
        .then(pl.lit("note"))
        .otherwise(pl.lit("ok")),
        finding=pl.when(differs)
        .then(pl.lit("records missing at the target"))
        .when(is_foreign)
        .then(pl.lit("records only at the target"))
        .when(pl.col("swapped") > 0)
        .then(pl.lit("order per key differs"))
        .when(is_unknown)
        .then(pl.lit("records not compared")),
        detail=pl.when(wrong)
        .then(
            pl.format(
                _DIFFERENCES,
                counted("compared", "record"),
                "missing",
                "foreign",
                "swapped",
            )
        )
        .when(is_empty)
        .then(pl.lit("it holds no records"))
        .when(pl.col("stretches").is_null())
        .then(pl.lit("no record of it was read at both ends"))
        .when(is_unknown & (pl.col("lost") > 0))
        .then(
            pl.format(
                "the hashes of {} missing",
                counted("lost", "record that was read are", "records that were read are"),
            )
        )
        .when(is_unknown & (pl.col("late") > 0) & (pl.col("compared") == 0))
        .then(pl.lit("none of the records that were read is known to be copied"))
        .when(is_unknown)
        .then(pl.format("reading ended too early ({})", reason))
        .when(is_thinned)
        .then(
            pl.format(
                "of {} read, {} not at the target, and {} at the target but not at the source: compaction removes "
                "records",
                counted("compared", "record"),
                "missing",
                "foreign",
            )
        )
        .otherwise(
            pl.format(
                "{}, in {}: the same at both ends",
                counted("compared", "record"),
                counted("stretches", "stretch", "stretches"),
            )
        ),
        value=(pl.col("missing") + pl.col("foreign") + pl.col("swapped")).cast(pl.Float64),
        limit=pl.lit(0.0),
    )
    return check_rows("records", judged, unit="records")
