"""Configurations that hold for the topics of a wave, at both ends."""

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
from kafka_analysis.stats.parity.settings import judged
from kafka_analysis.stats.parity.topics import PAIR

_VALUES = ["name", "at_source", "at_target", "flavour"]
SET_ON_TOPIC = "DYNAMIC_TOPIC_CONFIG"


def config_parity(
    pairs: Frame, *, topic_configs: Frame, known: Known, flavours: Mapping[str, str | None] | None = None
) -> Parity:
    """Compare the configurations of topics that are at both ends, by the value that holds.

    Brokers answer with that value wherever it is set: on the topic, on the brokers, or nowhere. So a topic that has a
    ``min.insync.replicas`` of its own equals one that has it from its brokers, and one whose brokers lost theirs to
    eligible leader replicas (Kafka 4.1) does not.

    Parameters
    ----------
    pairs
        ``source``, ``source_topic``, ``target``, ``topic``.
    topic_configs
        One snapshot of the capture's ``topic_configs``.
    known
        Pairs of a cluster and a table that was read with the right to see all. A topic whose configurations were not
        seen is unknown; one that is missing, with the right, is left to ``stats.topic_parity``.
    flavours
        Of the clusters.

    Returns
    -------
    Parity
        ``name`` is that of the setting. Counted are settings of topics; one that one end does not know, and that has
        its default at the other, is not compared. ``entity``: whether it is set on the topic at the target.

    Examples
    --------
    >>> pair = pl.DataFrame({"source": ["a"], "source_topic": "t", "target": "b", "topic": "t"})
    >>> rows = pl.DataFrame({"cluster": ["a", "b"], "topic": "t", "name": "retention.ms", "value": ["2", "1"],
    ...     "is_default": False, "source": "DYNAMIC_TOPIC_CONFIG"})
    >>> found = config_parity(pair, topic_configs=rows, known=set())
    >>> found.differences.select("at_source", "at_target", "kind").rows(), found.compared["equal"].to_list()
    ([('2', '1', 'must fix')], [0])
    """
    named, rows = to_polars(pairs).select(PAIR).unique(), to_polars(topic_configs)
    held = rows.select("cluster", "topic").unique()
    at_source = held.select(source="cluster", source_topic="topic", has_source=True)
    at_target = held.select(target="cluster", topic="topic", has_target=True)
    seen = named.join(at_source, on=["source", "source_topic"], how="left").join(
        at_target, on=["target", "topic"], how="left"
    )
    both = seen.filter(pl.col("has_source") & pl.col("has_target")).select(PAIR)
    values = _values(both, rows)
    judgements = _judged(values, flavours or {})
    differences = parity_rows(
        "configuration",
        judgements.with_columns(
            topic="source_topic",
            remote_topic="topic",
            entity=pl.struct("is_set", "is_known", "flavour").struct.json_encode(),
        ),
    )
    said = _unseen(seen, {cluster for cluster, table in known if table == "topic_configs"})
    return Parity(
        pl.concat([differences, unknown_rows("configuration", said)]),
        counted("configuration", with_equal(values, judgements)),
    )


def _values(both: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return what is compared: a row for each setting of each topic, with the values of both ends."""
    place = [*PAIR, "name"]
    ours = both.join(
        rows.select(
            source="cluster", source_topic="topic", name="name", at_source="value", default_source="is_default"
        ),
        on=["source", "source_topic"],
    )  # fmt: skip
    theirs = both.join(
        rows.select(
            target="cluster", topic="topic", name="name", at_target="value", default_target="is_default",
            is_set=pl.col("source") == SET_ON_TOPIC,
        ),
        on=["target", "topic"],
    )  # fmt: skip
    joined = ours.join(theirs, on=place, how="full", coalesce=True)
    return _comparable(joined)


def _comparable(values: pl.DataFrame) -> pl.DataFrame:
    """Keep what can be compared: values of both ends, or one that is set where the other end does not know it."""
    lacks_source, lacks_target = pl.col("default_source").is_null(), pl.col("default_target").is_null()
    told = pl.col("at_source").is_not_null() & pl.col("at_target").is_not_null()
    alone = (lacks_target & ~pl.col("default_source") & pl.col("at_source").is_not_null()) | (
        lacks_source & ~pl.col("default_target") & pl.col("at_target").is_not_null()
    )
    return values.with_columns(is_known=~lacks_target).filter(told | alone)


def _judged(values: pl.DataFrame, flavours: Mapping[str, str | None]) -> pl.DataFrame:
    """Return the values that differ in what they mean, and what: each pair of values is looked at once."""
    schema = {"target": pl.String, "flavour": pl.String}
    kinds = pl.DataFrame(list(flavours.items()), schema=schema, orient="row")
    differing = values.filter(pl.col("at_source").ne_missing(pl.col("at_target"))).join(
        kinds, on="target", how="left"
    )
    found = [
        (*row, *judgement)
        for row in differing.select(_VALUES).unique().iter_rows()
        if (judgement := judged("topic", *row[:3], flavour=row[3])) is not None
    ]
    judgements = pl.DataFrame(
        found, schema=dict.fromkeys([*_VALUES, "kind", "why", "fact_source"], pl.String), orient="row"
    )
    return differing.join(judgements, on=_VALUES, nulls_equal=True)


def _unseen(seen: pl.DataFrame, clusters: set[str]) -> list[tuple[str, str, str]]:
    """Say which ends do not show the configurations of topics, for want of a right."""
    hidden = {side: pl.col(f"has_{side}").is_null() & ~pl.col(side).is_in(list(clusters)) for side in END}
    said = []
    for (source, target), rows in seen.filter(hidden["source"] | hidden["target"]).group_by(END):
        names = {"source": str(source), "target": str(target)}
        where = [names[side] for side in END if rows.filter(hidden[side]).height]
        said.append(
            (
                str(source),
                str(target),
                f"{rows.height} of the wave: {unseen_sentence('configuration', where)}",
            )
        )
    return sorted(said)
