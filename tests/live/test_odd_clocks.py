"""Recordings while clocks jump, brokers restart and pages are stale."""

from __future__ import annotations

import itertools
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kafka_analysis import stats
from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.model import clock
from kafka_analysis.model.profile import Profile

ROUNDS = 4
STALE_MS = int(time.time() * 1000) - 3_600_000
REAL_TIME = time.time


def answers():
    """Return what each path answers, time after time."""
    line = 'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",} '
    return {
        "/steady": (f"{line}{1000 * n}\n" for n in itertools.count(1)),
        "/restarts": (
            f"{line}{value}\n" for value in itertools.chain([5000, 6000], itertools.count(100, 100))
        ),
        "/stale": (f"{line}{7000} {STALE_MS}\n" for _ in itertools.count()),
    }


@pytest.fixture
def brokers():
    told = answers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = next(told[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield [f"http://127.0.0.1:{server.server_address[1]}{path}" for path in told]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("jump_s", [-7200, pytest.param(7200, marks=pytest.mark.campaign)])
def test_a_recording_over_a_jump_of_the_clock(brokers, closed_port, tmp_path, monkeypatch, jump_s):
    endpoints = [{"broker": n, "url": url} for n, url in enumerate(brokers, start=1)]
    cluster = {"name": "c", "bootstrap_servers": f"127.0.0.1:{closed_port}", "endpoints": endpoints}
    profile = Profile.model_validate({"clusters": [cluster], "admin_timeout_s": 0.5, "scrape_timeout_s": 0.5})
    stop, rounds, begun = threading.Event(), [], REAL_TIME()

    def on_progress(progress):
        rounds.append(progress)
        monkeypatch.setattr(clock.time, "time", lambda: REAL_TIME() + jump_s)
        if len(rounds) == ROUNDS:
            stop.set()

    record_capture(profile, tmp_path / "c", duration_s=None, interval_s=1, stop=stop, on_progress=on_progress)
    capture = read_capture(tmp_path / "c")
    took = (capture.end - capture.start).total_seconds()
    assert ROUNDS - 1 < took < 90
    assert abs(capture.start.timestamp() - begun) < 90
    rows = capture.samples("bytes_in_total").collect()
    steady = rows.filter(broker=1).sort("ts")["value"].to_list()
    assert steady == sorted(steady)  # told in the order they came, nothing folded over
    grown = stats.increase(rows, start=capture.start, end=capture.end)
    assert (grown.filter(broker=2)["increase"] >= 0).all()
    assert grown.filter(broker=2)["increase"].sum() < 3000  # a counter that fell began at 0
    covered = stats.coverage_by_cluster(
        capture.scrapes(), capture.expected_brokers, windows=windows(capture), interval_s=1
    )["c"]
    assert covered.ratio < 0.7  # the stale broker brought nothing new
    assert 3 not in rows["broker"].to_list()
    notes = " ".join(capture.manifest.notes)
    assert "samples have times outside the recording" in notes
    assert f"was changed by {jump_s:+d}"[:-1] in notes or f"was changed by {jump_s - 1:+d}" in notes
    gaps = capture.gaps
    assert (gaps["start"] <= gaps["end"]).all()


def windows(capture):
    return stats.choose_windows(
        capture.table("events"),
        clusters=capture.cluster_table,
        start=None,
        end=None,
        capture_start=capture.start,
        capture_end=capture.end,
    )
