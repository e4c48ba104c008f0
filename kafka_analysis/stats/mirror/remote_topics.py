"""What a mirrored topic is called at the target."""

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.mirror.connectors import Connector

_TOPIC = ["source", "target", "topic"]


def remote_topics(
    places: Frame, connectors: Sequence[Connector], flows: Frame, *, topics: Frame
) -> pl.DataFrame:
    """Return the name at the target of every mirrored topic.

    In this order: the replication policy of the source connector; what MirrorMaker's metrics are labelled with; the
    same name, if the target has it; the only topic of the target that ends with a separator and the name.

    Parameters
    ----------
    places
        Positions of flows: ``source``, ``target``, ``topic``.
    connectors
        Result of ``stats.mirror_connectors``.
    flows
        Result of ``stats.mirror_flows``.
    topics
        ``cluster``, ``topic`` of all topics.

    Returns
    -------
    polars.DataFrame
        ``source``, ``target``, ``topic``, ``remote_topic`` (null when unknown).

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "topic": ["t", "u"]})
    >>> none = pl.DataFrame(schema={n: pl.String for n in ("source", "target", "source_topic", "topic")})
    >>> held = pl.DataFrame({"cluster": "b", "topic": ["a.t", "u"]})
    >>> remote_topics(rows, [], none, topics=held)["remote_topic"].to_list()
    ['a.t', 'u']
    """
    mirrored = to_polars(places).select(_TOPIC).unique().sort(_TOPIC)
    policies = [
        (c.source, c.target, c.remote_name("")) for c in connectors if c.kind == "source" and c.settings
    ]
    schema = dict.fromkeys(["source", "target", "prefix"], pl.String)
    prefixes = pl.DataFrame(policies, schema=schema, orient="row").unique(
        ["source", "target"], keep="first", maintain_order=True
    )
    labelled = (
        to_polars(flows)
        .select("source", "target", topic="source_topic", labelled="topic")
        .sort("labelled")
        .unique(_TOPIC, keep="first")
    )
    held = to_polars(topics).select("topic", target="cluster").unique()
    named = (
        mirrored.join(prefixes, on=["source", "target"], how="left")
        .join(labelled, on=_TOPIC, how="left")
        .join(held.with_columns(same="topic"), on=["target", "topic"], how="left")
        .select(*_TOPIC, remote_topic=pl.coalesce(pl.col("prefix") + pl.col("topic"), "labelled", "same"))
    )
    unnamed = named.filter(pl.col("remote_topic").is_null()).join(
        held.rename({"topic": "found"}), on="target"
    )
    length = pl.col("found").str.len_bytes().cast(pl.Int64) - pl.col("topic").str.len_bytes()
    endings = unnamed.filter(pl.col("found").str.ends_with(pl.col("topic")) & (length > 1))
    alone = endings.group_by(_TOPIC).agg(ending=pl.when(pl.len() == 1).then(pl.col("found").first()))
    joined = named.join(alone, on=_TOPIC, how="left")
    return joined.select(*_TOPIC, remote_topic=pl.coalesce("remote_topic", "ending")).sort(_TOPIC)
