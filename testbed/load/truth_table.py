"""Read the load's record of truth as a table."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from testbed.admin import Place

WRITTEN = {
    "ts": pl.Int64,
    "cluster": pl.String,
    "actor": pl.String,
    "kind": pl.String,
    "topic": pl.String,
    "partition": pl.Int32,
    "group": pl.String,
    "records": pl.Int64,
    "bytes": pl.Int64,
    "batches": pl.Int64,
    "markers": pl.Int64,
    "first_offset": pl.Int64,
    "last_offset": pl.Int64,
}


def truth_table(folder: Path) -> pl.DataFrame:
    """Return everything the load processes wrote so far, as the capture's table `truth`."""
    parts = [
        pl.read_ndjson(path, schema=WRITTEN) for path in sorted(folder.glob("*.jsonl")) if path.stat().st_size
    ]
    rows = pl.concat([pl.DataFrame(schema=WRITTEN), *parts])
    return rows.with_columns(pl.from_epoch("ts", time_unit="s").cast(pl.Datetime("ms", "UTC"))).sort(
        "ts", maintain_order=True
    )


def acknowledged_bytes(folder: Path) -> dict[Place, float]:
    """Return the payload bytes acknowledged so far for every partition."""
    acknowledged = truth_table(folder).filter(pl.col("kind") == "acknowledged")
    sums = acknowledged.group_by("topic", "partition").agg(pl.col("bytes").sum())
    return {(topic, partition): float(size) for topic, partition, size in sums.iter_rows()}
