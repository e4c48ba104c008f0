from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import ValidationError

from testbed import pair
from testbed.brokers import AGENTS, server_properties
from testbed.clusters import lay_out, ports_needed
from testbed.errors import TestbedError
from testbed.scenario import SCENARIOS, Agent, ClusterSpec, Scenario, load_scenario


@pytest.mark.parametrize("name", sorted(path.stem for path in SCENARIOS.glob("*.yaml")))
def test_scenarios_of_the_project_are_valid(name: str) -> None:
    assert load_scenario(name).name == name


def test_full_scenario_is_the_issue_s_migration() -> None:
    scenario = load_scenario("full")
    source = scenario.source
    assert (source.brokers, source.controllers, len(set(source.racks))) == (6, 3, 3)
    assert sorted(spec.brokers for spec in scenario.clusters if spec.role == "target") == [3, 3]
    assert len(scenario.topics) == 24
    assert len({topic.team for topic in scenario.topics}) == 6
    assert scenario.waves == [1, 2, 3]
    assert {topic.shape for topic in scenario.topics} >= {
        "keyed",
        "compacted",
        "transactional",
        "bursty",
        "large",
        "idle",
    }
    assert {topic.replication_factor for topic in scenario.topics} == {2, 3}
    assert 0.7e6 <= sum(topic.bytes_per_s for topic in scenario.topics) <= 1.5e6
    assert {group.behaviour for group in scenario.groups} == {"steady", "slow", "stopped"}
    assert any(not group.name.isascii() for group in scenario.groups)


def test_full_scenario_is_uneven_and_breaks_the_rack_rule_once() -> None:
    scenario = load_scenario("full")
    leads = [replicas[0] for topic in scenario.topics for replicas in topic.assignment()]
    assert leads.count(1) + leads.count(2) > 0.6 * len(leads)
    racks = {broker: scenario.source.rack_of(broker) for broker in range(1, 7)}
    broken = {
        t.name for t in scenario.topics for r in t.assignment() if len({racks[b] for b in r}) < min(3, len(r))
    }
    assert broken == {"warehouse_stock"}


def test_one_group_of_the_full_scenario_reads_topics_of_both_cells() -> None:
    scenario = load_scenario("full")
    cells = {group.name: {scenario.topic(topic).cell for topic in group.topics} for group in scenario.groups}
    assert {"cell-a", "cell-b"} <= cells["fraud-detection"]


def changed(**changes: object) -> dict[str, object]:
    return {**yaml.safe_load((SCENARIOS / "short.yaml").read_text(encoding="utf-8")), **changes}


def test_agents_are_those_of_amazon_unless_a_cluster_says_otherwise() -> None:
    assert {spec.agent for name in ("full", "short") for spec in load_scenario(name).clusters} == {("msk",)}
    cluster = load_scenario("short").source.model_dump() | {"brokers": 3}
    one = ClusterSpec.model_validate(cluster | {"agent": "stock"})
    assert [one.agent_of(broker) for broker in (1, 2, 3)] == ["stock"] * 3
    several = ClusterSpec.model_validate(cluster | {"agent": ["msk", "confluent"]})
    assert [several.agent_of(broker) for broker in (1, 2, 3)] == ["msk", "confluent", "msk"]
    with pytest.raises(ValidationError, match=r"'msk', 'lowercase', 'stock', 'confluent', .* or 'koperator'"):
        ClusterSpec.model_validate(cluster | {"agent": "jolokia"})


def test_every_agent_has_its_rules() -> None:
    assert {path.stem for path in AGENTS.glob("*.yml")} == set(get_args(Agent))


