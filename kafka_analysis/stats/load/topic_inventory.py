"""What each topic is: partitions, copies, bytes held, traffic."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.scope.snapshots import last_snapshot


@same_kind
def topic_inventory(traffic: Frame, *, sizes: Frame, partitions: Frame, topics: Frame) -> Frame:
    """Describe every chosen topic, also those nothing flows through.

    Parameters
    ----------
    traffic
        Result of ``load.topic_load``.
    sizes
        Result of ``reduce.gauge`` over ``log_size_bytes``.
    partitions
        The partitions; of several snapshots the last counts.
    topics
        ``cluster``, ``topic`` chosen; each once, whatever the number of snapshots.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``partitions``, ``replication_factor`` (the smallest of its partitions), ``size_bytes``
        (all copies; null when no broker told), ``bytes_in_per_s``, ``bytes_out_per_s``, ``messages_in_per_s``.

    Examples
    --------
    >>> topics = pl.DataFrame({"cluster": ["c"], "topic": ["t"]})
    >>> traffic = topics.with_columns(bytes_in_per_s=5.0, bytes_out_per_s=None, messages_in_per_s=1.0)
    >>> sizes = pl.DataFrame({"cluster": "c", "topic": "t", "last": [10.0, 10.0]})
    >>> partitions = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0], "replicas": [[1, 2]]})
    >>> topic_inventory(traffic, sizes=sizes, partitions=partitions, topics=topics).row(0)[1:6]
    ('t', 1, 2, 20.0, 5.0)
    """
    keys = ["cluster", "topic"]
    placed = (
        last_snapshot(partitions)
        .group_by(keys)
        .agg(
            partitions=pl.col("partition").n_unique().cast(pl.Int64),
            replication_factor=pl.col("replicas").list.len().min().cast(pl.Int64),
        )
    )
    stored = sizes.group_by(keys).agg(size_bytes=pl.col("last").sum())
    flows = ["bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s"]
    joined = topics.select(keys).unique().join(placed, on=keys, how="left").join(stored, on=keys, how="left")
    columns = [*keys, "partitions", "replication_factor", "size_bytes", *flows]
    return joined.join(traffic.select(*keys, *flows), on=keys, how="left").select(columns).sort(keys)
