"""The load of brokers and racks in a window."""

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.scope.snapshots import last_snapshot

TRAFFIC = ("bytes_in", "bytes_out", "messages_in")
TOPIC_COUNTERS = tuple(f"{name}_total" for name in TRAFFIC)
REPLICATION = ("replication_bytes_in", "replication_bytes_out")
TRAFFIC_COUNTERS = (*TOPIC_COUNTERS, *(f"{name}_total" for name in REPLICATION))
SKEW_RESOURCES = ("size_bytes", "bytes_in_per_s", "bytes_out_per_s", "leaders", "replicas")
BROKER_RESOURCES = (*SKEW_RESOURCES, "messages_in_per_s", "requests_per_s", "connections")


def rates_by_flow(rates: pl.DataFrame, names: Sequence[str], keys: Sequence[str]) -> pl.DataFrame:
    """Turn counters' rates (long) into a column ``<name>_per_s`` each; a counter not seen stays null.

    Examples
    --------
    >>> rates = pl.DataFrame({"cluster": "c", "metric": "bytes_in_total", "rate_per_s": [1.0, 2.0]})
    >>> rates_by_flow(rates, ["bytes_in", "bytes_out"], ["cluster"]).row(0)
    ('c', 3.0, None)
    """
    columns = []
    for name in names:
        rate = pl.col("rate_per_s").filter(metric=f"{name}_total")
        columns.append(pl.when(rate.count() > 0).then(rate.sum()).alias(f"{name}_per_s"))
    return rates.group_by(keys).agg(*columns)


@same_kind
def broker_load(
    rates: Frame, *, sizes: Frame, partitions: Frame, brokers: Frame, topics: Frame = None
) -> Frame:
    """Compute what every broker carries, from the rows of its topics.

    Parameters
    ----------
    rates
        Result of ``stats.increase`` over the traffic and replication counters.
    sizes
        Result of ``stats.gauge`` over ``log_size_bytes`` (``last`` is used).
    partitions, brokers
        The tables of that name; of several snapshots the last counts.
    topics
        ``cluster``, ``topic`` to count; None = all. Replication counters have no topic: they always hold everything.

    Returns
    -------
    frame of the kind given
        A row per broker of ``brokers``: ``cluster``, ``broker``, ``rack``, ``bytes_in_per_s``, ``bytes_out_per_s``,
        ``messages_in_per_s``, ``replication_bytes_in_per_s``, ``replication_bytes_out_per_s``, ``size_bytes``,
        ``leaders``, ``replicas``. A broker that was scraped and has no row of a topic carried nothing of it (0);
        one that was not scraped is null. Where a cluster tells no topic of a flow apart, the brokers' aggregates
        are used; sizes, leaders and replicas are null where the cluster tells none.

    Examples
    --------
    >>> rates = pl.DataFrame({"metric": "bytes_in_total", "cluster": "c", "broker": [1, 1],
    ...     "topic": ["t", None], "rate_per_s": [5.0, 5.0], "uncovered_s": 0.0})
    >>> sizes = pl.DataFrame({"cluster": ["c"], "broker": [1], "topic": ["t"], "partition": [0], "last": [10.0]})
    >>> partitions = pl.DataFrame({"cluster": ["c"], "topic": ["t"], "partition": [0], "leader": [1],
    ...     "replicas": [[1, 2]]})
    >>> brokers = pl.DataFrame({"cluster": ["c"] * 2, "broker": [1, 2], "rack": ["a", "b"]})
    >>> load = broker_load(rates, sizes=sizes, partitions=partitions, brokers=brokers)
    >>> load.select("broker", "bytes_in_per_s", "size_bytes", "leaders", "replicas").rows()
    [(1, 5.0, 10.0, 1, 1), (2, None, None, 0, 1)]
    """
    keys = ["cluster", "broker"]
    partitions, brokers = last_snapshot(partitions), last_snapshot(brokers)
    kept = of_chosen(rates.filter(pl.col("topic").is_not_null()), topics)
    traffic = rates_by_flow(kept, TRAFFIC, keys)
    seen = rates_by_flow(rates.filter(pl.col("topic").is_null()), (*TRAFFIC, *REPLICATION), keys)
    stored = of_chosen(sizes, topics).group_by(keys).agg(size_bytes=pl.col("last").sum())
    counts = replica_counts(of_chosen(partitions, topics))
    frame = brokers.select(*keys, "rack").unique().join(traffic, on=keys, how="left")
    frame = frame.join(seen, on=keys, how="left", suffix="_aggregate")
    frame = frame.join(stored, on=keys, how="left").join(counts, on=keys, how="left")
    scraped = pl.any_horizontal([pl.col(f"{n}_per_s_aggregate").is_not_null() for n in TRAFFIC])
    has_sizes = pl.col("cluster").is_in(sizes["cluster"].unique().implode())
    has_partitions = pl.col("cluster").is_in(partitions["cluster"].unique().implode())
    frame = frame.with_columns(
        *[_of_topics_or_whole(n, rates).alias(f"{n}_per_s") for n in TRAFFIC],
        size_bytes=pl.coalesce("size_bytes", pl.when(scraped & has_sizes).then(0.0)),
        **{
            n: pl.coalesce(pl.col(n).cast(pl.Int64), pl.when(has_partitions).then(0))
            for n in ("leaders", "replicas")
        },
    )
    names = [f"{n}_per_s" for n in (*TRAFFIC, *REPLICATION)]
    return frame.select(*keys, "rack", *names, "size_bytes", "leaders", "replicas").sort(keys)


