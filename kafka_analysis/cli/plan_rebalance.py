"""``kafka-analysis plan rebalance``: the fewest bytes that make a cluster even, as files for Kafka's own tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kafka_analysis.cli.errors import told
from kafka_analysis.cli.output_folder import check_folder, write_folder
from kafka_analysis.cli.plan_input import (
    bound_lines,
    duration_words,
    evidence_lines,
    goal_lines,
    read_bytes,
    recorded_cluster,
)
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.resources import TOLERANCE
from kafka_analysis.model.units import format_quantity

if TYPE_CHECKING:
    import polars as pl

    from kafka_analysis.plan.execution.plan import ExecutionPlan
    from kafka_analysis.plan.rebalance.plan import RebalancePlan


def rebalance(
    capture: Annotated[
        Path | None,
        typer.Argument(metavar="[CAPTURE]", help="Folder of the capture, unless files are given."),
    ] = None,
    *,
    out: Annotated[Path, typer.Option(help="Folder for the plan's files; absent or empty.")],
    cluster: Annotated[str | None, typer.Option(help="Which cluster, where the capture has several.")] = None,
    assignment: Annotated[
        Path | None,
        typer.Option(
            help="Instead of a capture: what kafka-reassign-partitions --generate prints, or JSON of it."
        ),
    ] = None,
    loads: Annotated[
        Path | None,
        typer.Option(
            help="With --assignment: what kafka-log-dirs prints, or CSV of topic, partition, size_bytes, rates."
        ),
    ] = None,
    brokers: Annotated[
        Path | None,
        typer.Option(help="CSV of broker, rack, capacities, cordoned; else as recorded or as replicas say."),
    ] = None,
    resource: Annotated[
        list[str] | None, typer.Option(help="What is to be even [default: all that is known].")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(min=0, help="Fraction of its share a broker may carry more or less.")
    ] = TOLERANCE,
    max_moved_bytes: Annotated[float | None, typer.Option(help="Do as much as that allows.")] = None,
    max_movements: Annotated[int | None, typer.Option(help="Do as much as that allows.")] = None,
    leaders_only: Annotated[bool, typer.Option("--leaders-only", help="Move no replica.")] = False,
    include_topic: Annotated[
        list[str] | None, typer.Option(help="Only these (shell patterns) change.")
    ] = None,
    exclude_topic: Annotated[list[str] | None, typer.Option(help="These (shell patterns) stay.")] = None,
    remove_broker: Annotated[list[int] | None, typer.Option(help="Empty this broker.")] = None,
    add_broker: Annotated[
        list[int] | None, typer.Option(help="Fill this broker, with no movement between the others.")
    ] = None,
    drain_above: Annotated[
        float | None, typer.Option(help="Only brokers above this multiple of their share give replicas away.")
    ] = None,
    pin: Annotated[
        list[str] | None, typer.Option(metavar="TOPIC:PARTITION", help="This partition stays as it is.")
    ] = None,
    replication_factor: Annotated[
        list[str] | None, typer.Option(metavar="TOPIC=COPIES", help="How many copies a topic is to have.")
    ] = None,
    throttle: Annotated[
        float | None, typer.Option(help="Bytes per second for copying [default: advised per batch].")
    ] = None,
    flavour: Annotated[
        str | None, typer.Option(help="msk-standard or msk-express: keep MSK's rules.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same input and seed give the same plan.")] = 0,
    time_limit: Annotated[float | None, typer.Option(help="Seconds; what was found so far is taken.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Plan a rebalance and write it as reassignments, rollbacks and a plan to read (plan.md) in batches.

    Exit codes: 0 done (also where some goals cannot be met: they are told), 2 wrong use or a rule that cannot be kept
    (nothing written). The last line printed is the folder.
    """
    from kafka_analysis.plan.execution.files import execution_files
    from kafka_analysis.plan.execution.limits import ExecutionLimits
    from kafka_analysis.plan.execution.plan import plan_execution
    from kafka_analysis.plan.rebalance.plan import plan_rebalance
    from kafka_analysis.plan.rebalance.reachable import unmet

    with told():
        check_folder(out)
        partitions, known, recorded_flavour = _cluster(capture, cluster, assignment, loads, brokers)
        plan = plan_rebalance(
            partitions,
            known,
            resources=resource or None,
            tolerance=tolerance,
            max_moved_bytes=max_moved_bytes,
            max_movements=max_movements,
            leaders_only=leaders_only,
            include_topics=include_topic or None,
            exclude_topics=exclude_topic or (),
            remove_brokers=remove_broker or (),
            add_brokers=add_broker or (),
            drain_above=drain_above,
            pinned=[_pinned(word) for word in pin or ()],
            replication_factor=dict(_copies(word) for word in replication_factor or ()),
            seed=seed,
            time_limit=time_limit,
        )
        execution = plan_execution(
            partitions,
            known,
            plan.changes(),
            limits=ExecutionLimits(throttle_bytes_per_s=throttle),
            flavour=flavour or recorded_flavour,
            remarks=unmet(plan.summary),
        )
        whole = {"reassignment.json": plan.reassignment_json(), "rollback.json": plan.rollback_json()}
        write_folder(out, whole | execution_files(execution))
    typer.echo(_json(plan, execution) if as_json else _text(plan, execution, partitions), err=not as_json)
    typer.echo(str(out), err=as_json)


