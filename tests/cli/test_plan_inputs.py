"""What is given to a plan command decides what it writes: owners, Kafka's own topics, loads."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app

pytestmark = pytest.mark.usefixtures("short_search")

DATA = Path(__file__).parents[2] / "data"
OWNERS = "pattern,kind,team,criticality\n*,topic,all,low\n*,group,all,critical\n*,producer,all,critical\n"


def run(command, *words):
    return CliRunner().invoke(app, ["plan", command, *map(str, words)])


def offers(command, option):
    return (
        option
        in CliRunner(env={"COLUMNS": "300", "TERM": "dumb"}).invoke(app, ["plan", command, "--help"]).output
    )


def column(path, name):
    with path.open(newline="") as lines:
        return [row[name] for row in csv.DictReader(lines)]


def waves(out, *words):
    shown = run("waves", DATA / "sample", "--cells", DATA / "sample.cells.csv", "--start", "2026-01-05",
                "--max-share", 0.3, "--move-last", "critical", *words, "--out", out)  # fmt: skip
    assert shown.exit_code == 0, shown.output
    return dict(
        zip(column(out / "topic_waves.csv", "topic"), column(out / "topic_waves.csv", "wave"), strict=True)
    )


def test_owners_that_are_given_decide_what_moves_last(tmp_path):
    (tmp_path / "owners.csv").write_text(OWNERS)
    beside = waves(tmp_path / "beside")
    given = waves(tmp_path / "given", "--ownership", tmp_path / "owners.csv")
    assert beside.keys() == given.keys()
    assert beside != given


@pytest.mark.parametrize(
    ("command", "words"), [("split", ["--cells", 2]), ("waves", ["--start", "2026-01-05"])]
)
def test_owners_that_cannot_be_read_are_an_error(tmp_path, command, words):
    if command == "waves":
        words = [*words, "--cells", DATA / "sample.cells.csv"]
    shown = run(
        command, DATA / "sample", *words, "--ownership", tmp_path / "none.csv", "--out", tmp_path / "p"
    )
    assert shown.exit_code == 2
    assert "none.csv" in shown.stderr
    assert not (tmp_path / "p").exists()


def test_a_split_leaves_kafka_s_own_topics(tmp_path):
    shown = run("split", DATA / "sample", "--cells", 2, "--out", tmp_path / "p")
    assert shown.exit_code == 0, shown.output
    topics = column(tmp_path / "p" / "cells.csv", "topic")
    assert "orders.created" in topics
    assert [topic for topic in topics if topic.startswith("__")] == []
    if offers("split", "--include-internal"):
        run("split", DATA / "sample", "--cells", 2, "--include-internal", "--out", tmp_path / "all")
        assert "__consumer_offsets" in column(tmp_path / "all" / "cells.csv", "topic")


@pytest.fixture
def rebalance(tmp_path):
    """Return a function that plans four partitions of a topic, all on one of two brokers; it returns which move."""

    def plan(name, loads, *words, topic="t"):
        places = [{"topic": topic, "partition": n, "replicas": [1]} for n in range(4)]
        (tmp_path / "assignment").write_text(json.dumps({"version": 1, "partitions": places}))
        lines = [f"{topic},{n},{size}" for n, size in enumerate(loads)]
        (tmp_path / "loads").write_text("\n".join(["topic,partition,size_bytes", *lines]) + "\n")
        (tmp_path / "brokers").write_text("broker,rack\n1,a\n2,b\n")
        files = [
            word for file in ("assignment", "loads", "brokers") for word in (f"--{file}", tmp_path / file)
        ]
        shown = run("rebalance", *files, "--resource", "size_bytes", *words, "--out", tmp_path / name)
        if shown.exit_code == 2:  # nothing may move, so nothing is planned
            assert not (tmp_path / name).exists()
            return set()
        assert shown.exit_code == 0, shown.output
        made = json.loads((tmp_path / name / "reassignment.json").read_text())
        return {row["partition"] for row in made["partitions"]}

    return plan


def test_loads_decide_which_partitions_move(rebalance):
    heavy_last, heavy_first = rebalance("a", [1e9, 1e9, 1e9, 3e9]), rebalance("b", [3e9, 1e9, 1e9, 1e9])
    assert heavy_last in ({3}, {0, 1, 2})
    assert heavy_first in ({0}, {1, 2, 3})
    assert len(rebalance("c", [1e9] * 4)) == 2


def test_kafka_s_own_topics_move_only_if_that_is_wanted(rebalance):
    if not offers("rebalance", "--include-internal"):
        pytest.skip("plan rebalance has no option for Kafka's own topics")
    internal = {"topic": "__consumer_offsets"}
    assert rebalance("a", [1e9] * 4, **internal) == set()
    assert len(rebalance("b", [1e9] * 4, "--include-internal", **internal)) == 2
