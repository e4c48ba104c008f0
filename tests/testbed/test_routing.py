from __future__ import annotations

from pathlib import Path

import pytest

from kafka_analysis.plan.routing.moves import move_topics
from kafka_analysis.plan.routing.validate import validate_routing
from kafka_analysis.routing.files import read_routing
from testbed import routing
from testbed.clusters import State, lay_out, ports_needed
from testbed.errors import TestbedError
from testbed.scenario import load_scenario


def state(name: str, run_dir: Path) -> State:
    scenario = load_scenario(name)
    return lay_out(scenario, range(1000, 1000 + ports_needed(scenario)), run_dir=run_dir, lib=run_dir)


@pytest.mark.parametrize("name", ["full", "short"])
def test_the_first_table_has_every_topic_and_client_on_the_source(name: str, tmp_path: Path) -> None:
    run = state(name, tmp_path)
    table = routing.first_table(run)
    assert validate_routing(table, topics=[topic.name for topic in run.scenario.topics]) == []
    assert {route.state for route in table.topics} == {"source"}
    assert {(r.topic, r.cell, r.wave) for r in table.topics} == {
        (t.name, t.cell, t.wave) for t in run.scenario.topics
    }
    assert {c.client for c in table.clients if c.kind == "group"} == {g.name for g in run.scenario.groups}
    assert table.address("cell-a").bootstrap_servers == run.cluster("cell-a").bootstrap
    (till,) = [c for c in table.clients if c.client == "payments.payments.producer"]
    assert till.transactional


def test_every_version_is_kept_and_a_run_goes_on_with_the_last(tmp_path: Path) -> None:
    run = state("short", tmp_path / "run")
    run.run_dir.mkdir()
    first = routing.begin(run)
    second = routing.publish(run, first, move_topics(first, ["payments"], state="dual"))
    assert routing.begin(run) == second
    folder = routing.keep_beside(tmp_path / "capture", run.run_dir)
    assert folder == tmp_path / "capture.routing"
    kept = {path.name: read_routing(path) for path in folder.iterdir()}
    assert kept == {"routing-0001.json": first, "routing-0002.json": second}


def test_a_jump_is_not_published(tmp_path: Path) -> None:
    run = state("short", tmp_path)
    first = routing.begin(run)
    with pytest.raises(TestbedError, match="version 2 of the routing table: payments skips dual"):
        routing.publish(run, first, move_topics(first, ["payments"], state="target"))
    assert routing.begin(run) == first
