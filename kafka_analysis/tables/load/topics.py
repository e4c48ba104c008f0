"""Table of the topics that carry most."""

from __future__ import annotations

from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("topic", "Topic"),
    Column("partitions", "Partitions", ""),
    Column("replication_factor", "Copies", ""),
    Column("size_bytes", "Stored", "B"),
    Column("bytes_in_per_s", "Bytes in", "B/s"),
    Column("bytes_out_per_s", "Bytes out", "B/s"),
    Column("messages_in_per_s", "Messages in", "records/s"),
)


def topics(frame: Any, *, top_n: int = 15) -> Table:
    """List the topics with most bytes in.

    Parameters
    ----------
    frame
        Result of ``stats.topic_inventory``.
    top_n
        Rows shown.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": "c", "topic": ["a", "b"], "bytes_in_per_s": [1.0, 2.0]})
    >>> "1 more" in topics(rows, top_n=1).html()
    True
    """
    rows = to_polars(frame)
    order = [column for column in ("bytes_in_per_s", "size_bytes") if column in rows.columns]
    ranked = rows.sort([*order, "topic"], descending=[*[True] * len(order), False], nulls_last=True)
    more = f"{len(rows) - top_n} more are in the table file beside the report. " if len(rows) > top_n else ""
    note = f"{more}Stored: all copies. Bytes out include what replicators read."
    return build(ranked.head(top_n), _COLUMNS, function="topics", title="Topics, by bytes in", note=note)
