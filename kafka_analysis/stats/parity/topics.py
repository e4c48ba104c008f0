"""Topics of a wave at both ends: whether they are there, their partitions and their replication factor."""

from collections.abc import Mapping

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.parity.rows import (
    END,
    Known,
    Parity,
    counted,
    parity_rows,
    unknown_rows,
    unseen_sentence,
    with_equal,
)

PAIR = ["source", "source_topic", "target", "topic"]
_PARTITIONER = "Apache Kafka documentation (producer configs, partitioner)"
_REPLICATION = "Apache Kafka documentation (replication)"
_EXPRESS = "MSK developer guide (Express brokers)"
_GONE = "It is not at the source: it was deleted, or the wave names it wrongly."
_MISSING = "It is not at the target: clients that cut over can neither read nor write it."
_FEWER = "Fewer partitions: a key goes to another partition than before, so that the order per key breaks."
_MORE = "More partitions: a key goes to another partition than before, so that the order per key breaks."


def topic_parity(
    pairs: Frame, *, partitions: Frame, known: Known, flavours: Mapping[str, str | None] | None = None
) -> Parity:
    """Compare the topics of a wave: that both ends have them, how many partitions, how many copies.

    A topic that was seen at both ends is compared even if others may not be seen there.

    Parameters
    ----------
    pairs
        ``source``, ``source_topic``, ``target``, ``topic`` (the name at the target; null: unknown).
    partitions
        One snapshot of the capture's ``partitions``.
    known
        Pairs of a cluster and a table that was read with the right to see all: without it, a topic that is not among
        the rows is unknown and not missing.
    flavours
        Of the clusters, as their profiles declare them.

    Returns
    -------
    Parity
        ``name`` is ``topic``, ``partitions`` or ``replication factor``. Counted are topics.

    Examples
    --------
    >>> pair = pl.DataFrame({"source": ["a"], "source_topic": "t", "target": "b", "topic": "t"})
    >>> held = pl.DataFrame({"cluster": ["a", "a", "b"], "topic": "t", "partition": [0, 1, 0], "replicas": [[1]] * 3})
    >>> found = topic_parity(pair, partitions=held, known={("a", "partitions"), ("b", "partitions")})
    >>> found.differences.select("name", "at_source", "at_target", "kind").rows()
    [('partitions', '2', '1', 'must fix')]
    """
    both = _both(to_polars(pairs), to_polars(partitions))
    sees = {
        side: pl.col(side).is_in([cluster for cluster, table in known if table == "partitions"])
        for side in END
    }
    absent = {"source": pl.col("count").is_null(), "target": pl.col("count_target").is_null()}
    hidden = {side: absent[side] & ~sees[side] for side in END}
    unseen = both.filter(hidden["source"] | hidden["target"])
    seen = both.filter(~(hidden["source"] | hidden["target"]))
    kinds = pl.DataFrame(
        list((flavours or {}).items()), schema={"target": pl.String, "flavour": pl.String}, orient="row"
    )
    rows = pl.concat([_presence(seen), _partitions(seen), _copies(seen.join(kinds, on="target", how="left"))])
    differing = rows.select(*END, "topic", "remote_topic").unique()
    said = [
        (source, target, _unseen(source, target, unseen.filter(source=source, target=target), hidden))
        for source, target in unseen.select(END).unique().sort(END).iter_rows()
    ]
    counts = counted("topic", with_equal(seen, differing))
    return Parity(pl.concat([rows, unknown_rows("topic", said)]), counts)


def _both(pairs: pl.DataFrame, partitions: pl.DataFrame) -> pl.DataFrame:
    """Return each pair with what is known of it at both ends: ``count``, ``copies``, and the same of the target."""
    sizes = partitions.group_by("cluster", "topic").agg(
        count=pl.col("partition").n_unique(), copies=pl.col("replicas").list.len().min()
    )
    at_source = sizes.rename({"cluster": "source", "topic": "source_topic"})
    at_target = sizes.rename({"cluster": "target", "count": "count_target", "copies": "copies_target"})
    named = pairs.select(PAIR).unique()
    both = named.join(at_source, on=["source", "source_topic"], how="left")
    return both.join(at_target, on=["target", "topic"], how="left")


def _presence(seen: pl.DataFrame) -> pl.DataFrame:
    gone, missing = pl.col("count").is_null(), pl.col("count_target").is_null()
    rows = seen.filter(gone | missing)
    why = (
        pl.when(gone & missing)
        .then(pl.lit("It is at neither end: it was deleted, or the wave names it wrongly."))
        .when(gone)
        .then(pl.lit(_GONE))
        .otherwise(pl.lit(_MISSING))
    )
    entity = pl.struct("count", "copies").struct.json_encode()
    return _rows(
        rows, "topic", _size("count", "copies"), _size("count_target", "copies_target"), pl.lit("must fix"), why,
        pl.lit("the capture"), entity=entity,
    )  # fmt: skip


def _size(count: str, copies: str) -> pl.Expr:
    return pl.format("{} partitions, replication factor {}", count, copies)


def _partitions(seen: pl.DataFrame) -> pl.DataFrame:
    rows = seen.filter(pl.col("count") != pl.col("count_target"))
    why = pl.when(pl.col("count_target") < pl.col("count")).then(pl.lit(_FEWER)).otherwise(pl.lit(_MORE))
    return _rows(
        rows, "partitions", pl.col("count").cast(pl.String), pl.col("count_target").cast(pl.String),
        pl.lit("must fix"), why, pl.lit(_PARTITIONER),
    )  # fmt: skip


def _copies(seen: pl.DataFrame) -> pl.DataFrame:
    rows = seen.filter(pl.col("copies") != pl.col("copies_target"))
    is_express = (pl.col("flavour") == "msk-express").fill_null(value=False)
    fewer = pl.col("copies_target") < pl.col("copies")
    chosen = pl.when(is_express)
    kind = (
        chosen.then(pl.lit("MSK decides")).when(fewer).then(pl.lit("must fix")).otherwise(pl.lit("harmless"))
    )
    why = (
        chosen.then(pl.lit("Express brokers keep three copies of every partition, whatever the source has."))
        .when(fewer)
        .then(pl.lit("Fewer copies: a lost broker stops producers with acks=all, or loses records."))
        .otherwise(pl.lit("More copies, which take more disk and network."))
    )
    fact = chosen.then(pl.lit(_EXPRESS)).otherwise(pl.lit(_REPLICATION))
    return _rows(
        rows, "replication factor", pl.col("copies").cast(pl.String), pl.col("copies_target").cast(pl.String), kind,
        why, fact,
    )  # fmt: skip


def _rows(
    rows: pl.DataFrame,
    name: str,
    at_source: pl.Expr,
    at_target: pl.Expr,
    kind: pl.Expr,
    why: pl.Expr,
    fact_source: pl.Expr,
    *,
    entity: pl.Expr | None = None,
) -> pl.DataFrame:
    described = rows.select(
        *END,
        topic="source_topic",
        remote_topic="topic",
        name=pl.lit(name),
        at_source=at_source,
        at_target=at_target,
        kind=kind,
        why=why,
        fact_source=fact_source,
        entity=pl.lit(None, pl.String) if entity is None else entity,
    )
    return parity_rows("topic", described)


def _unseen(source: str, target: str, rows: pl.DataFrame, hidden: Mapping[str, pl.Expr]) -> str:
    names = {"source": source, "target": target}
    where = [names[side] for side in END if rows.filter(hidden[side]).height]
    return f"{rows.height} of the wave: {unseen_sentence('topic', where)}"
