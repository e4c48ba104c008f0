"""Tables of a rebalance: its goals, movements and batches."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import PLANNED_RESOURCES
from kafka_analysis.model.units import counted, format_duration, format_interval
from kafka_analysis.tables.base import Column, Table, build, with_texts

_EXECUTION_BATCHES = (
    Column("batch", "Batch", ""),
    Column("kind", "Changes"),
    Column("partitions", "Partitions", ""),
    Column("bytes_to_copy", "To copy", "B"),
    Column("throttle_bytes_per_s", "Throttle", "B/s", missing="none"),
    Column("starts", "Starts after"),
    Column("takes", "Takes"),
    Column("slowest_broker", "Slowest broker", missing=""),
)
_BATCH_KINDS = {"leader": "leaders", "copy": "replicas"}


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
    shown = with_texts(rows, ["kind", "starts", "takes"], _batch_texts)
    note = "In brackets: from copies at full throttle (minus the initial burst) to copies that wait for both brokers."
    return build("execution_batches", "Batches of the plan", shown, _EXECUTION_BATCHES, note)


def _batch_texts(row: dict[str, Any]) -> tuple[str, str, str]:
    takes = format_interval(row["seconds"], row["seconds_low"], row["seconds_high"])
    starts = format_duration(row["starts_after_s"])
    return _BATCH_KINDS[row["kind"]], starts, "moments" if row["kind"] == "leader" else takes


_MOVEMENTS = (
    Column("place", "Partition"),
    Column("what", "Changes"),
    Column("from", "From broker", missing="none: new replica"),
    Column("to", "To broker", missing="none: replica removed"),
    Column("bytes", "To copy", "B"),
)
_MOVEMENT_KINDS = {"replica": "replica", "leader": "preferred leader"}


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
        what=pl.col("kind").replace(_MOVEMENT_KINDS),
    )
    order = {"by": ["bytes", "place", "kind"], "descending": [True, False, False], "nulls_last": True}
    parts = rows.partition_by("cluster", maintain_order=True)
    shown = pl.concat(
        [rows.clear(), *(part.sort(**order, maintain_order=True).head(top_n) for part in parts)]
    )
    note, left_out = "Changing a preferred leader copies no data.", len(rows) - len(shown)
    return build("movements", "Largest movements", shown, _MOVEMENTS, note, left_out=left_out)


_REBALANCE_GOALS = (
    Column("words", "Goal"),
    Column("was", "Now"),
    Column("will", "After the plan"),
    Column("mark", "Status"),
)
_STATUS = {"FIXED": "✔ FIXED", "VIOLATED": "✖ VIOLATED", "NO-ACTION": "– NO-ACTION"}
_RULES = {
    "brokers that are there": "Replicas only on brokers that stay",
    "as many copies": "Requested replication factor",
    "as many racks as possible": "Replicas in as many racks as possible",
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
    ('c', 'Leaders balanced', '0.50 to 1.50 ×', '1.00 to 1.00 ×', '✔ FIXED')
    """
    note = (
        "Emptiest to fullest broker, each ÷ its share (the mean, unless brokers differ in size); rules: partitions "
        "that violate them. FIXED: violated now, met after the plan. VIOLATED: not met after it. "
        "NO-ACTION: met all along."
    )
    shown = with_texts(to_polars(frame), ["words", "was", "will", "mark"], _goal_texts)
    return build("rebalance_goals", "Goals of the rebalance", shown, _REBALANCE_GOALS, note)


def _goal_texts(row: dict[str, Any]) -> tuple[str | None, ...]:
    goal, status = row["goal"], _STATUS.get(row["status"] or "", "? unknown")
    words = (
        f"{PLANNED_RESOURCES[goal].title} balanced" if goal in PLANNED_RESOURCES else _RULES.get(goal, goal)
    )
    return words, *(_goal_amount(row[when], row[f"least_{when}"]) for when in ("before", "after")), status


def _goal_amount(most: float | None, least: float | None) -> str | None:
    if most is None:
        return None
    if least is None:
        return "kept" if most == 0 else counted(round(most), "partition")
    return f"{least:.2f} to {most:.2f} ×"
