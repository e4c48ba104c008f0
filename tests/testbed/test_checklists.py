"""The commands of wave checklists on real brokers, letter by letter: what they print is what the text goes by."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType
from typer.testing import CliRunner

from kafka_analysis.cli import app
from testbed import processes, running
from testbed.admin import TIMEOUT_S, Admin
from testbed.brokers import name_of
from testbed.checklist_trial import (
    ALONE,
    AWKWARD,
    AWKWARD_GROUP,
    CELL,
    DECOY,
    LATER,
    READS,
    TOPICS,
    TWO_LINES,
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
    """A healthy pair of clusters: the blocks of each wave by step, and how they ran."""

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
        "--first-copy", "2026-01-05", "--replication-bandwidth", "1MB/s", "--max-share", "1", "--max-topics", "2",
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
    member.subscribe(list(READS[group]))

    def assigned() -> bool:
        member.poll(0.1)
        return len(member.assignment()) == sum(TOPICS[topic][0] for topic in READS[group])

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
        client = write_client(folder / "client.properties")
        desk = Desk(
            waves, folder / "bin", {"SOURCE": state.source.bootstrap, "SOURCE_CLIENT": client,
                                    "CELL_B": state.cluster(CELL).bootstrap, "CELL_B_CLIENT": client},
        )  # fmt: skip
        texts = {wave: (waves / f"wave-{wave}.md").read_text(encoding="utf-8") for wave in (1, 2)}
        steps = {wave: shell_blocks(text) for wave, text in texts.items()}
        member = join(state.cluster(CELL).bootstrap, AWKWARD_GROUP)
        blocks = [block for found in steps[1].values() for block in found]
        blocks += [block for title, found in steps[2].items() if title[0] in "13" for block in found[:1]]
        ran = desk.all(
            sorted(blocks, key=lambda block: "--alter" in block)
        )  # what changes something comes last
        member.close()
    yield Trial(state, desk, steps, ran)
    running.down(state.run_dir, keep=False)
    assert processes.running(state.run_dir) == []


def test_every_block_of_a_checklist_is_found_and_succeeds(trial: Trial) -> None:
    steps = [
        int(title.split(".")[0]) for title, blocks in trial.waves[1].items() if title[0].isdigit() and blocks
    ]
    assert steps == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]
    assert len(trial.waves[1]["1. Prepare the targets"]) == 2  # and retention
    first = [block for blocks in trial.waves[1].values() for block in blocks]
    assert {block: trial.ran[block] for block in first if trial.ran[block].code} == {}


def test_topics_are_described_at_both_ends_and_no_other_is(trial: Trial) -> None:
    told = trial.said(1)
    wanted = sorted(MOVED * 2)
    assert sorted((topic, int(partition)) for topic, partition in PARTITION.findall(told)) == wanted
    configs = "min.insync.replicas=1"
    assert DESCRIBED.findall(told) == [(ALONE, "2", configs)] * 2 + [(AWKWARD, "3", configs)] * 2


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
        for group in (AWKWARD_GROUP, TWO_LINES):
            wanted |= wanted_lags(cluster, group)
        assert lags(trial.said(step)) == wanted
        assert min(wanted.values()) > 0


def test_who_has_members_is_told(trial: Trial) -> None:
    told = trial.said(9)
    assert told.count(f"Consumer group '{AWKWARD_GROUP}' has no active members.") == 1  # at the source
    assert told.count(f"Consumer group '{TWO_LINES}' has no active members.") == 2
    found = parse_groups(trial.said(10))
    members = [
        line.split()[-3] for line in trial.said(10).splitlines() if line.startswith(f"{AWKWARD_GROUP} ")
    ]
    assert len(members) == len(found.filter(group=AWKWARD_GROUP)) == len(MOVED)
    assert {member.partition("-")[0] for member in members} == {"rdkafka"}


def test_retention_is_raised_where_the_plan_says_it_is_too_short(trial: Trial) -> None:
    assert "Completed updating config for topic audit." in trial.ran[trial.block(1, 1, at=1)].said
    asked = ConfigResource(ResourceType.TOPIC, ALONE)
    client = AdminClient({"bootstrap.servers": trial.state.source.bootstrap, "log_level": 0})
    found = client.describe_configs([asked])[asked].result(timeout=TIMEOUT_S)
    assert f"retention.ms={found['retention.ms'].value} " in trial.block(1, 1, at=1) + " "
    assert int(found["retention.ms"].value) > 26 * 3_600_000


def test_a_topic_that_is_not_at_the_target_makes_the_block_fail(trial: Trial) -> None:
    ran = trial.ran[trial.block(2, 1)]
    assert ran.code == 1
    assert ran.complained.endswith(f"Failed: [{LATER} at CELL_B]\n")
    assert [row[0] for row in DESCRIBED.findall(ran.said)] == [LATER]  # at the source


def test_a_group_that_is_not_known_at_the_target_makes_the_block_fail(trial: Trial) -> None:
    ran = trial.ran[trial.block(2, 3)]
    assert ran.code == 1
    assert ran.complained.endswith(f"Failed: [{UNKNOWN} at CELL_B]\n")
    assert f"Group {UNKNOWN} not found" in ran.said


@pytest.fixture(scope="module")
def broken(trial: Trial) -> dict[str, Ran]:
    """Stop the source's second broker, and return what the blocks say that look at it."""
    source = trial.state.source
    processes.stop([child for child in [processes.find(trial.state.run_dir, name_of(source, 2))] if child])
    admin = Admin(source.bootstrap)
    wait_for(lambda: -1 in admin.leaders().values(), "the loss of partitions with one replica", within_s=60)
    hasty = write_client(trial.desk.scripts / "hasty.properties", patience_ms=4000)
    desk = replace(trial.desk, variables={**trial.desk.variables, "SOURCE_CLIENT": hasty})
    return desk.all([trial.block(1, 4), trial.block(1, 5)])


def test_a_stopped_broker_is_told(trial: Trial, broken: dict[str, Ran]) -> None:
    told = broken[trial.block(1, 4)].said
    replicas = Admin(trial.state.source.bootstrap).replicas()
    found = {(topic, int(partition)) for topic, partition in PARTITION.findall(told)}
    assert found == {place for place, brokers in replicas.items() if 2 in brokers} > set(MOVED)


def test_an_end_offset_that_is_not_known_makes_the_block_fail(trial: Trial, broken: dict[str, Ran]) -> None:
    ran = broken[trial.block(1, 5)]
    assert ran.code == 1
    assert ran.complained == f"Failed: [{ALONE} at SOURCE]\n"
    skipped, answers = ran.said.splitlines()[:2], ran.said.splitlines()[2:]
    assert all(line.startswith(f"Skip getting offsets for topic-partition {ALONE}-") for line in skipped)
    assert set(parse_offsets("\n".join(answers))["topic"]) == {AWKWARD}
