"""Find partitions that no reassignment can copy, because none of their copies is in service."""

import polars as pl

from kafka_analysis.plan.common.checks import broker_names, names_of

_REPLICAS = pl.col("replicas").cast(pl.List(pl.Int32))


def without_source(partitions: pl.DataFrame, brokers: pl.Series) -> pl.DataFrame:
    """Return the partitions that cannot be copied: no replica is on a broker that is there, or none of them leads.

    A copy comes from the leader. Without a leader a reassignment waits until a replica that was in sync is back
    (KIP-455: it is complete when the new replicas are in sync).

    Parameters
    ----------
    partitions
        ``topic``, ``partition``, ``replicas``; where known, ``leader`` (below 0: none) and ``isr``.
    brokers
        Those that are there.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[9], [9, 1]]})
    >>> without_source(rows, pl.Series([1, 2]))["partition"].to_list()
    [0]
    """
    lost = _alive(_REPLICAS, brokers) == 0
    if "leader" in partitions.columns:
        lost |= (pl.col("leader") < 0).fill_null(value=False)
    if "isr" in partitions.columns:
        lost |= (_alive(pl.col("isr").cast(pl.List(pl.Int32)), brokers) == 0).fill_null(value=False)
    return partitions.filter(lost)


def lost_words(lost: pl.DataFrame, brokers: pl.Series) -> list[str]:
    """Say which partitions cannot be copied, and why: a clause for each reason; empty: there is none.

    Parameters
    ----------
    lost
        Result of :func:`without_source`.
    brokers
        Those that are there.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": ["solo"], "partition": [0], "replicas": [[9]]})
    >>> lost_words(rows, pl.Series([1, 2]))
    ['solo-0 cannot be copied: its only replica is on broker 9, which is gone']
    """
    alive = _alive(_REPLICAS, brokers)
    gone, headless = lost.filter(alive == 0), lost.filter(alive > 0)
    words = [_gone_words(gone)] if len(gone) else []
    if len(headless):
        who = "it has" if len(headless) == 1 else "they have"
        words.append(
            f"{names_of(headless)} cannot be copied: {who} no leader, because no replica that was in sync is there"
        )
    return words


def lost_sentences(lost: pl.DataFrame, brokers: pl.Series) -> tuple[str, ...]:
    """Say of partitions that cannot be copied what that means for a plan.

    Examples
    --------
    >>> lost_sentences(pl.DataFrame(schema={"replicas": pl.List(pl.Int32)}), pl.Series([1]))
    ()
    """
    return tuple(
        f"{words}. A reassignment would not finish until a replica is back, so the plan leaves this out: "
        "bring the broker back with its disk, or give up the data."
        for words in lost_words(lost, brokers)
    )


def _alive(brokers: pl.Expr, there: pl.Series) -> pl.Expr:
    return brokers.list.set_intersection(there.cast(pl.Int32).implode()).list.len()


def _gone_words(gone: pl.DataFrame) -> str:
    """Name partitions whose replicas are all on brokers that are not there."""
    numbers = sorted(set(gone["replicas"].explode()))
    brokers = broker_names(numbers, most=len(numbers))
    copies = gone["replicas"].list.len()
    if len(gone) > 1:
        what = "their only replicas are" if copies.max() == 1 else "all their replicas are"
    else:
        what = "its only replica is" if copies.max() == 1 else "all its replicas are"
    verb = "is" if len(numbers) == 1 else "are"
    return f"{names_of(gone)} cannot be copied: {what} on {brokers}, which {verb} gone"
