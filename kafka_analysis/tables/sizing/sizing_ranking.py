"""Table of the options that quotas allow, cheapest first, both models side by side."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build, whole_dollars, with_texts

_COLUMNS = (
    Column("type", "Broker type"),
    Column("brokers", "Brokers by S2", "", missing="none to choose"),
    Column("interval", "Low to high"),
    Column("s1_brokers", "By S1", "", missing="none to choose"),
    Column("binding_constraint", "Decided by"),
    Column("usd", "USD a month", ""),
    Column("usd_interval", "Low to high, USD"),
    Column("s1_usd", "By S1, USD", ""),
)


def sizing_ranking(frame: Any, *, top_n: int = 10) -> Table:
    """List the cheapest options of each cluster.

    Parameters
    ----------
    frame
        ``ranking`` of ``plan.sizing_frames``.
    top_n
        Rows shown of each cluster.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "broker_type": "kafka.m7g.large", "brokers": 3, "brokers_low": 3,
    ...     "brokers_high": 6, "s1_brokers": 3, "binding_constraint": "minimum", "total_usd": 457.6,
    ...     "total_usd_low": 450.0, "total_usd_high": 900.0, "s1_monthly_usd": 457.6, "evidence": "published"})
    >>> sizing_ranking(rows).cells.row(0)[2:]
    ('3', '3 to 6', '3', 'minimum', '458', '450 to 900', '458')
    """
    rows = to_polars(frame)
    shown = rows.with_columns(at=pl.int_range(pl.len()).over("cluster")).filter(pl.col("at") < top_n)
    note = (
        "S1: AWS's right-sizing formula at 80 %. S2: AWS's sizing script, which decides. Low to high: the ends of the "
        "traffic's interval; – where it makes no difference. Provisioned throughput is counted where it is needed, but "
        "not by S1."
    )
    dollars = whole_dollars("total_usd"), whole_dollars("s1_monthly_usd").alias("s1_usd")
    cells = with_texts(shown, ["type", "interval", "usd_interval"], _texts).with_columns(dollars)
    return build(cells, _COLUMNS, function="sizing_ranking", title="What fits, cheapest first", note=note)


def _texts(row: dict[str, Any]) -> tuple[str, str, str]:
    unverified = " (price unverified)" if row["evidence"] == "unverified" else ""
    dollars = _span(row["total_usd_low"], row["total_usd_high"])
    return f"{row['broker_type']}{unverified}", _span(row["brokers_low"], row["brokers_high"]), dollars


def _span(low: float | None, high: float | None) -> str:
    if low is None or high is None or low == high:
        return "–"
    return f"{low:,.0f} to {high:,.0f}"
