"""Which cluster of a capture each of MirrorMaker 2's aliases means."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.units import counted

_SCHEMA = {"cluster": pl.String, "alias": pl.String, "means": pl.String, "reason": pl.String}
_ENDS = ("source", "target")


class _Known(NamedTuple):
    """What a capture says of its clusters: their addresses, and their topics."""

    addresses: Mapping[str, frozenset[str]]
    topics: Mapping[str, frozenset[str]]


@same_kind
def mirror_aliases(
    *,
    clusters: Frame,
    topics: Frame,
    brokers: Frame,
    positions: Frame,
    offset_syncs: Frame,
    connectors: Frame,
    given: Mapping[str, str] | None = None,
) -> Frame:
    """Find out which cluster of the capture each alias of MirrorMaker 2 means.

    An alias is MirrorMaker's own name of a cluster; two MirrorMakers may use one alias for different clusters, so each
    is looked at where it was read. In this order: what ``given`` says; the addresses that a connector has for it, if
    one is a broker's of the capture; a cluster of the same name; the only other cluster that has all topics that are
    read from it, and does not read from the same alias itself.

    Parameters
    ----------
    clusters
        ``cluster`` (``Capture.cluster_table``).
    topics
        ``cluster``, ``topic`` of all topics, internal ones too.
    positions
        ``cluster``, ``source`` (alias), ``topic`` of what is read: the capture's ``mirror_positions``, and what is
        assigned to tasks.
    brokers, offset_syncs, connectors
        The capture's tables ``brokers``, ``offset_syncs`` and ``connectors``.
    given
        Alias → cluster, as the reader knows it.

    Returns
    -------
    frame of the kind given
        ``cluster`` (where the alias was read), ``alias``, ``means``: the cluster, null when unknown, ``reason``: how it
        was found, in words, '' where the names are the same.

    Examples
    --------
    >>> none = pl.DataFrame(schema={"cluster": pl.String, "peer": pl.String, "connector": pl.String,
    ...     "name": pl.String, "value": pl.String, "host": pl.String, "port": pl.Int32})
    >>> mirror_aliases(clusters=pl.DataFrame({"cluster": ["prod", "cell"]}),
    ...     topics=pl.DataFrame({"cluster": ["prod", "cell"], "topic": "orders"}), brokers=none, offset_syncs=none,
    ...     connectors=none, positions=pl.DataFrame({"cluster": ["cell"], "source": "monolith", "topic": "orders"}),
    ... ).row(0)
    ('cell', 'monolith', 'prod', 'it is the only other cluster that has the 1 topic read from it')
    """
    known = _Known(_addresses(brokers), _topics(topics))
    names = clusters["cluster"].to_list()
    wanted: dict[tuple[str, str], frozenset[str]] = {}
    read = positions.group_by("cluster", "source").agg(pl.col("topic").unique())
    for cluster, alias, read_topics in read.sort("cluster", "source").iter_rows():
        wanted[cluster, alias] = frozenset(read_topics)
    for cluster, alias in (
        offset_syncs.select("cluster", "peer").unique().drop_nulls().sort("cluster").iter_rows()
    ):
        wanted.setdefault((cluster, alias), frozenset())
    bootstrap = _bootstrap(connectors)
    for cluster, alias in bootstrap:
        wanted.setdefault((cluster, alias), frozenset())
    readers = {alias: {c for c, other in wanted if other == alias} for _, alias in wanted}
    rows = [
        (
            cluster,
            alias,
            *_meaning(
                alias,
                [name for name in names if name not in readers[alias] or name == alias],
                known,
                bootstrap.get((cluster, alias)),
                read_topics,
                given,
            ),
        )
        for (cluster, alias), read_topics in wanted.items()
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").sort("cluster", "alias")


def _meaning(
    alias: str,
    names: Iterable[str],
    known: _Known,
    bootstrap: frozenset[str] | None,
    read_topics: frozenset[str],
    given: Mapping[str, str] | None,
) -> tuple[str | None, str]:
    if given and alias in given:
        return given[alias], "as the parameter aliases says"
    at = [name for name, addresses in known.addresses.items() if bootstrap and addresses & bootstrap]
    if len(at) == 1:
        return at[0], "" if at[0] == alias else "its connector has the address of a broker there"
    if alias in names:
        return alias, ""
    having = [name for name in names if read_topics and read_topics <= known.topics.get(name, frozenset())]
    if len(having) == 1:
        return having[
            0
        ], f"it is the only other cluster that has the {counted(len(read_topics), 'topic')} read from it"
    return None, "no cluster of the capture has its name, its addresses or its topics, or several have"


def _addresses(brokers: pl.DataFrame) -> dict[str, frozenset[str]]:
    rows = (
        brokers.drop_nulls(["host", "port"])
        .group_by("cluster")
        .agg(pl.format("{}:{}", "host", "port").unique())
    )
    return {cluster: frozenset(addresses) for cluster, addresses in rows.sort("cluster").iter_rows()}


def _topics(topics: pl.DataFrame) -> dict[str, frozenset[str]]:
    rows = topics.group_by("cluster").agg(pl.col("topic").unique()).sort("cluster")
    return {cluster: frozenset(names) for cluster, names in rows.iter_rows()}


def _bootstrap(connectors: pl.DataFrame) -> dict[tuple[str, str], frozenset[str]]:
    """Return the addresses that connectors have for each alias, by where they are configured."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    wanted = [f"{end}.cluster.{what}" for end in _ENDS for what in ("alias", "bootstrap.servers")]
    rows = connectors.filter(pl.col("name").is_in(wanted)).drop_nulls("value")
    settings = rows.group_by("cluster", "peer", "connector").agg("name", "value").sort("cluster", "connector")
    for cluster, _, _, setting_names, values in settings.iter_rows():
        setting = dict(zip(setting_names, values, strict=True))
        for end in _ENDS:
            alias, servers = (
                setting.get(f"{end}.cluster.alias"),
                setting.get(f"{end}.cluster.bootstrap.servers"),
            )
            if alias is not None:
                addresses = frozenset(part.strip() for part in (servers or "").split(",") if part.strip())
                found[cluster, alias] = found.get((cluster, alias), frozenset()) | addresses
    return found


