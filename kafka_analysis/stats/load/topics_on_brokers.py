"""Which topics put a load on which brokers."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import same_kind
from kafka_analysis.stats.load.brokers import TRAFFIC, of_chosen
from kafka_analysis.stats.scope.snapshots import last_snapshot

_SCHEMA = {
    "cluster": pl.String,
    "resource": pl.String,
    "broker": pl.Int32,
    "topic": pl.String,
    "value": pl.Float64,
}


@same_kind
def topics_on_brokers(rates: Any, *, sizes: Any, partitions: Any, topics: Any = None) -> Any:
    """List what every topic puts on every broker, resource by resource.

    Parameters
    ----------
    rates, sizes
        Results of ``stats.increase`` over the traffic counters and ``stats.gauge`` over ``log_size_bytes``.
    partitions
        The partitions; of several snapshots the last counts.
    topics
        ``cluster``, ``topic`` to count; None = all.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``resource`` (``bytes_in_per_s``, ``bytes_out_per_s``, ``messages_in_per_s``, ``size_bytes``,
        ``leaders``, ``replicas``), ``broker``, ``topic``, ``value``.

    Examples
    --------
    >>> rates = pl.DataFrame({"metric": ["bytes_in_total"], "cluster": ["c"], "broker": [1], "topic": ["t"],
    ...     "rate_per_s": [5.0]})
    >>> sizes = pl.DataFrame({"cluster": ["c"], "broker": [1], "topic": ["t"], "partition": [0], "last": [9.0]})
    >>> partitions = pl.DataFrame({"cluster": ["c"], "topic": ["t"], "partition": [0], "leader": [1],
    ...     "replicas": [[1, 2]]})
    >>> topics_on_brokers(rates, sizes=sizes, partitions=partitions).select("resource", "broker", "value").rows()
    [('bytes_in_per_s', 1, 5.0), ('size_bytes', 1, 9.0), ('leaders', 1, 1.0), ('replicas', 1, 1.0),
     ('replicas', 2, 1.0)]
    """
    partitions = last_snapshot(partitions)
    flows = {f"{name}_total": f"{name}_per_s" for name in TRAFFIC}
    traffic = rates.filter(pl.col("metric").is_in(list(flows)) & pl.col("topic").is_not_null()).with_columns(
        resource=pl.col("metric").replace_strict(flows, default=None, return_dtype=pl.String)
    )
    led = partitions.filter(pl.col("leader") >= 0).with_columns(
        broker=pl.col("leader"), resource=pl.lit("leaders")
    )
    copies = partitions.with_columns(broker=pl.col("replicas"), resource=pl.lit("replicas")).explode("broker")
    parts = [
        (traffic, pl.col("rate_per_s").sum()),
        (sizes.with_columns(resource=pl.lit("size_bytes")), pl.col("last").sum()),
        (led, pl.len()),
        (copies.drop_nulls("broker"), pl.len()),
    ]
    keys = ["cluster", "resource", "broker", "topic"]
    summed = [
        frame.group_by(keys, maintain_order=True)
        .agg(value=value)
        .select(pl.col(n).cast(k) for n, k in _SCHEMA.items())
        for frame, value in parts
    ]
    return of_chosen(pl.concat(summed), topics)
