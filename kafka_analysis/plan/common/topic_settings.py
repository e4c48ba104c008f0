"""What topics are set to, as plans look at it: retention, clean-up, copies."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars

_TOPIC = ["cluster", "topic"]


def with_settings(topics: Frame, *, configs: Frame, partitions: Frame) -> pl.DataFrame:
    """Add to each topic how long it keeps records, how it cleans up, and how many copies it has.

    Parameters
    ----------
    topics
        ``cluster``, ``topic`` and anything else, such as the result of ``stats.topic_totals``.
    configs
        Rows of the capture's ``topic_configs`` table; of several snapshots, the last counts.
    partitions
        One snapshot of the partitions, with ``replicas``.

    Returns
    -------
    polars.DataFrame
        ``topics`` with ``retention_ms`` (−1: without end), ``cleanup_policy`` and ``replication_factor`` (a mean, where
        partitions differ); null is unknown.

    Examples
    --------
    >>> topics = pl.DataFrame({"cluster": ["c"], "topic": ["t"]})
    >>> configs = pl.DataFrame({"ts": [1], "cluster": "c", "topic": "t", "name": "retention.ms", "value": "60000"})
    >>> placed = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0], "replicas": [[1, 2]]})
    >>> with_settings(topics, configs=configs, partitions=placed).row(0)
    ('c', 't', 60000.0, None, 2.0)
    """
    rows, settings = to_polars(topics), to_polars(configs).sort("ts")
    placed = (
        to_polars(partitions).group_by(_TOPIC).agg(replication_factor=pl.col("replicas").list.len().mean())
    )
    retention, policy = (
        settings.filter(pl.col("name") == name).group_by(_TOPIC).agg(pl.col("value").last().alias(column))
        for name, column in (("retention.ms", "retention_ms"), ("cleanup.policy", "cleanup_policy"))
    )
    joined = rows.join(retention, on=_TOPIC, how="left", maintain_order="left")
    joined = joined.join(policy, on=_TOPIC, how="left", maintain_order="left")
    joined = joined.join(placed, on=_TOPIC, how="left", maintain_order="left")
    return joined.with_columns(pl.col("retention_ms").cast(pl.Float64, strict=False))
