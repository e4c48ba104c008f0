"""Choose the clusters and topics an analysis speaks of; what is left out is counted, never lost."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import polars as pl

from kafka_analysis.model.frames import same_kind
from kafka_analysis.model.internal import is_internal_group, topic_kind
from kafka_analysis.stats.reduce.samples import ALL_TOPICS


@same_kind
def select_topics(topics: Any, *, exclude: Sequence[str] = (), include_internal: bool = False) -> Any:
    """Choose topics by name and kind.

    Parameters
    ----------
    topics
        ``cluster``, ``topic``: any table of topics. With ``kind`` (``Capture.known_topics``) that counts; without it,
        the name says what a topic is for.
    exclude
        Shell patterns such as ``tmp-*``; upper and lower case differ.
    include_internal
        Also keep Kafka's own topics, probes' and MirrorMaker 2's.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, each pair once, and ``kind`` where it was given.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "topic": ["orders", "tmp-1", "__consumer_offsets"]})
    >>> select_topics(rows, exclude=["tmp-*"])["topic"].to_list()
    ['orders']
    """
    columns = [name for name in ("cluster", "topic", "kind") if name in topics.columns]
    rows = topics.select(columns).unique(["cluster", "topic"], keep="last", maintain_order=True)
    if not include_internal:
        rows = rows.filter(kind_of(rows) == "business")
    left_out = [name for name in rows["topic"].unique() if any(fnmatchcase(name, p) for p in exclude)]
    return rows.filter(~pl.col("topic").is_in(left_out)).sort("cluster", "topic")


def kind_of(topics: pl.DataFrame) -> pl.Series:
    """Return the kind of each row's topic: that of its column ``kind``, else what its name says.

    Examples
    --------
    >>> topics = pl.DataFrame({"topic": ["orders", "_schemas", "etl-offsets"], "kind": [None, None, "internal"]})
    >>> kind_of(topics).to_list()
    ['business', 'internal', 'internal']
    """
    named = {name: topic_kind(name) for name in topics["topic"].unique()}
    by_name = pl.col("topic").replace_strict(named, return_dtype=pl.String)
    kind = pl.coalesce("kind", by_name) if "kind" in topics.columns else by_name
    return topics.select(kind.alias("kind"))["kind"]


@same_kind
def select_cluster(frame: Any, cluster: str | None) -> Any:
    """Keep the rows of one cluster; all when None.

    Examples
    --------
    >>> select_cluster(pl.DataFrame({"cluster": ["a", "b"]}), "b").rows()
    [('b',)]
    """
    return frame if cluster is None else frame.filter(cluster=cluster)


@same_kind
def keep_topics(frame: Any, topics: Any) -> Any:
    """Keep the rows of chosen topics.

    Parameters
    ----------
    frame
        Anything with ``cluster`` and ``topic``. Topics that ``increase`` or ``gauge`` have added up (``*``) stay.
    topics
        Result of :func:`select_topics`.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "topic": ["a", "b"]})
    >>> keep_topics(rows, rows.head(1)).rows()
    [('c', 'a')]
    """
    added_up = frame.select("cluster", "topic").filter(topic=ALL_TOPICS).unique()
    chosen = pl.concat([topics.select("cluster", "topic"), added_up], how="vertical_relaxed")
    return frame.join(chosen, on=["cluster", "topic"], how="semi", maintain_order="left")


@same_kind
def select_groups(groups: Any, *, include_internal: bool = False) -> Any:
    """Leave out the consumer groups of Kafka's own machinery and of probes, unless asked for.

    Examples
    --------
    >>> rows = pl.DataFrame({"group": ["billing", "amazon.msk.canary.group.broker-1"]})
    >>> select_groups(rows)["group"].to_list()
    ['billing']
    """
    if include_internal:
        return groups
    internal = [name for name in groups["group"].unique().to_list() if is_internal_group(name)]
    return groups.filter(~pl.col("group").is_in(internal))
