"""The commands of wave checklists on real brokers, letter by letter: what they print is what the text goes by."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType
from typer.testing import CliRunner

from kafka_analysis.cli import app
from testbed import processes, running
from testbed.admin import TIMEOUT_S, Admin, Place
from testbed.brokers import name_of
from testbed.checklist_trial import (
    ALONE,
    AWKWARD,
    BROKEN,
    CELL,
    DASHED,
    DECOY,
    LATER,
    READS,
    SPACED,
    TOPICS,
    UNKNOWN,
    fill,
    scenario,
)
from testbed.checklists import Desk, Ran, write_client, write_scripts
from testbed.clusters import Cluster, State
from testbed.judges import parse_groups, parse_offsets
from testbed.plan_commands import shell_blocks
from testbed.waiting import wait_for

pytestmark = [pytest.mark.testbed, pytest.mark.timeout(300)]
DESCRIBED = re.compile(r"^Topic: (\S+)\t.*PartitionCount: (\d+)\t.*Configs: (\S*)", re.MULTILINE)
PARTITION = re.compile(r"^\tTopic: (\S+)\tPartition: (\d+)\t", re.MULTILINE)
MOVED = [(topic, partition) for topic in (ALONE, AWKWARD) for partition in range(TOPICS[topic][0])]


@dataclass(frozen=True)
class Trial:
    """A healthy pair of clusters: the blocks of each wave by step, and how those of the first wave ran."""

    state: State
    desk: Desk
    waves: dict[int, dict[str, list[str]]]
    ran: dict[str, Ran]

    @property
    def cell(self) -> Cluster:
        return self.state.cluster(CELL)

    def block(self, wave: int, step: int, at: int = 0) -> str:
        (blocks,) = (found for title, found in self.waves[wave].items() if title.startswith(f"{step}. "))
        return blocks[at]

    def said(self, step: int) -> str:
        return self.ran[self.block(1, step)].said


def write_rows(path: Path, header: str, rows: Sequence[Sequence[object]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])
    return str(path)


def plan(folder: Path) -> Path:
    """Plan two waves on the command line: the awkward names first, then the topic that is not at the target."""
    out = folder / "waves"
    kept_ms = {ALONE: 3_600_000}
    topics = [(name, 1000, 1000, 1e6, kept_ms.get(name, -1)) for name in TOPICS]
    flows = [
        (group, "group", name, "critical" if group == UNKNOWN else "low")
        for group, names in READS.items()
        for name in names
    ] + [("shop.producer", "producer", AWKWARD, "low")]
    cells = [(name, CELL) for name in TOPICS if name != DECOY]
    words = [
        "--topics", write_rows(folder / "topics.csv", "topic,bytes_in_per_s,bytes_out_per_s,size_bytes,retention_ms",
                               topics),
        "--flows", write_rows(folder / "flows.csv", "client,kind,topic,criticality", flows),
        "--cells", write_rows(folder / "cells.csv", "topic,cell", cells),
        "--start", "2026-01-05", "--replication-bandwidth", "1MB/s", "--max-share", "1", "--max-topics", "2",
        "--together", f"{ALONE},{AWKWARD}",
    ]  # fmt: skip
    shown = CliRunner().invoke(app, ["plan", "waves", *words, "--out", str(out)])
    assert shown.exit_code == 0, shown.output
    return out


def join(bootstrap: str, group: str) -> Consumer:
    """Return a member of a group that has its partitions and commits nothing."""
    member = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False, "log_level": 0}
    )
    member.subscribe([AWKWARD])

    def assigned() -> bool:
        member.poll(0.1)
        return len(member.assignment()) == TOPICS[AWKWARD][0]

    wait_for(assigned, f"{group} having its partitions", within_s=60, every_s=0)
    return member


@pytest.fixture(scope="module")
def trial(tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    folder = tmp_path_factory.mktemp("checklists")
    state = running.up(scenario(), run_dir=folder / "run", say=lambda _: None)
    with running.taken_down_on_failure(state.run_dir):
        fill(state)
        waves = plan(folder)
        write_scripts(state, folder / "bin")
        client = str(write_client(folder))
        desk = Desk(
            waves, folder / "bin", {"SOURCE": state.source.bootstrap, "SOURCE_CLIENT": client,
                                    "CELL_B": state.cluster(CELL).bootstrap, "CELL_B_CLIENT": client},
        )  # fmt: skip
        texts = {wave: (waves / f"wave-{wave}.md").read_text(encoding="utf-8") for wave in (1, 2)}
        steps = {wave: shell_blocks(text) for wave, text in texts.items()}
        member = join(state.cluster(CELL).bootstrap, DASHED)
        ran = desk.all(block for blocks in steps[1].values() for block in blocks)
        member.close()
    yield Trial(state, desk, steps, ran)
    running.down(state.run_dir, keep=False)
    assert processes.running(state.run_dir) == []


def test_every_block_of_a_checklist_is_found_and_succeeds(trial: Trial) -> None:
    steps = [
        int(title.split(".")[0]) for title, blocks in trial.waves[1].items() if title[0].isdigit() and blocks
    ]
    assert steps == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]
    assert len(trial.waves[1]["1. Make the targets ready"]) == 2  # and retention
    assert {block: ran.complained for block, ran in trial.ran.items() if ran.code} == {}


def test_topics_are_described_at_both_ends_and_no_other_is(trial: Trial) -> None:
    told = trial.said(1)
    wanted = sorted(MOVED * 2)
    assert sorted((topic, int(partition)) for topic, partition in PARTITION.findall(told)) == wanted
    counts = [(topic, int(count)) for topic, count, _ in DESCRIBED.findall(told)]
    assert counts == [(ALONE, 2), (ALONE, 2), (AWKWARD, 3), (AWKWARD, 3)]


def test_healthy_clusters_are_told_by_silence(trial: Trial) -> None:
    assert trial.ran[trial.block(1, 4)] == Ran(0, "", "")


def test_end_offsets_are_those_of_kafka_and_of_no_other_topic(trial: Trial) -> None:
    for step, cluster in ((2, trial.cell), (5, trial.state.source), (7, trial.cell)):
        told = {row[:2]: row[2] for row in parse_offsets(trial.said(step)).iter_rows()}
        assert told == Admin(cluster.bootstrap).end_offsets([ALONE, AWKWARD])
        assert len(set(told.values())) == len(MOVED)


def lags(text: str) -> dict[tuple[str, str, int], int | None]:
    return {row[:3]: row[-1] for row in parse_groups(text).iter_rows()}


def wanted_lags(cluster: Cluster, group: str) -> dict[tuple[str, str, int], int]:
    admin = Admin(cluster.bootstrap)
    committed, printed = (
        admin.committed(group),
        group.splitlines()[-1],
    )  # of two lines the last stands in the row
    ends = admin.end_offsets(READS[group])
    return {(printed, *place): end - committed[place] for place, end in ends.items()}


def test_each_group_is_told_with_its_lag(trial: Trial) -> None:
    for step, cluster in ((3, trial.cell), (8, trial.state.source), (10, trial.cell), (11, trial.cell)):
        wanted = {}
        for group in (SPACED, DASHED, BROKEN):
            wanted |= wanted_lags(cluster, group)
        assert lags(trial.said(step)) == wanted
        assert min(wanted.values()) > 0


def test_who_has_members_is_told(trial: Trial) -> None:
    told = trial.said(9)
    assert told.count(f"Consumer group '{DASHED}' has no active members.") == 1  # at the source
    assert told.count(f"Consumer group '{SPACED}' has no active members.") == 2
    assert told.count(f"Consumer group '{BROKEN}' has no active members.") == 2
    (place,) = {line.split()[6] for line in trial.said(10).splitlines() if line.startswith(f"{DASHED} ")}
    assert place.startswith("rdkafka-")


def test_retention_is_raised_where_the_plan_says_it_is_too_short(trial: Trial) -> None:
    assert "Completed updating config for topic audit." in trial.ran[trial.block(1, 1, at=1)].said
    asked = ConfigResource(ResourceType.TOPIC, ALONE)
    client = AdminClient({"bootstrap.servers": trial.state.source.bootstrap, "log_level": 0})
    found = client.describe_configs([asked])[asked].result(timeout=TIMEOUT_S)
    assert f"retention.ms={found['retention.ms'].value} " in trial.block(1, 1, at=1) + " "
    assert int(found["retention.ms"].value) > 26 * 3_600_000


def test_a_topic_that_is_not_at_the_target_makes_the_block_fail(trial: Trial) -> None:
    ran = trial.desk(trial.block(2, 1))
    assert ran.code == 1
    assert ran.complained.endswith(f"Failed: [{LATER} at CELL_B]\n")
    assert [row[0] for row in DESCRIBED.findall(ran.said)] == [LATER]  # at the source


def test_a_group_that_is_not_known_at_the_target_makes_the_block_fail(trial: Trial) -> None:
    ran = trial.desk(trial.block(2, 3))
    assert ran.code == 1
    assert ran.complained.endswith(f"Failed: [{UNKNOWN} at CELL_B]\n")
    assert f"Group {UNKNOWN} not found" in ran.said


def test_a_stopped_broker_is_told(trial: Trial) -> None:
    source = trial.state.source
    child = processes.find(trial.state.run_dir, name_of(source, 2))
    processes.stop([child])
    admin = Admin(source.bootstrap)
    wait_for(lambda: -1 in admin.leaders().values(), "the loss of partitions with one replica", within_s=60)
    told = trial.desk(trial.block(1, 4))
    wanted: list[Place] = [place for place, replicas in admin.replicas().items() if 2 in replicas]
    found = {(topic, int(partition)) for topic, partition in PARTITION.findall(told.said)}
    assert found == set(wanted)
    assert {topic for topic, _ in found} >= {ALONE, AWKWARD}
