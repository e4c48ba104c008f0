"""What a replication flow leaves out, and why: topics, consumer groups, access control entries."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.mirror_topics import mirror_topic
from kafka_analysis.stats.mirror.connectors import IDENTITY, Connector
from kafka_analysis.stats.mirror.patterns_of_names import ALL, GROUPS_EXCLUDE, TOPICS_EXCLUDE, matching

SCHEMA = {"source": pl.String, "target": pl.String, "what": pl.String, "name": pl.String, "reason": pl.String}
_FLOW = ["source", "target"]
SHARE = "share"
WANTED = "selected, but nothing was mirrored: it has no records, or was not found yet"


def not_replicated(
    flows: Frame,
    *,
    places: Frame,
    connectors: Sequence[Connector],
    topics: Frame,
    groups: Frame,
    committed: Frame,
    checkpoints: Frame,
) -> pl.DataFrame:
    """List what flows of MirrorMaker 2 do not replicate, and why, as far as the settings say.

    Parameters
    ----------
    flows
        ``source``, ``target`` of each flow.
    places
        Positions of the flows: the topics they replicate.
    connectors
        Result of :func:`~kafka_analysis.stats.mirror.connectors.mirror_connectors`.
    topics
        ``cluster``, ``topic``, ``kind`` of all topics.
    groups
        Latest row of each group: ``cluster``, ``group``, ``kind``.
    committed
        ``cluster``, ``group``, ``topic`` of all committed offsets.
    checkpoints
        Result of ``stats.named_checkpoints``: ``source``, ``target``, ``group``, ``upstream_offset``.

    Returns
    -------
    polars.DataFrame
        ``source``, ``target``, ``what`` (``topic`` or ``group``), ``name``, ``reason``. Topics of Kafka and its tools
        are left out, but for those that the flow's own settings leave out by name.

    Examples
    --------
    >>> flows = pl.DataFrame({"source": ["a"], "target": ["b"]})
    >>> names = ("source", "target", "cluster", "group", "kind", "topic")
    >>> none = pl.DataFrame(schema={name: pl.String for name in names})
    >>> held = pl.DataFrame({"cluster": "a", "topic": ["orders", "tmp.replica"], "kind": "business"})
    >>> settings = Connector("b", "m", "source", "a", "b", "a", "b", {"topics": ".*"})
    >>> rows = not_replicated(flows, places=none, connectors=[settings], topics=held, groups=none, committed=none,
    ...     checkpoints=none.with_columns(upstream_offset=0))
    >>> rows.select("name", "reason").rows()[1]
    ('tmp.replica', 'left out by topics.exclude')
    """
    rows: list[tuple[str, str, str, str, str]] = []
    mirrored = to_polars(places).select(*_FLOW, "topic").unique()
    for source, target in to_polars(flows).select(_FLOW).unique().sort(_FLOW).iter_rows():
        own = [c for c in connectors if (c.source, c.target) == (source, target) and c.settings]
        copied = set(mirrored.filter(source=source, target=target)["topic"])
        held = to_polars(topics).filter(pl.col("cluster") == source, kind="business")["topic"].to_list()
        by_topic = _topics(sorted(set(held) - copied), [c for c in own if c.kind == "source"])
        readers = to_polars(committed).filter(
            pl.col("cluster") == source, pl.col("topic").is_in(list(copied))
        )
        kinds = dict(to_polars(groups).filter(cluster=source).select("group", "kind").iter_rows())
        known = to_polars(checkpoints).filter(target=target, source=source)
        by_group = _groups(_readers(readers, kinds), kinds, known, own)
        rows += [(source, target, "topic", *row) for row in by_topic]
        rows += [(source, target, "group", *row) for row in by_group]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _topics(names: list[str], connectors: Sequence[Connector]) -> list[tuple[str, str]]:
    reasons: dict[str, str] = {}
    for connector in connectors:
        wanted = matching(names, connector.settings.get("topics", ALL))
        excluded = matching(names, connector.settings.get("topics.exclude", TOPICS_EXCLUDE))
        from_target = _from_target(names, connector)
        for name in names:
            if wanted is None or excluded is None:
                reason = "the patterns of the connector cannot be read here"
            elif name in from_target:
                reason = "it came from the target: mirroring it back would be a loop"
            elif name in excluded:
                reason = "left out by topics.exclude"
            elif name not in wanted:
                reason = "not among topics"
            else:
                reason = WANTED
            # of several connectors the one that wants it counts
            if name not in reasons or reason == WANTED:
                reasons[name] = reason
    return [
        (name, reasons.get(name, "unknown: the settings of the connector were not read")) for name in names
    ]


def _from_target(names: Iterable[str], connector: Connector) -> frozenset[str]:
    alias = connector.target_alias
    if alias is None or connector.policy == IDENTITY:
        return frozenset()
    separator = connector.settings.get("replication.policy.separator", ".")
    return frozenset(name for name in names if name.startswith(f"{alias}{separator}"))


def _readers(committed: pl.DataFrame, kinds: dict[str, Any]) -> list[str]:
    return sorted({*committed["group"].to_list(), *(name for name, kind in kinds.items() if kind == SHARE)})


def _groups(
    names: list[str], kinds: dict[str, Any], checkpoints: pl.DataFrame, connectors: Sequence[Connector]
) -> list[tuple[str, str]]:
    translated = set(checkpoints.filter(pl.col("upstream_offset") >= 0)["group"])
    listed = set(checkpoints["group"])
    settings = next((c for c in connectors if c.kind == "checkpoint"), None)
    wanted = matching(names, settings.settings.get("groups", ALL)) if settings else None
    excluded = matching(names, settings.settings.get("groups.exclude", GROUPS_EXCLUDE)) if settings else None
    is_off = settings is not None and not settings.is_on("emit.checkpoints.enabled", default=True)
    found = []
    for name in names:
        if name in translated:
            continue
        if kinds.get(name) == SHARE:
            reason = "a share group: Kafka keeps no committed offsets for it"
        elif name in listed:
            reason = "its committed offset is older than the first offset sync, so it translates to −1"
        elif settings is None:
            reason = "unknown: no checkpoint was read, nor the settings of a checkpoint connector"
        elif is_off:
            reason = "checkpoints are off (emit.checkpoints.enabled)"
        elif wanted is None or excluded is None:
            reason = "the patterns of the connector cannot be read here"
        elif name in excluded:
            reason = "left out by groups.exclude" + (
                ", as all sink connectors' are" if name.startswith("connect-") else ""
            )
        elif name not in wanted:
            reason = "not among groups"
        else:
            reason = "no checkpoint yet: it has committed nothing since the mirror found it"
        found.append((name, reason))
    return found


def internal_topics(topics: Frame) -> pl.DataFrame:
    """Return MirrorMaker 2's own topics: ``cluster``, ``topic``, what it ``keeps``, the ``alias`` in its name.

    Examples
    --------
    >>> internal_topics(pl.DataFrame({"cluster": "b", "topic": ["t", "a.checkpoints.internal"]})).row(0)
    ('b', 'a.checkpoints.internal', 'checkpoints', 'a')
    """
    pairs = to_polars(topics).select("cluster", "topic").unique().sort("cluster", "topic")
    rows = [
        (c, t, found.kind, found.alias)
        for c, t in pairs.iter_rows()
        if (found := mirror_topic(t)) is not None
    ]
    schema = {"cluster": pl.String, "topic": pl.String, "keeps": pl.String, "alias": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
