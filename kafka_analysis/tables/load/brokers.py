"""Table of the brokers and what each carries."""

from __future__ import annotations

from typing import Any

from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("broker", "Broker"),
    Column("rack", "Rack", missing="none"),
    Column("leaders", "Leaders", ""),
    Column("replicas", "Replicas", ""),
    Column("size_bytes", "Stored", "B"),
    Column("bytes_in_per_s", "Bytes in", "B/s"),
    Column("bytes_out_per_s", "Bytes out", "B/s"),
    Column("replication_bytes_in_per_s", "Replication in", "B/s"),
)


def brokers(frame: Any) -> Table:
    """List the brokers with what each carries.

    Parameters
    ----------
    frame
        Result of ``stats.broker_load``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "broker": [1], "bytes_in_per_s": [None]})
    >>> "unknown" in brokers(rows).html()
    True
    """
    note = (
        "Bytes in come from producers, bytes out go to consumers (a replicator is one), both of the chosen topics; "
        "replication in is every topic's."
    )
    return build(frame, _COLUMNS, function="brokers", title="Brokers and what they carry", note=note)
