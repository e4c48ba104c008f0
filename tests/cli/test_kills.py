"""Real kills of every command that writes: nothing is left that looks finished and is not, and it can be run again."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time

import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import CaptureIncompleteError, CaptureNotFoundError
from kafka_analysis.model.summary import Summary

KINDS = ["simulate", "merge", "redact", "ingest", "plan", "report"]
ALWAYS = ("simulate", "plan")
pytestmark = [pytest.mark.hostile, pytest.mark.timeout(1800)]


@pytest.fixture
def commands(small, tmp_path):
    one = small.write_small_capture(tmp_path / "one")
    with CaptureWriter(tmp_path / "two") as writer:
        writer.add_samples(small.counters())
        writer.finish(window=(small.at(3600), small.at(7200)), clusters=read_capture(one).clusters)
    (tmp_path / "kafka-1.prom").write_text('kafka_server_ReplicaManager_Value{name="LeaderCount",} 5\n')
    at = "2026-01-01T00:00:00Z"
    return {
        "merge": ["captures", "merge", one, tmp_path / "two"],
        "redact": ["captures", "redact", one],
        "simulate": ["simulate", "--brokers", 3, "--partitions", 60, "--duration", "2h"],
        "ingest": ["ingest", tmp_path / "kafka-1.prom", "--cluster", "c", "--at", at],
        "plan": ["plan", "rebalance", one, "--cluster", "old"],
        "report": ["report", one, "--only", "10_inventory"],
    }


def start(command, out):
    words = [sys.executable, "-c", "from kafka_analysis.cli import main; main()", *map(str, command)]
    temporary = out.parent.with_name("tmp")
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        [*words, "--out", str(out)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )


@pytest.mark.parametrize("kills", [1, pytest.param(25, marks=pytest.mark.campaign)])
@pytest.mark.parametrize(
    "kind", [pytest.param(k, marks=[pytest.mark.campaign] * (k not in ALWAYS)) for k in KINDS]
)
def test_a_killed_command_leaves_nothing_that_looks_finished(commands, tmp_path, kind, kills):
    chance = random.Random(f"{kind}{kills}")
    place = tmp_path / "place"
    for _ in range(kills):
        place.mkdir()
        with start(commands[kind], place / "out") as process:
            wait_for_files(process, place)
            time.sleep(chance.random() * 0.2)  # a moment somewhere within the writing
            process.kill()
        judge(kind, place / "out")
        for beside in place.glob("out.*.csv"):
            beside.unlink()
        if not is_there(kind, place / "out"):
            with start(commands[kind], place / "out") as process:
                said = process.stderr.read()
            assert process.returncode == 0, said
            assert list((tmp_path / "tmp").glob("kafka-analysis.*")) == []
        assert is_there(kind, place / "out")
        assert [path.name for path in place.iterdir() if "unfinished" in path.name] == []
        shutil.rmtree(place)


def wait_for_files(process, place):
    """Wait until a command begins to write, or ends."""
    while process.poll() is None and not any(place.iterdir()):
        os.sched_yield()


def judge(kind, out):
    if kind == "plan":
        assert not out.exists() or {file.name for file in out.iterdir()} >= {"plan.md", "reassignment.json"}
    elif kind == "report":
        for run in runs(out):
            assert Summary.read(run / "10_inventory.summary.json").results
            assert (run / "index.html").read_text().rstrip().endswith("</html>")
    else:
        try:
            read_capture(out)
        except (CaptureNotFoundError, CaptureIncompleteError):
            return


def is_there(kind, out):
    if kind == "plan":
        return out.exists()
    return bool(runs(out)) if kind == "report" else (out / "manifest.json").exists()


def runs(out):
    return [run for run in out.iterdir() if run.is_dir() and run.name[0].isdigit()] if out.exists() else []
