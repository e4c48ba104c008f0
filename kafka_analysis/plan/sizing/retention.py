"""How long topics keep what they are written: from their configuration, or from what they hold."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.common.checks import with_absent

_MS_PER_HOUR = 3.6e6
_NAMES = ("cleanup.policy", "retention.ms", "retention.bytes")


def topic_retention(topics: Frame, *, configs: Frame) -> pl.DataFrame:
    """Say for how many hours of its traffic each topic needs room.

    Parameters
    ----------
    topics
        ``topic``, ``partitions`` (without replicas), ``replication_factor``, ``size_bytes`` (all replicas),
        ``bytes_in_per_s``.
    configs
        ``topic``, ``name``, ``value`` of the topics' configuration.

    Returns
    -------
    polars.DataFrame
        ``topic``, ``bytes_in_per_s``, ``retention_hours``, ``evidence``: ``declared`` where ``retention.ms`` and
        ``retention.bytes``, whichever is reached first, say it; ``estimated``, what it holds ÷ what it takes in, where
        it is compacted or kept for ever; null where neither is known.

    Examples
    --------
    >>> topics = pl.DataFrame({"topic": ["a", "b"], "partitions": 1, "replication_factor": 3, "size_bytes": 1080e6,
    ...     "bytes_in_per_s": 1e4})
    >>> configs = pl.DataFrame({"topic": ["a", "a", "b"], "name": ["retention.ms", "cleanup.policy", "cleanup.policy"],
    ...     "value": ["86400000", "delete", "compact"]})
    >>> topic_retention(topics, configs=configs).rows()
    [('a', 10000.0, 24.0, 'declared'), ('b', 10000.0, 10.0, 'estimated')]
    """
    said = to_polars(configs).filter(pl.col("name").is_in(_NAMES)).select("topic", "name", "value")
    wide = said.unique(["topic", "name"]).pivot("name", index="topic", values="value")
    wide = with_absent(wide, dict.fromkeys(_NAMES, pl.String))
    rows = to_polars(topics).join(wide, on="topic", how="left", maintain_order="left")
    taken_in = pl.when(pl.col("bytes_in_per_s") > 0).then(pl.col("bytes_in_per_s"))
    ms, most = (pl.col(name).cast(pl.Float64, strict=False) for name in ("retention.ms", "retention.bytes"))
    by_time = pl.when(ms >= 0).then(ms / _MS_PER_HOUR)
    by_size = pl.when(most >= 0).then(most * pl.col("partitions") / taken_in / 3600)
    compacted = pl.col("cleanup.policy").fill_null("delete").str.contains("compact")
    declared = pl.when(~compacted).then(pl.min_horizontal(by_time, by_size))
    held = pl.col("size_bytes") / pl.col("replication_factor") / taken_in / 3600
    hours = pl.coalesce(declared, held)
    evidence = pl.when(declared.is_not_null()).then(pl.lit("declared")).when(held.is_not_null()).then(
        pl.lit("estimated")
    )  # fmt: skip
    return rows.select("topic", "bytes_in_per_s", retention_hours=hours, evidence=evidence)


def mean_retention_hours(retention: Frame) -> float | None:
    """Return the mean of the topics' hours, by bytes: the hours × all bytes in are what all topics keep together.

    Examples
    --------
    >>> mean_retention_hours(pl.DataFrame({"bytes_in_per_s": [1.0, 3.0], "retention_hours": [24.0, 48.0]}))
    42.0
    >>> mean_retention_hours(pl.DataFrame({"bytes_in_per_s": [1.0], "retention_hours": [None]})) is None
    True
    """
    retained = to_polars(retention).filter(
        pl.col("retention_hours").is_not_null(), pl.col("bytes_in_per_s") > 0
    )
    if retained.is_empty():
        return None
    kept = (retained["bytes_in_per_s"] * retained["retention_hours"]).sum()
    return float(kept / retained["bytes_in_per_s"].sum())
