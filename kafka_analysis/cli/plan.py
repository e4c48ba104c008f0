"""``kafka-analysis plan``: judge what is to be done to a cluster before it is done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kafka_analysis.cli.errors import told
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.resources import RESOURCES, TOLERANCE
from kafka_analysis.model.units import format_quantity

if TYPE_CHECKING:
    import polars as pl

    from kafka_analysis.capture.read import Capture
    from kafka_analysis.plan.judge import Judgement

plan = typer.Typer(help="Judge plans for Kafka's own tools.", no_args_is_help=True)


@plan.callback()
def _group() -> None:
    pass


@plan.command()
def judge(
    capture: Annotated[Path, typer.Argument(metavar="CAPTURE", help="Folder of the capture.")],
    reassignment: Annotated[
        Path,
        typer.Argument(metavar="PLAN", help="A reassignment JSON, as kafka-reassign-partitions takes it."),
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
    from kafka_analysis.capture.read import read_capture
    from kafka_analysis.plan.judge import judge as judged
    from kafka_analysis.plan.reassignment import read_reassignment

    with told():
        recorded = read_capture(capture)
        try:
            text = reassignment.read_bytes()
        except OSError as error:
            message = f"cannot read {reassignment}: {error.strerror}"
            raise InputError(message) from None
        after = read_reassignment(text)
        partitions, brokers = _cluster(recorded, cluster)
        found = judged(partitions, brokers, after, tolerance=tolerance)
    typer.echo(
        _json(found) if as_json else _text(found, estimated=(partitions["evidence"] == "estimated").any())
    )


def _cluster(recorded: Capture, name: str | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return one cluster's partitions with their load, and its brokers."""
    from kafka_analysis import stats

    names = recorded.cluster_table["cluster"].to_list()
    if name is None and len(names) != 1:
        message = f"the capture has {len(names)} clusters; give --cluster: {', '.join(names)}"
        raise InputError(message)
    chosen = names[0] if name is None else name
    if chosen not in names:
        raise InputError.unknown("cluster", chosen, names)
    windows = stats.choose_windows(
        recorded.table("events"), clusters=stats.select_cluster(recorded.cluster_table, chosen),
        start=None, end=None, capture_start=recorded.start, capture_end=recorded.end,
    )  # fmt: skip
    recorded = recorded.window(*stats.span(windows))
    partitions = stats.snapshots_in(recorded.table("partitions"), windows)
    if partitions.is_empty():
        message = f"the capture has no partitions of {chosen}; record it with bootstrap_servers"
        raise InputError(message)
    traffic = recorded.samples(*stats.TRAFFIC_METRICS)
    load = stats.partition_load(
        partitions,
        rates=stats.in_windows(stats.traffic_rates, traffic, windows),
        records=stats.in_windows(stats.records_appended, recorded.table("offsets"), windows),
        sizes=stats.in_windows(stats.gauge, recorded.samples("log_size_bytes"), windows),
    )
    placed = load.join(partitions.select("topic", "partition", "replicas"), on=["topic", "partition"])
    return placed, stats.snapshots_in(recorded.known_brokers(), windows)


def _json(found: Judgement) -> str:
    return json.dumps(
        {
            "bytes_to_move": found.bytes_to_move,
            "goals": found.goals.to_dicts(),
            "brokers": found.brokers.to_dicts(),
            "movements": found.movements.to_dicts(),
        },
        indent=2,
    )


def _text(found: Judgement, *, estimated: bool) -> str:
    copies, leaders = (found.movements.filter(kind=kind) for kind in ("replica", "leader"))
    size = format_quantity(found.bytes_to_move, "B")
    lines = [
        f"{len(copies)} replicas move, {size} to copy; {len(leaders)} preferred leaders change",
        "goals (partitions that break a rule; fullest broker ÷ mean):",
    ]
    for row in found.goals.iter_rows(named=True):
        name = RESOURCES[row["goal"]].words if row["goal"] in RESOURCES else row["goal"]
        change = f"{_number(row['before'])} → {_number(row['after'])}"
        lines.append(f"  {name:28} {change:18} {row['status'] or 'unknown'}")
    lines.append("bytes stored on each broker:")
    for row in found.brokers.iter_rows(named=True):
        before, after = (format_quantity(row[f"size_bytes_{when}"], "B") for when in ("before", "after"))
        rack = f" in {row['rack']}" if row["rack"] else ""
        lines.append(f"  {row['broker']}{rack}: {before} → {after}")
    note = (
        "Traffic per partition is an estimate: a topic's bytes, shared out by the records of its partitions."
    )
    return "\n".join([*lines, *([note] if estimated else [])])


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3g}"
