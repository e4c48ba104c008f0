"""The traffic of topics, what they store and take in all, and how well their counters add up to their brokers'."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.flows.ownership import with_owners
from kafka_analysis.stats.load.brokers import TOPIC_COUNTERS, TRAFFIC, rates_by_flow
from kafka_analysis.stats.scope.snapshots import last_snapshot


@same_kind
def topic_load(rates: Frame) -> Frame:
    """Sum each topic's traffic over its leading brokers.

    Parameters
    ----------
    rates
        Result of ``stats.increase`` over ``bytes_in_total``, ``bytes_out_total``, ``messages_in_total``; with
        ``window_start``, each bucket is summed.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``bytes_in_per_s``, ``bytes_out_per_s``, ``messages_in_per_s``, ``uncovered_s``: seconds
        in which part of the traffic may be missing because a leader moved or a broker restarted; and ``reported``:
        whether any of it is a rate that brokers reported (``stats.traffic_rates``).

    Examples
    --------
    >>> rates = pl.DataFrame({"metric": "bytes_in_total", "cluster": "c", "broker": [1, 2, 1],
    ...     "topic": ["t", "t", None], "rate_per_s": [5.0, 7.0, 12.0], "uncovered_s": 0.0})
    >>> topic_load(rates).select("topic", "bytes_in_per_s", "bytes_out_per_s").rows()
    [('t', 12.0, None)]
    """
    topics = rates.filter(pl.col("topic").is_not_null() & pl.col("metric").is_in(TOPIC_COUNTERS))
    reported = (pl.col("source") == "reported").any() if "source" in topics.columns else pl.lit(False)
    keys = per_bucket(topics, "cluster", "topic")
    lost = topics.group_by(keys).agg(pl.col("uncovered_s").max(), reported=reported)
    return rates_by_flow(topics, TRAFFIC, keys).join(lost, on=keys).sort(keys)


def per_bucket(rates: pl.DataFrame, *keys: str) -> list[str]:
    """Return the columns to group by: also ``window_start``, where rates are told bucket by bucket.

    Examples
    --------
    >>> per_bucket(pl.DataFrame({"window_start": [0], "topic": ["t"]}), "topic")
    ['window_start', 'topic']
    """
    return [*(name for name in ("window_start",) if name in rates.columns), *keys]


@same_kind
def aggregate_agreement(increases: Frame, *, metric: str = "bytes_in_total") -> Frame:
    """Compare each broker's aggregate counter with the sum of its topics' counters.

    A broker that stops leading a topic removes that topic's meters, and what they counted since the last scrape is
    only in the aggregate: the share that no topic row covers is stated, not hidden.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``broker``, ``aggregate``, ``topics`` (growth, in the counter's unit), ``uncovered_share`` = 1 −
        topics / aggregate (null when nothing flowed).

    Examples
    --------
    >>> rows = pl.DataFrame({"metric": "bytes_in_total", "cluster": "c", "broker": 1, "topic": [None, "a", "b"],
    ...     "increase": [100.0, 60.0, 40.0]})
    >>> aggregate_agreement(rows).row(0)
    ('c', 1, 100.0, 100.0, 0.0)
    """
    rows = increases.filter(metric=metric)
    whole, part = pl.col("topic").is_null(), pl.col("topic").is_not_null()
    summed = rows.group_by("cluster", "broker").agg(
        aggregate=pl.col("increase").filter(whole).sum(),
        topics=pl.col("increase").filter(part).sum(),
        _has_whole=whole.any(),
    )
    share = pl.when(pl.col("aggregate") > 0).then(1 - pl.col("topics") / pl.col("aggregate"))
    return (
        summed.filter("_has_whole")
        .drop("_has_whole")
        .with_columns(uncovered_share=share)
        .sort("cluster", "broker")
    )


def covered_by_topics(increases: pl.DataFrame) -> dict[str, float]:
    """Return which part of all brokers' totals their topics add up to, for each counter that both have.

    Parameters
    ----------
    increases
        Result of ``stats.increase``, or samples whose ``value`` is named ``increase``.

    Returns
    -------
    dict
        1 means all of it; what is less, leaders took along when they moved. A counter that did not grow is left out.

    Examples
    --------
    >>> rows = pl.DataFrame({"metric": "bytes_in_total", "cluster": "c", "broker": 1, "topic": [None, "a"],
    ...     "increase": [100.0, 60.0]})
    >>> covered_by_topics(rows)
    {'bytes_in_total': 0.6}
    """
    sums = {name: aggregate_agreement(increases, metric=name) for name in TOPIC_COUNTERS}
    grown = {name: rows for name, rows in sums.items() if (rows["aggregate"].sum() or 0) > 0}
    return {name: rows["topics"].sum() / rows["aggregate"].sum() for name, rows in grown.items()}


@same_kind
def topic_inventory(traffic: Frame, *, sizes: Frame, partitions: Frame, topics: Frame) -> Frame:
    """Describe every chosen topic, also those nothing flows through.

    Parameters
    ----------
    traffic
        Result of ``stats.topic_load``.
    sizes
        Result of ``stats.gauge`` over ``log_size_bytes``.
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
        Result of ``stats.topic_load``.
    load
        Result of ``stats.partition_load``: it tells a topic that carried nothing (0) from one that is not known.
    sizes, partitions, topics
        As for :func:`topic_inventory`.
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
