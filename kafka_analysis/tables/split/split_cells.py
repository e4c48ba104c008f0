"""Table of the cells of a split."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_quantity
from kafka_analysis.tables.base import Column, Table, build, whole_dollars, with_texts

_COLUMNS = (
    Column("cell", "Cell", whole=True),
    Column("topics", "Topics", ""),
    Column("clients", "Clients", ""),
    Column("of_clients", "Loss reaches, of clients", whole=True),
    Column("of_bytes", "Of bytes", whole=True),
    Column("type", "Brokers"),
    Column("usd", "USD a month", ""),
    Column("binding_constraint", "Decided by"),
    Column("shortfall", "Not possible because", missing=""),
)
_DECIDES = {"ingress": "bytes in", "egress": "bytes out", "minimum": "the minimum"}


def split_cells(frame: Any) -> Table:
    """List the cells of each source: what is in them, what their loss reaches, what they need and cost.

    Parameters
    ----------
    frame
        ``cells`` of ``plan.split_frames``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "cell": "cell-1", "topics": 5, "clients": 9, "client_share": 0.4,
    ...     "byte_share": 0.25, "broker_type": "kafka.m7g.large", "brokers": 3, "feasible": True,
    ...     "binding_constraint": "minimum", "monthly_usd": 464.2, "shortfall": None})
    >>> split_cells(rows).cells.row(0)[1:8]
    ('cell-1', '5', '9', '100 % → 40 %', '100 % → 25 %', '3 × kafka.m7g.large', '464')
    """
    rows = to_polars(frame).sort("cluster", "cell").with_columns(pl.col("brokers").cast(pl.Int64))
    texts = with_texts(rows, ["of_clients", "of_bytes", "binding_constraint", "type"], _texts)
    is_short = rows["shortfall"].fill_null("").str.len_chars().gt(0).any()
    columns = [column for column in _COLUMNS if column.name != "shortfall" or is_short]
    shown = texts.with_columns(whole_dollars("monthly_usd"))
    note = (
        "Before → after the split. A client counts in every cell that it touches. Brokers by AWS's sizing script "
        "(S2), at list prices."
    )
    return build(shown, columns, function="split_cells", title="Cells", note=note)


def _texts(row: dict[str, Any]) -> tuple[str | None, ...]:
    decides = _DECIDES.get(row["binding_constraint"], row["binding_constraint"])
    shares = (_after(row["client_share"]), _after(row["byte_share"]))
    return *shares, decides, _brokers(row["brokers"], row["broker_type"])


def _after(share: float | None) -> str | None:
    return None if share is None else f"100 % → {format_quantity(share, '%')}"


def _brokers(brokers: int | None, broker_type: str | None) -> str | None:
    return None if brokers is None or broker_type is None else f"{brokers:,} × {broker_type}"
