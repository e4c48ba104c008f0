"""Whether the target takes the time stamps of the source's records, and keeps them."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import format_duration
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows

BEFORE, OLDER, TYPE = (
    "message.timestamp.before.max.ms",
    "message.timestamp.difference.max.ms",  # before Kafka 3.6
    "message.timestamp.type",
)
STAMPED, KINDS = "LogAppendTime", ("source_kind", "target_kind")
_NO_LIMIT_MS = 2.0**62


def timestamp_checks(moving: Moving, checks: Frame, configs: Frame) -> pl.DataFrame:
    """Say of each topic whether its oldest record that was read is young enough for the target, and keeps its time.

    Parameters
    ----------
    moving
        What moves.
    checks
        The capture's ``record_checks``: ``ts``, ``written_at``.
    configs
        A snapshot of ``topic_configs`` of both ends: effective values.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``timestamps``; ``value``: age of the oldest record in seconds; ``limit``: what the target
        takes. A target that stamps records when they arrive (``LogAppendTime``) loses the times of the
        source, whatever the source does; one that keeps them while the source stamps is a note: set it afterwards.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "remote_topic": "t"})
    >>> read = pl.DataFrame({"ts": [datetime(2026, 1, 3, tzinfo=UTC)], "cluster": "a", "topic": "t",
    ...     "written_at": [datetime(2026, 1, 1, tzinfo=UTC)]})
    >>> set_to = pl.DataFrame({"cluster": ["a", "b", "b"], "topic": "t", "name": [TYPE, TYPE, BEFORE],
    ...     "value": ["CreateTime", "CreateTime", "86400000"]})
    >>> timestamp_checks(Moving(topics, topics, topics), read, set_to).select("state", "value", "limit").row(0)
    ('blocks', 172800.0, 86400.0)
    """
    rows = to_polars(configs).filter(pl.col("name").is_in([BEFORE, OLDER, TYPE]))
    kinds = rows.filter(name=TYPE)
    limits = (
        rows.filter(pl.col("name") != TYPE)
        .group_by("cluster", "topic")
        .agg(limit_ms=pl.col("value").cast(pl.Float64, strict=False).min())
    )
    oldest = (
        to_polars(checks)
        .group_by("topic", source="cluster")
        .agg(age_s=(pl.col("ts").max() - pl.col("written_at").min()).dt.total_milliseconds() / 1000)
    )
    joined = (
        moving.topics.join(
            kinds.select("topic", source_kind="value", source="cluster"), on=["source", "topic"], how="left"
        )
        .join(
            kinds.select(remote_topic="topic", target_kind="value", target="cluster"),
            on=["target", "remote_topic"],
            how="left",
        )
        .join(
            limits.rename({"cluster": "target", "topic": "remote_topic"}),
            on=["target", "remote_topic"],
            how="left",
        )
        .join(oldest, on=["source", "topic"], how="left")
        .sort("source", "target", "topic")
    )
    is_limited = pl.col("limit_ms") < _NO_LIMIT_MS
    is_stamped = (pl.col("target_kind") == STAMPED).fill_null(value=False)
    is_unknown = pl.col("target_kind").is_null() | pl.col("source_kind").is_null()
    is_unknown = is_unknown | (pl.col("limit_ms").is_null() & ~is_stamped)
    is_changed = pl.col("source_kind") != pl.col("target_kind")
    takes = is_limited & (pl.col("target_kind") == "CreateTime")
    is_old = (takes & (pl.col("age_s") * 1000 > pl.col("limit_ms"))).fill_null(value=False)
    no_age = takes & pl.col("age_s").is_null()
    words = pl.col("age_s").map_elements(format_duration, return_dtype=pl.String)
    limit = (pl.col("limit_ms") / 1000).map_elements(format_duration, return_dtype=pl.String)
    judged = joined.with_columns(
        state=pl.when(is_unknown | no_age)
        .then(pl.lit("unknown"))
        .when(is_stamped | is_old)
        .then(pl.lit("blocks"))
        .when(is_changed)
        .then(pl.lit("note"))
        .otherwise(pl.lit("ok")),
        finding=pl.when(is_unknown | no_age)
        .then(pl.lit("time stamps unknown"))
        .when(is_stamped)
        .then(pl.lit("time stamps are not kept"))
        .when(is_old)
        .then(pl.lit("the target refuses old time stamps")),
        detail=pl.when(is_unknown)
        .then(pl.lit("the topic's configuration was not seen at both ends"))
        .when(is_stamped)
        .then(pl.format("{} at the source, {} at the target", "source_kind", "target_kind"))
        .when(no_age)
        .then(
            pl.format("the target takes records up to {} old, and no record was read to know its age", limit)
        )
        .when(is_old)
        .then(pl.format("a record is {} old, and the target takes up to {}", words, limit))
        .when(is_changed)
        .then(pl.format("{} at the source, {} at the target: times are kept until producers move", *KINDS))
        .when(takes)
        .then(pl.format("the target takes records up to {} old", limit))
        .otherwise(pl.lit("the target takes records of any age")),
        value=pl.col("age_s"),
        limit=pl.when(is_limited).then(pl.col("limit_ms") / 1000),
    )
    return check_rows("timestamps", judged, unit="s")
