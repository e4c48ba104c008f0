"""Prove on real brokers that a plan does what it says: carry it out by its own text, measure, and undo it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kafka_analysis.plan.execution import ExecutionPlan, plan_execution
from kafka_analysis.plan.execution_files import execution_files
from kafka_analysis.plan.execution_limits import ExecutionLimits
from kafka_analysis.plan.rebalance import RebalancePlan, plan_rebalance
from testbed import proof_cluster, running
from testbed.admin import Admin, Place
from testbed.clusters import State
from testbed.plan_commands import CLIENT, Command, Shell, of_batch, sections
from testbed.proof_cluster import Seen
from testbed.waiting import wait_for
from testbed.watching import Watch, watching

VERIFIED_WITHIN_S = 300
ELECTED_WITHIN_S = 30
CHECKS = "Before the start and before each batch"
THROTTLE = "The throttle"


@dataclass(frozen=True)
class Run:
    """A batch, or the undoing of one, as it went: what was watched, and the seconds of all its commands together."""

    batch: int
    leaders: Mapping[Place, int]
    watch: Watch
    command_seconds: float
    verifications: int


@dataclass(frozen=True)
class Proof:
    """The plan, what Kafka said before it, after it and after its undoing, and how each batch went."""

    rebalance: RebalancePlan
    execution: ExecutionPlan
    start: Seen
    after: Seen
    back: Seen
    forward: tuple[Run, ...]
    backward: tuple[Run, ...]
    checks: Mapping[str, str]


def prove(run_dir: Path, *, throttle_bytes_per_s: float, say: running.Say) -> Proof:
    """Start a cluster, plan, carry the plan out, undo it, and take the cluster down.

    Raises
    ------
    TestbedError
        If a tool is missing, a broker does not start, or a batch does not end; nothing is left running.
    """
    state = running.up(proof_cluster.scenario(), run_dir=run_dir, say=say)
    try:
        proof_cluster.fill(state)
        say("filled")
        rebalance, execution = plan(state, throttle_bytes_per_s)
        text = write_files(execution, state.run_dir / "plan")
        say(f"planned: {execution.batches.height} batches")
        return carry_out(state, rebalance, execution, text, say=say)
    finally:
        running.down(run_dir, keep=False)


def plan(state: State, throttle_bytes_per_s: float) -> tuple[RebalancePlan, ExecutionPlan]:
    """Plan from a capture of the running cluster."""
    partitions, brokers = proof_cluster.captured(state, state.run_dir / "capture")
    rebalance = plan_rebalance(partitions, brokers)
    limits = ExecutionLimits(throttle_bytes_per_s=throttle_bytes_per_s, pause_s=0)
    return rebalance, plan_execution(partitions, brokers, rebalance.changes(), limits=limits)


def write_files(execution: ExecutionPlan, folder: Path) -> str:
    """Write the plan's files, and the client's settings, into a new folder; return the text of plan.md."""
    files = execution_files(execution)
    folder.mkdir()
    for name, text in (files | {CLIENT: "client.id=proof\n"}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return files["plan.md"]


def carry_out(
    state: State, rebalance: RebalancePlan, execution: ExecutionPlan, text: str, *, say: running.Say
) -> Proof:
    """Carry out every batch as plan.md says, then undo them from the last to the first."""
    shell, parts = Shell(state, state.run_dir / "plan"), sections(text)
    batches = [commands for title, commands in parts.items() if title.startswith("Batch ")]
    start = proof_cluster.seen(state)
    said = {f"before: {one.arguments[-1]}": shell(one) for one in parts[CHECKS]}
    forward = []
    for number, commands in enumerate(batches, start=1):
        forward.append(run_batch(shell, number, of_batch(commands, undo=False)))
        say(f"batch {number}: {forward[-1].watch.seconds:.1f} s of {forward[-1].command_seconds:.1f} s")
    after = proof_cluster.seen(state)
    said |= {f"after: {one.arguments[-1]}": shell(one) for one in parts[THROTTLE]}
    backward = []
    for number, commands in reversed(list(enumerate(batches, start=1))):
        backward.append(run_batch(shell, number, of_batch(commands, undo=True)))
        say(f"undid {number}: {backward[-1].watch.seconds:.1f} s of {backward[-1].command_seconds:.1f} s")
    back = proof_cluster.seen(state)
    return Proof(rebalance, execution, start, after, back, tuple(forward), tuple(backward), said)


def run_batch(shell: Shell, number: int, commands: list[Command]) -> Run:
    """Run a batch's commands one after the other, watched from before the first to after the last."""
    admin = Admin(shell.state.source.bootstrap)
    leaders = admin.leaders()
    verifications = 0
    with watching(shell.state.source.bootstrap) as watch:
        began = time.monotonic()
        for command in commands:
            if command.has("--verify"):
                wait_for(lambda: not watch.looks[-1].adding, "the end of the copying", within_s=VERIFIED_WITHIN_S, every_s=0.1)
                verifications += _verified(shell, command)
            else:
                shell(command)
        took = time.monotonic() - began
    return Run(number, leaders, watch, took, verifications)


def _verified(shell: Shell, command: Command) -> int:
    """Repeat a verification until every partition is complete; return how often it was asked."""
    answers: list[str] = []

    def complete() -> bool:
        answers.append(shell(command, tolerate=True))
        return "is completed" in answers[-1] and "still in progress" not in answers[-1]

    wait_for(complete, "the end of the reassignment", within_s=VERIFIED_WITHIN_S)
    return len(answers)