def _of_topics_or_whole(name: str, rates: pl.DataFrame) -> pl.Expr:
    """Return what a broker's topics carry; where a cluster tells no topic apart, what the whole broker carries."""
    of_topics = rates.filter(pl.col("topic").is_not_null(), metric=f"{name}_total")
    apart = of_topics["cluster"].unique()
    whole = pl.col(f"{name}_per_s_aggregate")
    none_of_them = pl.when(whole.is_not_null()).then(0.0)
    return pl.coalesce(
        f"{name}_per_s", pl.when(pl.col("cluster").is_in(apart.implode())).then(none_of_them).otherwise(whole)
    )


def of_chosen(frame: pl.DataFrame, topics: pl.DataFrame | None) -> pl.DataFrame:
    """Keep the rows of chosen topics; None = all.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "topic": ["t", "u"]})
    >>> of_chosen(rows, rows.head(1)).rows(), len(of_chosen(rows, None))
    ([('c', 't')], 2)
    """
    if topics is None:
        return frame
    return frame.join(topics, on=["cluster", "topic"], how="semi", maintain_order="left")


@same_kind
def replica_counts(partitions: Frame) -> Frame:
    """Count leaders and replicas per broker from the last snapshot of the partitions.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0, 1], "leader": [1, 2],
    ...     "replicas": [[1, 2], [2, 3]]})
    >>> replica_counts(rows).rows()
    [('c', 1, 1, 1), ('c', 2, 1, 2), ('c', 3, 0, 1)]
    """
    partitions = last_snapshot(partitions)
    replicas = (
        partitions.select("cluster", pl.col("replicas").alias("broker"))
        .explode("broker")
        .drop_nulls("broker")
        .group_by("cluster", "broker")
        .agg(replicas=pl.len().cast(pl.Int64))
    )
    leaders = (
        partitions.filter(pl.col("leader") >= 0)
        .group_by("cluster", pl.col("leader").alias("broker"))
        .agg(leaders=pl.len().cast(pl.Int64))
    )
    both = replicas.join(leaders, on=["cluster", "broker"], how="full", coalesce=True).fill_null(0)
    return both.select("cluster", "broker", "leaders", "replicas").sort("cluster", "broker")


@same_kind
def rack_load(load: Frame) -> Frame:
    """Sum a broker load per rack; a rack with a broker of unknown load is unknown.

    Examples
    --------
    >>> load = pl.DataFrame({"cluster": "c", "broker": [1, 2, 3], "rack": ["a", "a", "b"], "leaders": [1, 2, None]})
    >>> rack_load(load).rows()
    [('c', 'a', 2, 3), ('c', 'b', 1, None)]
    """
    values = [c for c in load.columns if c not in ("cluster", "broker", "rack")]
    sums = [pl.when(pl.col(c).null_count() == 0).then(pl.col(c).sum()).alias(c) for c in values]
    grouped = load.group_by("cluster", "rack").agg(pl.len().cast(pl.Int64).alias("brokers"), *sums)
    return grouped.select("cluster", "rack", "brokers", *values).sort("cluster", "rack")


