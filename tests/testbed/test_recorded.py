"""The short scenario, really recorded once: what the analysis says of it against what really happened."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from testbed import processes, truth
from testbed.judges import folder_of

pytestmark = [pytest.mark.testbed, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
BYTES_TOLERANCE = 0.01


@pytest.fixture(scope="session")
def recorded(tool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    folder = tmp_path_factory.mktemp("testbed")
    out, run_dir = folder / "capture", folder / "run"
    options = ["--scenario", "short", "--out", str(out), "--run-dir", str(run_dir)]
    command = [sys.executable, "-m", "testbed", "record", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=800, check=False)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    assert processes.running(run_dir) == []
    return out


@pytest.fixture(scope="session")
def compared(recorded: Path) -> pl.DataFrame:
    from kafka_analysis.capture.read import read_capture
    from testbed.truth_report import compare

    return truth.differences(compare(read_capture(recorded)))


def of(compared: pl.DataFrame, figure: str) -> pl.DataFrame:
    rows = compared.filter(pl.col("figure") == figure)
    assert len(rows) > 0
    return rows


@pytest.mark.parametrize("window", ["baseline", "after"])
def test_records_appended_are_those_acknowledged_exactly(compared: pl.DataFrame, window: str) -> None:
    rows = of(compared, "records per partition").filter(pl.col("window") == window)
    assert len(rows) == 15  # every partition of every topic was written to
    assert rows.filter(pl.col("difference") != 0).rows() == []


@pytest.mark.parametrize("window", ["baseline", "after"])
def test_bytes_in_are_the_producers_batches(compared: pl.DataFrame, window: str) -> None:
    rows = of(compared, "bytes in per topic").filter(pl.col("window") == window)
    assert rows["subject"].n_unique() == 6
    assert rows.filter(pl.col("relative").abs() > BYTES_TOLERANCE).rows() == []


def test_lag_in_seconds_is_true_to_the_time_between_two_answers(recorded: Path) -> None:
    from kafka_analysis.capture.read import read_capture
    from testbed.lag_truth import lag_against_truth, untrue

    lag = lag_against_truth(read_capture(recorded))
    assert len(lag) > 0
    assert untrue(lag).rows() == []


def test_topics_add_up_to_each_broker_s_aggregate(compared: pl.DataFrame) -> None:
    rows = of(compared, "bytes in of all topics").filter(pl.col("window") == "baseline")
    assert rows.filter(pl.col("relative").abs() > BYTES_TOLERANCE).rows() == []


def test_sizes_are_those_of_kafka_s_own_tool(compared: pl.DataFrame) -> None:
    rows = of(compared, "size per replica")
    assert rows.filter(pl.col("difference") != 0).rows() == []


def test_log_ends_are_those_of_kafka_s_own_tool(compared: pl.DataFrame) -> None:
    rows = of(compared, "log end offset")
    assert rows.filter(pl.col("difference") != 0).rows() == []


def test_commits_are_those_of_kafka_s_own_tool(compared: pl.DataFrame) -> None:
    rows = of(compared, "committed offset")
    assert rows["cluster"].unique().sort().to_list() == ["cell-a", "monolith"]
    assert rows.filter(pl.col("difference") != 0).rows() == []


def test_the_wave_moved_producers_to_the_cell(recorded: Path) -> None:
    from kafka_analysis.capture.read import read_capture

    sent = read_capture(recorded).table("truth").filter(pl.col("kind") == "acknowledged")
    clusters = sent.group_by("topic").agg(pl.col("cluster").unique().sort()).sort("topic")
    both = clusters.filter(pl.col("cluster").list.len() == 2)["topic"].to_list()
    assert both == ["orders-state", "orders.created", "payments"]


def test_nothing_committed_is_lost_or_read_twice_by_a_drained_group(recorded: Path) -> None:
    from kafka_analysis.capture.read import read_capture

    table = read_capture(recorded).table("truth")
    sent = table.filter(pl.col("kind") == "acknowledged", pl.col("topic") == "orders.created")[
        "records"
    ].sum()
    for group in ("billing", "warehouse"):
        read = table.filter(pl.col("group") == group, pl.col("topic") == "orders.created")["records"].sum()
        assert read == sent


def test_the_cell_has_every_committed_record_of_the_source_once(recorded: Path) -> None:
    from kafka_analysis.capture.read import read_capture

    table = read_capture(recorded).table("truth").filter(topic="orders.created")
    place = ["topic", "partition"]
    totals = {
        kind: table.filter(kind=kind, cluster=cluster).group_by(place).agg(
            pl.col("records").sum(), pl.col("last_offset").max()
        ).sort(place)
        for kind, cluster in (("acknowledged", "monolith"), ("copied", "monolith"), ("mirrored", "cell-a"))
    }  # fmt: skip
    assert len(totals["copied"]) == 4
    assert totals["copied"].rows() == totals["acknowledged"].rows()
    assert totals["mirrored"]["records"].to_list() == totals["copied"]["records"].to_list()


def test_answers_of_the_judges_are_kept_beside_the_capture(recorded: Path) -> None:
    """A group without members is in the cell as far as MirrorMaker translated its offsets, as the journal says."""
    kept = json.loads((folder_of(recorded) / "end.cell-a.consumer_groups.json").read_text(encoding="utf-8"))
    found = {row[0] for row in kept["rows"]}
    assert found >= {"billing", "warehouse"}
    from kafka_analysis.capture.read import read_capture

    events = read_capture(recorded).table("events").filter(name="wave-1 group")["detail"].to_list()
    (old_report,) = [detail for detail in events if detail.startswith("old-report to cell-a")]
    assert "old-report" in found or ": 0 partitions at translated offsets" in old_report
