"""Table of topics' counters against the brokers' own totals."""

from __future__ import annotations

from typing import Any

from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("broker", "Broker"),
    Column("aggregate", "Broker's own total", "B"),
    Column("topics", "Sum of its topics", "B"),
    Column("uncovered_share", "Not in any topic", "%", missing="nothing flowed"),
)


def aggregate_agreement(frame: Any) -> Table:
    """Show for each broker whether its topics add up to its own total of bytes in.

    Parameters
    ----------
    frame
        Result of ``stats.aggregate_agreement``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "broker": [1], "aggregate": [100.0], "topics": [99.0],
    ...     "uncovered_share": [0.01]})
    >>> "1 %" in aggregate_agreement(rows).html()
    True
    """
    note = "Bytes in over the window, all topics. Not in any topic: counted by meters that were dropped with a leader."
    return build(frame, _COLUMNS, function="aggregate_agreement", title="Do topics add up?", note=note)