def test_the_blast_scenario_holds_every_kind_of_loss() -> None:
    scenario = load_scenario("blast")
    lost = scenario.faults.source_broker
    hit = {
        (topic.name, topic.replication_factor)
        for topic in scenario.topics
        if any(lost in replicas for replicas in topic.assignment())
    }
    assert {("audit.trail", 1), ("ledger", 2), ("clicks", 2)} <= hit
    assert lost > scenario.source.controllers  # the controller stays
    assert min(scenario.phases.fault_s, scenario.phases.cell_fault_s, scenario.phases.cell_stop_s) > 3 * (
        scenario.scrape_interval_s
    )
    cells = {group.name: {scenario.topic(topic).cell for topic in group.topics} for group in scenario.groups}
    assert cells["recommendations"] == {"cell-a", "cell-b"}


TOPIC = {"name": "t", "team": "a", "shape": "plain", "partitions": 1, "bytes_per_s": 1, "record_bytes": 100}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"topics": [{**TOPIC, "placement": [[1, 1]]}], "groups": []}, "same number of different brokers"),
        ({"topics": [{**TOPIC, "placement": [[1, 9]]}], "groups": []}, "broker the source does not have"),
        (
            {"topics": [{**TOPIC, "placement": [[1]], "cell": "cell-a"}], "groups": []},
            "cell .* and wave go together",
        ),
        ({"topics": [{**TOPIC, "placement": [[1]]}] * 2, "groups": []}, "topic t is named twice"),
        ({"groups": [{"name": "g", "team": "a", "topics": ["nope"]}]}, "unknown topics"),
        (
            {"groups": [{"name": "g", "team": "a", "topics": ["clicks"], "behaviour": "slow"}]},
            "records_per_s",
        ),
        ({"clusters": []}, "exactly one cluster"),
        ({"phases": {"warm_up_s": 1, "baseline_s": 1, "after_s": 1, "fault_s": 9}}, "no faults are given"),
        (
            {"phases": {"warm_up_s": 1, "baseline_s": 1, "after_s": 1, "cell_stop_s": 9}},
            "no faults are given",
        ),
        ({"faults": {"source_broker": 1, "cell": "cell-z", "cell_broker": 1}}, "broker that does not exist"),
        ({"sede": 1}, "Extra inputs are not permitted"),
    ],
)
def test_contradictions_are_one_clear_line(changes: dict[str, object], message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(yaml.safe_dump(changed(**changes)), encoding="utf-8")
    with pytest.raises(TestbedError, match=message) as caught:
        load_scenario(str(path))
    assert "\n" not in str(caught.value)


def test_only_an_older_kafka_runs_without_controllers() -> None:
    assert pair.scenario(source_kafka="3.9").source.zookeepers == 1
    written = pair.scenario(source_kafka="3.9").model_dump()
    written["clusters"][0]["kafka"] = "newest"
    with pytest.raises(ValidationError):
        Scenario.model_validate(written)


def test_a_source_with_zookeeper_has_its_address_and_jars_and_no_controller() -> None:
    scenario = pair.scenario(source_kafka="3.9")
    ports = range(1000, 1000 + ports_needed(scenario))
    state = lay_out(scenario, ports, run_dir=Path("run"), lib=Path("lib"), older_lib=Path("older"))
    source, (target,) = state.source, state.targets
    written = server_properties(source, source.nodes[0], folder=Path("run"), settings={}).splitlines()
    assert f"zookeeper.connect=127.0.0.1:{source.zookeeper_port}" in written
    assert [line for line in written if "controller" in line.lower()] == []
    libs = [state.with_jars_of(state.spec(cluster).kafka).lib for cluster in (source, target)]
    assert libs == [Path("older"), Path("lib")]
    used = [
        port for c in state.clusters for n in c.nodes for port in (n.port, n.agent_port, n.controller_port)
    ]
    known = [port for port in (*used, source.zookeeper_port, state.mirror_agent_port) if port is not None]
    assert sorted(known) == list(ports)


def test_unknown_scenario_names_the_known_ones() -> None:
    with pytest.raises(TestbedError, match="full, short"):
        load_scenario("medium")


def test_scenario_survives_json() -> None:
    scenario = load_scenario("full")
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario
