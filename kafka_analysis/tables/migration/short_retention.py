"""Table of the topics that delete records too early for the move."""

from __future__ import annotations

from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_duration
from kafka_analysis.tables.base import Column, Table, build, with_texts

_COLUMNS = (
    Column("topic", "Topic"),
    Column("wave", "Wave", ""),
    Column("kept", "Keeps records for"),
    Column("needed", "More is needed than"),
    Column("why", "For"),
)
_REASONS = {
    "mirror": "the copy, and a standstill of the replicator",
    "rollback": "a rollback until the soak ends",
}


def short_retention(frame: Any, *, top_n: int = 15) -> Table:
    """List the topics whose retention must be raised before their copy begins.

    Parameters
    ----------
    frame
        ``retention`` of a plan of waves: ``topic``, ``wave``, ``reason``, ``retention_s``, ``needed_s``.
    top_n
        How many at most, those first that keep records for the shortest time.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"topic": ["a"], "wave": [1], "reason": ["mirror"], "retention_s": [3600.0],
    ...     "needed_s": [7500.0]})
    >>> short_retention(rows).cells.row(0)
    ('a', '1', '1 h 0 min', '2 h 5 min', 'the copy, and a standstill of the replicator')
    """
    rows = to_polars(frame).sort("retention_s", "wave", "topic").head(top_n)
    shown = with_texts(rows, ["kept", "needed", "why"], _texts)
    note = f"{len(to_polars(frame))} in all. Raise retention.ms at the source before the copy begins."
    return build(
        shown, _COLUMNS, function="short_retention", title="Topics that delete records too early", note=note
    )


def _texts(row: dict[str, Any]) -> tuple[str, str, str]:
    return format_duration(row["retention_s"]), format_duration(row["needed_s"]), _REASONS[row["reason"]]
