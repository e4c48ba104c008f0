"""Table of the waves of a migration."""

from __future__ import annotations

from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_interval
from kafka_analysis.tables.base import Column, Table, build, with_texts

_COLUMNS = (
    Column("wave", "Wave", ""),
    Column("topics", "Topics", ""),
    Column("clients", "Clients", ""),
    Column("critical_clients", "Critical", ""),
    Column("clients_bridged", "At both ends after", ""),
    Column("bytes_in_per_s", "Bytes in", "B/s"),
    Column("risk_share", "Risk", "%"),
    Column("stored_bytes", "To copy", "B"),
    Column("takes", "Copy takes"),
    Column("cutover_start", "Cut-over begins"),
    Column("soak_until", "Watched until"),
)


def waves(frame: Any) -> Table:
    """List the waves of a plan in order.

    Parameters
    ----------
    frame
        ``waves`` of a plan of waves, or of several with ``cluster``, which stay in their order.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"wave": [1], "topics": [2], "clients": [5], "risk_share": [0.125], "backfill_s": [70.0],
    ...     "backfill_s_low": [60.0], "backfill_s_high": [90.0]})
    >>> waves(rows).cells.row(0)
    ('1', '2', '5', '12.5 %', '1 min 10 s (1 min 0 s to 1 min 30 s)')
    """
    rows = to_polars(frame)
    rows = rows if "cluster" in rows.columns else rows.sort("wave")
    note = (
        "Risk: share of bytes in or of clients that a wave touches, whichever is more. In brackets: from a copy "
        "into which nothing arrives to one with less bandwidth."
    )
    return build(with_texts(rows, ["takes"], _takes), _COLUMNS, function="waves", title="Waves", note=note)


def _takes(row: dict[str, Any]) -> tuple[str]:
    return (format_interval(row["backfill_s"], row["backfill_s_low"], row["backfill_s_high"]),)
