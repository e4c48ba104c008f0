"""A Flink job copies topics while a capture is recorded, and is killed: what the analysis says of it at each time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl
import pytest

from kafka_analysis import analyses
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.model.findings import Light
from kafka_analysis.sources.profiles import load_profile
from testbed import pair, processes, running, witness
from testbed.admin import Admin, Place
from testbed.clusters import State
from testbed.flink import job
from testbed.profile import PROFILE
from testbed.waiting import wait_for

pytestmark = [pytest.mark.testbed, pytest.mark.timeout(600)]
INTERVAL_S = 1
FIRST, EACH, AFTER_THE_END = 500, 40, 200  # records of each topic
ROUNDS_OF_SENDING = 8  # longer than a checkpoint
MORE = EACH * ROUNDS_OF_SENDING
DELETED = 30  # of one partition, before they were copied
ROUNDS_AT_REST, ROUNDS_OF_SILENCE = 2, 6


@dataclass
class Copied:
    """A capture of a job that copies, rests and is killed, and what was at the target when it had ended."""

    capture: Capture
    rested: datetime
    at_the_end: pl.DataFrame
    restarted: pl.DataFrame
    sent: dict[Place, int]


@dataclass
class Story:
    """What happens to the job between the rounds of a recording; each step waits for what ends the one before."""

    state: State
    stop: threading.Event = field(default_factory=threading.Event)
    child: processes.Child | None = None
    step: int = 0
    waited: int = 0
    sent: dict[Place, int] = field(default_factory=dict)
    rested: datetime | None = None
    log: pl.DataFrame | None = None

    def __post_init__(self) -> None:
        self.admin = Admin(self.state.source.bootstrap)

    def go_on(self, progress: object) -> None:
        (target,) = self.state.targets
        if self.step == 0:
            self.child = job.launch(self.state, target, pair.TOPICS)
            self.step = 1
        elif self.step == 1 and self.has_all():
            self.step = 2
        elif self.step == 2:
            self.sent = pair.send(self.state, EACH, first=FIRST + self.waited * EACH)
            self.waited += 1
            if self.waited == ROUNDS_OF_SENDING:
                self.step, self.waited = 3, 0
        elif self.step == 3 and self.has_all():
            self.waited += 1
            if self.waited > ROUNDS_AT_REST:
                self.end()
        elif self.step == 4:
            self.waited += 1
            if self.waited > ROUNDS_OF_SILENCE:
                self.stop.set()

    def has_all(self) -> bool:
        """Tell by the offsets that the job committed, which its own metrics are not asked for."""
        return self.admin.committed(job.NAME) == self.sent

    def arrived(self) -> pl.DataFrame:
        (target,) = self.state.targets
        assert self.log is not None
        return witness.arrived(self.log, witness.read_log(target, pair.TOPICS))

    def end(self) -> None:
        assert self.child is not None
        self.rested = datetime.now().astimezone()
        job.kill_job(self.child)
        last = self.sent
        self.sent = pair.send(self.state, AFTER_THE_END, first=FIRST + MORE)
        self.log = witness.read_log(self.state.source, pair.TOPICS)
        place = (pair.TOPICS[0], 0)
        self.admin.delete_records({place: last[place] + DELETED})
        self.step, self.waited = 4, 0


@pytest.fixture(scope="module")
def copied(tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copied]:
    tool("java", hint="a JDK 17 or newer")
    tool("javac", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the jars of Kafka and Flink")
    folder = tmp_path_factory.mktemp("flink")
    state = running.up(pair.scenario(), run_dir=folder / "run", say=lambda _: None)
    with running.taken_down_on_failure(state.run_dir):
        (target,) = state.targets
        job.create_topics(state, target)
        job.prepare(state)
        pair.wait_for_commits(state)
        story = Story(state, sent=pair.send(state, FIRST))
        profile = load_profile(state.run_dir / PROFILE)
        out = folder / "capture"
        record_capture(
            profile, out, duration_s=150, interval_s=INTERVAL_S, stop=story.stop, on_progress=story.go_on
        )
        assert story.rested is not None
        assert story.stop.is_set()
        at_the_end = story.arrived()
        job.launch(state, target, pair.TOPICS)
        wait_for(story.has_all, "the rest of the copy", within_s=120)
        yield Copied(read_capture(out), story.rested, at_the_end, story.arrived(), story.sent)
        running.down(state.run_dir, keep=True)
    assert processes.running(state.run_dir) == []


def test_the_flow_is_found_and_nothing_is_left_at_rest(copied: Copied) -> None:
    answer = analyses.replication(copied.capture, end=copied.rested)
    (flow,) = answer.flows.rows(named=True)
    assert (flow["tool"], flow["source"], flow["target"], flow["topics"]) == ("Flink", "old", "new", 2)
    assert (flow["condition"], flow["lag_records"], flow["known_by"]) == ("keeps up", 0, "checkpoint")
    assert [result.verdict.light for result in answer.results] == [Light.GREEN]
    assert answer.failures.is_empty()


def test_its_positions_at_rest_are_what_is_at_the_target(copied: Copied) -> None:
    place = ["topic", "partition"]
    measured = analyses.replication(copied.capture, end=copied.rested).partitions
    both = measured.join(copied.at_the_end, on=place, validate="1:1")
    assert len(both) == len(pair.TOPICS) * pair.PARTITIONS
    assert both["committed_offset"].to_list() == (both["last_position"] + 1).to_list()
    assert both["lost_records"].to_list() == both["missing"].to_list()


def test_no_lag_is_said_only_when_all_is_at_the_target(copied: Copied) -> None:
    lag = analyses.replication(copied.capture, end=copied.rested).over_time
    ends = copied.capture.table("offsets").filter(pl.col("topic").is_in(pair.TOPICS))
    totals = {
        name: ends.filter(cluster=name).group_by("ts").agg(pl.col("log_end_offset").sum()).sort("ts")
        for name in ("old", "new")
    }
    done = lag.filter(lag_records=0).select("ts").sort("ts")
    before = done.join_asof(totals["old"], on="ts", strategy="backward")
    after = done.join_asof(totals["new"], on="ts", strategy="forward")
    assert len(done) > 0
    assert (after["log_end_offset"] >= before["log_end_offset"]).all()


def test_before_its_first_checkpoint_nothing_is_called_complete(copied: Copied) -> None:
    confirmed = copied.capture.samples("flink_committed_offset").collect()["ts"].min()
    read = copied.capture.samples("flink_current_offset").collect()["ts"].unique().sort()
    before = read.filter(read < confirmed)
    assert len(before) > 0
    for ts in before:
        answer = analyses.replication(copied.capture, end=ts + timedelta(milliseconds=1))
        assert answer.flows["condition"].to_list() != ["keeps up"]
        assert Light.GREEN not in [result.verdict.light for result in answer.results]


def test_while_it_copies_its_lag_is_what_no_checkpoint_has_yet(copied: Copied) -> None:
    lag = analyses.replication(copied.capture, end=copied.rested).over_time.sort("ts")
    caught_up = lag.filter(lag_records=0)["ts"].min()
    moving = lag.filter(pl.col("ts") > caught_up)
    topics = len(pair.TOPICS)
    assert lag["lag_records"].max() <= (FIRST + MORE) * topics
    assert 0 < moving["lag_records"].max() <= MORE * topics
    # nothing that waits is older than the last sight of nothing waiting
    since_then = lag.filter(pl.col("ts") >= caught_up)
    rested = since_then.with_columns(last_at_rest=pl.when(lag_records=0).then("ts").forward_fill()).filter(
        pl.col("lag_records") > 0
    )
    assert rested["last_at_rest"].null_count() == 0 < len(rested)
    since = (rested["ts"] - rested["last_at_rest"]).dt.total_milliseconds() / 1000
    assert (rested["lag_seconds"] < since + INTERVAL_S).all()


def test_a_killed_job_is_at_most_so_far_behind_and_not_said_to_keep_up(copied: Copied) -> None:
    answer = analyses.replication(copied.capture)
    (flow,) = answer.flows.rows(named=True)
    assert (flow["condition"], flow["is_at_most"]) == ("unknown", True)
    assert flow["lag_records"] == copied.at_the_end["remaining"].sum() == AFTER_THE_END * len(pair.TOPICS)
    assert flow["position_age_s"] > ROUNDS_OF_SILENCE * INTERVAL_S / 2
    assert Light.GREEN not in [result.verdict.light for result in answer.results]


def test_records_deleted_meanwhile_are_lost_at_most_so_many(copied: Copied) -> None:
    measured = analyses.replication(copied.capture).partitions
    both = measured.join(copied.restarted, on=["topic", "partition"], validate="1:1")
    assert both["lost_records"].to_list() == both["missing"].to_list()
    assert both["missing"].sum() == DELETED


def test_started_again_it_copies_every_record_that_is_left_with_key_headers_and_timestamp(
    copied: Copied,
) -> None:
    kept = copied.restarted.select(pl.col("missing", "remaining", "others").sum()).row(0)
    assert kept == (DELETED, 0, 0)
    last = {(t, p): at for t, p, at in copied.restarted.select("topic", "partition", "last_position").rows()}
    assert {place: end - 1 for place, end in copied.sent.items()} == last
