from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.plan.execution.files import execution_files
from kafka_analysis.plan.execution.plan import plan_execution
from testbed import plan_commands
from testbed.clusters import lay_out, ports_needed
from testbed.errors import TestbedError
from testbed.plan_commands import Command, Shell, of_batch, sections
from testbed.proof import CHECKS, THROTTLE, verified
from testbed.proof_cluster import scenario


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    state = lay_out(scenario(), range(1000, 1000 + ports_needed(scenario())), run_dir=tmp_path, lib=tmp_path)
    return Shell(state, tmp_path / "plan")


@pytest.fixture(scope="module")
def parts() -> dict[str, list[Command]]:
    partitions = pl.DataFrame({"topic": "t", "partition": [0], "replicas": [[1, 2]], "size_bytes": 9e9,
                               "bytes_in_per_s": 0.0, "bytes_out_per_s": 0.0})  # fmt: skip
    to = pl.DataFrame({"topic": ["t"], "partition": [0], "replicas": [[3, 1]]})
    plan = plan_execution(partitions, pl.DataFrame({"broker": [1, 2, 3]}), to)
    return sections(execution_files(plan)["plan.md"])


def test_a_batch_is_carried_out_and_undone_in_the_order_of_the_text(parts: dict[str, list[Command]]) -> None:
    (batch,) = (commands for title, commands in parts.items() if title.startswith("Batch 01"))
    does, undoes = of_batch(batch, undo=False), of_batch(batch, undo=True)
    assert [one.file for one in does] == ["reassignment-01.json"] * 2 + ["leader-election-01.json"]
    assert [one.has("--verify") for one in does] == [False, True, False]
    assert [one.file for one in undoes][:2] == ["rollback-01.json"] * 2
    assert does[0].arguments[-3:] == ("--execute", "--throttle", "50000000")


def test_the_checks_are_found_in_the_plan(parts: dict[str, list[Command]]) -> None:
    assert [one.arguments[-1] for one in parts[CHECKS]] == [
        "before.txt",
        "--under-replicated-partitions",
        "--list",
    ]
    assert [one.arguments[-1] for one in parts[THROTTLE]] == ["brokers", "topics"]


def test_variables_are_those_of_the_cluster_and_output_stays_here(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(plan_commands, "run_tool", lambda *given, **named: asked.append((given[1:], named)))
    shell(
        Command(
            "kafka-topics.sh",
            ("--bootstrap-server", "$BOOTSTRAP", "--describe", "$CLIENT", ">", "before.txt"),
        )
    )
    words = ["--bootstrap-server", shell.state.source.bootstrap, "--describe", "client.properties"]
    assert asked == [
        (("org.apache.kafka.tools.TopicCommand", words), {"tolerate": False, "folder": shell.folder})
    ]


def test_only_kafkas_own_tools_are_run(shell: Shell) -> None:
    with pytest.raises(TestbedError, match=r"rm is none of kafka-reassign-partitions\.sh"):
        shell(Command("rm", ("-rf", "/")))


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("Reassignment of partition a-0 is completed.\nReassignment of partition a-1 is completed.", True),
        (
            "Reassignment of partition a-0 is completed.\nReassignment of partition a-1 is still in progress.",
            False,
        ),
        ("Error: no broker answers", False),
    ],
)
def test_a_batch_is_verified_when_every_partition_is_complete(said: str, done: bool) -> None:
    assert verified(said) is done
