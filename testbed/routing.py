"""The routing table of a run: made from the scenario, written version by version, followed by the load."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from kafka_analysis.plan.routing.build import build_routing
from kafka_analysis.plan.routing.diff import routing_diff
from kafka_analysis.plan.routing.table import RoutingTable
from kafka_analysis.routing.files import read_routing, write_routing
from testbed.clusters import State
from testbed.errors import TestbedError
from testbed.scenario import TopicSpec

FILE = "routing.json"
FOLDER = "routing"


def producer_of(topic: TopicSpec) -> str:
    """Return the client id of a topic's producer."""
    return f"{topic.team}.{topic.name}.producer"


def begin(state: State) -> RoutingTable:
    """Return the run's table: the one it has already, or its first, with everything on the source."""
    path = state.run_dir / FILE
    return read_routing(path) if path.exists() else _kept(state, first_table(state))


def first_table(state: State) -> RoutingTable:
    """Make the table of a scenario's split."""
    scenario = state.scenario
    flows = [(producer_of(topic), "producer", topic.name) for topic in scenario.topics]
    flows += [(group.name, "group", topic) for group in scenario.groups for topic in group.topics]
    used = pl.DataFrame(flows, schema=["client", "kind", "topic"], orient="row")
    topics = pl.DataFrame(
        [(topic.name, topic.cell, topic.wave) for topic in scenario.topics],
        schema={"topic": pl.String, "cell": pl.String, "wave": pl.Int32},
        orient="row",
    )
    transactional = [producer_of(topic) for topic in scenario.topics if topic.shape == "transactional"]
    cells = set(topics["cell"].drop_nulls())
    return build_routing(
        topics,
        used.select("client", "kind").unique(),
        used,
        source=state.source.name,
        bootstrap={c.name: c.bootstrap for c in state.clusters if c.name in cells | {state.source.name}},
        waves=topics.drop_nulls("wave"),
        transactional=pl.DataFrame({"client": transactional, "kind": ["producer"] * len(transactional)}).cast(
            pl.String
        ),
        created_at=datetime.now(UTC),
    )


def publish(state: State, before: RoutingTable, after: RoutingTable) -> RoutingTable:
    """Write the next version for the load to follow, keep it beside the others, and return it.

    Raises
    ------
    TestbedError
        If it must not follow the one before it.
    """
    jumps = routing_diff(before, after).filter(pl.col("step") == "jump")
    if len(jumps):
        first = jumps.row(0, named=True)
        message = f"version {after.version} of the routing table: {first['name']} {first['why']}"
        raise TestbedError(message)
    return _kept(state, after.model_copy(update={"created_at": datetime.now(UTC)}))


def _kept(state: State, table: RoutingTable) -> RoutingTable:
    folder = state.run_dir / FOLDER
    folder.mkdir(exist_ok=True)
    write_routing(table, folder / f"routing-{table.version:04}.json")
    write_routing(table, state.run_dir / FILE)
    return table


def keep_beside(capture: Path, run_dir: Path) -> Path:
    """Copy every version of the table to a folder beside a capture, and return that folder."""
    folder = capture.with_name(f"{capture.name}.routing")
    shutil.copytree(run_dir / FOLDER, folder, dirs_exist_ok=True)
    return folder
