from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from kafka_analysis.capture.read import read_capture
from kafka_analysis.cli import app
from kafka_analysis.plan.files.reassignment import reassignment_json

NOTHING = '{"version": 1, "partitions": []}'
SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture
def judged(tmp_path):
    """Return a function that judges a plan's text on the sample."""

    def run(text: str, *words: str):
        path = tmp_path / "plan.json"
        path.write_text(text, encoding="utf-8")
        return CliRunner().invoke(app, ["plan", "judge", str(SAMPLE), str(path), *words])

    return run


@pytest.fixture(scope="module")
def assignment():
    table = read_capture(SAMPLE).table("partitions").filter(cluster="cell-a")
    rows = table.filter(pl.col("ts") == pl.col("ts").max()).select("topic", "partition", "replicas")
    return rows.filter(~pl.col("topic").str.starts_with("_"))


def test_the_assignment_as_it_is_moves_nothing_and_breaks_no_rule(judged, assignment):
    shown = judged(reassignment_json(assignment), "--cluster", "cell-a", "--json")
    assert shown.exit_code == 0, shown.output
    told = json.loads(shown.stdout)
    assert (told["bytes_to_move"], told["movements"]) == (0, [])
    assert all(goal["before"] == goal["after"] for goal in told["goals"])
    capture = read_capture(SAMPLE)
    assert [row["broker"] for row in told["brokers"]] == capture.expected_brokers.filter(cluster="cell-a")[
        "broker"
    ].to_list()


def test_a_movement_is_told_in_words(judged, assignment):
    topic, partition, replicas = assignment.filter(pl.col("replicas").list.len() == 3).row(0)
    fewer = pl.DataFrame([(topic, partition, replicas[1:])], schema=assignment.schema, orient="row")
    shown = judged(reassignment_json(fewer), "--cluster", "cell-a")
    assert shown.exit_code == 0, shown.output
    assert "1 replicas move, 0 B to copy; 1 preferred leaders change" in shown.stdout
    assert "as many copies" in shown.stdout
    assert "VIOLATED" in shown.stdout


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        (NOTHING, (), "give --cluster: monolith, cell-a, cell-b"),
        (NOTHING, ("--cluster", "cell-c"), "unknown cluster 'cell-c'; did you mean"),
        ("{}", ("--cluster", "cell-a"), "not a reassignment"),
        (
            '{"version":1,"partitions":[{"topic":"nobody","partition":0,"replicas":[1]}]}',
            ("--cluster", "cell-a"),
            "nobody-0 is no partition of the cluster",
        ),
    ],
)
def test_wrong_use_is_one_line(judged, text, words, message):
    shown = judged(text, *words)
    assert shown.exit_code == 2
    assert message in shown.stderr


def test_a_plan_that_is_not_there_is_told(tmp_path):
    shown = CliRunner().invoke(
        app, ["plan", "judge", str(SAMPLE), str(tmp_path / "none.json"), "--cluster", "cell-a"]
    )
    assert shown.exit_code == 2
    assert "cannot read" in shown.stderr


def test_log_directories_are_not_judged_and_that_is_said(judged, assignment):
    topic, partition, replicas = assignment.row(0)
    row = {
        "topic": topic,
        "partition": partition,
        "replicas": replicas,
        "log_dirs": ["/data-2"] * len(replicas),
    }
    text = json.dumps({"version": 1, "partitions": [row]})
    assert f"({topic}-{partition}) are not judged" in judged(text, "--cluster", "cell-a").stdout.replace(
        "partitions ", ""
    )
    (told,) = json.loads(judged(text, "--cluster", "cell-a", "--json").stdout)["not_judged"]
    assert "not judged" in told
