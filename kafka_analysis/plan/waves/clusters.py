"""The waves of a capture's source, or why none are planned: what a notebook shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.common.topic_families import ONE_CLUSTER, whole_families
from kafka_analysis.plan.waves.files import wave_files
from kafka_analysis.plan.waves.plan import WavePlan, plan_waves
from kafka_analysis.plan.waves.wave_contents import CLIENT_WAVES, RETENTION, STEPS, TOPIC_WAVES, WAVES

_EMPTY = {"topic_waves": TOPIC_WAVES, "client_waves": CLIENT_WAVES, "waves": WAVES, "steps": STEPS,
          "retention": RETENTION}  # fmt: skip


@dataclass(frozen=True)
class SourceWaves:
    """The plan of one source; None where ``unknown`` says what is missing, or ``impossible`` which limit is too low."""

    cluster: str
    plan: WavePlan | None = None
    unknown: str = ""
    impossible: str = ""


def plan_source_waves(
    cells: Frame, flows: Frame, topics: Frame, *, families: Frame = None, together: Collection[Collection[str]] = (),
    **options: Any,
) -> list[SourceWaves]:  # fmt: skip
    """Plan the waves of each source, or say why there are none.

    Parameters
    ----------
    cells
        ``topic``, ``cell``; topics that the source has not are passed over.
    flows, topics
        As for :func:`kafka_analysis.plan.waves.plan.plan_waves`, each with ``cluster``.
    families
        Result of ``stats.internal_families``: the topics of a Streams application, of Connect and of a transaction move
        in one wave.
    together, **options
        As for :func:`kafka_analysis.plan.waves.plan.plan_waves`.

    Returns
    -------
    list of SourceWaves
        One for each cluster of ``topics``, in their order.

    Examples
    --------
    >>> topics = pl.DataFrame({"cluster": ["c"], "topic": ["t"], "bytes_in_per_s": 1.0, "bytes_out_per_s": 1.0,
    ...     "size_bytes": 3.0})
    >>> cells = pl.DataFrame({"topic": ["t"], "cell": ["cell-1"]})
    >>> flows = pl.DataFrame({"cluster": ["c"], "client": "x", "kind": "group", "topic": "t"})
    >>> (found,) = plan_source_waves(cells, flows, topics, start="2026-01-05", max_share_per_wave=1.0)
    >>> found.plan.topic_waves.rows()
    [('t', 'cell-1', 1)]
    """
    rows, used, wanted = to_polars(topics), to_polars(flows), to_polars(cells)
    tied = None if families is None else to_polars(families)
    found = []
    for cluster in rows["cluster"].unique(maintain_order=True):
        own = rows.filter(cluster=cluster).drop("cluster")
        there = wanted.join(own, on="topic", how="semi")
        whole = [] if tied is None else one_wave_families(tied.filter(cluster=cluster), own)
        hers = used.filter(cluster=cluster).drop("cluster").join(own, on="topic", how="semi")
        found.append(_planned(cluster, there, hers, own, together=(*together, *whole), **options))
    return found


def wave_frames(planned: Collection[SourceWaves]) -> dict[str, pl.DataFrame]:
    """Return the plans of all sources as frames, each with ``cluster`` first: what figures and tables are made of.

    Examples
    --------
    >>> frames = wave_frames([SourceWaves("c", unknown="no cells are given")])
    >>> list(frames), frames["waves"].height
    (['topic_waves', 'client_waves', 'waves', 'steps', 'retention'], 0)
    """
    ready = [one for one in planned if one.plan is not None]
    return {
        name: pl.concat(
            [
                pl.DataFrame(schema={"cluster": pl.String, **schema}),
                *(
                    getattr(one.plan, name).select(pl.lit(one.cluster).alias("cluster"), pl.all())
                    for one in ready
                ),
            ]
        )
        for name, schema in _EMPTY.items()
    }


def source_wave_files(planned: Collection[SourceWaves]) -> dict[str, dict[str, str]]:
    """Return the files of every source that has a plan: cluster → name → text.

    Examples
    --------
    >>> source_wave_files([SourceWaves("c", unknown="no cells are given")])
    {}
    """
    return {one.cluster: wave_files(one.plan) for one in planned if one.plan is not None}


def wave_notes(planned: Collection[SourceWaves]) -> list[str]:
    """Return what the plans take for granted, a sentence each.

    Examples
    --------
    >>> wave_notes([SourceWaves("c", unknown="no cells are given")])
    []
    """
    return list(
        dict.fromkeys(note for one in planned if one.plan is not None for note in one.plan.assumptions)
    )


def sources_of(clusters: Frame) -> pl.DataFrame:
    """Return the clusters that are sources; all, where none is said to be.

    Examples
    --------
    >>> sources_of(pl.DataFrame({"cluster": ["m", "c"], "role": ["source", "target"]}))["cluster"].to_list()
    ['m']
    """
    rows = to_polars(clusters)
    sources = rows.filter(pl.col("role") == "source")
    return sources if len(sources) else rows


def _planned(
    cluster: str, cells: pl.DataFrame, flows: pl.DataFrame, topics: pl.DataFrame, **options: Any
) -> SourceWaves:
    if cells.is_empty():
        return SourceWaves(cluster, unknown="no topic of it has a cell; plan a split first, or give cells")
    unknown = topics.join(cells, on="topic", how="semi").filter(pl.col("bytes_in_per_s").is_null())["topic"]
    if len(unknown):
        return SourceWaves(cluster, unknown=f"what topic {unknown[0]} takes in was not measured")
    try:
        return SourceWaves(cluster, plan_waves(cells, flows, topics, **options))
    except InputError as error:
        return SourceWaves(cluster, impossible=str(error))


def one_wave_families(families: pl.DataFrame, topics: pl.DataFrame) -> list[frozenset[str]]:
    """Return the sets of topics that only work within one cluster, as ``together`` names them.

    Examples
    --------
    >>> families = pl.DataFrame({"family": ["f", "f", "g"], "kind": ["connect", "connect", "acl"],
    ...     "topic": ["a", "b", "a"]})
    >>> [sorted(names) for names in one_wave_families(families, families)]
    [['topic:a', 'topic:b']]
    """
    sets = whole_families(families, topics, kinds=ONE_CLUSTER)
    return [frozenset(f"topic:{name}" for name in names) for names in sets]
