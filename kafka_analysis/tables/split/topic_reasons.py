"""Table of why topics are in their cells."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("topic", "Topic"),
    Column("cell", "Cell", whole=True),
    Column("carries", "Bytes in and out", "B/s"),
    Column("why", "Why"),
    Column("next_best_cell", "Next best", missing="none has room"),
    Column("next_best_costs", "Would cost", "", missing="–"),
)


def topic_reasons(frame: Any, *, top_n: int = 15) -> Table:
    """Say of the topics with most bytes why they are where they are, and what the next best cell would cost.

    Parameters
    ----------
    frame
        ``topics`` of ``plan.split_frames``.
    top_n
        How many at most.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "topic": ["t"], "cell": "a", "why": "its only client is at home here",
    ...     "next_best_cell": "b", "next_best_costs": 1.25, "bytes_in_per_s": 1e6, "bytes_out_per_s": 2e6})
    >>> topic_reasons(rows).cells.row(0)[3:]
    ('3 MB/s', 'its only client is at home here', 'b', '1.25')
    """
    rows = to_polars(frame).with_columns(carries=pl.sum_horizontal("bytes_in_per_s", "bytes_out_per_s"))
    order = rows.sort("carries", "cluster", "topic", descending=[True, False, False], nulls_last=True)
    more = f"{len(rows) - top_n:,} more topics are in the table file. " if len(rows) > top_n else ""
    note = (
        f"{more}Would cost: what the next best cell weighs more, counted in clients that touch one more cell."
    )
    return build(
        order.head(top_n),
        _COLUMNS,
        function="topic_reasons",
        title="Why topics are where they are",
        note=note,
    )
