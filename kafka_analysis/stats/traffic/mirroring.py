"""Find out which cluster MirrorMaker 2 reads and which it writes, from whatever its metrics and topics say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.units import counted
from kafka_analysis.stats.load.topics import per_bucket

MIRROR_METRICS = ("mirror_records_total", "mirror_checkpoint_latency_ms")
_RECORDS, _CHECKPOINTS = MIRROR_METRICS
_SCHEMA = {
    "entity": pl.String, "topic": pl.String, "source": pl.String, "source_topic": pl.String, "target": pl.String,
    "candidates": pl.List(pl.String), "reason": pl.String,
}  # fmt: skip
_OFFSET_SYNCS = re.compile(r"mm2-offset-syncs(?P<sep>.+?)(?P<alias>.+)(?P=sep)internal")
_BETWEEN = re.compile(r"[^A-Za-z0-9]$")


class _Source(NamedTuple):
    cluster: str | None
    candidates: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class _Facts:
    """What a capture says of its clusters: their topics, their roles, and the sources that checkpoints name."""

    topics: dict[str, set[str]]
    roles: dict[str, str | None]
    checkpoints: dict[str, set[str]]  # alias of a target to those of its sources
    syncs: dict[str, set[str]]  # cluster to the aliases that its topics of offset syncs name


@same_kind
def mirror_flows(series: Frame, *, topics: Frame, clusters: Frame = None) -> Frame:
    """Find the source and target of every topic that MirrorMaker 2 mirrors.

    Its metrics name the target. They name the source from Kafka 4.0 on, and before only with
    ``add.source.alias.to.metrics``; both names are MirrorMaker's aliases, which need not be the capture's names. What
    is missing comes from, in this order: the flow that checkpoints name (they always have a source); clusters that
    have the topic, under its own name (IdentityReplicationPolicy) or without a prefix and separator
    (DefaultReplicationPolicy); a prefix that is a cluster's name; the topic of offset syncs, which names the target
    and lies on the source; the role ``source``. If several clusters remain, the source is unknown.

    Parameters
    ----------
    series
        ``metric``, ``entity``, ``topic`` of :data:`MIRROR_METRICS`: samples, or rates.
    topics
        ``cluster``, ``topic``: all topics of all clusters, internal ones too.
    clusters
        ``cluster``, ``role`` (``Capture.cluster_table``); None = those of ``topics``, roles unknown.

    Returns
    -------
    frame of the kind given
        A row per ``entity`` and ``topic`` of the metrics: ``source`` (null when unknown), ``source_topic`` (its name
        there), ``target`` (null when unknown), ``candidates`` for an unknown end, ``reason``: how an end was found that
        the metrics do not name, or why it was not.

    Examples
    --------
    >>> series = pl.DataFrame({"metric": "mirror_records_total", "entity": ["->new"], "topic": ["old_orders"]})
    >>> topics = pl.DataFrame({"cluster": ["old", "new"], "topic": ["orders", "old_orders"]})
    >>> mirror_flows(series, topics=topics).select("source", "source_topic", "target").row(0)
    ('old', 'orders', 'new')
    """
    facts = _facts(series, topics, clusters)
    mirrored = series.filter(pl.col("entity").str.contains("->", literal=True), metric=_RECORDS)
    pairs = mirrored.drop_nulls("topic").select("entity", "topic").unique().sort("entity", "topic")
    rows = [_flow(facts, entity, topic) for entity, topic in pairs.iter_rows()]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _facts(series: pl.DataFrame, topics: pl.DataFrame, clusters: pl.DataFrame | None) -> _Facts:
    held: dict[str, set[str]] = {}
    for cluster, topic in topics.select("cluster", "topic").drop_nulls().iter_rows():
        held.setdefault(cluster, set()).add(topic)
    roles: dict[str, str | None] = dict.fromkeys(held)
    if clusters is not None:
        roles |= dict(clusters.select("cluster", "role").iter_rows())
    checkpoints: dict[str, set[str]] = {}
    for entity in series.filter(metric=_CHECKPOINTS)["entity"].drop_nulls().unique():
        source, arrow, target = entity.partition("->")
        if source and arrow:
            checkpoints.setdefault(target, set()).add(source)
    syncs = {
        name: {match["alias"] for topic in held.get(name, ()) if (match := _OFFSET_SYNCS.fullmatch(topic))}
        for name in roles
    }
    return _Facts({name: held.get(name, set()) for name in roles}, roles, checkpoints, syncs)


def _flow(facts: _Facts, entity: str, topic: str) -> tuple[Any, ...]:
    named, _, alias = entity.partition("->")
    target = _target(facts, alias, topic, source=named)
    source = _source(facts, named, alias, topic, target=target.cluster)
    source_topic = None if source.cluster is None else _name_at(facts, source.cluster, topic)
    reason = "; ".join(text for text in (target.reason, source.reason) if text)
    unknown = sorted({*target.candidates, *source.candidates})
    return entity, topic, source.cluster, source_topic or topic, target.cluster, unknown, reason


def _target(facts: _Facts, alias: str, topic: str, *, source: str) -> _Source:
    if alias in facts.roles:
        return _Source(alias)
    having = [name for name, held in facts.topics.items() if topic in held and name != source]
    clusters = _narrowed(having, [[n for n in having if facts.roles[n] == "target"]])
    if len(clusters) == 1:
        return _Source(clusters[0], reason=f"the target {alias!r} is assumed to be {clusters[0]}")
    return _Source(None, tuple(clusters), f"the target {alias!r} is not a cluster of the capture")


def _source(facts: _Facts, named: str, alias: str, topic: str, *, target: str | None) -> _Source:
    sources = facts.checkpoints.get(alias, set())
    name = named or (next(iter(sources)) if len(sources) == 1 else "")
    if name in facts.roles and name != target:
        return _Source(name, reason="" if named else f"checkpoints name the source {name}")
    able = [c for c in facts.topics if c != target and _name_at(facts, c, topic) is not None]
    words = f"the source {name!r}" if name else "the source, which the metrics do not name,"
    steps = [
        [c for c in able if re.match(rf"{re.escape(c)}[^A-Za-z0-9]", topic)],
        [c for c in able if facts.syncs[c] & {alias, target}],
        [c for c in able if facts.roles[c] == "source"],
    ]
    clusters = _narrowed(able, steps)
    if len(clusters) == 1:
        return _Source(clusters[0], reason=f"{words} is assumed to be {clusters[0]}")
    return _Source(None, tuple(clusters), f"{words} is unknown")


def _narrowed(names: list[str], steps: Iterable[list[str]]) -> list[str]:
    """Keep of some names those that each step also has, as long as any is left."""
    for step in steps:
        names = [name for name in names if name in step] or names
    return names


def _name_at(facts: _Facts, cluster: str, topic: str) -> str | None:
    """Return what a mirrored topic is called at a cluster: the same, or what follows an alias and a separator."""
    held = facts.topics[cluster]
    if topic in held:
        return topic
    starts = (i for i in range(2, len(topic)) if _BETWEEN.search(topic[:i]) and topic[i:] in held)
    at = next(starts, None)
    return None if at is None else topic[at:]


@same_kind
def names_at_source(rows: Frame, *, flows: Frame = None) -> Frame:
    """Add the name that a topic has at its source: one with another name at its target is the same topic.

    Parameters
    ----------
    rows
        ``cluster``, ``topic``.
    flows
        Result of :func:`mirror_flows`; None = no topic has another name.

    Returns
    -------
    frame of the kind given
        With ``name``.

    Examples
    --------
    >>> flows = pl.DataFrame({"target": ["new"], "topic": "old.orders", "source_topic": "orders"})
    >>> rows = pl.DataFrame({"cluster": "new", "topic": ["old.orders", "clicks"]})
    >>> names_at_source(rows, flows=flows)["name"].to_list()
    ['orders', 'clicks']
    """
    if flows is None or flows.is_empty():
        return rows.with_columns(name=pl.col("topic"))
    known = flows.drop_nulls("target").select(cluster="target", topic="topic", name="source_topic")
    named = rows.join(
        known.unique(["cluster", "topic"]), on=["cluster", "topic"], how="left", maintain_order="left"
    )
    return named.with_columns(name=pl.coalesce("name", "topic"))


@same_kind
def mirrored_records(rates: Frame, *, flows: Frame = None) -> Frame:
    """Read MirrorMaker 2's own counters: records per second per topic, source and target.

    Parameters
    ----------
    rates
        Result of ``stats.increase`` over ``mirror_records_total``; with ``window_start``, bucket by bucket.
    flows
        Result of :func:`mirror_flows`; None = found from these rates alone.

    Returns
    -------
    frame of the kind given
        ``source``, ``source_topic``, ``target``, ``topic`` (its name at the target), ``records_per_s``; an end that is
        unknown is null.

    Examples
    --------
    >>> rates = pl.DataFrame({"metric": "mirror_records_total", "cluster": None, "topic": "t", "partition": [0, 1],
    ...     "entity": "old->new", "rate_per_s": [1.0, 2.0]})
    >>> topics = pl.DataFrame({"cluster": ["old", "new"], "topic": "t"})
    >>> mirrored_records(rates, flows=mirror_flows(rates, topics=topics)).row(0)
    ('old', 't', 'new', 't', 3.0)
    """
    if flows is None:
        flows = mirror_flows(rates, topics=rates.filter(pl.col("broker").is_not_null()))
    ends = ["source", "source_topic", "target", "topic"]
    records = rates.filter(metric=_RECORDS)
    records = records.select(per_bucket(rates, "entity", "topic", "rate_per_s"))
    rows = records.join(flows, on=["entity", "topic"])
    sums = rows.group_by(per_bucket(rows, *ends)).agg(records_per_s=pl.col("rate_per_s").sum())
    return sums.sort("topic", "source", "target")


@same_kind
def describe_mirroring(flows: Frame) -> list[str]:
    """Say how the ends of MirrorMaker 2's flows were found that its metrics do not name.

    Parameters
    ----------
    flows
        Result of :func:`mirror_flows`.

    Examples
    --------
    >>> flows = pl.DataFrame({"topic": ["a", "b"], "reason": "the source, which the metrics do not name, is unknown"})
    >>> describe_mirroring(flows)
    ['MirrorMaker 2, 2 topics: the source, which the metrics do not name, is unknown.']
    """
    reasons = flows.filter(pl.col("reason") != "").group_by("reason").agg(pl.col("topic").n_unique())
    return [
        f"MirrorMaker 2, {counted(n, 'topic')}: {reason}." for reason, n in reasons.sort("reason").iter_rows()
    ]


@same_kind
def mirroring_findings(flows: Frame) -> list[Finding]:
    """Warn that mirrored records may count as business traffic, because an end of a flow is unknown.

    Parameters
    ----------
    flows
        Result of :func:`mirror_flows`. A source that is not a cluster of the capture is no finding: nothing of it is
        counted.

    Examples
    --------
    >>> flows = pl.DataFrame({"topic": ["a"], "source": [None], "target": ["new"], "candidates": [["x", "y"]]},
    ...     schema_overrides={"source": pl.String})
    >>> mirroring_findings(flows)[0].title
    'reads of MirrorMaker 2 count as business traffic: its source is unknown (1 topic)'
    """
    possible = flows.filter(pl.col("candidates").list.len() > 0)
    ends = (
        ("source", possible.filter(pl.col("source").is_null()), "reads of MirrorMaker 2 count"),
        ("target", possible.filter(pl.col("target").is_null()), "writes of MirrorMaker 2 count"),
    )
    return [_unknown_end(end, rows, words) for end, rows, words in ends if len(rows)]


def _unknown_end(end: str, rows: pl.DataFrame, words: str) -> Finding:
    names = sorted({name for names in rows["candidates"] for name in names})
    n = counted(rows["topic"].n_unique(), "topic")
    return Finding(
        light=Light.AMBER,
        title=f"{words} as business traffic: its {end} is unknown ({n})",
        detail=f"It could be any of {', '.join(names)}: each has these topics.",
        action="Name the clusters of the profile as MirrorMaker 2 does, and set add.source.alias.to.metrics = true "
        "where it is older than Kafka 4.0.",
    )
