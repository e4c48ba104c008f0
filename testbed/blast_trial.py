"""Outages of one small cluster, for tests: a broker killed and returned, then the whole cluster."""

from __future__ import annotations

import sys
from pathlib import Path

from testbed import running
from testbed.clusters import State
from testbed.errors import TestbedError
from testbed.load.control import Load
from testbed.profile import PROFILE
from testbed.recording import capturing
from testbed.scenario import Scenario, load_scenario
from testbed.timeline import Journal, Timeline

TOPICS = ("orders.created", "ledger", "audit.trail", "search.queries")
INTERVAL_S = 2.0
FAULT_S, STOP_S = 15, 12
MISSED_MS = 4000  # a broker is missed so soon
PATIENCE_S = 3  # the capture waits no longer for a partition that nobody leads


def scenario() -> Scenario:
    """Return the source of the blast scenario alone, with some of its topics, and brokers that are soon missed."""
    whole = load_scenario("blast")
    settings = {**whole.source.settings, "broker.session.timeout.ms": str(MISSED_MS)}
    source = whole.source.model_copy(update={"settings": settings})
    chosen = [topic for topic in whole.topics if topic.name in TOPICS]
    topics = tuple(topic.model_copy(update={"cell": None, "wave": None}) for topic in chosen)
    groups = tuple(group for group in whole.groups if set(group.topics) <= set(TOPICS))
    faults = whole.faults.model_copy(update={"cell": source.name}) if whole.faults else None
    return Scenario(
        name="blast-trial", seed=whole.seed, scrape_interval_s=INTERVAL_S, clusters=(source,), topics=topics,
        groups=groups, phases=whole.phases, faults=faults,
    )  # fmt: skip


def record(out: Path, *, run_dir: Path) -> None:
    """Start the cluster, capture both outages under load, and take it down.

    Raises
    ------
    TestbedError
        If any step fails, or something that was sent is not acknowledged in the end; nothing is left running.
    """
    state = running.up(scenario(), run_dir=run_dir, say=print)
    with running.taken_down_on_failure(run_dir):
        profile = run_dir / PROFILE
        text = f"admin_timeout_s = {PATIENCE_S}\n{profile.read_text(encoding='utf-8')}"
        profile.write_text(text, encoding="utf-8")
        _outages(state, out)
    running.down(run_dir, keep=False)


def _outages(state: State, out: Path) -> None:
    load, journal = Load(state), Journal(print)
    try:
        load.start()
        with capturing(state, out, journal):
            timeline = Timeline(state, load, journal, out.with_name("judges"))
            timeline.lose_broker(state.source, 2, FAULT_S)
            timeline.stop_cell(state.source, STOP_S)
            timeline.pause()
    finally:
        load.stop()
    if load.problems:
        raise TestbedError(load.problems[0])


if __name__ == "__main__":
    record(Path(sys.argv[1]), run_dir=Path(sys.argv[2]))
