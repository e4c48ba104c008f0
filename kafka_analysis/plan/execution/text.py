"""The plan as people read it, at night and in a hurry: Markdown, its prose in ``plan.md.jinja``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from kafka_analysis.model.units import counted, format_interval, format_quantity
from kafka_analysis.plan.common.templates import filled

if TYPE_CHECKING:
    from kafka_analysis.plan.execution.plan import ExecutionPlan

_TO = '--bootstrap-server "$BOOTSTRAP" --command-config "$CLIENT"'
_REASSIGN = f"kafka-reassign-partitions.sh {_TO}"
_ELECT = 'kafka-leader-election.sh --bootstrap-server "$BOOTSTRAP" --admin.config "$CLIENT" --election-type preferred'
_MOST_NAMED = 20


def plan_text(plan: ExecutionPlan, files: Mapping[int, Collection[str]]) -> str:
    """Write a plan as Markdown: what it does, what must hold before, each batch with its commands, how to stop.

    Parameters
    ----------
    plan
        Result of :func:`kafka_analysis.plan.execution.plan.plan_execution`.
    files
        Names of each batch's files.
    """
    rows = [_batch(plan, row, files[row["batch"]]) for row in plan.batches.iter_rows(named=True)]
    times = format_interval(plan.seconds, plan.seconds_low, plan.seconds_high)
    return filled(
        "execution/plan.md.jinja", plan=plan, rows=rows, times=times, to=_TO, reassign=_REASSIGN, elect=_ELECT,
        most_named=_MOST_NAMED,
    )  # fmt: skip


def _batch(plan: ExecutionPlan, row: dict[str, Any], files: Collection[str]) -> dict[str, Any]:
    numbers = {name.rsplit("-", 1)[0]: name.rsplit("-", 1)[1].removesuffix(".json") for name in files}
    throttle = row["throttle_bytes_per_s"]
    takes = format_interval(row["seconds"], row["seconds_low"], row["seconds_high"])
    takes = "moments" if row["kind"] == "leader" else takes
    return row | {
        "number": numbers["reassignment"],
        "files": numbers,
        "what": _what(row),
        "takes": takes,
        "throttle": "" if throttle is None else f" --throttle {throttle:.0f}",
        "expected": _expected(plan.broker_batches.filter(batch=row["batch"]), row, takes),
        "steps": plan.steps.filter(batch=row["batch"]).to_dicts(),
    }


def _expected(brokers: pl.DataFrame, row: dict[str, Any], takes: str) -> str:
    if row["kind"] == "leader":
        return "Nothing is copied; it takes moments."
    slowest = "" if row["slowest_broker"] is None else f", by broker {row['slowest_broker']}"
    most = {"disks": brokers["peak_disk_share"].max(), "networks": brokers["network_use"].max()}
    used = [
        f"{what} at most {format_quantity(share, '%')} used"
        for what, share in most.items()
        if share is not None
    ]
    of_known_limits = f" Of the brokers whose limits are known: {', '.join(used)}." if used else ""
    return f"{format_quantity(row['bytes_to_copy'], 'B')} to copy, expected to take {takes}{slowest}.{of_known_limits}"


def _what(row: dict[str, Any]) -> str:
    partitions = counted(row["partitions"], "partition")
    if row["kind"] == "leader":
        return f"leaders of {partitions}" if row["elections"] else f"order of replicas of {partitions}"
    return f"replicas of {partitions}"
