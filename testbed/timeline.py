"""The migration itself, step by step, written down as events while it happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from kafka_analysis.model.parameters.cutover import Stage
from kafka_analysis.plan.routing.moves import move_groups, move_topics
from testbed import brokers, judges, rebalance
from testbed.admin import Admin, Place
from testbed.clusters import Cluster, State
from testbed.cutover import Wave
from testbed.errors import TestbedError
from testbed.load.control import Load
from testbed.load.truth_table import acknowledged_bytes
from testbed.mirror import behind, start_mirror
from testbed.tools import ELECTION, REASSIGN, run_tool
from testbed.waiting import wait_for
from testbed.wave_checks import WaveChecks

BASELINE_SCRAPES = 4  # under load before a fault: what it was like must be on record
LEAST_BASELINE_S = 20.0  # on a busy machine a scrape takes longer than a short interval
QUIET_SCRAPES = 1.5  # on each side of a window's edge: a scrape before and one after it see the same counters
CATCH_UP_WITHIN_S = 600
REASSIGN_WITHIN_S = 180
CHECKS_AT_A_GATE = 6  # what is behind on a busy machine catches up
EVENTS = {
    "ts": pl.Datetime("ms", "UTC"),
    "cluster": pl.String,
    "name": pl.String,
    "kind": pl.String,
    "wave": pl.Int32,
    "detail": pl.String,
}
Say = Callable[[str], None]


@dataclass
class Journal:
    """The events so far."""

    say: Say
    before_each: Callable[[], None] = lambda: None
    rows: list[tuple[datetime, str, str, str, int | None, str]] = field(default_factory=list)

    def note(self, cluster: str, name: str, kind: str, detail: str, *, wave: int | None = None) -> None:
        """Write an event down, now."""
        self.before_each()
        self.rows.append((datetime.now(UTC), cluster, name, kind, wave, detail))
        self.say(f"{name}: {detail}")

    def table(self) -> pl.DataFrame:
        """Return the events table."""
        return pl.DataFrame(self.rows, schema=EVENTS, orient="row")


def go_through(
    state: State,
    journal: Journal,
    *,
    judges_dir: Path,
    beside: AbstractContextManager[None],
    checks: WaveChecks | None = None,
) -> None:
    """Run load and timeline on a testbed that is up, with `beside` (a capture, say) around the timeline."""
    load = Load(state)
    try:
        load.start()
        with beside:
            Timeline(state, load, journal, judges_dir, checks).run()
    finally:
        load.stop()


@dataclass
class Timeline:
    """A running testbed, its load, its journal, and the folder the judges' answers go to."""

    state: State
    load: Load
    journal: Journal
    judges_dir: Path
    checks: WaveChecks | None = None
    _running: bool = False

    def run(self) -> None:
        """Go through the whole scenario."""
        phases = self.state.scenario.phases
        self.warm_up(phases.warm_up_s)
        self.judged("baseline", phases.baseline_s, judge=True)
        if phases.fault_s:
            self.lose_broker(self.state.source, self.state.scenario.faults.source_broker, phases.fault_s)
        if phases.rebalanced_s:
            self.rebalance()
            self.judged("rebalanced", phases.rebalanced_s)
        self.replicate()
        if phases.replicating_s:
            self.judged("replicating", phases.replicating_s)
        for wave in self.state.scenario.waves:
            self.cut_over(wave)
        self.judged("after", phases.after_s)
        if phases.cell_fault_s:
            faults = self.state.scenario.faults
            self.lose_broker(self.state.cluster(faults.cell), faults.cell_broker, phases.cell_fault_s)
        if phases.cell_stop_s:
            self.stop_cell(self.state.cluster(self.state.scenario.faults.cell), phases.cell_stop_s)
        self.pause()
        self.quiet()
        for cluster in self.state.clusters:
            judges.ask(self.state, cluster, moment="end", folder=self.judges_dir)

    # Load

    def resume(self) -> None:
        """Let all producers send, if they do not already."""
        if not self._running:
            self.load.resume()
            self._running = True

    def pause(self) -> None:
        """Stop all producers; everything they sent is acknowledged when this returns."""
        if self._running:
            self.load.pause()
            self._running = False

    def quiet(self) -> None:
        """Wait until the collector has seen the counters at rest."""
        time.sleep(QUIET_SCRAPES * self.state.scenario.scrape_interval_s)

    def warm_up(self, seconds: float) -> None:
        """Run the load until caches, groups and rates have settled; then the stopped groups stop."""
        self.resume()
        time.sleep(seconds)
        for group in self.state.scenario.groups:
            if group.behaviour == "stopped":
                version = self.load.follow(move_groups(self.load.table, [group.name], paused=True))
                detail = f"{group.name} stopped reading for good; routing table version {version}"
                self.journal.note(self.state.source.name, "group stopped", "note", detail)

    def judged(self, phase: str, seconds: float, *, judge: bool = False) -> None:
        """Run the load for a window with both edges at rest, so that it holds everything sent in it."""
        source = self.state.source.name
        self.pause()
        self.quiet()
        if judge:
            self.journal.note(
                source, "judges asked", "note", "Kafka's own tools asked for sizes, offsets, groups"
            )
            judges.ask(self.state, self.state.source, moment=phase, folder=self.judges_dir)
        retries, problems = self.load.retries, len(self.load.problems)
        detail = f"load is paused, resumes after the next scrape and runs for {seconds:.0f} s"
        self.journal.note(source, f"{phase}:start", "load", detail)
        self.quiet()
        self.resume()
        time.sleep(seconds)
        self.pause()
        self.quiet()
        again, failed = self.load.retries - retries, self.load.problems[problems:]
        problems_text = "".join(f"; {text}" for text in failed[:3])
        detail = f"load is paused, all acknowledged; {again} requests sent again, {len(failed)} errors"
        self.journal.note(source, f"{phase}:end", "load", detail + problems_text)
        self.quiet()

    # What happens to the clusters

    def lose_broker(self, cluster: Cluster, broker: int, seconds: float) -> None:
        """Kill a broker under load, leave it dead, return it, and wait for complete ISRs."""
        self.baseline()
        self.journal.note(
            cluster.name,
            "broker killed",
            "fault",
            f"broker {broker} of {cluster.name} got SIGKILL under load",
        )
        brokers.kill_broker(self.state, cluster, broker)
        time.sleep(seconds)
        self.journal.note(
            cluster.name,
            "broker returned",
            "recovery",
            f"broker {broker} of {cluster.name} is started again",
        )
        took = brokers.return_broker(self.state, cluster, broker)
        detail = f"all partitions of {cluster.name} in sync, {took:.0f} s after broker {broker} was started"
        self.journal.note(cluster.name, "in sync again", "recovery", detail)

    def stop_cell(self, cluster: Cluster, seconds: float) -> None:
        """Kill all brokers of a cell under load, leave it dead, return it, and wait for complete ISRs."""
        name = cluster.name
        whole = f"brokers {', '.join(str(node.id) for node in cluster.nodes)} of {name}"
        self.baseline()
        self.journal.note(name, "cell stopped", "fault", f"{whole} got SIGKILL under load")
        brokers.kill_cluster(self.state, cluster)
        time.sleep(seconds)
        self.journal.note(name, "cell returned", "recovery", f"{whole} are started again")
        took = brokers.return_cluster(self.state, cluster)
        detail = f"all partitions of {name} in sync, {took:.0f} s after its brokers were started"
        self.journal.note(name, "in sync again", "recovery", detail)

    def baseline(self) -> None:
        """Run the load until what it is like before a fault is on record."""
        self.resume()
        time.sleep(max(BASELINE_SCRAPES * self.state.scenario.scrape_interval_s, LEAST_BASELINE_S))

    def rebalance(self) -> None:
        """Compute a rebalance, let Kafka's own tool execute it, and elect preferred leaders."""
        source = self.state.source
        admin = Admin(source.bootstrap)
        weights = acknowledged_bytes(self.state.run_dir / "truth")
        racks = {node.id: node.rack for node in source.nodes}
        now = {place: replicas for place, replicas in admin.replicas().items() if place in weights}
        changes = rebalance.rebalanced(now, weights, racks)
        path = self.state.run_dir / "reassignment.json"
        path.write_text(rebalance.reassignment_json(changes), encoding="utf-8")
        self.resume()
        self.journal.note(source.name, "rebalance", "plan", _described(changes, now))
        where = ["--bootstrap-server", source.bootstrap]
        run_tool(self.state, REASSIGN, [*where, "--execute", "--reassignment-json-file", str(path)])
        verify = [*where, "--verify", "--reassignment-json-file", str(path)]

        def verified() -> bool:
            return run_tool(self.state, REASSIGN, verify, tolerate=True).count("is completed") == len(changes)

        wait_for(verified, "the end of the reassignment", within_s=REASSIGN_WITHIN_S)
        run_tool(self.state, ELECTION, [*where, "--election-type", "preferred", "--all-topic-partitions"])
        leads = {place: replicas[0] for place, replicas in admin.replicas().items() if replicas}
        wait_for(lambda: admin.leaders() == leads, "preferred leaders everywhere", within_s=60)
        self.journal.note(
            source.name, "rebalance done", "plan", "reassignment verified, preferred leaders elected"
        )

    def replicate(self) -> None:
        """Start MirrorMaker 2 under load, and wait until it has caught up."""
        source, topics = self.state.source.name, [t.name for t in self.state.scenario.topics if t.cell]
        cells = ", ".join(cell.name for cell in self.state.targets)
        self.resume()
        self.journal.note(
            source, "mirror start", "replication", f"MirrorMaker 2 starts, from {source} to {cells}"
        )
        start_mirror(self.state)
        self.pause()
        last = self.load.last_readable
        what = "MirrorMaker's catching up"
        where = self.state.run_dir / "mirror"
        wait_for(
            lambda: not behind(self.state, last, topics),
            what,
            within_s=CATCH_UP_WITHIN_S,
            every_s=1,
            where=where,
        )
        version = self.load.follow(move_topics(self.load.table, topics, state="dual"))
        detail = f"{len(topics)} topics mirrored to their last record; routing table version {version}"
        self.journal.note(source, "mirror caught up", "replication", detail)

    def cut_over(self, number: int) -> None:
        """Move a wave's topics, their producers and their consumers to the cells."""
        topics = [topic for topic in self.state.scenario.topics if topic.wave == number]
        wave = Wave(self.state, self.load, [topic.name for topic in topics])
        cells = sorted({str(topic.cell) for topic in topics})
        self.resume()
        self.checked(number, "prepared")
        for cell in cells:
            names = ", ".join(topic.name for topic in topics if topic.cell == cell)
            self.journal.note(cell, f"wave-{number}", "cutover", f"cut-over of {names} begins", wave=number)
        stopped_s = wave.move_producers(gate=lambda: self.checked(number, "producers stopped"))
        moved = f"routing table version {self.load.table.version}"
        for cell in cells:
            detail = f"producers send to {cell}, {stopped_s:.0f} s later; the mirror held all they had sent"
            detail += f"; {moved}"
            self.journal.note(cell, f"wave-{number} producers", "cutover", detail, wave=number)
        gate = None if self.checks is None else lambda: self.checked(number, "consumers stopped")
        for moved in wave.move_groups(gate=gate):
            self.journal.note(moved.cell, f"wave-{number} group", "cutover", str(moved), wave=number)

    def checked(self, number: int, stage: Stage) -> None:
        """Ask the cut-over check whether a wave may pass a gate; only go lets it.

        Raises
        ------
        TestbedError
            If it says anything else, time after time.
        """
        if self.checks is None:
            return
        source = self.state.source.name
        for _ in range(CHECKS_AT_A_GATE):
            checked = self.checks.check(number, stage)
            self.journal.note(source, f"wave-{number} check", "note", str(checked), wave=number)
            if checked.is_go:
                return
        message = f"wave {number} may not move: {checked}"
        raise TestbedError(message)


def _described(changes: dict[Place, list[int]], now: dict[Place, list[int]]) -> str:
    moved = sum(set(replicas) != set(now[place]) for place, replicas in changes.items())
    led = sum(replicas[0] != now[place][0] for place, replicas in changes.items())
    return f"{len(changes)} partitions change: {moved} replicas move, {led} preferred leaders change"
