"""Table of the options that quotas allow, cheapest first, both models side by side."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("cluster", "Cluster"),
    Column("broker_type", "Broker type"),
    Column("brokers", "Brokers by S2", "", missing="none to choose"),
    Column("interval", "Interval"),
    Column("s1_brokers", "Brokers by S1", "", missing="none to choose"),
    Column("binding_constraint", "Decided by"),
    Column("usd", "A month"),
    Column("usd_interval", "Interval of that"),
    Column("s1_usd", "By S1"),
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
    ...     "monthly_usd": 457.6, "provisioned_usd": None, "monthly_usd_low": 450.0, "monthly_usd_high": 900.0,
    ...     "s1_monthly_usd": 457.6, "evidence": "published"})
    >>> sizing_ranking(rows).cells.row(0)[2:]
    ('3', '3 to 6', '3', 'minimum', '458 USD', '450 to 900 USD', '458 USD')
    """
    rows = to_polars(frame)
    shown = rows.with_columns(at=pl.int_range(pl.len()).over("cluster")).filter(pl.col("at") < top_n)
    texts = [_texts(row) for row in shown.iter_rows(named=True)]
    names = ("interval", "usd", "usd_interval", "s1_usd")
    told = pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row")
    note = (
        "S1: AWS's right-sizing formula at 80 %. S2: AWS's sizing script, which decides. Intervals: the low and the "
        "high end of the traffic. A month with provisioned throughput where it is needed; intervals and S1 without."
    )
    return build(
        shown.with_columns(told),
        _COLUMNS,
        function="sizing_ranking",
        title="What fits, cheapest first",
        note=note,
    )


def _texts(row: dict[str, Any]) -> tuple[str | None, ...]:
    low, high = row["brokers_low"], row["brokers_high"]
    interval = "–" if low is None else _span(f"{low:,}", f"{high:,}")
    price = " (price unverified)" if row["evidence"] == "unverified" else ""
    ends = _span(f"{row['monthly_usd_low']:,.0f}", f"{row['monthly_usd_high']:,.0f}")
    other = row["s1_monthly_usd"]
    return (
        interval, f"{row['total_usd']:,.0f} USD{price}", f"{ends} USD", None if other is None else f"{other:,.0f} USD"
    )  # fmt: skip


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"
