"""Table of the batches of an execution."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_duration, format_interval
from kafka_analysis.tables.base import Column, Table, build, with_texts

_COLUMNS = (
    Column("batch", "Batch", ""),
    Column("kind", "Changes"),
    Column("partitions", "Partitions", ""),
    Column("bytes_to_copy", "To copy", "B"),
    Column("throttle_bytes_per_s", "Throttle", "B/s", missing="none"),
    Column("starts", "Starts after"),
    Column("takes", "Takes"),
    Column("slowest_broker", "Slowest broker", missing=""),
)
_KINDS = {"leader": "leaders", "copy": "replicas"}


def execution_batches(frame: Any) -> Table:
    """List the batches of an execution in order.

    Parameters
    ----------
    frame
        ``batches`` of an execution plan, or of several with ``cluster``, which stay in their order.

    Examples
    --------
    >>> rows = pl.DataFrame({"batch": [1], "kind": ["copy"], "partitions": [2], "bytes_to_copy": [6e9],
    ...     "throttle_bytes_per_s": [1e8], "starts_after_s": [0.0], "seconds_low": [60.0], "seconds": [70.0],
    ...     "seconds_high": [90.0], "slowest_broker": [3]})
    >>> execution_batches(rows).cells["Takes"].to_list()
    ['1 min 10 s (1 min 0 s to 1 min 30 s)']
    """
    rows = to_polars(frame).with_columns(pl.col("slowest_broker").cast(pl.Int32))
    rows = rows if "cluster" in rows.columns else rows.sort("batch")
    shown = with_texts(rows, ["kind", "starts", "takes"], _texts)
    note = "In brackets: from full throttle, less what it lets pass at once, to copies that wait for both brokers."
    return build(shown, _COLUMNS, function="execution_batches", title="Batches of the execution", note=note)


def _texts(row: dict[str, Any]) -> tuple[str, str, str]:
    takes = format_interval(row["seconds"], row["seconds_low"], row["seconds_high"])
    starts = format_duration(row["starts_after_s"])
    return _KINDS[row["kind"]], starts, "moments" if row["kind"] == "leader" else takes
