"""A source of Kafka 3.9 with ZooKeeper, copied by MirrorMaker 2 of 3.9 and then by a newer one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from kafka_analysis import analyses
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.model.findings import Light
from kafka_analysis.sources.profiles import load_profile
from testbed import pair, processes, running, witness
from testbed.clusters import State
from testbed.jars import POMS, kafka_version
from testbed.mirror import NAME, behind, start_mirror
from testbed.profile import PROFILE
from testbed.scenario import Kafka
from testbed.waiting import wait_for

pytestmark = [pytest.mark.testbed, pytest.mark.timeout(600)]
TOPICS = ("orders.eu",)
FIRST, MORE = 500, 300
ROUNDS_AT_REST = 2
MIRRORS: tuple[Kafka, ...] = ("3.9", "newest")


class Mirrored(NamedTuple):
    """A capture of a mirror at work, and what was at the target when it had copied everything."""

    capture: Capture
    arrived: pl.DataFrame


@pytest.fixture(scope="module")
def mirrors(tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Kafka, Mirrored]]:
    """Record each mirror in turn; the second goes on where the first left off, as after an upgrade."""
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    folder = tmp_path_factory.mktemp("old-source")
    scenario = pair.scenario(source_kafka="3.9", topics=TOPICS)
    state = running.up(scenario, run_dir=folder / "run", say=lambda _: None)
    with running.taken_down_on_failure(state.run_dir):
        yield {kafka: mirrored(state, kafka, folder / kafka, number) for number, kafka in enumerate(MIRRORS)}
        running.down(state.run_dir, keep=True)
    assert processes.running(state.run_dir) == []


def mirrored(state: State, kafka: Kafka, out: Path, number: int) -> Mirrored:
    """Record a mirror; after two rounds send more, and end when it has stored that it has it and rested."""
    first = number * (FIRST + MORE)
    sent = last_of(pair.send(state, FIRST, first=first))
    start_mirror(state, kafka=kafka)
    wait_for(lambda: not behind(state, sent, TOPICS), "the mirror", within_s=120)
    rounds, rested, stop = [], [], threading.Event()

    def on_progress(progress: object) -> None:
        rounds.append(progress)
        if len(rounds) == 2:
            sent.update(last_of(pair.send(state, MORE, first=first + FIRST)))
        elif len(rounds) > 2 and not behind(state, sent, TOPICS):
            rested.append(progress)
            if len(rested) > ROUNDS_AT_REST:
                stop.set()

    profile = load_profile(state.run_dir / PROFILE)
    record_capture(profile, out, duration_s=120, interval_s=2, stop=stop, on_progress=on_progress)
    assert stop.is_set()
    (target,) = state.targets
    found = witness.arrived(witness.read_log(state.source, TOPICS), witness.read_log(target, TOPICS))
    processes.stop([child for child in processes.running(state.run_dir) if child.name == NAME])
    return Mirrored(read_capture(out), found)


def last_of(ends: dict[tuple[str, int], int]) -> dict[tuple[str, int], int]:
    return {place: end - 1 for place, end in ends.items()}


@pytest.mark.parametrize("kafka", MIRRORS)
def test_the_flow_is_found_and_nothing_is_left_at_rest(mirrors: dict[Kafka, Mirrored], kafka: Kafka) -> None:
    answer = analyses.replication(mirrors[kafka].capture)
    (flow,) = answer.flows.rows(named=True)
    assert (flow["tool"], flow["source"], flow["target"]) == ("MirrorMaker 2", "old", "new")
    assert (flow["condition"], flow["lag_records"], flow["known_by"]) == (
        "keeps up",
        0,
        "committed position",
    )
    assert [result.verdict.light for result in answer.results] == [Light.GREEN]


@pytest.mark.parametrize("kafka", MIRRORS)
def test_no_failure_is_found(mirrors: dict[Kafka, Mirrored], kafka: Kafka) -> None:
    assert analyses.replication(mirrors[kafka].capture).failures.rows() == []


@pytest.mark.parametrize("kafka", MIRRORS)
def test_positions_at_rest_are_what_is_at_the_target(mirrors: dict[Kafka, Mirrored], kafka: Kafka) -> None:
    capture, arrived = mirrors[kafka]
    both = analyses.replication(capture).partitions.join(arrived, on=["topic", "partition"], validate="1:1")
    assert len(both) == len(TOPICS) * pair.PARTITIONS
    assert both["committed_offset"].to_list() == (both["last_position"] + 1).to_list()
    assert both["lost_records"].to_list() == both["missing"].to_list() == [0] * len(both)
    assert both["lag_records"].to_list() == both["remaining"].to_list()
    assert both["duplicates"].sum() == 0


@pytest.mark.parametrize("kafka", MIRRORS)
def test_the_version_of_each_cluster_is_named(mirrors: dict[Kafka, Mirrored], kafka: Kafka) -> None:
    clusters = mirrors[kafka].capture.cluster_table
    versions = dict(clusters.select("cluster", "kafka_version").iter_rows())
    assert versions == {"old": "3.9.1", "new": kafka_version()}
    assert kafka_version(pom=POMS["3.9"]) == "3.9.1"


@pytest.mark.parametrize("kafka", MIRRORS)
def test_its_counts_say_between_which_clusters_it_mirrors(
    mirrors: dict[Kafka, Mirrored], kafka: Kafka
) -> None:
    samples = mirrors[kafka].capture.samples("mirror_records_total").collect()
    assert samples["topic"].unique().to_list() == list(TOPICS)
    assert {entity.rpartition("->")[2] for entity in samples["entity"].unique()} == {"new"}
