"""Table of why brokers carry more than the mean."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.causes import CAUSES
from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_quantity
from kafka_analysis.tables.base import Column, Table, amounts, build, resource_words, with_evidence

_COLUMNS = (
    Column("resource", "What"),
    Column("cause", "Cause"),
    Column("share", "Share", "%"),
    Column("excess", "Excess"),
    Column("names", "Borne by", missing=""),
)


def skew_causes(frame: Any, *, least_share: float = 0.1) -> Table:
    """List the causes of what brokers carry above the mean, each with its share.

    Parameters
    ----------
    frame
        Result of ``stats.skew_causes``.
    least_share
        Causes whose share is smaller, in either direction, are left out.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "resource": ["leaders"], "cause": ["hot_keys"], "share": [0.75],
    ...     "excess": [3.0], "names": ["t-3"], "evidence": ["measured"]})
    >>> skew_causes(rows).cells.row(0)
    ('c', 'leaders', 'hot keys in a topic', '75 %', '3 leaders', 't-3')
    """
    rows = to_polars(frame).filter(pl.col("share").abs() >= least_share)
    causes = {name: cause.words for name, cause in CAUSES.items()}
    named = rows.with_columns(
        amounts(rows, "excess"), resource_words(), pl.col("cause").replace(causes)
    ).with_columns(with_evidence("cause"))
    note = (
        "Excess: what brokers carry above the mean. The shares of one resource add up to 100 %; a negative one "
        "offsets part of the others, which may then exceed 100 %. Shares below "
        f"{format_quantity(least_share, '%')} are left out here and are in the table file."
    )
    return build(
        named, _COLUMNS, function="skew_causes", title="Why brokers carry more than the mean", note=note
    )
