"""Topics that transactions tie together: they move in one wave, and none may be open when producers are stopped."""

from collections.abc import Collection

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows


def transaction_checks(
    moving: Moving,
    transactions: Frame,
    producers: Frame,
    *,
    declared: Collection[Collection[str]],
    known: Collection[str],
    is_quiet: bool,
) -> pl.DataFrame:
    """Say of the transactional ids that write to topics of a wave whether all of their topics move with it.

    Parameters
    ----------
    moving
        What moves.
    transactions
        The capture's ``transactions``: what is open now; earlier answers of the same capture count too.
    producers
        The capture's ``active_producers``: the partitions that remember a producer id, and open transactions.
    declared
        Sets of topics that one transaction writes to, as their owners say.
    known
        Sources whose transactions could be read.
    is_quiet
        Producers are stopped: an open transaction would keep readers of committed records from reading on.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``transactions``; ``name``: the transactional id. What ended transactions wrote to is known only
        as far as partitions remember their producer: ``transactional.id.expiration.ms``, 7 days by default.

    Examples
    --------
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "remote_topic": "t"})
    >>> ids = pl.DataFrame({"cluster": "a", "transactional_id": "tx", "state": "Empty", "producer_id": [7],
    ...     "topic": None, "partition": None}, schema_overrides={"topic": pl.String, "partition": pl.Int32})
    >>> wrote = pl.DataFrame({"cluster": "a", "topic": ["t", "u"], "partition": 0, "producer_id": 7,
    ...     "open_since_offset": None}, schema_overrides={"open_since_offset": pl.Int64})
    >>> rows = transaction_checks(Moving(topics, topics, topics), ids, wrote, declared=[], known=["a"], is_quiet=False)
    >>> rows.select("name", "state", "detail").row(0)
    ('tx', 'blocks', 'it writes also to u, which does not move')
    """
    ids, seen = to_polars(transactions), to_polars(producers)
    by_producer = seen.join(
        ids.select("cluster", "producer_id", "transactional_id").drop_nulls().unique(),
        on=["cluster", "producer_id"],
    )
    written = pl.concat(
        [
            ids.drop_nulls("topic").select("cluster", "topic", name="transactional_id"),
            by_producer.select("cluster", "topic", name="transactional_id"),
            *_declared(declared, moving),
        ]
    ).unique()
    ends = moving.topics.select("source", "target", "topic")
    touched = written.rename({"cluster": "source"}).join(
        ends.select("source", "topic"), on=["source", "topic"], how="semi"
    )
    of_wave = written.rename({"cluster": "source"}).join(
        touched.select("source", "name").unique(), on=["source", "name"], how="semi"
    )
    beside = of_wave.join(ends, on=["source", "topic"], how="left")
    tied = beside.group_by("source", "name").agg(
        target=pl.col("target").drop_nulls().first(),
        staying=pl.col("topic").filter(pl.col("target").is_null()).unique().sort(),
        cells=pl.col("target").drop_nulls().unique().sort(),
    )
    stays, is_spread = pl.col("staying").list.len() > 0, pl.col("cells").list.len() > 1
    names = pl.col("staying").list.head(3).list.join(", ")
    more = pl.when(pl.col("staying").list.len() > 3).then(
        pl.format(" and {} more", pl.col("staying").list.len() - 3)
    )
    judged = tied.sort("source", "name").with_columns(
        state=pl.when(stays | is_spread).then(pl.lit("blocks")).otherwise(pl.lit("ok")),
        finding=pl.when(stays)
        .then(pl.lit("a transaction would be split"))
        .when(is_spread)
        .then(pl.lit("a transaction would be split")),
        detail=pl.when(stays)
        .then(pl.format("it writes also to {}{}, which does not move", names, more.otherwise(pl.lit(""))))
        .when(is_spread)
        .then(pl.format("its topics move to {}", pl.col("cells").list.join(" and ")))
        .otherwise(pl.lit("all topics it is seen to write to move together")),
    )
    return pl.concat(
        [
            check_rows("transactions", judged),
            _open(moving, seen, is_quiet=is_quiet),
            _unknown(moving, known),
        ]
    )


def _declared(declared: Collection[Collection[str]], moving: Moving) -> list[pl.DataFrame]:
    sources = moving.topics["source"].drop_nulls().unique().to_list()
    rows = [
        (source, topic, f"declared: {', '.join(sorted(topics)[:3])}")
        for source in sources
        for topics in declared
        for topic in topics
    ]
    return [
        pl.DataFrame(rows, schema={"cluster": pl.String, "topic": pl.String, "name": pl.String}, orient="row")
    ]


def _open(moving: Moving, producers: pl.DataFrame, *, is_quiet: bool) -> pl.DataFrame:
    if not is_quiet:
        return check_rows("transactions", pl.DataFrame())
    opened = producers.filter(pl.col("open_since_offset") >= 0).select(
        "topic", pl.col("partition").cast(pl.Int32), "producer_id", "open_since_offset", source="cluster"
    )
    ends = moving.topics.select("source", "target", "topic")
    rows = opened.join(ends, on=["source", "topic"]).sort("source", "topic", "partition")
    return check_rows(
        "transactions",
        rows,
        state="blocks",
        finding="a transaction is open",
        detail=pl.format(
            "producer {} began one at offset {} and has not ended it", "producer_id", "open_since_offset"
        ),
    )


def _unknown(moving: Moving, known: Collection[str]) -> pl.DataFrame:
    ends = moving.topics.select("source", "target").drop_nulls().unique().sort("source", "target")
    rows = ends.filter(~pl.col("source").is_in(list(known)))
    return check_rows(
        "transactions",
        rows,
        state="unknown",
        finding="transactions unknown",
        detail="transactional ids and active producers of the source were not read",
    )
