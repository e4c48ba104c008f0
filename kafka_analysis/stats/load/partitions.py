"""The load of partitions in a window, with the evidence of each figure."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.load.brokers import rates_by_flow
from kafka_analysis.stats.scope.snapshots import last_snapshot


@same_kind
def partition_load(partitions: Frame, *, rates: Frame, records: Frame, sizes: Frame) -> Frame:
    """Estimate every partition's traffic, openly: Kafka counts bytes per topic and broker only.

    The topic's counters on the leading broker are apportioned by the growth of the log end offsets of the partitions
    led there. A partition that is the only one of its topic on its leader is measured. A topic without a row of its own
    on a leader that counted that flow carried nothing of it there (0), as in :func:`broker_load`; Kafka counts a
    topic's bytes out from the first read on. Where a leader of a topic moved in the window, brokers' counters of it are
    of different partitions than they lead now: then the topic's bytes of all brokers are apportioned.

    Parameters
    ----------
    partitions
        ``cluster``, ``topic``, ``partition``, ``leader``, ``replicas`` and, where it is known, ``leader_moved``
        (``snapshots_in`` tells it); of several snapshots the last counts.
    rates, records, sizes
        Results of ``stats.increase``, ``stats.records_appended`` and ``stats.gauge`` over ``log_size_bytes``
        (or of ``replica_sizes``).

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``partition``, ``leader``, ``replication_factor``, ``size_bytes`` (of the leader's
        replica), ``records_per_s``, ``bytes_in_per_s``, ``bytes_out_per_s``, ``evidence`` of the two. From
        ``replica_sizes`` also ``sized_at``.

    Examples
    --------
    >>> partitions = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0, 1], "leader": [1, 1],
    ...     "replicas": [[1, 2], [1, 2]]})
    >>> rates = pl.DataFrame({"metric": ["bytes_in_total"], "cluster": ["c"], "broker": [1], "topic": ["t"],
    ...     "rate_per_s": [100.0], "uncovered_s": [0.0]})
    >>> records = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0, 1], "records_per_s": [3.0, 1.0]})
    >>> sizes = pl.DataFrame({"cluster": "c", "broker": 1, "topic": "t", "partition": [0, 1], "last": [7.0, 2.0]})
    >>> partition_load(partitions, rates=rates, records=records, sizes=sizes).select(
    ...     "partition", "size_bytes", "bytes_in_per_s", "evidence").rows()
    [(0, 7.0, 75.0, 'estimated'), (1, 2.0, 25.0, 'estimated')]
    """
    keys = ["cluster", "topic", "partition"]
    led, whole = ["cluster", "topic", "leader"], ["cluster", "topic"]
    partitions = last_snapshot(partitions)
    of_topics = rates.filter(pl.col("topic").is_not_null())
    topics = rates_by_flow(of_topics, ("bytes_in", "bytes_out"), ["cluster", "topic", "broker"])
    topics = topics.rename({"broker": "leader", "bytes_in_per_s": "_in", "bytes_out_per_s": "_out"})
    silent = _silent(rates, {"bytes_in": "_in", "bytes_out": "_out"})
    source = ["sized_at"] if "sized_at" in sizes.columns else []
    stored = sizes.select(*keys, *source, leader="broker", size_bytes="last")
    grown = records.select(*keys, "records_per_s")
    base = (
        partitions.join(grown, on=keys, how="left")
        .join(topics, on=led, how="left")
        .join(silent, on=["cluster", "leader"], how="left", suffix="_silent")
        .with_columns(pl.coalesce(name, f"{name}_silent") for name in ("_in", "_out"))
        .join(stored, on=[*keys, "leader"], how="left")
    )
    base = _with_moved(base, topics, whole)
    alone = pl.when("_moved").then(pl.len().over(whole) == 1).otherwise(pl.len().over(led) == 1)
    records_per_s = pl.col("records_per_s")
    total = pl.when("_moved").then(records_per_s.sum().over(whole)).otherwise(records_per_s.sum().over(led))
    share = pl.when(alone).then(1.0).when(total > 0).then(records_per_s / total)
    return base.select(
        *keys,
        "leader",
        replication_factor=pl.col("replicas").list.len().cast(pl.Int64),
        size_bytes=pl.col("size_bytes"),
        records_per_s=pl.col("records_per_s"),
        bytes_in_per_s=pl.when(pl.col("_in") == 0).then(0.0).otherwise(pl.col("_in") * share),
        bytes_out_per_s=pl.when(pl.col("_out") == 0).then(0.0).otherwise(pl.col("_out") * share),
        evidence=pl.when(alone).then(pl.lit("measured")).otherwise(pl.lit("estimated")),
        **{name: pl.col(name) for name in source},
    ).sort(keys)


def _with_moved(base: pl.DataFrame, topics: pl.DataFrame, whole: list[str]) -> pl.DataFrame:
    """Say of which topics a leader moved, and give their partitions the flows of all brokers."""
    if "leader_moved" not in base.columns:
        return base.with_columns(_moved=pl.lit(value=False))
    summed = {name: pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()) for name in ("_in", "_out")}
    sums = topics.group_by(whole).agg(**summed)
    moved = pl.col("leader_moved").any().over(whole).fill_null(value=False)
    joined = base.with_columns(_moved=moved).join(sums, on=whole, how="left", suffix="_all")
    return joined.with_columns(
        pl.when("_moved").then(pl.coalesce(f"{name}_all", name)).otherwise(name).alias(name)
        for name in ("_in", "_out")
    )


def _silent(rates: pl.DataFrame, flows: dict[str, str]) -> pl.DataFrame:
    """Return 0 for each flow that a broker counted in all, where the cluster tells its topics apart; else null."""
    whole = rates_by_flow(rates.filter(pl.col("topic").is_null()), tuple(flows), ["cluster", "broker"])
    zeros = []
    for name, column in flows.items():
        apart = rates.filter(pl.col("topic").is_not_null(), metric=f"{name}_total")["cluster"]
        is_zero = pl.col(f"{name}_per_s").is_not_null() & pl.col("cluster").is_in(apart.unique().implode())
        zeros.append(pl.when(is_zero).then(0.0).alias(column))
    return whole.select("cluster", pl.col("broker").alias("leader"), *zeros)
