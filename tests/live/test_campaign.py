"""The long form of test_hostile: every page in a recording of its own, others' servers too, and a million odd lines."""

from __future__ import annotations

import importlib.util
import json
import random
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.sources.exposition.page import parse_exposition

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(3600)]
SHARED = Path(__file__).parents[3] / "shared" / "cases" / "hostile"
GROWTH_MB = 500
TIMEOUT_S = 5.0
LINES, LINES_A_PAGE = 1_200_000, 20_000
TURNS = (
    "loris_body",
    "endless_100",
    "gzip_fname",
    "endless_chunked",
    "html200",
    "garbage",
    "j_surr",
    "j_deep",
)


def hostile():
    """Return the module beside this one: it knows how to record in a process of its own."""
    spec = importlib.util.spec_from_file_location("hostile", Path(__file__).with_name("test_hostile.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def shared_server():
    """Return a function that starts a server of the shared cases and returns its address once it listens."""
    running = []

    def start(name, *words):
        if not SHARED.is_dir():
            pytest.skip("the shared cases are not here")
        port = free_port()
        process = subprocess.Popen([sys.executable, str(SHARED / name), str(port), *map(str, words)])
        running.append(process)
        ends = time.monotonic() + 300
        while time.monotonic() < ends and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return f"http://127.0.0.1:{port}"
            threading.Event().wait(0.2)
        raise TimeoutError(name)

    yield start
    for process in running:
        process.kill()
        process.wait()


def recorded(address, path, out):
    """Record one page beside a good one; return what it came to in a line of a table."""
    module = hostile()
    profile = module.profile_of(address, [path, "good?"]) | {"scrape_timeout_s": TIMEOUT_S}
    command = [sys.executable, "-c", module.RECORDER, json.dumps(profile), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{path}: {done.stderr[-2000:]}"
    measured = json.loads(done.stdout)
    one, other = (s for s in read_capture(out).manifest.sources if s.kind == "jmx")
    words = one.gaps[0].reason if one.gaps else f"read: {one.lines}"
    print(f"{path:16} {measured['seconds']:6.1f} s {measured['megabytes']:6.0f} MB  {words[:110]}")  # noqa: T201
    assert other.failed == 0, f"{path}: {other.gaps}"
    assert one.errors == 0, path
    assert measured["megabytes"] < GROWTH_MB, path
    assert measured["seconds"] < 3 * (TIMEOUT_S + 1) + 5, path
    return one


def test_our_pages_one_by_one(tmp_path):
    module = hostile()
    server = [sys.executable, str(module.SERVER)]
    with subprocess.Popen(server, stdout=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip()
        for path in [*module.REASONS, *module.READ[1:]]:
            one = recorded(address, path, tmp_path / path)
            if path in module.REASONS:
                assert re.search(module.REASONS[path].replace("4 s", "5 s"), one.gaps[0].reason), path
            else:
                assert one.failed == 0, path
        process.kill()


def test_the_shared_pages_one_by_one(shared_server, tmp_path):
    address = shared_server("hostile_server.py", 3600)
    index = (SHARED / "INDEX.md").read_text()
    paths = [p for row in re.findall(r"^\| ([a-z0-9_, ]+) \|", index, re.MULTILINE) for p in row.split(", ")]
    for path in [p for p in paths if p not in ("path", "good")]:
        recorded(address, path, tmp_path / path)


@pytest.mark.parametrize("bad", TURNS)
def test_a_page_that_turns_does_not_end_the_recording(shared_server, tmp_path, bad):
    kind = "jolokia" if bad.startswith("j_") else "jmx"
    address = shared_server("turning_server.py", f"/{bad}", 4, 600, kind)
    profile = hostile().profile_of(address, ["flip", "good?"])
    profile["clusters"][0]["endpoints"][0]["kind"] = kind
    command = [
        sys.executable,
        "-c",
        TURNING,
        json.dumps(profile | {"scrape_timeout_s": 2}),
        str(tmp_path / "c"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    one, other = (s for s in read_capture(tmp_path / "c").manifest.sources if s.kind == "jmx")
    print(f"{bad:16} {one.ok} good, then: {one.gaps[-1].reason if one.gaps else 'read'}")  # noqa: T201
    assert one.ok > 0
    assert one.errors == 0
    assert other.failed == 0


TURNING = """
import sys
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.model.profile import Profile
if __name__ == "__main__":
    record_capture(Profile.model_validate_json(sys.argv[1]), sys.argv[2], duration_s=12, interval_s=2)
"""


def odd_line(chance: random.Random) -> bytes:
    """Return a line of metrics with something wrong in it, more often than not."""
    line = bytearray(b'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="t%d",} %d' % (
        chance.randrange(50), chance.randrange(10**6)))  # fmt: skip
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(line))
        what = chance.randrange(4)
        if what == 0:
            line[at] = chance.choice(b'{}"\\,= #\t\r\x00\x7f\xff\xc3\xed\xa00a-+')
        elif what == 1:
            del line[at : at + chance.randrange(1, 20)]
        elif what == 2:
            line[at:at] = bytes(
                chance.choice(b'{}"\\,= #\x80\xe2\xf0e+-NI') for _ in range(chance.randrange(9))
            )
        else:
            line += chance.choice((b" 1e999", b" -1", b" 99999999999999999999", b' # {a="b"} 1', b" NaN"))
        if not line:
            return b""
    return bytes(line).replace(b"\n", b"")


def test_every_odd_line_is_a_sample_or_rejected():
    chance = random.Random(20_261_129)
    read = rejected = 0
    for _ in range(LINES // LINES_A_PAGE):
        lines = [odd_line(chance) for _ in range(LINES_A_PAGE)]
        found = parse_exposition(b"\n".join(lines) + b"\n")
        said = {n for n, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith(b"#")}
        seen = [*found.samples["line"], *found.rejected["line"]]
        assert len(seen) == len(set(seen))
        assert set(seen) <= set(range(1, len(lines) + 1))
        assert all(not lines[n - 1].decode(errors="replace").strip() for n in said - set(seen))
        read, rejected = read + len(found.samples), rejected + len(found.rejected)
    print(f"{LINES:,} odd lines: {read:,} read, {rejected:,} rejected")  # noqa: T201
    assert read
    assert rejected