@same_kind
def recent_brokers(brokers: Frame, *, rates: Frame) -> Frame:
    """List the brokers first seen after the others of their cluster, and those restarted in the window.

    Parameters
    ----------
    brokers
        The capture's ``brokers`` table, with all its snapshots.
    rates
        Result of ``stats.traffic_rates``: a broker whose own totals were reset was restarted.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``broker``, ``since`` (UTC; null for a restart), ``how``: ``new`` or ``restarted``. A broker
        that is both is new.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, d, tzinfo=UTC) for d in (1, 2, 2)]
    >>> brokers = pl.DataFrame({"ts": t, "cluster": "c", "broker": [1, 1, 7]})
    >>> rates = pl.DataFrame({"cluster": "c", "broker": [1], "topic": [None], "resets": [1]},
    ...     schema_overrides={"topic": pl.String})
    >>> recent_brokers(brokers, rates=rates).select("broker", "how").rows()
    [(1, 'restarted'), (7, 'new')]
    """
    seen = brokers.group_by("cluster", "broker").agg(since=pl.col("ts").min())
    new = seen.filter(pl.col("since") > pl.col("since").min().over("cluster")).with_columns(how=pl.lit("new"))
    fell = rates.filter(pl.col("topic").is_null() & pl.col("broker").is_not_null() & (pl.col("resets") > 0))
    restarted = fell.select("cluster", "broker", how=pl.lit("restarted")).unique()
    both = pl.concat([new, restarted.join(new, on=["cluster", "broker"], how="anti")], how="diagonal_relaxed")
    return both.sort("cluster", "broker")


_KEYS = ["cluster", "broker"]
_KINDS_OF_FETCH = ("FetchConsumer", "FetchFollower")


@same_kind
def client_load(load: Frame, *, requests: Frame, connections: Frame) -> Frame:
    """Add to a broker load what clients, other brokers among them, ask of each broker.

    Parameters
    ----------
    load
        Result of ``load.broker_load``.
    requests
        Result of ``stats.increase`` over ``requests_total``. Brokers count each fetch twice, as ``Fetch`` and as
        ``FetchConsumer`` or ``FetchFollower``: it is taken once.
    connections
        Result of ``stats.gauge`` over ``connection_count`` and ``client_connection_count``. Where a cluster has the
        former, of all listeners, the latter is not looked at.

    Returns
    -------
    frame of the kind given
        ``load`` with ``requests_per_s`` and ``connections`` (mean number open); null where a broker did not tell.

    Examples
    --------
    >>> load = pl.DataFrame({"cluster": "c", "broker": [1, 2]})
    >>> requests = pl.DataFrame({"cluster": "c", "broker": 1, "entity": ["Produce", "Fetch", "FetchConsumer"],
    ...     "rate_per_s": [5.0, 2.0, 2.0]})
    >>> connections = pl.DataFrame({"metric": "connection_count", "cluster": "c", "broker": 1, "mean": [10.0, 20.0]})
    >>> client_load(load, requests=requests, connections=connections).rows()
    [('c', 1, 7.0, 30.0), ('c', 2, None, None)]
    """
    fetched = requests.filter(entity="Fetch")["cluster"].unique()
    twice = pl.col("entity").is_in(_KINDS_OF_FETCH) & pl.col("cluster").is_in(fetched.implode())
    counted = requests.filter(~twice.fill_null(value=False)).drop_nulls("rate_per_s")
    of_all = connections.filter(metric="connection_count")
    of_clients = connections.filter(metric="client_connection_count").join(of_all, on="cluster", how="anti")
    sums = (
        counted.group_by(_KEYS).agg(requests_per_s=pl.col("rate_per_s").sum()),
        pl.concat([of_all, of_clients]).group_by(_KEYS).agg(connections=pl.col("mean").sum()),
    )
    for frame in sums:
        load = load.join(frame, on=_KEYS, how="left", maintain_order="left")
    return load
