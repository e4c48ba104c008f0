"""Plan the waves of each source of a capture, or say why there are none."""

from collections.abc import Collection
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.common.outcome import NotRecordedError, Outcome, plan_each
from kafka_analysis.plan.common.topic_families import ONE_CLUSTER, whole_families
from kafka_analysis.plan.waves.options import WaveOptions
from kafka_analysis.plan.waves.plan import WavePlan, plan_waves
from kafka_analysis.plan.waves.topic_groups import check_names, names_known


def plan_source_waves(
    cells: Frame, flows: Frame, topics: Frame, *, families: Frame = None, together: Collection[Collection[str]] = (),
    **options: Any,
) -> list[Outcome[WavePlan]]:  # fmt: skip
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
        As for :func:`kafka_analysis.plan.waves.plan.plan_waves`; names may be those of any source.

    Returns
    -------
    list of Outcome
        The :class:`~kafka_analysis.plan.waves.plan.WavePlan` of each cluster of ``topics``, in their order, or why
        there is none.

    Raises
    ------
    InputError
        An option is wrong, or ``together`` names what no source has.

    Examples
    --------
    >>> topics = pl.DataFrame({"cluster": ["c"], "topic": ["t"], "bytes_in_per_s": 1.0, "bytes_out_per_s": 1.0,
    ...     "size_bytes": 3.0})
    >>> cells = pl.DataFrame({"topic": ["t"], "cell": ["cell-1"]})
    >>> flows = pl.DataFrame({"cluster": ["c"], "client": "x", "kind": "group", "topic": "t"})
    >>> (outcome,) = plan_source_waves(cells, flows, topics, start="2026-01-05", max_share_per_wave=1.0)
    >>> outcome.plan.topic_waves.rows()
    [('t', 'cell-1', 1)]
    """
    WaveOptions(together=together, **options)  # a wrong option is an error even where nothing can be planned
    rows, used = to_polars(topics), to_polars(flows)
    check_names(together, rows["topic"], used)

    def plan_one(
        _: str, *, topics: pl.DataFrame, flows: pl.DataFrame, families: pl.DataFrame | None
    ) -> WavePlan:
        placed = to_polars(cells).join(topics, on="topic", how="semi")
        if placed.is_empty():
            raise NotRecordedError("none of its topics has a cell; plan a split first, or give cells")
        unmeasured = topics.join(placed, on="topic", how="semi").filter(pl.col("bytes_in_per_s").is_null())[
            "topic"
        ]
        if len(unmeasured):
            raise NotRecordedError(f"the bytes in of topic {unmeasured[0]} were not measured")
        used = flows.join(topics, on="topic", how="semi")
        whole = [] if families is None else one_wave_families(families, topics)
        names = names_known(together, topics["topic"], used)
        return plan_waves(placed, used, topics, together=(*names, *whole), **options)

    sources = rows["cluster"].unique(maintain_order=True)
    return plan_each(sources, plan_one, topics=rows, flows=used, families=families)


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
