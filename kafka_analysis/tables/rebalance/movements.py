"""Table of the largest movements of a plan."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("place", "Partition"),
    Column("what", "Changes"),
    Column("from", "From broker", missing="none: a new copy"),
    Column("to", "To broker", missing="none: a copy goes"),
    Column("bytes", "To copy", "B"),
)
_KINDS = {"replica": "replica", "leader": "preferred leader"}


def movements(frame: Any, *, top_n: int = 10) -> Table:
    """List the movements that copy most, of each cluster.

    Parameters
    ----------
    frame
        ``movements`` of ``plan.plan_frames``: ``cluster``, ``topic``, ``partition``, ``kind``, ``from``, ``to``,
        ``bytes``.
    top_n
        Rows shown of each cluster.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "topic": ["t"], "partition": [0], "kind": ["replica"], "from": [1],
    ...     "to": [2], "bytes": [5e9]})
    >>> movements(rows).cells.row(0)
    ('c', 't-0', 'replica', '1', '2', '5 GB')
    """
    rows = to_polars(frame).with_columns(
        pl.col("from", "to").cast(pl.Int32),
        place=pl.format("{}-{}", "topic", "partition"),
        what=pl.col("kind").replace(_KINDS),
    )
    order = ["bytes", "place", "kind"]
    ranked = rows.sort(order, descending=[True, False, False], nulls_last=True, maintain_order=True)
    shown = ranked.with_columns(at=pl.int_range(pl.len()).over("cluster")).filter(pl.col("at") < top_n)
    clusters = rows["cluster"].unique(maintain_order=True).to_list()
    kept = [shown.filter(pl.col("cluster") == name) for name in clusters]
    rest = len(rows) - len(shown)
    more = f" {rest:,} more are in the table file." if rest else ""
    note = f"A preferred leader changes without a byte to copy.{more}"
    return build(
        pl.concat(kept) if kept else shown,
        _COLUMNS,
        function="movements",
        title="Largest movements",
        note=note,
    )
