from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from confluent_kafka import Producer

from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.sources.profiles import load_profile
from kafka_analysis.stats import mirror_lag
from testbed import processes, running
from testbed.admin import Admin, Place
from testbed.clusters import State, lay_out, ports_needed
from testbed.mirror import _checkpoint, behind, checkpoints, mirror_properties, mirrored, start_mirror
from testbed.mirror_pages import GROUP, TOPIC, scenario
from testbed.profile import PROFILE, profile_text
from testbed.scenario import load_scenario
from testbed.waiting import wait_for


def state(name: str) -> State:
    scenario = load_scenario(name)
    return lay_out(scenario, range(1000, 1000 + ports_needed(scenario)), run_dir=Path("run"), lib=Path("lib"))


def test_each_flow_carries_its_own_cell_s_topics_only() -> None:
    lines = mirror_properties(state("full")).splitlines()
    flows = {line.partition(" = ")[0]: line.partition(" = ")[2] for line in lines}
    assert flows["clusters"] == "monolith,cell-a,cell-b"
    assert "clicks" in flows["monolith->cell-a.topics"].split(",")
    assert "clicks" not in flows["monolith->cell-b.topics"]
    assert r"orders\\.created" in flows["monolith->cell-b.topics"].split(
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


class Mirrored(NamedTuple):
    """A capture of a mirror at work, and what MirrorMaker and the source said when it ended."""

    capture: Capture
    stored: dict[Place, int]
    checkpoints: dict[tuple[str, str, int], tuple[int, int]]
    ends: dict[Place, int]


def send(state: State, records: int) -> dict[Place, int]:
    """Send records to the source, and return the offset of each partition's last one."""
    producer = Producer({"bootstrap.servers": state.source.bootstrap, "acks": "all"})
    for number in range(records):
        producer.produce(TOPIC, key=b"%d" % number, value=b"x" * 100)
    assert producer.flush(60) == 0
    return {place: end - 1 for place, end in Admin(state.source.bootstrap).end_offsets([TOPIC]).items()}


@pytest.fixture(scope="module")
def mirror(tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirrored]:
    """Record a real MirrorMaker 2 while it mirrors what is sent, until it has it all."""
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    folder = tmp_path_factory.mktemp("mirror")
    state = running.up(scenario(), run_dir=folder / "run", say=lambda _: None)
    with running.taken_down_on_failure(state.run_dir):
        (cell,) = state.targets
        last = send(state, 1_000)
        Admin(state.source.bootstrap).commit(GROUP, {(TOPIC, 0): 200, (TOPIC, 1): 300})
        start_mirror(state)
        wait_for(lambda: not behind(state, last, [TOPIC]), "the mirror", within_s=120)
        wait_for(lambda: len(checkpoints(state, cell)) == len(last), "the checkpoints", within_s=120)
        capture = record(state, folder / "capture")
        ends = Admin(state.source.bootstrap).end_offsets([TOPIC])
        yield Mirrored(capture, mirrored(state, cell), checkpoints(state, cell), ends)
        running.down(state.run_dir, keep=True)
    assert processes.running(state.run_dir) == []


def record(state: State, out: Path) -> Capture:
    """Record; after two rounds send more, and end when MirrorMaker has stored that it has it."""
    rounds, stop, sent = [], threading.Event(), dict[Place, int]()

    def on_progress(progress: object) -> None:
        rounds.append(progress)
        if len(rounds) == 2:
            sent.update(send(state, 700))
        elif sent and not behind(state, sent, [TOPIC]):
            stop.set()

    profile = load_profile(state.run_dir / PROFILE)
    record_capture(profile, out, duration_s=120, interval_s=2, stop=stop, on_progress=on_progress)
    assert stop.is_set()
    return read_capture(out)


def newest(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("ts") == pl.col("ts").max())


@pytest.mark.testbed
@pytest.mark.timeout(600)
def test_recorded_positions_are_those_mirror_maker_stored(mirror: Mirrored) -> None:
    positions = mirror.capture.table("mirror_positions")
    assert positions.select("cluster", "connector", "source").unique().rows() == [
        ("new", "MirrorSourceConnector", "old")
    ]
    last = {
        (topic, p): at for topic, p, at in newest(positions).select("topic", "partition", "position").rows()
    }
    assert {place: at - 1 for place, at in last.items()} == mirror.stored
    assert last == mirror.ends  # nothing is left to mirror: the lag is 0


@pytest.mark.testbed
@pytest.mark.timeout(600)
def test_recorded_positions_follow_the_mirror(mirror: Mirrored) -> None:
    positions = mirror.capture.table("mirror_positions").sort("ts")
    totals = positions.group_by("ts", maintain_order=True).agg(pl.col("position").sum())["position"]
    assert (totals[0], totals[-1]) == (1_000, 1_700)
    assert totals.is_sorted()
    assert (positions["committed_at"] <= positions["ts"]).all()


@pytest.mark.testbed
@pytest.mark.timeout(600)
def test_its_lag_is_what_was_sent_and_not_stored_yet_and_0_in_the_end(mirror: Mirrored) -> None:
    lag = mirror_lag(mirror.capture.table("mirror_positions"), mirror.capture.table("offsets"))
    totals = lag.group_by("ts").agg(pl.col("lag_records").sum(), pl.col("lag_seconds").max()).sort("ts")
    assert totals["lag_records"].max() <= 700
    assert totals.filter(pl.col("lag_records") > 0).height > 0
    assert totals.select("lag_records", "lag_seconds").row(-1) == (0, 0.0)
    # the mirror stores its positions every three seconds, and log ends are read every two
    assert totals["lag_seconds"].max() < 15


@pytest.mark.testbed
@pytest.mark.timeout(600)
def test_recorded_checkpoints_and_offset_syncs_are_mirror_maker_s(mirror: Mirrored) -> None:
    rows = newest(mirror.capture.table("checkpoints"))
    assert rows["source"].unique().to_list() == ["old"]
    columns = ("group", "topic", "partition", "upstream_offset", "downstream_offset")
    found = {(group, topic, p): offsets for group, topic, p, *offsets in rows.select(columns).rows()}
    assert found == {place: list(offsets) for place, offsets in mirror.checkpoints.items()}
    syncs = newest(mirror.capture.table("offset_syncs"))
    assert syncs.select("cluster", "peer", "topic").unique().rows() == [("old", "new", TOPIC)]
    ahead = [
        (p, at)
        for p, at in syncs.select("partition", "upstream_offset").rows()
        if at >= mirror.ends[TOPIC, p]
    ]
    assert (len(syncs), ahead) == (2, [])


@pytest.mark.testbed
@pytest.mark.timeout(600)
def test_recorded_connectors_are_those_that_run(mirror: Mirrored) -> None:
    rows = newest(mirror.capture.table("connectors"))
    states = (
        rows.filter(name="state", kind="state").select("connector", "value").unique().sort("connector").rows()
    )
    names = ("MirrorCheckpointConnector", "MirrorHeartbeatConnector", "MirrorSourceConnector")
    assert states == [(name, "RUNNING") for name in names]
    setting = rows.filter(connector=names[2], name="offset.lag.max", kind="config")
    assert setting["value"].unique().to_list() == ["100"]


@pytest.mark.testbed
@pytest.mark.timeout(600)
def test_the_recording_had_no_gap_and_left_no_group(mirror: Mirrored) -> None:
    gaps = mirror.capture.gaps.filter(target="mirror")
    assert set(gaps["reason"]) <= {"previous scrape still running"}  # of a busy machine
    assert "kafka-analysis" not in mirror.capture.table("groups")["group"]
