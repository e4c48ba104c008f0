"""Table of how skew changed over time."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build, resource_words, with_texts

_COLUMNS = (
    Column("resource", "What"),
    Column("judgement", "It is"),
    Column("slope", "Change per day", missing="unknown"),
    Column("reason", "Because"),
)
_UNKNOWN = "? unknown"


def skew_trends(frame: Any) -> Table:
    """List for each resource whether its skew is constant, daily, growing or shrinking.

    Parameters
    ----------
    frame
        Result of ``stats.judge_skew_over_time``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "resource": ["leaders"], "judgement": ["growing"], "reason": ["by 0.5"],
    ...     "slope_per_day": [0.05], "slope_low": [0.04], "slope_high": [0.061]})
    >>> skew_trends(rows).cells.row(0)
    ('c', 'leaders', 'growing', '+0.050 (+0.040 to +0.061)', 'by 0.5')
    """
    rows = to_polars(frame)
    judgement = pl.col("judgement").replace({"unknown": _UNKNOWN})
    named = with_texts(rows, ["slope"], _slope).with_columns(judgement, resource_words())
    note = (
        "Change of max ÷ mean per day, with its 95 % interval. A trend needs 2 days and a daily course 7; both must "
        "come to at least 0.1."
    )
    return build(
        named, _COLUMNS, function="skew_trends", title="Is the skew constant, daily or growing?", note=note
    )


def _slope(row: dict[str, Any]) -> tuple[str | None]:
    if row["slope_per_day"] is None:
        return (None,)
    slope, low, high = (f"{row[name]:+.3f}" for name in ("slope_per_day", "slope_low", "slope_high"))
    return (f"{slope} ({low} to {high})",)
