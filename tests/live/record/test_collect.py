"""Recordings of a small server of pages, without any Kafka: what is up is recorded, what is down is a gap."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import httpx
import polars as pl
import pytest

from kafka_analysis.capture.join_sources import NOT_RECORDED
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.repair import repair_capture
from kafka_analysis.capture.spool import Spool, read_state
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.live.record import collect, targets
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.live.record.targets import Answer
from kafka_analysis.model.errors import (
    CaptureExistsError,
    CaptureIncompleteError,
    InputError,
    ProfileError,
    UnreachableError,
)
from kafka_analysis.model.manifest import ClusterInfo
from kafka_analysis.model.profile import Profile
from kafka_analysis.sources.kafka import metadata as kafka_metadata

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def profile(closed_port):
    """Return a function that makes a profile of endpoints, with a bootstrap server that does not answer."""

    def of(*endpoints, **more):
        cluster = {
            "name": "c",
            "bootstrap_servers": f"127.0.0.1:{closed_port}",
            "endpoints": list(endpoints),
            **more,
        }
        return Profile.model_validate(
            {"clusters": [cluster], "admin_timeout_s": 0.5, "scrape_timeout_s": 0.5}
        )

    return of


def after_rounds(n: int):
    """Return an event that is set once `n` rounds were told, and what tells them."""
    stop, told = threading.Event(), []

    def on_progress(progress):
        told.append(progress)
        if len(told) >= n:
            stop.set()

    return stop, on_progress, told


def test_what_answers_is_recorded_and_what_does_not_is_a_gap(profile, pages, tmp_path):
    stop, on_progress, told = after_rounds(2)
    given = profile(
        {"broker": 1, "url": f"{pages}/metrics"},
        {"broker": 2, "url": f"{pages}/broken"},
        {"broker": 3, "url": f"{pages}/hang"},
        {"broker": 4, "url": f"{pages}/page"},
    )
    record_capture(given, tmp_path / "c", duration_s=None, interval_s=1, stop=stop, on_progress=on_progress)
    capture = read_capture(tmp_path / "c")
    asked = {row["target"]: row for row in capture.targets.iter_rows(named=True)}
    assert (
        asked["jmx of broker 1"]["ok"] >= 2
    )  # at the start and at the end; a busy machine may skip rounds between
    assert asked["jmx of broker 1"]["dialect"] == "msk"
    reasons = dict(capture.gaps.select("target", "reason").iter_rows())
    assert reasons["jmx of broker 2"] == "HTTP status 500"
    assert "no full answer" in reasons["jmx of broker 3"]
    assert reasons["jmx of broker 4"].startswith("the answer is not a page of metrics: ")
    assert {"offsets", "leaders", "groups", "metadata", "log dirs"} <= set(reasons)
    assert capture.samples().collect()["broker"].unique().to_list() == [1]
    assert capture.rejected()["text"].to_list() == ["not a line"] * asked["jmx of broker 1"]["ok"]
    assert told[-1].failed > 0
    assert any("/hang" in down for down in told[-1].down)


def test_a_slow_target_does_not_hold_up_the_rest(profile, pages, tmp_path):
    stop, on_progress, _ = after_rounds(2)
    given = profile({"broker": 1, "url": f"{pages}/metrics"}, {"broker": 2, "url": f"{pages}/trickle"})
    record_capture(given, tmp_path / "c", duration_s=None, interval_s=1, stop=stop, on_progress=on_progress)
    asked = {row["target"]: row for row in read_capture(tmp_path / "c").targets.iter_rows(named=True)}
    assert asked["jmx of broker 1"]["ok"] >= 2
    assert asked["jmx of broker 2"]["ok"] == 0
    assert asked["jmx of broker 2"]["gaps"] == 1


def test_an_answer_that_lacks_a_part_is_kept_and_told(profile, pages, tmp_path, monkeypatch):
    row = {"group": "g", "topic": "t", "partition": 0, "committed_offset": 5}
    table = kafka_metadata.table("group_offsets", "c", [row])
    answer = Answer(
        ts=kafka_metadata.now(),
        tables={"group_offsets": table},
        missing="offsets of 1 of 2 groups not told in time",
    )
    monkeypatch.setattr(targets, "_groups", lambda *_: answer)
    stop, on_progress, _ = after_rounds(1)
    given = profile({"broker": 1, "url": f"{pages}/metrics"})
    record_capture(given, tmp_path / "c", duration_s=None, interval_s=1, stop=stop, on_progress=on_progress)
    capture = read_capture(tmp_path / "c")
    assert len(capture.table("group_offsets")) > 0
    assert dict(capture.gaps.select("target", "reason").iter_rows())["groups"] == answer.missing


def test_nothing_answers_and_nothing_is_written(profile, closed_port, tmp_path):
    began = time.monotonic()
    given = profile({"broker": 1, "url": f"http://127.0.0.1:{closed_port}/metrics"})
    with pytest.raises(
        UnreachableError,
        match=r"no answer .*(check addresses, ports and security|bootstrap_servers.*\))",
    ):
        record_capture(given, tmp_path / "c", duration_s=5, interval_s=1)
    assert time.monotonic() - began < 15
    assert not (tmp_path / "c").exists()


def test_a_file_of_mirror_maker_that_is_not_there_is_told_before_anything_is_asked(profile, pages, tmp_path):
    given = profile({"url": f"{pages}/metrics"})
    cluster = given.clusters[0].model_copy(update={"mirror_properties": (tmp_path / "no.properties",)})
    with pytest.raises(
        ProfileError, match=r"mirror_properties names a file that cannot be read: No such file"
    ):
        record_capture(
            given.model_copy(update={"clusters": (cluster,)}), tmp_path / "c", duration_s=1, interval_s=1
        )
    assert not (tmp_path / "c").exists()


def test_a_folder_that_is_taken_is_left_alone(profile, pages, tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(CaptureExistsError):
        record_capture(profile({"url": f"{pages}/metrics"}), tmp_path, duration_s=1, interval_s=1)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(("duration", "interval"), [(10, 0.5), (0, 1), (-1, 1)])
def test_times_that_make_no_sense_are_refused(profile, pages, tmp_path, duration, interval):
    with pytest.raises(InputError, match="give an interval ≥ 1 s"):
        record_capture(profile(), tmp_path / "c", duration_s=duration, interval_s=interval)
    assert not (tmp_path / "c").exists()


def test_a_duration_ends_by_itself_and_more_tables_come_along(profile, pages, small, tmp_path):
    events = small.table("events", [{"name": "x", "kind": "note"}])
    given = profile({"broker": 1, "url": f"{pages}/metrics"})
    path = record_capture(
        given,
        tmp_path / "c",
        duration_s=1.5,
        interval_s=1,
        extra_tables=lambda: {"events": events},
        notes=["Mind."],
    )
    capture = read_capture(path)
    assert capture.table("events").equals(events)
    assert capture.manifest.notes == ("Mind.",)
    assert 1.5 <= (capture.end - capture.start).total_seconds() < 10


def test_secrets_are_in_no_file_and_no_message(profile, pages, tmp_path, monkeypatch, caplog, capfd):
    monkeypatch.setenv("KA_TEST_PW", "hush-hush")
    security = {
        "protocol": "SASL_PLAINTEXT",
        "mechanism": "PLAIN",
        "username": "ann",
        "password": {"env": "KA_TEST_PW"},
    }
    address = pages.replace("http://", "http://ann:hush-hush@")
    given = profile({"broker": 1, "url": f"{address}/metrics?token=hush-hush"}, security=security)
    record_capture(given, tmp_path / "c", duration_s=1, interval_s=1)
    for file in (tmp_path / "c").rglob("*"):
        assert not file.is_file() or b"hush-hush" not in file.read_bytes()
    assert "hush-hush" not in repr(read_capture(tmp_path / "c")) + caplog.text + "".join(capfd.readouterr())


def test_a_host_s_own_exporter_is_recorded(tool, profile, closed_port, tmp_path):
    exporter = tool("prometheus-node-exporter", hint="Debian's package of that name")
    address = f"127.0.0.1:{closed_port}"
    command = [exporter, f"--web.listen-address={address}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_it_answers(f"http://{address}/metrics", process)
            given = profile({"broker": 1, "kind": "node", "url": f"http://{address}/metrics"})
            capture = read_capture(record_capture(given, tmp_path / "c", duration_s=1, interval_s=1))
        finally:
            process.terminate()
    assert capture.targets.filter(pl.col("kind") == "node")["dialect"].to_list() == ["node_exporter"]
    rows = capture.samples("cpu_seconds_total").collect()
    assert {"idle", "user"} <= set(rows["entity"])
    assert rows["value"].min() >= 0
    assert capture.samples("memory_available_bytes").collect()["value"].min() > 0


def test_a_cluster_of_which_only_the_history_is_known_cannot_be_recorded(tmp_path):
    stored = Profile(clusters=[{"name": "c", "prometheus": {"url": "http://p:9090"}}])
    with pytest.raises(ProfileError, match="cluster c has no bootstrap_servers"):
        record_capture(stored, tmp_path / "c", duration_s=1)
    assert not (tmp_path / "c").exists()


def wait_until_it_answers(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False, timeout=1).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    pytest.fail(f"{process.args[0]} does not answer")


def test_open_monitoring_asks_every_broker_of_the_metadata():
    from kafka_analysis.live.record.targets import endpoint_targets
    from kafka_analysis.model.profile import ClusterProfile

    cluster = ClusterProfile.model_validate(
        {
            "name": "c",
            "bootstrap_servers": "b:1",
            "open_monitoring": {},
            "endpoints": [{"url": "http://b-1:11001/metrics", "broker": 1}],
        }
    )
    with httpx.Client() as client:
        targets = endpoint_targets(cluster, [(1, "b-1"), (2, "b-2")], client=client, timeout_s=1)
    assert [(t.kind, t.broker, t.address) for t in targets] == [
        ("jmx", 1, "http://b-1:11001/metrics"),
        ("node", 1, "http://b-1:11002/metrics"),
        ("jmx", 2, "http://b-2:11001/metrics"),
        ("node", 2, "http://b-2:11002/metrics"),
    ]


def test_the_capture_can_be_opened_from_anywhere(profile, pages, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = record_capture(
        profile({"broker": 1, "url": f"{pages}/metrics"}), Path("c"), duration_s=1, interval_s=1
    )
    assert path == Path("c")
    assert read_capture(tmp_path / "c").id


def killed_while_recording(given, out):
    """Record in a process of its own until two rounds are told, and kill it; return what it was told of."""
    command = [sys.executable, "-c", RECORDER, given.model_dump_json(), str(out)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        told = [int(process.stdout.readline()) for _ in range(2)]
        process.kill()
    return told


RECORDER = """
import sys
from kafka_analysis.live.record import collect
from kafka_analysis.live.record import rounds
from kafka_analysis.live.record import targets
from kafka_analysis.model.profile import Profile
from kafka_analysis.sources.kafka import metadata as kafka_metadata
rounds.FLUSH_S = 0.0
if __name__ == "__main__":
    collect.record_capture(
        Profile.model_validate_json(sys.argv[1]), sys.argv[2], duration_s=None, interval_s=1,
        on_progress=lambda progress: print(progress.samples, flush=True),
    )
