"""What all plan commands do alike, and ``plan judge``."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from typer.testing import CliRunner

from kafka_analysis import analyses
from kafka_analysis.capture.read import read_capture
from kafka_analysis.cli import app
from kafka_analysis.cli.plan import _in_folders
from kafka_analysis.plan.files.reassignment import reassignment_json
from tests.small import write_small_capture

pytestmark = pytest.mark.usefixtures("short_search")

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


def figures(shown) -> dict[str, float]:
    """Return the figures of the one result that a command printed as JSON."""
    (result,) = json.loads(shown.stdout)["results"]
    return {figure["name"]: figure["value"] for figure in result["figures"]}


def test_the_assignment_as_it_is_moves_nothing_and_breaks_no_rule(judged, assignment):
    shown = judged(reassignment_json(assignment), "--cluster", "cell-a", "--json")
    assert shown.exit_code == 0, shown.output
    tables = json.loads(shown.stdout)["tables"]
    assert tables["movements"] == []
    violated = sum(goal["status"] == "VIOLATED" for goal in tables["goals"])
    assert figures(shown) == {
        "bytes_to_move": 0, "replicas_moved": 0, "leaders_changed": 0, "minutes": 0, "goals_violated": violated,
    }  # fmt: skip
    assert all(goal["before"] == goal["after"] for goal in tables["goals"])
    expected = (
        read_capture(SAMPLE).expected_brokers.filter(cluster="cell-a")["broker"].unique().sort().to_list()
    )
    assert sorted({row["broker"] for row in tables["brokers"]}) == expected


def test_a_copy_taken_away_breaks_a_rule(judged, assignment):
    topic, partition, replicas = assignment.filter(pl.col("replicas").list.len() == 3).row(0)
    fewer = pl.DataFrame([(topic, partition, replicas[1:])], schema=assignment.schema, orient="row")
    shown = judged(reassignment_json(fewer), "--cluster", "cell-a", "--json")
    assert shown.exit_code == 0, shown.output
    assert figures(shown)["leaders_changed"] == 1
    assert figures(shown)["bytes_to_move"] == 0
    worse = [g["goal"] for g in json.loads(shown.stdout)["tables"]["goals"] if g["before"] == 0 < g["after"]]
    assert worse == ["as many copies"]


@pytest.mark.parametrize(
    ("text", "words", "names"),
    [
        (NOTHING, (), ["cluster", "monolith", "cell-a", "cell-b"]),
        (NOTHING, ("--cluster", "cell-c"), ["'cell-c'", "cell-a"]),
        ("{}", ("--cluster", "cell-a"), ["reassignment"]),
        (
            '{"version":1,"partitions":[{"topic":"nobody","partition":0,"replicas":[1]}]}',
            ("--cluster", "cell-a"),
            ["nobody-0"],
        ),
    ],
)
def test_wrong_use_is_one_line(judged, text, words, names):
    shown = judged(text, *words)
    assert shown.exit_code == 2
    assert [name for name in names if name not in shown.stderr] == []
    assert shown.stderr.count("\n") == 1


def test_a_plan_that_is_not_there_is_named(tmp_path):
    path = tmp_path / "none.json"
    shown = CliRunner().invoke(app, ["plan", "judge", str(SAMPLE), str(path), "--cluster", "cell-a"])
    assert shown.exit_code == 2
    assert str(path) in shown.stderr


def test_log_directories_that_are_not_judged_are_named(judged, assignment):
    topic, partition, replicas = assignment.row(0)
    row = {"topic": topic, "partition": partition, "replicas": replicas}
    row["log_dirs"] = ["/data-2"] * len(replicas)
    text = json.dumps({"version": 1, "partitions": [row]})
    shown = judged(text, "--cluster", "cell-a", "--json")
    assert [note for note in json.loads(shown.stdout)["notes"] if f"{topic}-{partition}" in note] != []


def test_json_is_the_answer_of_the_analysis(tmp_path):
    capture = write_small_capture(tmp_path / "capture")
    words = ["plan", "rebalance", str(capture), "--cluster", "old", "--out", str(tmp_path / "plan"), "--json"]
    shown = CliRunner().invoke(app, words)
    assert shown.exit_code == 0, shown.output
    answer = analyses.rebalance(capture, cluster="old")
    printed = json.loads(shown.stdout)
    assert printed["results"] == [result.model_dump(mode="json") for result in answer.results]
    assert printed["notes"] == list(answer.notes)
    assert {name: len(rows) for name, rows in printed["tables"].items()} == {
        name: frame.height for name, frame in answer.frames.items()
    }
    assert shown.stderr.splitlines()[-1] == str(tmp_path / "plan")


def test_the_answer_in_words_and_the_folder_last(tmp_path):
    capture = write_small_capture(tmp_path / "capture")
    words = ["plan", "rebalance", str(capture), "--cluster", "old", "--out", str(tmp_path / "plan")]
    shown = CliRunner().invoke(app, words)
    answer = analyses.rebalance(capture, cluster="old")
    assert shown.stdout == f"{tmp_path / 'plan'}\n"
    assert all(result.verdict.sentence in shown.stderr for result in answer.results)
    assert all(finding.title in shown.stderr for result in answer.results for finding in result.findings)
    assert all(note in shown.stderr for note in answer.notes)


@pytest.mark.parametrize("command", ["rebalance", "split", "size", "waves", "judge"])
def test_every_command_says_its_exit_codes(command):
    shown = CliRunner().invoke(app, ["plan", command, "--help"])
    assert shown.exit_code == 0
    assert "Exit codes" in shown.stdout


def test_clusters_whose_names_become_one_have_folders_of_their_own():
    answer = SimpleNamespace(files={"a b": {"plan.md": "one"}, "a-b": {"plan.md": "other"}})
    assert sorted(_in_folders(answer).values()) == ["one", "other"]
    assert _in_folders(SimpleNamespace(files={"a b": {"plan.md": "one"}})) == {"plan.md": "one"}
