"""Prove on real brokers that a plan does what it says: carry it out by its own text, measure, and undo it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kafka_analysis.plan.execution.files import execution_files
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.plan import ExecutionPlan, plan_execution
from kafka_analysis.plan.rebalance.plan import RebalancePlan, plan_rebalance
from testbed import proof_cluster, running
from testbed.admin import Admin, Place
from testbed.clusters import State
from testbed.plan_commands import CLIENT, Command, Shell, of_batch, sections
from testbed.proof_cluster import Seen
from testbed.waiting import wait_for
from testbed.watching import Watch, watching

COPIED_WITHIN_S = 300
PAUSE_S = (
    11.0  # as long as Kafka remembers what a throttle let pass: the least after which a batch starts afresh
)
CHECKS = "Before the start and before each batch"
THROTTLE = "The throttle"


@dataclass(frozen=True)
class Run:
    """How a batch, or the undoing of one, went.

    ``leaders``: before it; ``watch``: the reassignments meanwhile; ``seconds``: from its first command to the end of
    its last one; ``ended``: when it was over, on the clock of ``time.monotonic``.
    """

    batch: int
    leaders: Mapping[Place, int]
    watch: Watch
    seconds: float
    ended: float


@dataclass(frozen=True)
class Proof:
    """The plans; what Kafka said before, after, and when all was undone; how each batch went; what checks printed."""

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
        say("every record is acknowledged")
        start = proof_cluster.seen(state)
        rebalance, execution = plan(state, throttle_bytes_per_s)
        text = write_files(execution, state.run_dir / "plan")
        say(f"planned: {execution.batches.height} batches")
        shell, parts = Shell(state, state.run_dir / "plan"), sections(text)
        return _carried_out(shell, parts, rebalance, execution, start, say=say)
    finally:
        running.down(run_dir, keep=False)


def plan(state: State, throttle_bytes_per_s: float) -> tuple[RebalancePlan, ExecutionPlan]:
    """Plan from a capture of the running cluster."""
    partitions, brokers = proof_cluster.captured(state, state.run_dir / "capture")
    rebalance = plan_rebalance(partitions, brokers)
    limits = ExecutionLimits(
        throttle_bytes_per_s=throttle_bytes_per_s, pause_s=PAUSE_S, max_concurrent_movements=5
    )
    return rebalance, plan_execution(partitions, brokers, rebalance.changes(), limits=limits)


def write_files(execution: ExecutionPlan, folder: Path) -> str:
    """Write the plan's files, and the client's settings, into a new folder; return the text of plan.md."""
    files = execution_files(execution)
    folder.mkdir()
    for name, text in (files | {CLIENT: "client.id=proof\n"}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return files["plan.md"]


def _carried_out(
    shell: Shell,
    parts: Mapping[str, list[Command]],
    rebalance: RebalancePlan,
    execution: ExecutionPlan,
    start: Seen,
    *,
    say: running.Say,
) -> Proof:
    """Carry out every batch as plan.md says, then undo them from the last to the first."""
    batches = [commands for title, commands in parts.items() if title.startswith("Batch ")]
    numbered = list(enumerate(batches, start=1))
    checks = {one.arguments[-1]: shell(one) for one in parts[CHECKS]}
    forward = _runs(
        shell, [(n, of_batch(commands, undo=False)) for n, commands in numbered], pause_s=PAUSE_S, say=say
    )
    after = proof_cluster.seen(shell.state)
    checks |= {one.arguments[-1]: shell(one) for one in parts[THROTTLE]}
    backward = _runs(
        shell, [(n, of_batch(commands, undo=True)) for n, commands in numbered[::-1]], pause_s=0, say=say
    )
    back = proof_cluster.seen(shell.state)
    return Proof(rebalance, execution, start, after, back, forward, backward, checks)


def _runs(
    shell: Shell, batches: Sequence[tuple[int, list[Command]]], *, pause_s: float, say: running.Say
) -> tuple[Run, ...]:
    """Run batches, with a pause after each that copied something: undoing promises no time and needs none."""
    runs: list[Run] = []
    for number, commands in batches:
        if runs and runs[-1].watch.moving_looks:
            _wait_until(runs[-1].ended + pause_s)
        runs.append(run_batch(shell, number, commands))
        say(f"{commands[0].file}: {runs[-1].watch.seconds:.1f} s of copying")
    return tuple(runs)


def _wait_until(moment: float) -> None:
    left = moment - time.monotonic()
    wait_for(lambda: time.monotonic() >= moment, "the end of the pause", within_s=max(left, 0) + 1)


def run_batch(shell: Shell, number: int, commands: Sequence[Command]) -> Run:
    """Run a batch's commands one after the other, watched from before the first to after the last.

    Raises
    ------
    TestbedError
        If the copying does not end in time.
    """
    leaders = Admin(shell.state.source.bootstrap).leaders()
    with watching(shell.state.source.bootstrap) as watch:
        began = time.monotonic()
        for command in commands:
            if command.has("--verify"):
                _verify(shell, command, watch)
            else:
                shell(command)
        ended = time.monotonic()
    return Run(number, leaders, watch, ended - began, ended)


def _verify(shell: Shell, command: Command, watch: Watch) -> None:
    """Repeat a verification until every partition is complete, first when nothing is seen to move any more."""
    where = shell.state.run_dir / shell.state.source.name
    wait_for(
        lambda: watch.at_rest, "the end of the copying", within_s=COPIED_WITHIN_S, every_s=0.1, where=where
    )
    wait_for(
        lambda: verified(shell(command, tolerate=True)), "the end of the batch", within_s=60, where=where
    )


def verified(said: str) -> bool:
    """Tell whether every partition of a reassignment is complete, by the words of the tool.

    Examples
    --------
    >>> verified("Reassignment of partition a-0 is completed.\\nClearing broker-level throttles on brokers 1,2")
    True
    >>> verified("Reassignment of partition a-0 is still in progress.")
    False
    """
    lines = [line for line in said.splitlines() if line.startswith("Reassignment of partition ")]
    return bool(lines) and all(line.endswith("is completed.") for line in lines)