@same_kind
def named_checkpoints(checkpoints: Frame, aliases: Frame) -> Frame:
    """Return the newest checkpoint of each group and partition, with the clusters that aliases mean.

    Parameters
    ----------
    checkpoints
        The capture's ``checkpoints``.
    aliases
        Result of :func:`mirror_aliases`.

    Returns
    -------
    frame of the kind given
        ``source``, ``target``, ``group``, ``topic`` (at the target), ``partition``, ``upstream_offset``,
        ``downstream_offset``, ``written_at``, ``ts``.

    Examples
    --------
    >>> rows = pl.DataFrame({"ts": [1, 2], "cluster": "b", "source": "a", "group": "g", "topic": "t", "partition": 0,
    ...     "upstream_offset": [5, 9], "downstream_offset": [5, 9], "written_at": None})
    >>> named = pl.DataFrame({"cluster": ["b"], "alias": ["a"], "means": ["prod"], "reason": [""]})
    >>> named_checkpoints(rows, named).select("source", "upstream_offset").rows()
    [('prod', 9)]
    """
    named = checkpoints.rename({"cluster": "target", "source": "alias"}).join(
        aliases.select("alias", "means", target="cluster"), on=["target", "alias"], how="left"
    )
    keys = ["source", "target", "group", "topic", "partition"]
    ordered = named.with_columns(source=pl.coalesce("means", "alias")).sort("ts")
    offsets = ["upstream_offset", "downstream_offset", "written_at", "ts"]
    return ordered.group_by(keys, maintain_order=True).agg(pl.col(offsets).last()).sort(keys)


@same_kind
def describe_aliases(aliases: Frame) -> list[str]:
    """Say which cluster an alias was taken to be, and which is unknown.

    Examples
    --------
    >>> describe_aliases(pl.DataFrame({"cluster": "b", "alias": ["x"], "means": [None], "reason": ["no name"]}))
    ["MirrorMaker's 'x' (read at b) is not a cluster of the capture: no name; what it feeds is unknown."]
    """
    texts = []
    for cluster, alias, means, reason in aliases.sort("cluster", "alias").iter_rows():
        if means is None:
            unknown = "what it feeds is unknown"
            texts.append(
                f"MirrorMaker's {alias!r} (read at {cluster}) is not a cluster of the capture: {reason}; {unknown}."
            )
        elif reason:
            texts.append(f"MirrorMaker's {alias!r} (read at {cluster}) is assumed to be {means}: {reason}.")
    return texts
