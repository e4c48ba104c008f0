"""Take partitions that cannot be copied out of what a rebalance plans for."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError
from kafka_analysis.plan.common.checks import KEYS
from kafka_analysis.plan.common.copyable import lost_words
from kafka_analysis.plan.rebalance.options import COUNTS, RESOURCES, RebalanceOptions


def apart(
    lost: pl.DataFrame, rows: pl.DataFrame, brokers: pl.Series, options: RebalanceOptions
) -> tuple[pl.DataFrame, RebalanceOptions]:
    """Return the partitions to plan for, and the options that hold for them.

    What is on no broker that is there weighs on none and is taken out. What has replicas there and no leader weighs and
    is pinned; where its load is unknown, it counts as nothing: nobody writes to it.

    Parameters
    ----------
    lost
        Result of :func:`kafka_analysis.plan.common.copyable.without_source` of ``rows`` and ``brokers``.

    Raises
    ------
    GoalImpossibleError
        Nothing is left, or a broker that is to be emptied holds a partition that cannot be copied.

    Examples
    --------
    >>> from kafka_analysis.plan.rebalance.options import RebalanceOptions
    >>> rows = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[9], [1]]})
    >>> apart(rows.head(1), rows, pl.Series([1]), RebalanceOptions())[0]["partition"].to_list()
    [1]
    """
    if lost.is_empty():
        return rows, options
    there, leaving = (pl.lit(sorted(some), pl.List(pl.Int32)) for some in (brokers, options.remove_brokers))
    kept = pl.col("replicas").list.set_intersection(there).list.len() > 0
    headless, gone = lost.filter(kept), lost.filter(~kept)
    left = rows.join(gone, on=KEYS, how="anti", maintain_order="left")
    stuck = headless.filter(pl.col("replicas").list.set_intersection(leaving).list.len() > 0)
    if left.is_empty() or len(stuck):
        why = lost_words(stuck if len(stuck) else gone, brokers)[0]
        raise GoalImpossibleError("brokers that are there", f"{why}; bring a copy back first")
    is_headless = pl.struct(KEYS).is_in(headless.select(pl.struct(KEYS)).to_series().implode())
    amounts = [name for name in RESOURCES if name in rows.columns and name not in COUNTS]
    filled = [
        pl.when(is_headless).then(pl.col(name).fill_null(0)).otherwise(name).alias(name) for name in amounts
    ]
    return left.with_columns(filled), _options(gone, headless, left, options)


def _options(
    gone: pl.DataFrame, headless: pl.DataFrame, left: pl.DataFrame, options: RebalanceOptions
) -> RebalanceOptions:
    """Pin what has no leader; drop options for partitions and topics that were taken out."""
    pinned = (options.pinned - set(gone.select(KEYS).iter_rows())) | set(headless.select(KEYS).iter_rows())
    lost_topics = set(gone["topic"]) - set(left["topic"])
    factor = options.replication_factor
    wanted = factor and {topic: copies for topic, copies in factor.items() if topic not in lost_topics}
    return options.model_copy(update={"pinned": frozenset(pinned), "replication_factor": wanted})
