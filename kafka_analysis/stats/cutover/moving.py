"""What a wave moves: its topics, their names at both ends, and the groups that read them."""

from typing import NamedTuple

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars

TOPICS = {
    "wave": pl.Int32,
    "source": pl.String,
    "target": pl.String,
    "topic": pl.String,
    "remote_topic": pl.String,
}


class Moving(NamedTuple):
    """What moves.

    ``topics``: ``wave`` (null: no plan names one), ``source``, ``target``, ``topic``, ``remote_topic`` (at the target;
    null where nothing replicates it). ``partitions``: the same with ``partition``, as the source has them. ``groups``:
    ``source``, ``target``, ``group``, ``topic``, ``remote_topic``, ``partition``, ``committed_offset`` at the source.
    """

    topics: pl.DataFrame
    partitions: pl.DataFrame
    groups: pl.DataFrame


def moving_topics(waves: Frame | None, remote: Frame, *, topics: Frame, sources: Frame) -> pl.DataFrame:
    """Return the topics that move, with their names at both ends.

    Parameters
    ----------
    waves
        ``topic``, ``cell``, ``wave``: what a plan says; ``cell`` is the name of the target cluster. None: every
        topic that is replicated moves, without the number of a wave.
    remote
        Result of :func:`~kafka_analysis.stats.mirror.remote_topics.remote_topics`.
    topics
        ``cluster``, ``topic`` of every topic of the capture.
    sources
        ``cluster``, ``role``.

    Returns
    -------
    polars.DataFrame
        ``wave``, ``source``, ``target``, ``topic``, ``remote_topic``. A planned topic that nothing replicates has a
        source where the cluster with this role, or one besides its target, has a topic of the name; it is null where
        none has. Its ``remote_topic`` is the topic of its name at the target, and null where there is none.

    Examples
    --------
    >>> planned = pl.DataFrame({"topic": ["t", "u"], "cell": "new", "wave": [1, 1]})
    >>> copied = pl.DataFrame({"source": ["old"], "target": "new", "topic": "t", "remote_topic": "t"})
    >>> held = pl.DataFrame({"cluster": ["old", "old", "new"], "topic": ["t", "u", "t"]})
    >>> roles = pl.DataFrame({"cluster": ["old", "new"], "role": ["source", "target"]})
    >>> moving_topics(planned, copied, topics=held, sources=roles).rows()
    [(1, 'old', 'new', 't', 't'), (1, 'old', 'new', 'u', None)]
    """
    # A mirror's alias that is the name of the cluster it is read at, as in a profile with both swapped, is no flow.
    is_flow = (pl.col("source") != pl.col("target")).fill_null(value=True)
    copied = to_polars(remote).select("source", "target", "topic", "remote_topic").filter(is_flow).unique()
    if waves is None:
        rows = copied.with_columns(wave=pl.lit(None, pl.Int32))
        return rows.select(pl.col(name).cast(kind) for name, kind in TOPICS.items()).sort(
            "source", "target", "topic"
        )
    planned = to_polars(waves).select(pl.col("wave").cast(pl.Int32), "topic", target="cell").unique()
    rows = planned.join(copied, on=["target", "topic"], how="left")
    held = (
        to_polars(topics)
        .select("topic", holder="cluster")
        .unique()
        .join(to_polars(sources).select("role", holder="cluster"), on="holder")
        .sort(pl.col("role") != "source", "holder", nulls_last=True)
    )
    holders = (
        planned.select("topic", "target").join(held, on="topic").filter(pl.col("holder") != pl.col("target"))
    )
    first = holders.group_by("topic", "target", maintain_order=True).first()
    joined = rows.join(first.select("topic", "target", "holder"), on=["topic", "target"], how="left")
    named = joined.with_columns(source=pl.coalesce("source", "holder"))
    # What replicates a topic may be hidden; one of the same name is what its clients would find.
    there = held.select("topic", target="holder", same="topic").unique()
    named = named.join(there, on=["topic", "target"], how="left").with_columns(
        remote_topic=pl.coalesce("remote_topic", "same")
    )
    return named.select(pl.col(name).cast(kind) for name, kind in TOPICS.items()).sort(
        "wave", "source", "target", "topic"
    )


def moving(topics: pl.DataFrame, *, partitions: Frame, commits: Frame) -> Moving:
    """Add to the topics that move their partitions, and the groups that read them at the source.

    Parameters
    ----------
    topics
        Result of :func:`moving_topics`.
    partitions
        A snapshot of ``partitions``: ``cluster``, ``topic``, ``partition``.
    commits
        Last committed offsets: ``cluster``, ``group``, ``topic``, ``partition``, ``committed_offset``.

    Examples
    --------
    >>> topics = pl.DataFrame({"wave": 1, "source": ["a"], "target": "b", "topic": "t", "remote_topic": "a.t"})
    >>> held = pl.DataFrame({"cluster": "a", "topic": "t", "partition": [0, 1]})
    >>> stored = pl.DataFrame({"cluster": ["a"], "group": "g", "topic": "t", "partition": 0, "committed_offset": 4})
    >>> found = moving(topics, partitions=held, commits=stored)
    >>> len(found.partitions), found.groups.select("group", "remote_topic", "committed_offset").rows()
    (2, [('g', 'a.t', 4)])
    """
    at_source = (
        to_polars(partitions).select("topic", pl.col("partition").cast(pl.Int32), source="cluster").unique()
    )
    parts = topics.join(at_source, on=["source", "topic"], how="inner").sort(
        "source", "target", "topic", "partition"
    )
    stored = to_polars(commits).select(
        "group", "topic", pl.col("partition").cast(pl.Int32), "committed_offset", source="cluster"
    )
    groups = topics.join(stored, on=["source", "topic"]).select(
        "wave", "source", "target", "group", "topic", "remote_topic", "partition", "committed_offset"
    )
    return Moving(topics, parts, groups.sort("source", "target", "group", "topic", "partition"))
