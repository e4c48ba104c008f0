from __future__ import annotations

import struct
from pathlib import Path

from testbed.clusters import State, lay_out, ports_needed
from testbed.mirror import _checkpoint, mirror_properties
from testbed.profile import profile_text
from testbed.scenario import load_scenario


def state(name: str) -> State:
    scenario = load_scenario(name)
    return lay_out(scenario, range(1000, 1000 + ports_needed(scenario)), run_dir=Path("run"), lib=Path("lib"))


def test_each_flow_carries_its_own_cell_s_topics_only() -> None:
    lines = mirror_properties(state("full")).splitlines()
    flows = {line.partition(" = ")[0]: line.partition(" = ")[2] for line in lines}
    assert flows["clusters"] == "monolith,cell-a,cell-b"
    assert "clicks" in flows["monolith->cell-b.topics"].split(",")
    assert "clicks" not in flows["monolith->cell-a.topics"]
    assert r"orders\\.created" in flows["monolith->cell-a.topics"].split(
        ","
    )  # a pattern, escaped once more for the file
    assert flows["cell-a->monolith.enabled"] == "false"


def test_identity_policy_is_set_once_for_all_connectors() -> None:
    assert (
        "\nreplication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy\n"
        in mirror_properties(state("short"))
    )


def test_checkpoint_is_read_from_its_bytes() -> None:
    group, topic = "größe".encode(), b"a.b"
    key = struct.pack(f">h{len(group)}sh{len(topic)}si", len(group), group, len(topic), topic, 3)
    value = struct.pack(">hqqh", 0, 100, 90, 0)
    assert _checkpoint(key, value) == (("größe", "a.b", 3), (100, 90))


def test_profile_names_every_agent() -> None:
    import tomllib

    clusters = tomllib.loads(profile_text(state("full")))["clusters"]
    assert [(c["name"], c["role"], len(c["endpoints"])) for c in clusters] == [
        ("monolith", "source", 7),
        ("cell-a", "target", 3),
        ("cell-b", "target", 3),
    ]
