"""Table of the measures of skew."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, amounts, build, resource_words

_COLUMNS = (
    Column("resource", "What"),
    Column("max_over_mean", "Max ÷ mean", ""),
    Column("cv", "CV", ""),
    Column("gini", "Gini", ""),
    Column("top_share", "Top share", "%"),
    Column("top", "Fullest"),
    Column("net_imbalance", "Above the mean"),
    Column("net_imbalance_share", "Part of all", "%"),
)


def skew_measures(frame: Any, *, over: str = "brokers") -> Table:
    """List how unevenly each resource lies on the brokers or racks.

    Parameters
    ----------
    frame
        Result of ``stats.measure_skew``.
    over
        What it was measured over: ``"brokers"`` or ``"racks"``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "resource": ["leaders"], "max_over_mean": [1.5], "top": ["3"]})
    >>> "1.50" in skew_measures(rows).html()
    True
    """
    note = (
        f"Even: max ÷ mean 1, CV 0, Gini 0, top share 1 ÷ number of {over}. What none of them carries is left out. "
        "Above the mean: what fuller brokers carry beyond it."
    )
    rows = to_polars(frame)
    loaded = rows.filter(pl.col("max_over_mean").is_not_null())
    if "net_imbalance" in loaded.columns:
        loaded = loaded.with_columns(amounts(loaded, "net_imbalance"))
    loaded = loaded.with_columns(resource_words())
    return build(loaded, _COLUMNS, function="skew_measures", title=f"Skew over the {over}", note=note)