"""


def a_minute_ago(capture):
    """Let the last flush be told a minute earlier, as if the process had been killed then."""
    spool = Spool(capture)
    state = read_state(spool.path.parent)
    back = {name: getattr(state, name) - timedelta(minutes=1) for name in ("start", "flushed_at")}
    spool.save_state(state.model_copy(update=back))


def test_a_killed_recording_goes_on_with_the_time_between_as_a_gap(profile, pages, tmp_path):
    given = profile({"broker": 1, "url": f"{pages}/metrics"})
    told = killed_while_recording(given, tmp_path / "c")
    with pytest.raises(CaptureIncompleteError, match="captures repair"):
        read_capture(tmp_path / "c")
    with pytest.raises(CaptureExistsError):
        record_capture(given, tmp_path / "c", duration_s=1, interval_s=1)
    a_minute_ago(tmp_path / "c")
    shutil.copytree(tmp_path / "c", tmp_path / "repaired")
    repaired = repair_capture(tmp_path / "repaired")
    assert repaired.samples >= told[-1]
    killed_at = repaired.manifest.window.end
    record_capture(given, tmp_path / "c", duration_s=1, interval_s=1, notes=["Again."], resume=True)
    capture = read_capture(tmp_path / "c")
    (source,) = [s for s in capture.manifest.sources if s.kind == "jmx"]
    times = capture.samples("leader_count").collect()["ts"].sort().to_list()
    assert (
        len(times) == len(set(times)) > sum(t < killed_at for t in times) >= told[-1] // 3
    )  # samples a page
    assert source.ok >= len(times) > 2
    assert [g.reason for g in source.gaps] == [NOT_RECORDED]
    assert capture.start == repaired.manifest.window.start
    assert capture.manifest.notes == ("Again.",)
    with pytest.raises(CaptureExistsError, match="captures merge"):
        record_capture(given, tmp_path / "c", duration_s=1, interval_s=1, resume=True)


def test_a_recording_goes_on_with_the_clusters_it_began_with(profile, pages, small, tmp_path):
    endpoint = {"broker": 1, "url": f"{pages}/metrics"}
    with CaptureWriter(tmp_path / "c") as writer:
        writer.add_samples(small.counters())
        writer.flush(start=small.T0, clusters=[ClusterInfo(cluster="other")])
    with pytest.raises(InputError, match="started with clusters other, but the profile has c"):
        record_capture(profile(endpoint), tmp_path / "c", duration_s=1, interval_s=1, resume=True)
    with pytest.raises(CaptureIncompleteError):
        read_capture(tmp_path / "c")


def test_a_cluster_behind_the_same_name_is_noticed():
    one, two = (ClusterInfo(cluster="c", kafka_cluster_id=i) for i in ("one", "two"))
    silent = ClusterInfo(cluster="c")
    with pytest.raises(InputError, match="another cluster id than at the start of the capture"):
        collect._same_clusters([one], [two])
    assert collect._same_clusters([one], [silent]) == (one,)
    assert collect._same_clusters([silent], [two]) == (two,)


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [(False, None, False), (None, True, True), (False, True, True), (None, None, None)],
)
def test_a_recording_that_goes_on_keeps_whether_rights_are_checked(before, after, kept):
    (cluster,) = collect._same_clusters(
        [ClusterInfo(cluster="c", has_authorizer=before)], [ClusterInfo(cluster="c", has_authorizer=after)]
    )
    assert cluster.has_authorizer is kept
