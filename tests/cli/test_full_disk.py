"""A disk that is full or read-only: one line, exit code 2, and nothing half-written."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress

import pytest
from typer.testing import CliRunner

from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.repair import repair_capture
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.cli import app
from kafka_analysis.model.errors import PlaceError

pytestmark = pytest.mark.usefixtures("short_search")

PAGE = "".join(
    f'kafka_log_Log_Value{{name="Size",topic="t{n}",partition="{p}",}} {n * p}\n'
    for n in range(400)
    for p in range(9)
)


@pytest.fixture(scope="module")
def commands(small, tmp_path_factory):
    """Return every command that writes a folder, without the folder: it only reads what is made here."""
    tmp_path = tmp_path_factory.mktemp("commands")
    one = small.write_small_capture(tmp_path / "one")
    with CaptureWriter(tmp_path / "two") as writer:
        writer.add_samples(small.counters())
        writer.finish(window=(small.at(3600), small.at(7200)), clusters=read_capture(one).clusters)
    shutil.copytree(one, tmp_path / "damaged")
    (tmp_path / "damaged" / "tables" / "groups.parquet").unlink()
    (tmp_path / "kafka-1.prom").write_text(PAGE)
    at = "2026-01-01T00:00:00Z"
    return {
        "merge": ["captures", "merge", one, tmp_path / "two"],
        "redact": ["captures", "redact", one],
        "repair": ["captures", "repair", tmp_path / "damaged"],
        "simulate": ["simulate", "--brokers", 3, "--partitions", 12, "--duration", "10m"],
        "ingest": ["ingest", tmp_path / "kafka-1.prom", "--cluster", "c", "--at", at],
        "plan": ["plan", "rebalance", one, "--cluster", "old"],
    }


KINDS = ["merge", "redact", "repair", "simulate", "ingest", "plan"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_is_full(commands, small_disk, kind):
    fill(small_disk)
    refused(commands[kind], small_disk / "out", "no space left on the disk (")
    assert [path.name for path in small_disk.iterdir()] == ["fill"]


@pytest.mark.parametrize("kind", ["merge", "plan"])
def test_a_disk_that_may_only_be_read(commands, small_disk, kind):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    refused(commands[kind], small_disk / "out", "the file system is read-only; name a place")
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize("kind", ["repair", "ingest"])
def test_a_file_in_the_place_of_a_folder(commands, tmp_path, kind):
    (tmp_path / "file").write_text("mine")
    refused(commands[kind], tmp_path / "file" / "out", "a file is in its place; ")
    assert (tmp_path / "file").read_text() == "mine"


def fill(disk):
    handle = os.open(disk / "fill", os.O_WRONLY | os.O_CREAT)
    with suppress(OSError):
        while os.write(handle, b"x" * 4096):
            pass
    os.close(handle)


def refused(command, out, said):
    shown = CliRunner().invoke(app, [*map(str, command), "--out", str(out)])
    last = [line for line in shown.stderr.splitlines() if line.startswith("error: ")]
    assert shown.exit_code == 2, (shown.output, shown.exception)
    assert len(last) == 1
    assert said in last[0]
    assert shown.stderr.splitlines()[-1] == last[0]


def test_a_recording_keeps_what_repair_can_save_and_says_so(small, small_disk, tmp_path):
    with pytest.raises(
        PlaceError, match=r"no space left .* is kept, save it with: kafka-analysis captures repair /.*/out$"
    ):
        record(small, small_disk)
    repair_capture(small_disk / "out", out=tmp_path / "saved")
    assert read_capture(tmp_path / "saved").samples().collect().height == len(small.counters())


def record(small, disk):
    with CaptureWriter(disk / "out") as writer:
        writer.add_samples(small.counters())
        writer.flush(start=small.at(0))
        fill(disk)
        writer.add_samples(small.counters())
        writer.flush(start=small.at(0))
