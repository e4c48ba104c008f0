"""Table of the consumer groups."""

from __future__ import annotations

from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("cluster", "Cluster"),
    Column("group", "Group"),
    Column("state", "State"),
    Column("protocol", "Assignor", missing="none"),
    Column("coordinator", "Coordinator"),
)


def groups(frame: Any) -> Table:
    """List the consumer groups with their state.

    Parameters
    ----------
    frame
        One snapshot of the capture's ``groups`` table.

    Examples
    --------
    >>> import polars as pl
    >>> "EMPTY" in groups(pl.DataFrame({"cluster": ["c"], "group": ["g"], "state": ["EMPTY"]})).html()
    True
    """
    rows = to_polars(frame)
    note = "EMPTY: no member; its committed offsets stay until they expire."
    return build(
        rows.sort("cluster", "group"), _COLUMNS, function="groups", title="Consumer groups", note=note
    )
