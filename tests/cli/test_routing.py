from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app
from kafka_analysis.plan.routing.moves import move_groups, move_topics
from kafka_analysis.plan.routing.table import (
    ClientRoute,
    ClientTopic,
    RoutedCell,
    RoutedSource,
    RoutingTable,
    TopicRoute,
)
from kafka_analysis.routing.files import write_routing

TABLE = RoutingTable(
    source=RoutedSource(cluster="old", bootstrap_servers="old:9092"),
    cells={"one": RoutedCell(bootstrap_servers="one:9092")},
    topics=(TopicRoute(topic="orders", cell="one", wave=1, state="dual"),),
    clients=(
        ClientRoute(client="billing", kind="group", wave=1, topics=(ClientTopic(topic="orders"),)),
        ClientRoute(
            client="shop", kind="producer", wave=1, topics=(ClientTopic(topic="orders", state="dual"),)
        ),
    ),
)
BAD = move_groups(TABLE, ["billing"], topics=["orders"], state="target")


def run(*words: object):
    return CliRunner().invoke(app, ["routing", *map(str, words)])


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a table and returns its path."""

    def write(table: RoutingTable) -> Path:
        return write_routing(table, tmp_path / f"{len(list(tmp_path.iterdir()))}.yaml")

    return write


def test_a_good_table_may_be_followed(written):
    shown = run("validate", written(TABLE))
    assert (shown.exit_code, shown.stdout) == (0, "version 1 (1 topic, 2 clients) may be used\n")


def test_a_broken_rule_ends_with_3(written):
    shown = run("validate", written(BAD))
    assert shown.exit_code == 3
    first, problem, *rest = shown.stdout.splitlines()
    assert first == "version 2 (1 topic, 2 clients) must not be used: 1 error"
    assert problem.startswith("  error: group billing: has the state target for orders")
    assert rest == []


def test_what_is_known_of_the_clusters_is_asked_for(written, tmp_path):
    (tmp_path / "topics.csv").write_text("topic\norders\n007\n", encoding="utf-8")
    (tmp_path / "flows.csv").write_text("client,kind,topic\nnew,group,orders\n", encoding="utf-8")
    options = ("--topics", tmp_path / "topics.csv", "--flows", tmp_path / "flows.csv", "--json")
    shown = run("validate", written(TABLE), *options)
    assert shown.exit_code == 3
    assert [(p["rule"], p["subject"]) for p in json.loads(shown.stdout)] == [
        ("incomplete", "topic 007"),
        ("incomplete", "group new"),
    ]


def test_steps_in_order_are_allowed(written):
    paused = move_topics(TABLE, ["orders"], paused=True)
    shown = run("diff", written(paused), written(move_topics(paused, ["orders"], state="target")))
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == [
        "neutral  table version: version: 2 → 3",
        "forward  topic orders: state: dual on old → target on one",
        "forward  producer shop, orders: state: dual → target",
    ]
    assert run("diff", written(TABLE), written(TABLE)).stdout == "no changes\n"


def test_a_jump_ends_with_3_and_says_why(written):
    shown = run("diff", written(TABLE), written(move_topics(TABLE, ["orders"], state="target")))
    assert shown.exit_code == 3
    assert "jump     topic orders: state: dual on old → target on one (the writers change" in shown.stdout
    as_json = run("diff", written(TABLE), written(BAD), "--json")
    assert as_json.exit_code == 3
    assert {row["step"] for row in json.loads(as_json.stdout)} == {"neutral", "jump"}


@pytest.mark.parametrize("words", [("validate", "none.json"), ("diff", "none.json", "none.json")])
def test_what_cannot_be_read_ends_with_2(words):
    shown = run(*words)
    assert shown.exit_code == 2
    assert shown.stderr.startswith("error: cannot read none.json")
    assert len(shown.stderr.splitlines()) == 1


def test_a_list_that_is_no_csv_or_lacks_a_column_ends_with_2(written, tmp_path):
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    assert "is not valid CSV" in run("validate", written(TABLE), "--topics", tmp_path / "empty.csv").stderr
    (tmp_path / "other.csv").write_text("name\nx\n", encoding="utf-8")
    shown = run("validate", written(TABLE), "--topics", tmp_path / "other.csv")
    assert (shown.exit_code, shown.stderr) == (
        2,
        "error: topics: the column 'topic' is missing; give topic\n",
    )


@pytest.fixture
def split(tmp_path):
    """Write what a split and waves left; return the words that name the files."""
    texts = {
        "cells": "topic,cell\norders,one\naudit,\n",
        "flows": "client,kind,topic,bytes_per_s\nbilling,group,orders,5\nshop,producer,orders,\n",
        "waves": "topic,cell,wave\norders,one,1\n",
    }
    words = []
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        words += [f"--{name}", str(tmp_path / name)]
    return [*words, "--source", "old", "--bootstrap", "old=old:9092", "--bootstrap", "one=one:9092"]


def test_a_split_becomes_a_table_that_is_good(split, tmp_path):
    out = tmp_path / "routing.yaml"
    shown = run("build", *split, "--out", out)
    assert shown.exit_code == 0, shown.output
    assert shown.stdout == f"{out}\n"
    told = run("validate", out)
    assert told.exit_code == 0
    assert "version 1 (2 topics, 2 clients) may be used" in told.stdout
    again = run("build", *split, "--out", out)
    assert again.exit_code == 2
    assert "exists already" in again.stderr


def test_what_a_table_lacks_is_told(split, tmp_path):
    shown = run("build", *split[:-4], "--bootstrap", "one=one:9092", "--out", tmp_path / "routing.json")
    assert shown.exit_code == 2
    assert "the source 'old' has no bootstrap servers" in shown.stderr
    assert not (tmp_path / "routing.json").exists()
