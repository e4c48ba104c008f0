"""Findings about topics whose records crowd into one partition."""

import polars as pl

from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.units import format_quantity

HOT = 2.0  # times its topic's mean


@same_kind
def hot_topics(partitions: Frame, *, value: str, ratio: float = HOT) -> Frame:
    """Return the topics of one cluster whose fullest partition takes ``ratio`` × the topic's mean, and which that is.

    Returns
    -------
    frame of the kind given
        ``topic``, ``n`` partitions, ``total``, ``top``, ``mean`` of the value, ``partition``.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": ["a", "a", "a", "b"], "partition": [0, 1, 2, 0], "x": [8.0, 1.0, 1.0, 5.0]})
    >>> hot_topics(rows, value="x").select("topic", "partition", "top").rows()
    [('a', 0, 8.0)]
    """
    x = pl.col(value)
    topics = partitions.group_by("topic").agg(
        n=x.count(), total=x.sum(), top=x.max(), mean=x.mean(),
        partition=pl.col("partition").sort_by(x, "partition", descending=[True, False], nulls_last=True).first(),
    )  # fmt: skip
    return topics.filter(
        (pl.col("n") > 1) & (pl.col("top") >= ratio * pl.col("mean")) & (pl.col("total") > 0)
    )


@same_kind
def hot_partition_findings(
    partitions: Frame, *, ratio: float = HOT, share_of_cluster: float = 0.05
) -> list[Finding]:
    """Name topics whose records crowd into one partition: usually a hot key.

    A topic counts when its fullest partition takes ``ratio`` times the topic's mean and the topic at least
    ``share_of_cluster`` of the records of its cluster. Records, unlike bytes, are measured per partition.

    Examples
    --------
    >>> partitions = pl.DataFrame({"topic": "clicks", "partition": [0, 1, 2], "records_per_s": [8.0, 1.0, 1.0]})
    >>> hot_partition_findings(partitions)[0].title
    'partition 0 of clicks receives 80 % of its records'
    """
    everything = partitions["records_per_s"].sum()
    hot = hot_topics(partitions, value="records_per_s", ratio=ratio)
    hot = hot.filter(pl.col("total") >= share_of_cluster * everything).sort(
        "total", "topic", descending=[True, False]
    )
    return [
        Finding(
            light=Light.AMBER,
            title=f"partition {r['partition']} of {r['topic']} receives {format_quantity(r['top'] / r['total'], '%')}"
            " of its records",
            detail=f"{_others(r['n'] - 1)} the rest; moving replicas cannot fix this.",
            action="Look at the keys that the producers use: a finer key or a partitioner spreads them.",
        )
        for r in hot.iter_rows(named=True)
    ]


def _others(n: int) -> str:
    return "The topic's other partition receives" if n == 1 else f"The topic's other {n} partitions share"
