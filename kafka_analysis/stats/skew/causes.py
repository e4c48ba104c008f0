"""Why brokers carry more than the mean: an exact split of their excess into causes.

Each broker's distance from the mean, load − mean, is walked in steps. A step says what the load would be if one thing
were even, and gets the difference. Nothing is lost or counted twice: what no step explains is the last cause.

1. *New or returned broker*: leave out the brokers that carry almost nothing yet. The mean of the others, which is
   higher, is what everybody would carry without them; the difference of the two means is their part. "The mean" of the
   next steps is that of the others.
2. *Uneven racks*: what even the emptiest broker of a rack carries above the mean. A rack with a single broker among
   larger racks counts with what the broker would carry if all racks carried the same. The rest of the broker's distance
   is told apart by steps 3 to 6, each shortened by the same factor.
3. *Replicas unbalanced*: (replicas − mean replicas) × what one replica brings. For what leaders carry: if every broker
   led the same part of the replicas it holds.
4. *Leaders unbalanced*: (leaders − leaders that its replicas would bring) × mean of one leader.
5. *Hot topics*: (partitions of the topic here − those that the broker's number of partitions would bring)
   × (mean of one of its partitions − mean of all), summed over topics whose mean reaches 1.5 × that of all.
6. *Hot keys in a topic*: the topic's load here − its partitions here × their mean, summed over topics with a partition
   that takes at least twice its topic's mean.
7. *Mixture of topics and partitions*: the rest: topics and partitions that differ, none of them by much, and what moved
   in the window.

The order goes from the coarse to the fine: from whole brokers over racks to what lies on them, and from what one sees
without looking at topics to what needs a look inside one. What two causes share goes to the coarser, because mending it
is the first thing to do. A part may be negative: it then works against the others.
"""

from dataclasses import dataclass

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.skew.attribution import (
    PARTS,
    hot_key_parts,
    hot_topic_parts,
    means_of_topics,
    rack_parts,
    settled,
)
from kafka_analysis.stats.skew.hot_partitions import hot_topics

UNIT_OF = {
    "size_bytes": "replicas",
    "bytes_in_per_s": "leaders",
    "bytes_out_per_s": "leaders",
    "messages_in_per_s": "leaders",
    "leaders": "leaders",
    "replicas": "replicas",
}
CAUSED = tuple(UNIT_OF)
_BYTES = ("bytes_in_per_s", "bytes_out_per_s")
_NOISE = 1e-9
_NAMED = 3


@dataclass(frozen=True)
class _Case:
    """One resource of one cluster: its brokers, what topics put on them, and its hot partitions."""

    brokers: pl.DataFrame  # broker, rack, value, leaders, replicas, units, known_new
    topics: pl.DataFrame  # broker, topic, value, units
    hot: pl.DataFrame  # topic, partition
    unit: str


@same_kind
def skew_causes(
    load: Frame, *, shares: Frame, partitions: Frame, recent: Frame = None, rates: Frame = None
) -> Frame:
    """Split what overloaded brokers carry above the mean into causes, resource by resource.

    Parameters
    ----------
    load, shares, partitions
        Results of ``load.broker_load``, ``stats.topics_on_brokers`` and ``stats.partition_load``, of the same topics.
    recent
        Result of ``stats.recent_brokers``; None = none is known to be new or to have returned.
    rates
        Result of ``stats.traffic_rates``, to tell where flows are rates that brokers reported.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``resource``, ``cause`` (a key of ``model.causes.CAUSES``, in that order), ``excess`` (in the
        resource's unit), ``share`` of the excess of all brokers above the mean, ``of_total`` (the same amount, as a
        part of the cluster's load), ``names`` (of brokers, racks, topics or partitions), ``evidence``. The shares of a
        resource add up to 1; a negative one works against the others. A resource that is even, or whose partitions are
        not known, has no rows. What hot keys bring in bytes is estimated, because records, not bytes, are counted per
        partition; and so are flows that brokers only report.

    Examples
    --------
    >>> load = pl.DataFrame({"cluster": "c", "broker": [1, 2], "rack": ["a", "b"], "leaders": [3, 1],
    ...     "replicas": [4, 4]})
    >>> shares = pl.DataFrame({"cluster": "c", "resource": ["leaders", "leaders", "replicas", "replicas"],
    ...     "broker": [1, 2, 1, 2], "topic": "t", "value": [3.0, 1.0, 4.0, 4.0]})
    >>> none = pl.DataFrame(schema={"cluster": pl.String, "topic": pl.String, "partition": pl.Int32,
    ...     "records_per_s": pl.Float64, "size_bytes": pl.Float64})
    >>> causes = skew_causes(load, shares=shares, partitions=none)
    >>> causes.filter(pl.col("share") > 0).select("resource", "cause", "excess", "share", "names").rows()
    [('leaders', 'leaders', 1.0, 1.0, 'broker 1')]
    """
    parts = broker_causes(load, shares=shares, partitions=partitions, recent=recent)
    keys = ["cluster", "resource", "cause"]
    whole = (
        parts.group_by("cluster", "resource")
        .agg(whole=pl.col("amount").sum())
        .join(_totals(load), on=keys[:2])
    )
    summed = parts.group_by(keys, maintain_order=True).agg(excess=pl.col("amount").sum())
    joined = summed.join(whole, on=keys[:2], maintain_order="left").join(
        _names(parts), on=keys, how="left", maintain_order="left"
    )
    is_noise = pl.col("excess").abs() <= _NOISE * pl.col("whole")
    rounded = joined.with_columns(excess=pl.when(is_noise).then(0.0).otherwise("excess")).with_columns(
        share=pl.col("excess") / pl.col("whole"),
        of_total=pl.col("excess") / pl.col("total"),
        names=pl.when(pl.col("excess") > 0).then("names").fill_null(""),
        evidence=_evidence(rates),
    )
    return rounded.select(*keys, "excess", "share", "of_total", "names", "evidence")


