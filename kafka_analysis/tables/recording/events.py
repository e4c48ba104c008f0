"""Table of what happened during a recording."""

from __future__ import annotations

from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("ts", "When"),
    Column("cluster", "Cluster"),
    Column("kind", "Kind"),
    Column("name", "What"),
    Column("wave", "Wave", missing=""),
    Column("detail", "Detail", missing=""),
)


def events(frame: Any) -> Table:
    """List the events in order of time.

    Parameters
    ----------
    frame
        The capture's ``events`` table.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import UTC, datetime
    >>> rows = pl.DataFrame({"ts": [datetime(2026, 1, 2, tzinfo=UTC)], "kind": ["fault"], "name": ["broker killed"]})
    >>> "2026-01-02 00:00:00 UTC" in events(rows).html()
    True
    """
    return build(to_polars(frame).sort("ts"), _COLUMNS, function="events", title="Events")
