"""Table of the consumer groups."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("group", "Group"),
    Column("kind", "Kind"),
    Column("state", "State"),
    Column("protocol", "Assignor", missing="none"),
    Column("coordinator", "Coordinator"),
    Column("last_seen", "Last seen"),
)


def groups(frame: Any) -> Table:
    """List the consumer groups with their state.

    Parameters
    ----------
    frame
        Result of ``stats.groups_in``, or one snapshot of the capture's ``groups`` table. The kind is shown where it is
        known, and when a group was last seen where some group is not in the last snapshot.

    Examples
    --------
    >>> "EMPTY" in groups(pl.DataFrame({"cluster": ["c"], "group": ["g"], "state": ["EMPTY"]})).html()
    True
    """
    rows = to_polars(frame)
    note = "EMPTY: no member; its committed offsets stay until they expire."
    if "kind" in rows.columns and rows["kind"].null_count() == len(rows):
        rows = rows.drop("kind")
    elif "kind" in rows.columns and (rows["kind"] == "share").any():
        note += " The lag of a share group is unknown: Kafka keeps no committed offsets for it."
    if "in_last" in rows.columns and not rows["in_last"].all():
        time = pl.col("ts").dt.strftime("%H:%M:%S UTC")
        seen = pl.when("in_last").then(pl.lit("in the last snapshot")).otherwise(time)
        rows = rows.with_columns(last_seen=seen)
    return build(
        rows.sort("cluster", "group"), _COLUMNS, function="groups", title="Consumer groups", note=note
    )
