"""Outages of one small cluster, really made: what was predicted against what the load's own record says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.capture.read import read_capture
from testbed import blast, blast_trial, processes

pytestmark = [pytest.mark.testbed, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
BYTES_TOLERANCE = 0.1  # of all: the rates before an outage are those of other seconds than the record's


@pytest.fixture(scope="session")
def compared(tool, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    folder = tmp_path_factory.mktemp("blast")
    out, run_dir = folder / "capture", folder / "run"
    command = [sys.executable, "-m", "testbed.blast_trial", str(out), str(run_dir)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    assert processes.running(run_dir) == []
    return blast.compare(read_capture(out), blast_trial.scenario())


def lost(compared: pl.DataFrame, outage: int) -> dict[str, tuple[float, float, float]]:
    rows = compared.filter(outage=outage, effect="loses_service")
    return {row[0]: row[1:] for row in rows.select("what", "predicted", "measured", "true").iter_rows()}


def test_the_loss_of_a_broker_is_as_predicted(compared: pl.DataFrame) -> None:
    told = lost(compared, 1)
    assert told["partitions"] == pytest.approx((2 / 11,) * 3)  # audit.trail-0 and ledger-0
    assert told["producers"] == pytest.approx((2 / 4,) * 3)
    predicted, measured, true = told["bytes_in_per_s"]
    assert predicted == measured
    assert abs(predicted - true) < BYTES_TOLERANCE


def test_each_way_to_lose_service_is_told_apart(compared: pl.DataFrame) -> None:
    for effect in ("unavailable", "not_writable"):
        rows = compared.filter(outage=1, effect=effect, what="partitions").select("predicted", "measured")
        assert rows.row(0) == pytest.approx((1 / 11, 1 / 11)), effect


def test_the_loss_of_the_whole_cluster_takes_all(compared: pl.DataFrame) -> None:
    told = lost(compared, 2)
    for what in ("partitions", "producers", "bytes_in_per_s"):
        assert told[what] == pytest.approx((1.0, 1.0, 1.0)), what
    assert told["groups"][:2] == (1.0, 1.0)
