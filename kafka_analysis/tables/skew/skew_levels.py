"""Table of the skew of every level, from brokers down to partitions."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, amounts, build, resource_words, with_evidence

_LEVELS = {"broker": "brokers", "rack": "racks", "log_dir": "log directories", "topic": "topics",
           "partition": "partitions"}  # fmt: skip
_COLUMNS = (
    Column("level", "Over"),
    Column("resource", "What"),
    Column("max_over_mean", "Max ÷ mean", ""),
    Column("gini", "Gini", ""),
    Column("top", "Fullest"),
    Column("net_imbalance", "Above the mean"),
    Column("net_imbalance_share", "Part of all", "%"),
)


def skew_levels(frame: Any, *, levels: tuple[str, ...] = tuple(_LEVELS)) -> Table:
    """List how unevenly each resource lies at each level.

    Parameters
    ----------
    frame
        Result of ``stats.skew_by_level``.
    levels
        The levels listed: ``broker``, ``rack``, ``log_dir``, ``topic``, ``partition``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "level": ["log_dir"], "n": [2], "resource": ["size_bytes"],
    ...     "max_over_mean": [1.5], "net_imbalance": [2e9], "evidence": ["measured"]})
    >>> skew_levels(rows).cells.row(0)
    ('c', '2 log directories', 'bytes stored', '1.50', '2 GB')
    """
    rows = to_polars(frame).filter(pl.col("level").is_in(levels) & pl.col("max_over_mean").is_not_null())
    ordered = rows.sort("cluster", pl.col("level").replace_strict({n: i for i, n in enumerate(_LEVELS)}),
                        maintain_order=True)  # fmt: skip
    counted = pl.format("{} {}", "n", pl.col("level").replace(_LEVELS)).alias("level")
    named = ordered.with_columns(amounts(ordered, "net_imbalance"), resource_words(), counted).with_columns(
        with_evidence("resource")
    )
    note = (
        "Topics differ by nature: their skew is no fault, but a load that lies in few of them is hard to spread. "
        "Bytes through partitions are estimated by their records. What a capture does not tell is left out."
    )
    return build(named, _COLUMNS, function="skew_levels", title="Skew level by level", note=note)
