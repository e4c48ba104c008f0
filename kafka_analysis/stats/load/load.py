"""The load of topics, brokers, racks and partitions in a window, with the evidence of each figure."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

TRAFFIC = ("bytes_in", "bytes_out", "messages_in")
TOPIC_COUNTERS = tuple(f"{name}_total" for name in TRAFFIC)
REPLICATION = ("replication_bytes_in", "replication_bytes_out")
TRAFFIC_COUNTERS = (*TOPIC_COUNTERS, *(f"{name}_total" for name in REPLICATION))
SKEW_RESOURCES = ("size_bytes", "bytes_in_per_s", "bytes_out_per_s", "leaders", "replicas")
BROKER_RESOURCES = (*SKEW_RESOURCES, "messages_in_per_s", "requests_per_s", "connections")


def _wide(rates: pl.DataFrame, names: tuple[str, ...], keys: list[str]) -> pl.DataFrame:
    """Turn counters' rates (long) into a column ``<name>_per_s`` each; a counter not seen stays null."""
    columns = []
    for name in names:
        rate = pl.col("rate_per_s").filter(pl.col("metric") == f"{name}_total")
        columns.append(pl.when(rate.count() > 0).then(rate.sum()).alias(f"{name}_per_s"))
    return rates.group_by(keys).agg(*columns)


@same_kind
def topic_load(rates: Frame) -> Frame:
    """Sum each topic's traffic over its leading brokers.

    Parameters
    ----------
    rates
        Result of ``reduce.increase`` over ``bytes_in_total``, ``bytes_out_total``, ``messages_in_total``.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``bytes_in_per_s``, ``bytes_out_per_s``, ``messages_in_per_s``, ``uncovered_s``: seconds
        in which part of the traffic may be missing because a leader moved or a broker restarted; and ``reported``:
        whether any of it is a rate that brokers reported (``traffic.traffic_rates``).

    Examples
    --------
    >>> rates = pl.DataFrame({"metric": "bytes_in_total", "cluster": "c", "broker": [1, 2, 1],
    ...     "topic": ["t", "t", None], "rate_per_s": [5.0, 7.0, 12.0], "uncovered_s": 0.0})
    >>> topic_load(rates).select("topic", "bytes_in_per_s", "bytes_out_per_s").rows()
    [('t', 12.0, None)]
    """
    topics = rates.filter(pl.col("topic").is_not_null() & pl.col("metric").is_in(TOPIC_COUNTERS))
    reported = (pl.col("source") == "reported").any() if "source" in topics.columns else pl.lit(False)
    lost = topics.group_by("cluster", "topic").agg(pl.col("uncovered_s").max(), reported=reported)
    wide = _wide(topics, TRAFFIC, ["cluster", "topic"])
    return wide.join(lost, on=["cluster", "topic"]).sort("cluster", "topic")


@same_kind
def broker_load(
    rates: Frame, *, sizes: Frame, partitions: Frame, brokers: Frame, topics: Frame = None
) -> Frame:
    """Compute what every broker carries, from the rows of its topics.

    Parameters
    ----------
    rates
        Result of ``reduce.increase`` over the traffic and replication counters.
    sizes
        Result of ``reduce.gauge`` over ``log_size_bytes`` (``last`` is used).
    partitions, brokers
        One snapshot of the tables of that name.
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
    kept = _keep(rates.filter(pl.col("topic").is_not_null()), topics)
    traffic = _wide(kept, TRAFFIC, keys)
    seen = _wide(rates.filter(pl.col("topic").is_null()), (*TRAFFIC, *REPLICATION), keys)
    stored = _keep(sizes, topics).group_by(keys).agg(size_bytes=pl.col("last").sum())
    counts = replica_counts(_keep(partitions, topics))
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
    of_topics = rates.filter(pl.col("metric") == f"{name}_total", pl.col("topic").is_not_null())
    told = of_topics["cluster"].unique()
    whole = pl.col(f"{name}_per_s_aggregate")
    none_of_them = pl.when(whole.is_not_null()).then(0.0)
    return pl.coalesce(
        f"{name}_per_s", pl.when(pl.col("cluster").is_in(told.implode())).then(none_of_them).otherwise(whole)
    )


def _keep(frame: pl.DataFrame, topics: pl.DataFrame | None) -> pl.DataFrame:
    return frame if topics is None else frame.join(topics, on=["cluster", "topic"], how="semi")


@same_kind
def replica_counts(partitions: Frame) -> Frame:
    """Count leaders and replicas per broker from one snapshot of the partitions.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0, 1], "leader": [1, 2],
    ...     "replicas": [[1, 2], [2, 3]]})
    >>> replica_counts(rows).rows()
    [('c', 1, 1, 1), ('c', 2, 1, 2), ('c', 3, 0, 1)]
    """
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
        One snapshot: ``cluster``, ``topic``, ``partition``, ``leader``, ``replicas`` and, where it is known,
        ``leader_moved`` (``snapshots_in`` tells it).
    rates, records, sizes
        Results of ``reduce.increase``, ``snapshots.records_appended`` and ``reduce.gauge`` over ``log_size_bytes``
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
    topics = _wide(
        rates.filter(pl.col("topic").is_not_null()), ("bytes_in", "bytes_out"), ["cluster", "topic", "broker"]
    )
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
    known = {name: pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()) for name in ("_in", "_out")}
    sums = topics.group_by(whole).agg(**known)
    moved = pl.col("leader_moved").any().over(whole).fill_null(value=False)
    joined = base.with_columns(_moved=moved).join(sums, on=whole, how="left", suffix="_all")
    return joined.with_columns(
        pl.when("_moved").then(pl.coalesce(f"{name}_all", name)).otherwise(name).alias(name)
        for name in ("_in", "_out")
    )


def _silent(rates: pl.DataFrame, flows: dict[str, str]) -> pl.DataFrame:
    """Return 0 for each flow that a broker counted in all, where the cluster tells its topics apart; else null."""
    whole = _wide(rates.filter(pl.col("topic").is_null()), tuple(flows), ["cluster", "broker"])
    zeros = []
    for name, column in flows.items():
        told = rates.filter(pl.col("metric") == f"{name}_total", pl.col("topic").is_not_null())["cluster"]
        known = pl.col(f"{name}_per_s").is_not_null() & pl.col("cluster").is_in(told.unique().implode())
        zeros.append(pl.when(known).then(0.0).alias(column))
    return whole.select("cluster", pl.col("broker").alias("leader"), *zeros)


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
    rows = increases.filter(pl.col("metric") == metric)
    whole, part = pl.col("topic").is_null(), pl.col("topic").is_not_null()
    summed = rows.group_by("cluster", "broker").agg(
        aggregate=pl.col("increase").filter(whole).sum(),
        topics=pl.col("increase").filter(part).sum(),
        _known=whole.any(),
    )
    share = pl.when(pl.col("aggregate") > 0).then(1 - pl.col("topics") / pl.col("aggregate"))
    return (
        summed.filter("_known").drop("_known").with_columns(uncovered_share=share).sort("cluster", "broker")
    )


def covered_by_topics(increases: pl.DataFrame) -> dict[str, float]:
    """Return which part of all brokers' totals their topics add up to, for each counter that both have.

    Parameters
    ----------
    increases
        Result of ``reduce.increase``, or samples whose ``value`` is named ``increase``.

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
    known = {name: rows for name, rows in sums.items() if (rows["aggregate"].sum() or 0) > 0}
    return {name: rows["topics"].sum() / rows["aggregate"].sum() for name, rows in known.items()}
