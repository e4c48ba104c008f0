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
from tests.small import write_small_capture

pytestmark = pytest.mark.usefixtures("short_search")

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


def answer(*words):
    """Return what a command printed as JSON, and its figures."""
    shown = run(*words, "--json")
    assert shown.exit_code == 0, shown.output
    document = json.loads(shown.stdout)
    (result,) = document["results"]
    return document, {figure["name"]: figure["value"] for figure in result["figures"]}


def moved(folder) -> set[tuple[str, int]]:
    rows = read_reassignment((folder / "reassignment.json").read_text())
    return set(rows.select(pl.col("topic"), pl.col("partition")).rows())


def copies(document) -> int:
    return sum(row["kind"] == "replica" for row in document["tables"]["movements"])


def test_plain_files_become_a_plan(files, tmp_path):
    document, figures = answer(*files, "--out", tmp_path / "plan")
    assert (copies(document), figures["bytes_to_move"]) == (2, 2e9)
    # 2 GB at 50 MB/s, less what a throttle lets pass
    assert figures["minutes"] is None
    (batch,) = document["tables"]["batches"]
    assert batch["seconds_low"] == pytest.approx(39, abs=1)
    names = {path.name for path in (tmp_path / "plan").iterdir()}
    assert {"reassignment.json", "rollback.json", "reassignment-01.json", "plan.md", "plan.json"} <= names


def test_the_files_do_what_is_said(files, tmp_path):
    document, figures = answer(*files, "--out", tmp_path / "plan")
    partitions, brokers = read_cluster(json.dumps(NOW), loads=LOADS, brokers=BROKERS)
    judgement = judge(
        partitions, brokers, read_reassignment((tmp_path / "plan" / "reassignment.json").read_text())
    )
    assert figures["bytes_to_move"] == judgement.bytes_to_move == 2e9
    goals = {row["goal"]: row["after"] for row in document["tables"]["goals"]}
    assert goals["size_bytes"] == 1.0


def test_a_capture_becomes_a_plan_that_the_judge_likes(tmp_path):
    document, figures = answer(SAMPLE, "--cluster", "cell-a", "--out", tmp_path / "plan")
    path = tmp_path / "plan" / "reassignment.json"
    judged = CliRunner().invoke(
        app, ["plan", "judge", str(SAMPLE), str(path), "--cluster", "cell-a", "--json"]
    )
    told = json.loads(judged.stdout)
    same = ("goal", "before", "after", "status")
    assert [[goal[name] for name in same] for goal in told["tables"]["goals"]] == [
        [goal[name] for name in same] for goal in document["tables"]["goals"]
    ]
    judged_figures = {figure["name"]: figure["value"] for figure in told["results"][0]["figures"]}
    assert judged_figures["bytes_to_move"] == figures["bytes_to_move"]
    assert judged_figures["minutes"] == pytest.approx(figures["minutes"], abs=1e-9)


def test_limits_reach_the_plan(files, tmp_path):
    fewer, _ = answer(*files, "--out", tmp_path / "few", "--max-movements", 1, "--pin", "t:0")
    assert copies(fewer) == 1
    assert ("t", 0) not in moved(tmp_path / "few")
    bytes_too, figures = answer(*files, "--out", tmp_path / "bytes", "--max-moved-bytes", "1 GB")
    assert (copies(bytes_too), figures["bytes_to_move"]) == (1, 1e9)
    more, _ = answer(*files, "--out", tmp_path / "more", "--replication-factor", "t=2")
    assert copies(more) == 4


def test_without_loads_in_the_assignments_place_another_plan_is_made(files, tmp_path):
    """The command line once took loads of its own: where they lie decides what moves."""
    heavy = tmp_path / "heavy"
    heavy.write_text(LOADS.replace("t,0,1e9", "t,0,9e9"))
    answer(*files, "--out", tmp_path / "even")
    document, _ = answer(*files, "--loads", heavy, "--out", tmp_path / "uneven")
    assert sum(row["size_bytes"] for row in document["tables"]["partitions"]) == 12e9
    assert moved(tmp_path / "even") != moved(tmp_path / "uneven")


def test_internal_topics_move_only_when_asked(tmp_path):
    offsets = [row | {"topic": "__consumer_offsets"} for row in NOW["partitions"]]
    (tmp_path / "now").write_text(
        json.dumps({"version": 1, "partitions": [*offsets, *NOW["partitions"][:1]]})
    )
    (tmp_path / "loads").write_text(LOADS.replace("t,", "__consumer_offsets,") + "t,0,1\n")
    (tmp_path / "brokers").write_text(BROKERS)
    words = [
        "--assignment",
        tmp_path / "now",
        "--loads",
        tmp_path / "loads",
        "--brokers",
        tmp_path / "brokers",
    ]
    answer(*words, "--out", tmp_path / "a")
    answer(*words, "--include-internal", "--out", tmp_path / "b")
    assert {topic for topic, _ in moved(tmp_path / "a")} <= {"t"}
    assert "__consumer_offsets" in {topic for topic, _ in moved(tmp_path / "b")}


def test_several_clusters_have_a_folder_each(tmp_path):
    shown = run(SAMPLE, "--leaders-only", "--out", tmp_path / "plan", "--json")
    assert shown.exit_code == 0, shown.output
    clusters = [result["cluster"] for result in json.loads(shown.stdout)["results"]]
    assert sorted(path.name for path in (tmp_path / "plan").iterdir()) == sorted(clusters)
    assert all((tmp_path / "plan" / cluster / "plan.md").is_file() for cluster in clusters)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--pin", "t"], ["pinned", "'t'"]),
        (["--replication-factor", "t"], ["--replication-factor", "'t'"]),
        (["--remove-broker", "7"], ["7"]),
        (["--resource", "disk"], ["'disk'"]),
        (["--flavour", "msk"], ["'flavour'", "'msk'"]),
        (["--throttle", "-5"], ["'throttle_bytes_per_s'"]),
        (["--exclude-topic", "nobody"], ["'nobody'"]),
        ([str(SAMPLE)], ["assignment", "capture"]),
    ],
)
def test_wrong_use_writes_nothing(files, tmp_path, words, names):
    shown = run(*files, "--out", tmp_path / "plan", *words)
    assert shown.exit_code == 2
    assert [name for name in names if name not in shown.stderr] == []
    assert shown.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assignment", "brokers", "loads"]


@pytest.mark.parametrize(
    "words", [["--cluster", "od"], ["--include-topic", "order"], ["--exclude-topic", "order"]]
)
def test_a_name_that_a_capture_has_not_got_is_refused(tmp_path, words):
    capture = write_small_capture(tmp_path / "capture")
    shown = run(capture, *words, "--out", tmp_path / "plan")
    assert shown.exit_code == 2
    assert repr(words[1]) in shown.stderr
    assert not (tmp_path / "plan").exists()


def test_a_folder_with_something_in_it_is_left_alone(files, tmp_path):
    shown = run(*files, "--out", tmp_path)
    assert shown.exit_code == 2
    assert str(tmp_path) in shown.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assignment", "brokers", "loads"]