def _totals(load: pl.DataFrame) -> pl.DataFrame:
    values = [pl.col(name).cast(pl.Float64) for name in CAUSED if name in load.columns]
    return (
        load.select("cluster", *values)
        .unpivot(index="cluster", variable_name="resource")
        .group_by("cluster", "resource")
        .agg(total=pl.col("value").sum())
    )


@same_kind
def broker_causes(load: Frame, *, shares: Frame, partitions: Frame, recent: Frame = None) -> Frame:
    """Split what each overloaded broker carries above the mean into causes.

    Parameters
    ----------
    load, shares, partitions, recent
        As for :func:`skew_causes`.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``resource``, ``broker``, ``cause``, ``amount`` (in the resource's unit), ``name`` of what bears
        it. The amounts of a broker add up to its load − mean of the cluster's brokers.

    Examples
    --------
    >>> load = pl.DataFrame({"cluster": "c", "broker": [1, 2], "rack": ["a", "b"], "replicas": [3, 1]})
    >>> shares = pl.DataFrame({"cluster": "c", "resource": "replicas", "broker": [1, 2], "topic": "t",
    ...     "value": [3.0, 1.0]})
    >>> none = pl.DataFrame(schema={"cluster": pl.String, "topic": pl.String, "partition": pl.Int32,
    ...     "records_per_s": pl.Float64, "size_bytes": pl.Float64})
    >>> broker_causes(load, shares=shares, partitions=none).filter(pl.col("amount") != 0).row(0)
    ('c', 'replicas', 1, 'replicas', 1.0, 'broker 1')
    """
    keys = {"cluster": pl.String, "resource": pl.String}
    parts = [pl.DataFrame(schema=keys | PARTS)]
    for (cluster,), of_cluster in load.group_by("cluster", maintain_order=True):
        rows = [frame.filter(cluster=cluster) for frame in (shares, partitions)]
        new = [] if recent is None else recent.filter(cluster=cluster)["broker"].to_list()
        for resource in (name for name in CAUSED if name in of_cluster.columns):
            case = _case(of_cluster, *rows, new, resource)
            parts += [
                part.select(pl.lit(cluster).alias("cluster"), pl.lit(resource).alias("resource"), *PARTS)
                for part in _split(case)
            ]
    return pl.concat(parts)


def _case(
    load: pl.DataFrame, shares: pl.DataFrame, partitions: pl.DataFrame, new: list[int], resource: str
) -> _Case:
    unit = UNIT_OF[resource]
    of = {name: shares.filter(resource=name).drop("resource") for name in (resource, unit)}
    units = of[unit].select("broker", "topic", units="value")
    values = of[resource].select("broker", "topic", "value")
    topics = values.join(units, on=["broker", "topic"], how="full", coalesce=True)
    counts = units.group_by("broker").agg(pl.col("units").sum())
    copies = shares.filter(resource="replicas").group_by("broker").agg(replicas=pl.col("value").sum())
    brokers = (
        load.select("broker", "rack", value=pl.col(resource).cast(pl.Float64))
        .drop_nulls("value")
        .join(counts, on="broker", how="left")
        .join(copies, on="broker", how="left")
        .with_columns(pl.col("units", "replicas").fill_null(0.0), known_new=pl.col("broker").is_in(new))
    )
    return _Case(brokers, topics.with_columns(pl.col("value", "units").fill_null(0.0)),
                 _hot_partitions(partitions, resource), unit)  # fmt: skip