def _cluster(
    capture: Path | None, name: str | None, assignment: Path | None, loads: Path | None, brokers: Path | None
) -> tuple[pl.DataFrame, pl.DataFrame, str | None]:
    from kafka_analysis.plan.files.plain_files import read_brokers, read_cluster

    table = None if brokers is None else read_bytes(brokers)
    if capture is not None and assignment is None and loads is None:
        partitions, known, flavour = recorded_cluster(capture, name)
        return partitions, known if table is None else read_brokers(table), flavour
    if capture is None and assignment is not None and loads is not None:
        return *read_cluster(read_bytes(assignment), loads=read_bytes(loads), brokers=table), None
    raise InputError("give a CAPTURE, or --assignment and --loads (and --brokers for racks and capacities)")


def _pinned(word: str) -> tuple[str, int]:
    topic, _, number = word.rpartition(":")
    if not topic or not number.isdecimal():
        message = f"--pin {word!r}: it must be TOPIC:PARTITION, such as orders:3"
        raise InputError(message)
    return topic, int(number)


def _copies(word: str) -> tuple[str, int]:
    topic, _, number = word.rpartition("=")
    if not topic or not number.isdecimal():
        message = f"--replication-factor {word!r}: it must be TOPIC=COPIES, such as orders=3"
        raise InputError(message)
    return topic, int(number)


def _json(plan: RebalancePlan, execution: ExecutionPlan) -> str:
    found = plan.summary
    return json.dumps(
        {
            "bytes_to_move": found.bytes_to_move,
            "lower_bound_bytes": found.lower_bound_bytes,
            "cannot": list(found.cannot),
            "cannot_be_copied": found.left_out.to_dicts(),
            "movements": found.movements,
            "leader_changes": found.leader_changes,
            "seconds_low": execution.seconds_low,
            "seconds": execution.seconds,
            "seconds_high": execution.seconds_high,
            "batches": len(execution.batches),
            "goals": found.goals.to_dicts(),
            "brokers": found.brokers.to_dicts(),
            "assumptions": [*found.assumptions, *execution.assumptions],
            "warnings": list(execution.warnings),
        },
        indent=2,
    )


def _text(plan: RebalancePlan, execution: ExecutionPlan, partitions: pl.DataFrame) -> str:
    found = plan.summary
    copies = partitions["replicas"].list.len()
    stored = float((partitions["size_bytes"] * copies).sum())
    moved, of = (format_quantity(size, "B") for size in (found.bytes_to_move, stored))
    lines = [
        f"{found.movements} replicas move, {moved} of {of} to copy; {found.leader_changes} preferred leaders change",
        *bound_lines(found),
        f"takes {duration_words(execution)}",
        *goal_lines(found.goals),
    ]
    return "\n".join([*lines, *found.assumptions, *execution.warnings, *evidence_lines(partitions)])
