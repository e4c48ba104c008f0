from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app
from kafka_analysis.plan.files.plain_files import read_cluster
from kafka_analysis.plan.files.reassignment import read_reassignment
from kafka_analysis.plan.rebalance.judge import judge

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
NOW = {"version": 1, "partitions": [{"topic": "t", "partition": n, "replicas": [1]} for n in range(4)]}
LOADS = "topic,partition,size_bytes\n" + "".join(f"t,{n},1e9\n" for n in range(4))
BROKERS = "broker,rack\n1,a\n2,b\n"


@pytest.fixture
def files(tmp_path):
    """Write a cluster of four partitions on one of two brokers; return the words that name its files."""
    texts = {"assignment": json.dumps(NOW), "loads": LOADS, "brokers": BROKERS}
    words = []
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        words += [f"--{name}", str(tmp_path / name)]
    return words


def run(*words):
    return CliRunner().invoke(app, ["plan", "rebalance", *map(str, words)])


def test_plain_files_become_a_plan(files, tmp_path):
    shown = run(*files, "--out", tmp_path / "plan")
    assert shown.exit_code == 0, shown.output
    assert "2 replicas move, 2 GB of 4 GB to copy" in shown.stderr
    assert (
        "takes unknown (at least 39 s) in 1 batch\n" in shown.stderr
    )  # 2 GB at 50 MB/s, less what a throttle lets pass
    assert shown.stdout == f"{tmp_path / 'plan'}\n"
    names = {path.name for path in (tmp_path / "plan").iterdir()}
    assert {"reassignment.json", "rollback.json", "reassignment-01.json", "plan.md", "plan.json"} <= names


def test_the_files_do_what_is_said(files, tmp_path):
    shown = run(*files, "--out", tmp_path / "plan", "--json")
    told = json.loads(shown.stdout)
    partitions, brokers = read_cluster(json.dumps(NOW), loads=LOADS, brokers=BROKERS)
    found = judge(
        partitions, brokers, read_reassignment((tmp_path / "plan" / "reassignment.json").read_text())
    )
    assert told["bytes_to_move"] == found.bytes_to_move == 2e9
    assert told["goals"][3]["goal"] == "size_bytes"
    assert {row["goal"]: row["after"] for row in told["goals"]}["size_bytes"] == 1.0


def test_a_capture_becomes_a_plan_that_the_judge_likes(tmp_path):
    shown = run(SAMPLE, "--cluster", "cell-a", "--out", tmp_path / "plan", "--json")
    assert shown.exit_code == 0, shown.output
    told = json.loads(shown.stdout)
    path = tmp_path / "plan" / "reassignment.json"
    judged = CliRunner().invoke(
        app, ["plan", "judge", str(SAMPLE), str(path), "--cluster", "cell-a", "--json"]
    )
    found = json.loads(judged.stdout)
    assert found["goals"] == told["goals"]
    assert found["bytes_to_move"] == told["bytes_to_move"]
    assert found["seconds"] == pytest.approx(told["seconds"])


def test_options_reach_the_plan(files, tmp_path):
    shown = run(*files, "--out", tmp_path / "plan", "--json", "--max-movements", 1, "--pin", "t:0")
    assert json.loads(shown.stdout)["movements"] == 1
    assert "t-0" not in {f"{row[0]}-{row[1]}" for row in moved(tmp_path / "plan")}
    shown = run(*files, "--out", tmp_path / "more", "--json", "--replication-factor", "t=2")
    assert json.loads(shown.stdout)["movements"] == 4


def moved(folder) -> list[tuple]:
    rows = read_reassignment((folder / "reassignment.json").read_text())
    return rows.select(pl.col("topic"), pl.col("partition")).rows()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--pin", "t"], "--pin 't': it must be TOPIC:PARTITION"),
        (["--replication-factor", "t"], "it must be TOPIC=COPIES"),
        (["--remove-broker", "7"], "remove_brokers: broker 7 is not among the brokers"),
        (["--resource", "disk"], "unknown resource 'disk'"),
        (["--flavour", "msk"], "flavour"),
        (["--throttle", "-5"], "throttle_bytes_per_s"),
        ([str(SAMPLE)], "give a CAPTURE, or --assignment and --loads"),
    ],
)
def test_wrong_use_writes_nothing(files, tmp_path, words, message):
    shown = run(*files, "--out", tmp_path / "plan", *words)
    assert shown.exit_code == 2
    assert message in shown.stderr
    assert shown.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assignment", "brokers", "loads"]


def test_a_folder_with_something_in_it_is_left_alone(files, tmp_path):
    shown = run(*files, "--out", tmp_path)
    assert shown.exit_code == 2
    assert "is not empty" in shown.stderr
