"""One recording of every page that misbehaves, side by side: each is a gap with its reason or read, and no more."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.repair import repair_capture

TIMEOUT_S = 4.0
GROWTH_MB = 500
SERVER = Path(__file__).parents[1] / "hostile_server.py"
pytestmark = [pytest.mark.hostile, pytest.mark.timeout(240)]

SLOW = r"no full answer within 4 s"
LARGE = rf"too large: .*more than .*max_page_bytes|^{SLOW}$"  # slow: on a busy machine
ENCODING = r"content encoding"
PROTOCOL = r"not an HTTP response: "
PAGE = r"the answer is not a page of metrics: "
REDIRECT = r"HTTP status 30\d: redirects are not followed"
REASONS = {
    "slow_body": SLOW,
    "slow_header": SLOW,
    "header_flood": PROTOCOL,
    "endless_100": SLOW,
    "flood_of_103": SLOW,
    "chunk_extension": SLOW,
    "trailers": SLOW,
    "gzip_name": SLOW,
    "gzip_empty": SLOW,
    "gzip_members": SLOW,
    "zstd_empty": SLOW,
    "silent": SLOW,
    "endless_lines": LARGE,
    "one_line": LARGE,
    "gzip_bomb": LARGE,
    "deflate_bomb": LARGE,
    "zstd_bomb": LARGE,
    "packed_bomb": LARGE,
    "twice_packed": r"packed more than once, gzip inside",
    "stacked": r"stacked content encodings are not supported: 'gzip, gzip'",
    "brotli": r"content encoding 'br' is not supported, only gzip, deflate, zstd",
    "not_gzip": r"damaged gzip",
    "cut_gzip": r"damaged gzip: cut off",
    "redirect": REDIRECT,
    "loop": REDIRECT,
    "no_address": f"{PROTOCOL}|{REDIRECT}",
    "html": PAGE + "HTML",
    "binary": PAGE + "binary",
    "empty": PAGE + "empty",
    "bare": PROTOCOL,
    "garbage": PROTOCOL,
    "too_long": PROTOCOL,
    "below_zero": PROTOCOL,
    "odd_header": PROTOCOL,
    "reset": PROTOCOL,
    "j_deep": r"nested too deeply|not JSON",
    "j_nested": r"nested",
    "j_huge": r"out of range",
    "j_types": r"not a map",
    "j_wide": r"too large: JSON of more than",
}
READ = ("good", "gzip", "cookies", "nul", "cut_line", "many_labels", "many_keys", "late", "names")
READ += ("j_good", "j_surrogate")

RECORDER = """
import json, re, sys, time
from pathlib import Path
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.live.record.targets import prepare
from kafka_analysis.model.profile import Profile

