"""Table of the goals of a rebalance plan."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("cluster", "Cluster"),
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
    >>> rows = pl.DataFrame({"cluster": ["c"], "goal": ["leaders"], "before": [1.5], "after": [1.0],
    ...     "least_before": [0.5], "least_after": [1.0], "status": ["FIXED"]})
    >>> rebalance_goals(rows).cells.row(0)
    ('c', 'Leaders even', '0.50 to 1.50 ×', '1.00 to 1.00 ×', '✔ FIXED')
    """
    rows = to_polars(frame)
    texts = [
        (
            _words(row["goal"]),
            _amount(row["before"], row["least_before"]),
            _amount(row["after"], row["least_after"]),
            _STATUS.get(row["status"] or "", "? unknown"),
        )
        for row in rows.iter_rows(named=True)
    ]
    told = pl.DataFrame(
        texts, schema=dict.fromkeys(("words", "was", "will", "mark"), pl.String), orient="row"
    )
    note = (
        "Emptiest to fullest broker, each ÷ its share (the mean, unless brokers differ in size); rules: partitions "
        "that break them. FIXED: broken now, met after the plan. VIOLATED: not met after it. NO-ACTION: met all along."
    )
    return build(
        rows.with_columns(told),
        _COLUMNS,
        function="rebalance_goals",
        title="Goals of the rebalance",
        note=note,
    )


def _words(goal: str) -> str:
    return f"{RESOURCES[goal].title} even" if goal in RESOURCES else _RULES.get(goal, goal)


def _amount(most: float | None, least: float | None) -> str | None:
    if most is None:
        return None
    if least is None:
        return "kept" if most == 0 else f"{most:,.0f} partition{'' if most == 1 else 's'}"
    return f"{least:.2f} to {most:.2f} ×"
