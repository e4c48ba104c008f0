"""Table of what an option costs, item by item."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_quantity
from kafka_analysis.tables.base import Column, Table, build, with_texts

_COLUMNS = (
    Column("option", "Option"),
    Column("item", "Item"),
    Column("amount", "Quantity a month"),
    Column("price", "Price each"),
    Column("usd", "A month"),
    Column("in_sum", "In the script's sum"),
)


def sizing_costs(frame: Any, *, options: int = 1) -> Table:
    """List the cost of the cheapest options by item.

    Parameters
    ----------
    frame
        ``costs`` of ``plan.sizing_frames``: the options of each cluster, cheapest first.
    options
        How many options are shown of each cluster.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "broker_type": "kafka.m7g.large", "brokers": 3, "item": "brokers",
    ...     "quantity": 2190.0, "unit": "broker-hours", "usd_per_unit": 0.204, "monthly_usd": 446.76, "billed": True})
    >>> sizing_costs(rows).cells.row(0)[1:]
    ('3 × kafka.m7g.large', 'brokers', '2,190 broker-hours', '0.204 USD', '446.76 USD', 'yes')
    """
    rows = to_polars(frame).with_columns(pl.col("brokers").cast(pl.Int64))
    order = rows.select("cluster", "broker_type").unique(maintain_order=True)
    first = order.with_columns(at=pl.int_range(pl.len()).over("cluster")).filter(pl.col("at") < options)
    shown = rows.join(first, on=["cluster", "broker_type"], how="semi", maintain_order="left")
    note = (
        "List prices, us-east-1. Tiered storage at 0.023 USD as in AWS's sizing script (price lists say 0.06); Express "
        "storage as one copy, on which AWS's sources differ. What is not in the script's sum comes on top."
    )
    shown = with_texts(shown, ["option", "amount", "price", "usd"], _texts).with_columns(
        in_sum=pl.col("billed")
    )
    return build(shown, _COLUMNS, function="sizing_costs", title="Cost by item", note=note)


def _texts(row: dict[str, Any]) -> tuple[str, ...]:
    broker_type, brokers = row["broker_type"], row["brokers"]
    return (
        broker_type if brokers is None else f"{brokers:,} × {broker_type}",
        format_quantity(row["quantity"], row["unit"]),
        f"{row['usd_per_unit']:g} USD",
        f"{row['monthly_usd']:,.2f} USD",
    )
