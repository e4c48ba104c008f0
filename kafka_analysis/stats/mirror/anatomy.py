"""The parts of a MirrorMaker 2 deployment: connectors, tasks, internal topics, and where each lives."""

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted
from kafka_analysis.stats.mirror.connectors import Connector

SCHEMA = {
    "flow": pl.String, "source": pl.String, "target": pl.String, "kind": pl.String, "name": pl.String, "on": pl.String,
    "state": pl.String, "detail": pl.String,
}  # fmt: skip
_AT_TARGET = ("checkpoints", "heartbeats", "offsets", "configs", "status")


def mirror_parts(
    flows: Frame, *, connectors: Sequence[Connector], internal: Frame, partitions: Frame, aliases: Frame
) -> pl.DataFrame:
    """List what each flow of MirrorMaker 2 is made of.

    Parameters
    ----------
    flows
        ``source``, ``target``, ``flow`` of each flow.
    connectors
        Result of ``stats.mirror_connectors``.
    internal
        Result of ``stats.internal_topics``: MirrorMaker's own topics.
    partitions
        ``cluster``, ``topic``, ``partition``, ``replicas`` of the last answer.
    aliases
        Result of ``stats.mirror_aliases``.

    Returns
    -------
    polars.DataFrame
        ``flow``, ``source``, ``target``, ``kind`` (connector, task, topic), ``name``, ``on`` (the cluster it lives on;
        null: a worker), ``state`` (null: unknown), ``detail``.

    Examples
    --------
    >>> flow = pl.DataFrame({"source": ["a"], "target": "b", "flow": "a → b"})
    >>> own = pl.DataFrame({"cluster": ["b"], "topic": "a.checkpoints.internal", "keeps": "checkpoints", "alias": "a"})
    >>> held = own.select("cluster", "topic", partition=0, replicas=pl.lit([1, 2, 3]))
    >>> named = pl.DataFrame({"cluster": ["b"], "alias": "a", "means": "a"})
    >>> mirror_parts(flow, connectors=[], internal=own, partitions=held, aliases=named).row(0)[3:]
    ('topic', 'a.checkpoints.internal', 'b', None, 'checkpoints: 1 partition, 3 replicas')
    """
    means = {(c, a): m or a for c, a, m in to_polars(aliases).select("cluster", "alias", "means").iter_rows()}
    sizes = (
        to_polars(partitions)
        .group_by("cluster", "topic")
        .agg(pl.len().alias("count"), pl.col("replicas").list.len().min().alias("replicas"))
    )
    topics = to_polars(internal).join(sizes, on=["cluster", "topic"], how="left").sort("cluster", "topic")
    rows: list[tuple[str | None, ...]] = []
    for source, target, flow in (
        to_polars(flows).select("source", "target", "flow").unique(maintain_order=True).iter_rows()
    ):
        about = (flow, source, target)
        for connector in connectors:
            if (connector.source, connector.target) == (source, target):
                is_known = connector.tasks or connector.state is not None
                tasks = counted(len(connector.tasks), "task") if is_known else "tasks unknown"
                detail = f"{connector.kind or 'unknown'}, {tasks}"
                rows.append((*about, "connector", connector.name, None, connector.state, detail))
                rows += [(*about, "task", f"{connector.name}-{task}", None, state, connector.kind or "")
                         for task, state in connector.tasks.items()]  # fmt: skip
        for cluster, topic, keeps, alias, count, replicas in topics.iter_rows():
            end = alias and means.get((cluster, alias), alias)
            is_syncs = keeps == "offset_syncs" and {cluster, end} == {source, target}
            is_own = keeps in _AT_TARGET and cluster == target and end in (None, source)
            if is_syncs or is_own:
                size = (
                    ""
                    if count is None
                    else f": {counted(count, 'partition')}, {counted(replicas, 'replica')}"
                )
                rows.append((*about, "topic", topic, cluster, None, f"{keeps.replace('_', ' ')}{size}"))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
