"""Whether both ends hold as many records of the same times."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.counted import counted
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows

_KEYS = ["source", "target", "topic", "partition"]


def sealed_counts(
    moving: Moving, offsets_at: Frame, offsets: Frame, *, copied: Frame | None = None
) -> pl.DataFrame:
    """Count the offsets between the same times at both ends, of each partition that moves.

    Parameters
    ----------
    moving
        What moves.
    offsets_at
        The capture's ``offsets_at``: what logs answered when asked by time. Of several answers the last counts.
    offsets
        The last answer about each log: ``cluster``, ``topic``, ``partition``, ``log_start_offset``,
        ``log_end_offset``: where a log ends that has no record as new. With ``ts``, an answer that is older than the
        time asked for does not tell that: such a time is left out.
    copied
        ``source``, ``target``, ``topic``, ``partition``, ``committed_offset``: how far a replicator is known to be.
        None: it has copied everything.

    Returns
    -------
    polars.DataFrame
        ``source``, ``target``, ``topic``, ``partition``, ``range_start``, ``range_end``, ``source_records``,
        ``target_records``, ``pending`` (records of the range that are not known to be copied yet): offsets, so that
        markers of transactions count, and removed records too. Null where an end was not asked. A range begins at the
        first time that lies behind the start of both logs.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from kafka_analysis.stats.cutover.moving import moving as made
    >>> topics = pl.DataFrame({"wave": [1], "source": "a", "target": "b", "topic": "t", "remote_topic": "t"})
    >>> held = pl.DataFrame({"cluster": "a", "topic": "t", "partition": [0]})
    >>> none = pl.DataFrame(schema={"cluster": pl.String, "group": pl.String, "topic": pl.String, "partition": pl.Int32,
    ...     "committed_offset": pl.Int64})
    >>> t = [datetime(2026, 1, 1, h, tzinfo=UTC) for h in (1, 2)]
    >>> asked = pl.DataFrame({"ts": t[1], "cluster": ["a", "a", "b", "b"], "topic": "t", "partition": 0, "at": t * 2,
    ...     "offset": [10, None, 3, None]}, schema_overrides={"partition": pl.Int32})
    >>> ends = pl.DataFrame({"cluster": ["a", "b"], "topic": "t", "partition": 0, "log_start_offset": 0,
    ...     "log_end_offset": [25, 18]}, schema_overrides={"partition": pl.Int32})
    >>> moved = made(topics, partitions=held, commits=none)
    >>> sealed_counts(moved, asked, ends).select("source_records", "target_records").rows()
    [(15, 15)]
    """
    place = ["cluster", "topic", "partition", "at"]
    answers = to_polars(offsets_at).sort("ts").unique(place, keep="last", maintain_order=True)
    given = to_polars(offsets)
    seen = pl.col("ts") if "ts" in given.columns else pl.lit(None, pl.Datetime("ms", "UTC"))
    logs = given.select("cluster", "topic", "partition", "log_start_offset", "log_end_offset", seen_at=seen)
    is_stale = pl.col("offset").is_null() & (pl.col("seen_at") < pl.col("at"))
    known = answers.join(logs, on=place[:3], how="left").select(
        *place, "log_start_offset", is_stale=is_stale, offset=pl.coalesce("offset", "log_end_offset")
    )
    source = known.rename(
        {
            "cluster": "source",
            "offset": "source_offset",
            "log_start_offset": "source_start",
            "is_stale": "is_stale_at_source",
        }
    )
    target = known.rename(
        {
            "cluster": "target",
            "topic": "remote_topic",
            "offset": "target_offset",
            "log_start_offset": "target_start",
            "is_stale": "is_stale_at_target",
        }
    )
    both = (
        moving.partitions.join(source, on=["source", "topic", "partition"], how="left")
        .join(target, on=["target", "remote_topic", "partition", "at"], how="left")
        .filter(~(pl.col("is_stale_at_source") | pl.col("is_stale_at_target")).fill_null(value=False))
        .sort(*_KEYS, "at")
    )
    is_inside = (pl.col("source_offset") > pl.col("source_start")) & (
        pl.col("target_offset") > pl.col("target_start")
    )
    is_whole = (pl.col("source_start") == 0) & (pl.col("target_start") == 0)
    usable = both.filter((is_inside | is_whole).fill_null(value=True))
    ranges = usable.with_columns(
        range_end=pl.col("at").shift(-1).over(_KEYS),
        source_records=(pl.col("source_offset").shift(-1) - pl.col("source_offset")).over(_KEYS),
        target_records=(pl.col("target_offset").shift(-1) - pl.col("target_offset")).over(_KEYS),
        source_end=pl.col("source_offset").shift(-1).over(_KEYS),
    ).drop_nulls("range_end")
    ranges = ranges.join(copied_to(copied), on=_KEYS, how="left", maintain_order="left")
    since = pl.max_horizontal("copied_to", "source_offset")
    pending = pl.when(pl.col("copied_to").is_null()).then(0).otherwise(pl.col("source_end") - since)
    ranges = ranges.with_columns(pending=pending.clip(lower_bound=0).fill_null(0))
    return ranges.select(
        *_KEYS, "range_end", "source_records", "target_records", "pending", range_start="at"
    ).select(*_KEYS, "range_start", "range_end", "source_records", "target_records", "pending")


def copied_to(copied: Frame | None) -> pl.DataFrame:
    """Return how far the best replicator of each partition is known to be: ``copied_to``.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "topic": "t", "partition": 0, "committed_offset": [4, 6]})
    >>> copied_to(rows).row(0)
    ('a', 'b', 't', 0, 6)
    """
    keys = {"source": pl.String, "target": pl.String, "topic": pl.String, "partition": pl.Int32}
    if copied is None:
        return pl.DataFrame(schema={**keys, "copied_to": pl.Int64})
    return to_polars(copied).group_by(list(keys)).agg(copied_to=pl.col("committed_offset").max())


def count_checks(moving: Moving, counts: Frame, offsets: Frame, *, uneven: Frame) -> pl.DataFrame:
    """Say of each partition whether both ends hold as many records of the same times.

    Parameters
    ----------
    moving
        What moves.
    counts
        Result of :func:`sealed_counts`.
    offsets
        The last answer about each log, as for :func:`sealed_counts`: a log that holds records of which none was counted
        is unknown, not equal.
    uneven
        ``source``, ``topic``, ``why``: topics of which offsets do not count records (compacted, transactional).

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``counts``; ``value``: records more (or fewer, below 0) at the target, summed over the ranges
        that differ. Of uneven topics a difference is a note. A partition without a range is ``unknown``.

    Examples
    --------
    >>> where = {"source": "a", "target": "b", "topic": "t", "partition": 0}
    >>> topics = pl.DataFrame([where], schema_overrides={"partition": pl.Int32})
    >>> counted = pl.DataFrame([where | {"source_records": 9, "target_records": 7, "pending": 0}],
    ...     schema_overrides={"partition": pl.Int32})
    >>> ends = pl.DataFrame({"cluster": ["a"], "topic": "t", "partition": 0, "log_start_offset": 0,
    ...     "log_end_offset": 9})
    >>> even = pl.DataFrame(schema={"source": pl.String, "topic": pl.String, "why": pl.String})
    >>> count_checks(Moving(topics, topics, topics), counted, ends, uneven=even).select("state", "value").row(0)
    ('blocks', -2.0)
    """
    per = (
        to_polars(counts)
        .with_columns(more=pl.col("target_records") - pl.col("source_records"))
        .with_columns(
            more=pl.when(pl.col("more") < 0)
            .then((pl.col("more") + pl.col("pending")).clip(upper_bound=0))
            .otherwise("more")
        )
        .group_by(_KEYS)
        .agg(
            ranges=pl.len(),
            unknown=pl.col("more").null_count(),
            fewer=pl.col("more").filter(pl.col("more") < 0).sum(),
            more=pl.col("more").filter(pl.col("more") > 0).sum(),
            records=(pl.col("source_records") - pl.col("pending")).sum(),
            pending=pl.col("pending").sum(),
        )
    )
    why = to_polars(uneven).select("source", "topic", "why").unique(["source", "topic"], keep="first")
    held = to_polars(offsets).select(
        "topic",
        pl.col("partition").cast(pl.Int32),
        source="cluster",
        held=pl.col("log_end_offset") - pl.col("log_start_offset"),
    )
    rows = (
        moving.partitions.join(per, on=_KEYS, how="left", maintain_order="left")
        .join(why, on=["source", "topic"], how="left", maintain_order="left")
        .join(held, on=["source", "topic", "partition"], how="left", maintain_order="left")
    )
    is_uncounted = ((pl.col("records") == 0) & (pl.col("held").is_null() | (pl.col("held") > 0))).fill_null(
        value=False
    )
    is_unknown = pl.col("ranges").is_null() | (pl.col("unknown") > 0) | is_uncounted
    differs = (pl.col("fewer") < 0) | (pl.col("more") > 0)
    is_uneven = pl.col("why").is_not_null()
    judged = rows.with_columns(
        state=pl.when(is_unknown)
        .then(pl.lit("unknown"))
        .when(~differs)
        .then(pl.lit("ok"))
        .when(is_uneven)
        .then(pl.lit("note"))
        .otherwise(pl.lit("blocks")),
        finding=pl.when(is_unknown)
        .then(pl.lit("counts unknown"))
        .when(~differs | is_uneven)
        .then(None)
        .when(pl.col("fewer") < 0)
        .then(pl.lit("records missing at the target"))
        .otherwise(pl.lit("more records at the target")),
        detail=pl.when(is_uncounted & (pl.col("pending") > 0))
        .then(pl.lit("none of its records is known to have been copied"))
        .when(is_uncounted)
        .then(pl.lit("none of its records is old enough to be counted"))
        .when(is_unknown)
        .then(pl.lit("offsets by time were not read at both ends"))
        .when(~differs)
        .then(
            pl.format(
                "{} at both ends, in {} of time", counted("records", "record"), counted("ranges", "range")
            )
        )
        .otherwise(
            pl.format("{} fewer and {} more at the target than at the source", -pl.col("fewer"), "more")
            + pl.when(is_uneven)
            .then(pl.format(": offsets do not count records, because {}", "why"))
            .otherwise(pl.lit(""))
        ),
        value=pl.when(pl.col("fewer") < 0).then("fewer").otherwise("more").cast(pl.Float64),
        limit=pl.lit(0.0),
    )
    return check_rows("counts", judged, unit="records")


def uneven_topics(
    moving: Moving, *, topic_configs: Frame, transactions: Frame, producers: Frame
) -> pl.DataFrame:
    """Return the topics of which offsets do not count records, and why.

    Parameters
    ----------
    topic_configs
        A snapshot of ``topic_configs`` of the sources.
    transactions, producers
        ``cluster``, ``topic`` of open transactions, and of active producers that have a transactional id.

    Returns
    -------
    polars.DataFrame
        ``source``, ``topic``, ``why``.

    Examples
    --------
    >>> from kafka_analysis.stats.cutover.moving import Moving
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t"})
    >>> configs = pl.DataFrame({"cluster": "a", "topic": "t", "name": "cleanup.policy", "value": ["compact"]})
    >>> none = pl.DataFrame(schema={"cluster": pl.String, "topic": pl.String})
    >>> uneven_topics(Moving(topics, topics, topics), topic_configs=configs, transactions=none, producers=none).rows()
    [('a', 't', 'compaction removes records')]
    """
    own = moving.topics.select("source", "topic").unique()
    compacted = (
        to_polars(topic_configs).filter(name="cleanup.policy").filter(pl.col("value").str.contains("compact"))
    )
    parts = [
        (compacted, "compaction removes records"),
        (to_polars(transactions), "transactions leave markers"),
        (to_polars(producers), "transactions leave markers"),
    ]
    found = [
        rows.drop_nulls("topic")
        .select("topic", source="cluster")
        .unique()
        .join(own, on=["source", "topic"])
        .select("source", "topic", why=pl.lit(why))
        for rows, why in parts
    ]
    return (
        pl.concat(found)
        .unique(["source", "topic"], keep="first", maintain_order=True)
        .sort("source", "topic")
    )