def megabytes(what):
    return int(re.search(what + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1000

if __name__ == "__main__":
    prepare()
    before = megabytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    began = time.monotonic()
    profile = Profile.model_validate_json(sys.argv[1])
    record_capture(profile, sys.argv[2], duration_s=profile.scrape_timeout_s, interval_s=profile.scrape_timeout_s)
    print(json.dumps({"seconds": time.monotonic() - began, "megabytes": megabytes("VmHWM") - before}))
"""


@pytest.fixture(scope="module")
def server():
    """Return the address of a hostile server in a process of its own."""
    with subprocess.Popen([sys.executable, str(SERVER)], stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.kill()


def profile_of(address: str, paths, closed_port: int = 9, **more) -> dict:
    endpoints = [
        {"url": f"{address}/{path}", "broker": n, "kind": "jolokia" if path.startswith("j_") else "jmx"}
        for n, path in enumerate(paths)
    ]
    cluster = {"name": "c", "bootstrap_servers": f"127.0.0.1:{closed_port}", "endpoints": endpoints}
    return {"clusters": [cluster], "scrape_timeout_s": TIMEOUT_S, "admin_timeout_s": 0.5, **more}


@pytest.fixture(scope="module")
def recorded(server, tmp_path_factory):
    """Return what a recording of all pages at once came to, and the capture."""
    out = tmp_path_factory.mktemp("hostile") / "c"
    paths = [*READ, *REASONS]
    command = [sys.executable, "-c", RECORDER, json.dumps(profile_of(server, paths)), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    sources = {s.address.rpartition("/")[2]: s for s in read_capture(out).manifest.sources if s.kind == "jmx"}
    return json.loads(done.stdout), sources, out


@pytest.mark.parametrize("path", sorted(REASONS))
def test_what_is_no_page_is_a_gap_that_says_why(recorded, path):
    source = recorded[1][path]
    assert (source.ok, source.errors) == (0, 0)
    assert re.search(REASONS[path], source.gaps[0].reason), source.gaps[0].reason
    assert "hush" not in source.gaps[0].reason


@pytest.mark.parametrize("path", READ)
def test_what_can_be_read_is_read_beside_them(recorded, path):
    source = recorded[1][path]
    assert (source.ok, source.failed, source.errors) == (2, 0, 0), source.gaps
    assert source.lines.stored >= source.ok
    odd = {"nul": 1, "cut_line": 1, "many_labels": 1, "j_surrogate": 1}
    assert source.lines.rejected >= odd.get(path, 0) * source.ok


def test_the_recording_keeps_to_its_times_and_its_memory(recorded):
    measured, _, out = recorded
    assert (
        measured["seconds"] < 3 * (TIMEOUT_S + 1) + 5
    )  # the start, one round, the end; then files are written
    assert measured["megabytes"] < GROWTH_MB
    assert not (out / "errors.log").exists()


PROGRAM = "from kafka_analysis.cli import main; main()"


@pytest.fixture
def started(server, tmp_path):
    """Return a function that starts `kafka-analysis capture` of some pages, and the folder it writes to."""
    running = []

    def start(*paths, **more):
        place = tmp_path / "kafka-analysis.json"
        place.write_text(json.dumps(profile_of(server, paths, **more)))
        toml = tmp_path / "kafka-analysis.toml"
        toml.write_text(_toml(json.loads(place.read_text())))
        words = ["capture", "--profile", str(toml), "--out", str(tmp_path / "c"), "--duration", "forever"]
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words, "--interval", "3s"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"CI": "1"},
        )  # fmt: skip
        running.append(process)
        return process, tmp_path / "c"

    yield start
    for process in running:
        process.kill()
        process.communicate()


def _toml(profile: dict) -> str:
    cluster = profile.pop("clusters")[0]
    endpoints = ", ".join(
        "{" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in e.items()) + "}"
        for e in cluster.pop("endpoints")
    )
    top = [f"{name} = {json.dumps(value)}" for name, value in profile.items()]
    own = [f"{name} = {json.dumps(value)}" for name, value in cluster.items()]
    return "\n".join([*top, "[[clusters]]", *own, f"endpoints = [{endpoints}]", ""])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_process_at_once_and_what_came_can_be_repaired(started, number):
    process, out = started("good", "silent", scrape_timeout_s=3, admin_timeout_s=3)
    state = out / ".spool" / "state.json"
    process.stderr.readline()  # told after the first round
    assert state.exists()
    process.send_signal(number)
    assert "stopping" in process.stderr.readline()
    began = time.monotonic()
    process.send_signal(number)
    process.communicate(timeout=30)
    assert time.monotonic() - began < 2
    assert process.returncode in (-number, 0)  # it may have been done already
    if process.returncode:
        assert repair_capture(out).samples >= 2
    assert read_capture(out).samples().collect().height >= 2


def test_one_signal_is_enough_where_pages_hang(started):
    hanging = (path for path in REASONS if REASONS[path] == SLOW)
    process, out = started("good", *hanging, scrape_timeout_s=3, admin_timeout_s=3)
    process.stderr.readline()
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    assert time.monotonic() - began < 5  # 2 on a quiet machine; questions to a cluster may take 12
    assert read_capture(out).samples().collect().height >= 2


def test_a_signal_at_the_start_ends_it_and_nothing_is_written(started):
    process, out = started("silent", scrape_timeout_s=3, admin_timeout_s=3)
    while not (out / ".spool" / "state.json").exists():  # its signals are taken from before that moment on
        assert process.poll() is None
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert time.monotonic() - began < 5  # 2 on a quiet machine; questions to a cluster may take 12
    assert process.returncode == 130
    assert "stopped before anything was recorded: nothing was written" in stderr
    assert not out.exists()
