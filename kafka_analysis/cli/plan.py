"""``kafka-analysis plan``: judge what is to be done to a cluster before it is done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kafka_analysis.cli.errors import told
from kafka_analysis.cli.plan_input import (
    duration_words,
    evidence_lines,
    goal_lines,
    read_bytes,
    recorded_cluster,
)
from kafka_analysis.cli.plan_rebalance import rebalance
from kafka_analysis.cli.plan_size import size
from kafka_analysis.cli.plan_split import split
from kafka_analysis.cli.plan_waves import waves
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.resources import TOLERANCE
from kafka_analysis.model.units import format_quantity

if TYPE_CHECKING:
    import polars as pl

    from kafka_analysis.plan.execution.plan import ExecutionPlan
    from kafka_analysis.plan.rebalance.judge import Judgement

plan = typer.Typer(help="Make and judge plans for Kafka's own tools.", no_args_is_help=True)
plan.command()(rebalance)
plan.command()(size)
plan.command()(split)
plan.command()(waves)


@plan.command()
def judge(
    capture: Annotated[Path, typer.Argument(metavar="CAPTURE", help="Folder of the capture.")],
    reassignment: Annotated[
        Path,
        typer.Argument(
            metavar="PLAN", help="A reassignment JSON, what kafka-reassign-partitions proposes, or plan.json."
        ),
    ],
    *,
    cluster: Annotated[str | None, typer.Option(help="Which cluster, where the capture has several.")] = None,
    tolerance: Annotated[
        float, typer.Option(min=0, help="Fraction of the mean by which the fullest broker may exceed it.")
    ] = TOLERANCE,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Say what a reassignment by anyone moves, what every broker then carries, and which rules it mends or breaks.

    Exit codes: 0 done, 2 wrong use, or the plan is for another cluster.
    """
    from kafka_analysis.plan.files.assignment_files import read_planned
    from kafka_analysis.plan.rebalance.judge import judge as judged

    with told():
        after, not_judged = read_planned(read_bytes(reassignment))
        partitions, brokers, flavour = recorded_cluster(capture, cluster)
        found = judged(partitions, brokers, after, tolerance=tolerance)
    took = _duration(partitions, brokers, after, flavour)
    lines = [*_lines(found, took), *not_judged, *evidence_lines(partitions)]
    typer.echo(_json(found, took, not_judged) if as_json else "\n".join(lines))


def _duration(
    partitions: pl.DataFrame, brokers: pl.DataFrame, after: pl.DataFrame, flavour: str | None
) -> ExecutionPlan | str:
    """Return how the plan would be carried out, or why it cannot be."""
    from kafka_analysis.plan.execution.plan import plan_execution

    try:
        return plan_execution(partitions, brokers, after, flavour=flavour)
    except InputError as error:
        return str(error)


def _json(found: Judgement, took: ExecutionPlan | str, not_judged: Sequence[str]) -> str:
    known = not isinstance(took, str)
    return json.dumps(
        {
            "bytes_to_move": found.bytes_to_move,
            "seconds_low": took.seconds_low if known else None,
            "seconds": took.seconds if known else None,
            "seconds_high": took.seconds_high if known else None,
            "cannot_be_carried_out": None if known else took,
            "not_judged": list(not_judged),
            "goals": found.goals.to_dicts(),
            "brokers": found.brokers.to_dicts(),
            "movements": found.movements.to_dicts(),
        },
        indent=2,
    )


def _lines(found: Judgement, took: ExecutionPlan | str) -> list[str]:
    copies, leaders = (found.movements.filter(kind=kind) for kind in ("replica", "leader"))
    size = format_quantity(found.bytes_to_move, "B")
    lines = [
        f"{len(copies)} replicas move, {size} to copy; {len(leaders)} preferred leaders change",
        f"cannot be carried out: {took}" if isinstance(took, str) else f"takes {duration_words(took)}",
        *goal_lines(found.goals),
    ]
    lines.append("bytes stored on each broker:")
    for row in found.brokers.iter_rows(named=True):
        before, after = (format_quantity(row[f"size_bytes_{when}"], "B") for when in ("before", "after"))
        rack = f" in {row['rack']}" if row["rack"] else ""
        lines.append(f"  {row['broker']}{rack}: {before} → {after}")
    return lines
