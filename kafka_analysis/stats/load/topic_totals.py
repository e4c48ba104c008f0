"""What each topic weighs in all: the figures by which topics are shared out over cells."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.flows.ownership import with_owners
from kafka_analysis.stats.load.topic_inventory import topic_inventory
from kafka_analysis.stats.scope.snapshots import last_snapshot

_TOPIC = ["cluster", "topic"]
_FLOWS = ("bytes_in_per_s", "bytes_out_per_s")


@same_kind
def topic_totals(
    traffic: Frame, *, load: Frame, sizes: Frame, partitions: Frame, topics: Frame, ownership: Frame = None
) -> Frame:
    """Return the load of every chosen topic, as a cell that takes it would carry it.

    Parameters
    ----------
    traffic
        Result of ``load.topic_load``.
    load
        Result of ``load.partition_load``: it tells a topic that carried nothing (0) from one of which nothing is known.
    sizes, partitions, topics
        As for :func:`kafka_analysis.stats.load.topic_inventory.topic_inventory`.
    ownership
        As ``capture.ownership.read_ownership`` reads it; None = teams are not known.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``bytes_in_per_s`` (what producers write, one copy), ``bytes_out_per_s`` (what consumers
        read, without replication), ``size_bytes`` (all replicas together), ``partitions`` (replicas included, as Amazon
        MSK counts them), ``team``. Null is unknown.

    Examples
    --------
    >>> topics = pl.DataFrame({"cluster": ["c"], "topic": ["t"]})
    >>> traffic = topics.with_columns(bytes_in_per_s=5.0, bytes_out_per_s=None, messages_in_per_s=1.0)
    >>> load = topics.with_columns(bytes_in_per_s=5.0, bytes_out_per_s=0.0)
    >>> sizes = pl.DataFrame({"cluster": "c", "topic": "t", "last": [10.0, 10.0]})
    >>> partitions = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0], "replicas": [[1, 2]]})
    >>> topic_totals(traffic, load=load, sizes=sizes, partitions=partitions, topics=topics).row(0)
    ('c', 't', 5.0, 0.0, 20.0, 2, None)
    """
    inventory = topic_inventory(traffic, sizes=sizes, partitions=partitions, topics=topics)
    copies = pl.col("replicas").list.len().sum().cast(pl.Int64)
    replicas = last_snapshot(partitions).group_by(_TOPIC).agg(partitions=copies)
    carried = load.group_by(_TOPIC).agg(
        pl.when(pl.col(flow).null_count() == 0).then(pl.col(flow).sum()).alias(f"_{flow}") for flow in _FLOWS
    )
    joined = (
        inventory.drop("partitions")
        .join(replicas, on=_TOPIC, how="left")
        .join(carried, on=_TOPIC, how="left")
        .with_columns(*[pl.coalesce(flow, f"_{flow}") for flow in _FLOWS], team=pl.lit(None, pl.String))
    )
    if ownership is not None:
        joined = with_owners(joined, ownership, name="topic", kind="topic")
    return joined.select(*_TOPIC, *_FLOWS, "size_bytes", "partitions", "team").sort(_TOPIC)
