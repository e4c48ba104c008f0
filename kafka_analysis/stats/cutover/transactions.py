"""Topics that transactions tie together: they move in one wave, and none may be open when producers are stopped."""

from collections.abc import Collection, Mapping

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows, no_rows

OFFSETS_TOPIC = "__consumer_offsets"


def transaction_checks(
    moving: Moving,
    transactions: Frame,
    producers: Frame,
    *,
    declared: Collection[Collection[str]],
    known: Collection[str],
    is_quiet: bool,
    lacking: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Say of the transactional ids that write to topics of a wave whether all of their topics move with it.

    Parameters
    ----------
    moving
        What moves.
    transactions
        The capture's ``transactions``: what is open; of earlier answers of the same capture only what they wrote to
        counts.
    producers
        The capture's ``active_producers``: the partitions that remember a producer id, and open transactions.
    declared
        Sets of topics that one transaction writes to, as their owners say.
    known
        Sources whose transactions could be read, all of them.
    is_quiet
        Producers are stopped: an open transaction would keep readers of committed records from reading on.
    lacking
        Why the transactions of a source could not be read, or not all of them, as far as it is known.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``transactions``; ``name``: the transactional id. What ended transactions wrote to is known only
        as far as partitions remember their producer: ``producer.id.expiration.ms``, a day by default.

    Examples
    --------
    >>> topics = pl.DataFrame({"wave": [1], "source": "a", "target": "b", "topic": "t", "remote_topic": "t"})
    >>> ids = pl.DataFrame({"ts": 0, "cluster": "a", "transactional_id": "tx", "state": "Empty", "producer_id": [7],
    ...     "topic": None, "partition": None}, schema_overrides={"topic": pl.String, "partition": pl.Int32})
    >>> wrote = pl.DataFrame({"cluster": "a", "topic": ["t", "u"], "partition": 0, "producer_id": 7,
    ...     "open_since_offset": None}, schema_overrides={"open_since_offset": pl.Int64})
    >>> rows = transaction_checks(Moving(topics, topics, topics), ids, wrote, declared=[], known=["a"], is_quiet=False)
    >>> rows.select("name", "state", "detail").row(0)
    ('tx', 'blocks', 'it writes also to u, which does not move to b')
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
    own = ["source", "name"]
    # Whoever reads and writes in one transaction writes its offsets too, which the replicator translates.
    every = written.rename({"cluster": "source"}).filter(pl.col("topic") != OFFSETS_TOPIC)
    ends = moving.topics.select("wave", "source", "target", "topic").drop_nulls("target")
    moved = every.join(ends, on=["source", "topic"])
    topics = every.group_by(own).agg(topics=pl.col("topic").unique())
    tied = moved.group_by(*own, "target").agg(
        moved=pl.col("topic").unique(), waves=pl.col("wave").drop_nulls().unique().sort()
    )
    staying = pl.col("topics").list.set_difference("moved").list.sort()
    stays, is_torn = pl.col("staying").list.len() > 0, pl.col("waves").list.len() > 1
    names = pl.col("staying").list.head(3).list.join(", ")
    more = pl.when(pl.col("staying").list.len() > 3).then(
        pl.format(" and {} more", pl.col("staying").list.len() - 3)
    )
    waves = pl.col("waves").cast(pl.List(pl.String)).list.join(" and ")
    judged = (
        tied.join(topics, on=own)
        .with_columns(staying=staying)
        .sort(*own, "target")
        .with_columns(
            state=pl.when(stays | is_torn).then(pl.lit("blocks")).otherwise(pl.lit("ok")),
            finding=pl.when(stays | is_torn).then(pl.lit("a transaction would be split")),
            detail=pl.when(stays)
            .then(
                pl.format(
                    "it writes also to {}{}, which does not move to {}",
                    names,
                    more.otherwise(pl.lit("")),
                    "target",
                )
            )
            .when(is_torn)
            .then(pl.format("its topics move in waves {}", waves))
            .otherwise(pl.lit("all topics it is seen to write to move together")),
        )
    )
    return pl.concat(
        [
            check_rows("transactions", judged),
            _open(moving, ids, seen, is_quiet=is_quiet),
            _unknown(moving, known, lacking or {}),
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


def _open(moving: Moving, ids: pl.DataFrame, producers: pl.DataFrame, *, is_quiet: bool) -> pl.DataFrame:
    """Return the open transactions of what moves, by partitions, and by coordinators where those say nothing."""
    if not is_quiet:
        return no_rows()
    place = ["source", "topic", "partition", "producer_id"]
    opened = producers.filter(pl.col("open_since_offset") >= 0).select(
        *place[1:],
        source="cluster",
        detail=pl.format(
            "producer {} began one at offset {} and has not ended it", "producer_id", "open_since_offset"
        ),
    )
    listed = (
        ids.filter(pl.col("ts") == pl.col("ts").max().over("cluster"))
        .drop_nulls("topic")
        .select(
            *place[1:],
            source="cluster",
            detail=pl.format("{} has begun one and has not ended it ({})", "transactional_id", "state"),
        )
    )
    unseen = listed.join(opened, on=place, how="anti", nulls_equal=True)
    ends = moving.topics.select("source", "target", "topic")
    rows = pl.concat([part.select(*place, "detail") for part in (opened, unseen)]).join(
        ends, on=["source", "topic"]
    )
    return check_rows(
        "transactions",
        rows.sort("source", "topic", "partition", "target", "producer_id", "detail"),
        state="blocks",
        finding="a transaction is open",
    )


def _unknown(moving: Moving, known: Collection[str], lacking: Mapping[str, str]) -> pl.DataFrame:
    ends = moving.topics.select("source", "target").drop_nulls().unique().sort("source", "target")
    whys = pl.DataFrame(
        list(lacking.items()), schema=dict.fromkeys(("source", "why"), pl.String), orient="row"
    )
    rows = ends.filter(~pl.col("source").is_in(list(known))).join(
        whys, on="source", how="left", maintain_order="left"
    )
    general = pl.lit("transactional ids and active producers of the source were not read")
    return check_rows(
        "transactions",
        rows,
        state="unknown",
        finding="transactions unknown",
        detail=pl.coalesce(pl.format("{}: {}", "source", "why"), general),
    )
