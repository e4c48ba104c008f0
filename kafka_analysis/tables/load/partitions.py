"""Table of the busiest partitions."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("place", "Partition"),
    Column("leader", "Leader"),
    Column("records_per_s", "Records", "records/s"),
    Column("bytes_in_per_s", "Bytes in", "B/s"),
    Column("bytes_out_per_s", "Bytes out", "B/s"),
    Column("size_bytes", "Stored", "B"),
    Column("evidence", "Bytes are"),
)


def partitions(frame: Any, *, top_n: int = 10) -> Table:
    """List the partitions with most records.

    Parameters
    ----------
    frame
        Result of ``stats.partition_load``.
    top_n
        Rows shown.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "topic": ["t"], "partition": [0], "records_per_s": [3.0],
    ...     "evidence": ["estimated"]})
    >>> "t-0" in partitions(rows).html()
    True
    """
    rows = to_polars(frame).with_columns(place=pl.format("{}-{}", "topic", "partition"))
    ranked = rows.sort(["records_per_s", "place"], descending=[True, False], nulls_last=True).head(top_n)
    note = (
        "Records are measured by log end offsets. Bytes of a partition are measured only where it is alone of its "
        "topic on its leader; otherwise the topic's counter there is shared out by records. Stored: the leader's copy."
    )
    return build(ranked, _COLUMNS, function="partitions", title="Busiest partitions", note=note)
