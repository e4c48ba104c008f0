"""Table of the goals of a rebalance plan."""

from __future__ import annotations

from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import PLANNED_RESOURCES
from kafka_analysis.model.units import counted
from kafka_analysis.tables.base import Column, Table, build, with_texts

_COLUMNS = (
    Column("words", "Goal"),
    Column("was", "Now"),
    Column("will", "After the plan"),
    Column("mark", "Status"),
)
_STATUS = {"FIXED": "✔ FIXED", "VIOLATED": "✖ VIOLATED", "NO-ACTION": "– NO-ACTION"}
_RULES = {
    "brokers that are there": "Replicas on brokers that stay",
    "as many copies": "As many copies as asked for",
    "as many racks as possible": "As many racks as possible",
}


def rebalance_goals(frame: Any) -> Table:
    """List the goals of a plan, each before and after it, and whether it is met.

    Parameters
    ----------
    frame
        ``goals`` of ``plan.plan_frames``: ``cluster``, ``goal``, ``before``, ``after``, ``least_before``,
        ``least_after``, ``status``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "goal": ["leaders"], "before": [1.5], "after": [1.0],
    ...     "least_before": [0.5], "least_after": [1.0], "status": ["FIXED"]})
    >>> rebalance_goals(rows).cells.row(0)
    ('c', 'Leaders even', '0.50 to 1.50 ×', '1.00 to 1.00 ×', '✔ FIXED')
    """
    note = (
        "Emptiest to fullest broker, each ÷ its share (the mean, unless brokers differ in size); rules: partitions "
        "that break them. FIXED: broken now, met after the plan. VIOLATED: not met after it. NO-ACTION: met all along."
    )
    shown = with_texts(to_polars(frame), ["words", "was", "will", "mark"], _texts)
    return build(shown, _COLUMNS, function="rebalance_goals", title="Goals of the rebalance", note=note)


def _texts(row: dict[str, Any]) -> tuple[str | None, ...]:
    goal, status = row["goal"], _STATUS.get(row["status"] or "", "? unknown")
    words = f"{PLANNED_RESOURCES[goal].title} even" if goal in PLANNED_RESOURCES else _RULES.get(goal, goal)
    return words, *(_amount(row[when], row[f"least_{when}"]) for when in ("before", "after")), status


def _amount(most: float | None, least: float | None) -> str | None:
    if most is None:
        return None
    if least is None:
        return "kept" if most == 0 else counted(round(most), "partition")
    return f"{least:.2f} to {most:.2f} ×"