def _hot_partitions(partitions: pl.DataFrame, resource: str) -> pl.DataFrame:
    """Return the fullest partition of each topic in which one takes at least twice the mean."""
    if resource in ("leaders", "replicas"):
        return partitions.select("topic", "partition").clear()
    value = "size_bytes" if resource == "size_bytes" else "records_per_s"
    return hot_topics(partitions, value=value).select("topic", "partition")


def _split(case: _Case) -> list[pl.DataFrame]:
    """Return the parts of each broker above the mean; none where the load is even or its units are not known."""
    mean = case.brokers["value"].mean()
    over = case.brokers.filter(pl.col("value") > mean) if mean else case.brokers.clear()
    excess = (over["value"] - mean).sum() if mean else 0.0
    if excess <= _NOISE * case.brokers["value"].sum() or case.brokers["units"].sum() <= 0:
        return []
    marked = settled(case.brokers)
    base = marked.filter("settled")
    per_unit = base["value"].sum() / base["units"].sum()
    away = pl.col("value") - base["value"].mean()
    over = rack_parts(marked, mean=base["value"].mean()).filter(pl.col("value") > mean)
    factor = pl.when(away > 0).then(1 - pl.col("in_rack") / away).otherwise(1.0)
    over = over.with_columns(factor=factor)
    new = ", ".join(f"broker {b}" for b in marked.filter(~pl.col("settled"))["broker"])
    here = pl.format("broker {}", "broker")
    expected_units = _of_replicas(base, case.unit)
    steps = [
        _part(over, "new_broker", pl.lit(base["value"].mean() - mean), pl.lit(new)),
        _part(over, "racks", pl.col("in_rack"), pl.format("rack {}", pl.col("rack").fill_null("unknown"))),
        _part(over, "replicas", (expected_units - base["units"].mean()) * per_unit * pl.col("factor"), here),
        _part(over, "leaders", (pl.col("units") - expected_units) * per_unit * pl.col("factor"), here),
    ]
    topics = means_of_topics(case.topics, base)
    fine = [hot_topic_parts(over, topics, per_unit=per_unit), hot_key_parts(over, topics, case.hot)]
    named = pl.concat([*steps, *fine])
    explained = named.group_by("broker").agg(told=pl.col("amount").sum())
    rest = over.join(explained, on="broker")
    return [named, _part(rest, "mixture", pl.col("value") - mean - pl.col("told"), here)]


def _of_replicas(base: pl.DataFrame, unit: str) -> pl.Expr:
    """Return the units that a broker's replicas would bring it, if all led the same part of theirs."""
    held = base["replicas"].sum()
    if unit == "replicas":
        return pl.col("units")
    return pl.col("replicas") * (base["units"].sum() / held) if held else pl.lit(base["units"].mean())


def _part(rows: pl.DataFrame, cause: str, amount: pl.Expr, name: pl.Expr) -> pl.DataFrame:
    parts = {"cause": pl.lit(cause), "amount": amount, "name": name}
    return rows.select("broker", **parts).cast(PARTS)


def _names(parts: pl.DataFrame) -> pl.DataFrame:
    """Name what bears most of each cause, heaviest first."""
    keys = ["cluster", "resource", "cause"]
    bearing = parts.filter(pl.col("name") != "").group_by(*keys, "name").agg(pl.col("amount").sum())
    least = _NOISE * pl.col("amount").abs().sum().over("cluster", "resource")
    ranked = bearing.filter(pl.col("amount") > least).sort("amount", "name", descending=[True, False])
    return ranked.group_by(keys, maintain_order=True).agg(names=pl.col("name").head(_NAMED).str.join(", "))


def _evidence(rates: pl.DataFrame | None) -> pl.Expr:
    by_records = (pl.col("cause") == "hot_keys") & pl.col("resource").is_in(_BYTES)
    if rates is not None and "source" in rates.columns:
        reported = rates.filter(source="reported").select("cluster", "metric").unique()
        pairs = [f"{c} {m.removesuffix('_total')}_per_s" for c, m in reported.iter_rows()]
        by_records = by_records | pl.concat_str("cluster", "resource", separator=" ").is_in(pairs)
    return pl.when(by_records).then(pl.lit("estimated")).otherwise(pl.lit("measured"))
