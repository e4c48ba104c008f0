"""Columns of the canonical series, from the labels of a family's lines; and what of a line cannot be."""

import polars as pl

from kafka_analysis.model.possible import impossible
from kafka_analysis.sources.spelling.detect import label
from kafka_analysis.sources.spelling.families import Family

_NO_NUMBER = "the {} is not a number from 0 to 2147483647"
_TOPIC_PARTITION = r"^(.+)[-.:/](\d+)$"  # from the right: a topic's name may hold dots and dashes


def columns(rows: pl.DataFrame, family: Family) -> dict[str, pl.Expr]:
    r"""Return the columns of a family's samples that its labels, names and values make.

    Examples
    --------
    >>> from kafka_analysis.sources.spelling.detect import page_of, recognised
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> family = Family(metrics={"lag": ""}, to="group_lag_records", topic_partition="tp")
    >>> rows = recognised(page_of(parse_exposition(b'lag{tp="a.b-3"} 5\n')), family, but=set())
    >>> rows.select(**columns(rows, family)).select("topic", "partition", "value").row(0)
    ('a.b', 3, 5.0)
    """
    return {
        "metric": pl.col("to"),
        "broker": label(rows, family.broker).cast(pl.Int32, strict=False),
        "topic": _topic(rows, family),
        "partition": _partition(rows, family).cast(pl.Int32, strict=False),
        "group": label(rows, family.group),
        "entity": _entity(rows, family),
        "stat": pl.col("stat"),
        "value": pl.col("value") * family.scale,
    }


def _topic(rows: pl.DataFrame, family: Family) -> pl.Expr:
    joint = label(rows, family.topic_partition)
    return joint.str.extract(_TOPIC_PARTITION, 1) if family.topic_partition else label(rows, family.topic)


def _partition(rows: pl.DataFrame, family: Family) -> pl.Expr:
    joint = label(rows, family.topic_partition)
    return joint.str.extract(_TOPIC_PARTITION, 2) if family.topic_partition else label(rows, family.partition)


def _entity(rows: pl.DataFrame, family: Family) -> pl.Expr:
    """Join the labels of an entity; one that is absent is left empty, null when all are."""
    parts = [label(rows, name) for name in family.entity]
    if not parts:
        return pl.lit(None, dtype=pl.String)
    joined = pl.concat_str([part.fill_null("") for part in parts], separator=family.joined_by)
    return pl.when(pl.any_horizontal(part.is_not_null() for part in parts)).then(joined)


def wrong(rows: pl.DataFrame, family: Family) -> pl.Expr:
    r"""Return the expression of what is wrong with a line of a family: its value, or its place; null: nothing.

    Examples
    --------
    >>> from kafka_analysis.sources.spelling.detect import page_of, recognised
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> family = Family(metrics={"n": ""}, to="log_size_bytes", topic="topic", partition="p")
    >>> page = page_of(parse_exposition(b'n{p="0"} 5\nn{p="0"} -5\nn{p="x"} 5\n'))
    >>> rows = recognised(page, family, but=set())
    >>> rows.select(wrong(rows, family)).to_series().to_list()
    [None, 'log_size_bytes cannot be negative', 'the partition is not a number from 0 to 2147483647']
    """
    odd = impossible("to", pl.col("value") * family.scale)
    reasons = [pl.format("{} cannot be {}", "to", odd)]
    if family.topic_partition:
        joint = label(rows, family.topic_partition)
        no_place = joint.is_not_null() & _no_number(joint.str.extract(_TOPIC_PARTITION, 2).fill_null(""))
        reasons.append(pl.when(no_place).then(pl.lit("the label contains no topic and partition")))
    for what, name in (("partition", family.partition), ("broker", family.broker)):
        if name:
            reasons.append(pl.when(_no_number(label(rows, name))).then(pl.lit(_NO_NUMBER.format(what))))
    return pl.coalesce(reasons)


def _no_number(text: pl.Expr) -> pl.Expr:
    """Tell texts that are no number an Int32 holds, from 0 on; null where there is none."""
    return ~(text.cast(pl.Int32, strict=False) >= 0).fill_null(value=False) & text.is_not_null()
