"""docs/exploring.md answers each question in at most three lines, and the answers are right."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis import read_capture

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "exploring.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^## ([^\n]+)\n\n```python\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL)
MOST_LINES = 3


@pytest.fixture(scope="module")
def answers():
    """Run every block after the first one, and return what its last line shows, by question."""
    names: dict[str, object] = {}
    (preamble,) = re.findall(r"```python\n(import.*?)```", TEXT, re.DOTALL)
    exec(preamble.replace("data/sample", (ROOT / "data" / "sample").as_posix()), names)
    shown = {}
    for question, code in BLOCKS:
        *steps, last = ast.parse(code).body
        exec(compile(ast.Module(steps, []), question, "exec"), names)
        shown[question] = eval(compile(ast.Expression(last.value), question, "eval"), names)
    return shown


@pytest.fixture(scope="module")
def capture():
    return read_capture(ROOT / "data" / "sample")


@pytest.mark.parametrize(("question", "code"), BLOCKS, ids=[question for question, _ in BLOCKS])
def test_a_question_takes_three_lines_at_most(question, code):
    assert len(code.strip().splitlines()) <= MOST_LINES


def test_the_fastest_topics_are_those_whose_log_ends_moved_most(answers, capture):
    fastest = answers["Which five topics grew fastest?"]
    ends = capture.table("offsets").group_by("cluster", "topic", "partition")
    first = pl.when(pl.col("ts").min() > capture.start + timedelta(minutes=1)).then(
        pl.col("log_start_offset").min()
    )
    moved = ends.agg(records=pl.col("log_end_offset").max() - first.otherwise(pl.col("log_end_offset").min()))
    by_hand = moved.group_by("cluster", "topic").agg(pl.col("records").sum()).sort("records", descending=True)
    assert fastest["topic"].to_list() == by_hand["topic"].head(5).to_list()


def test_the_lag_is_the_log_end_minus_the_commit(answers, capture):
    lag = answers["How did the lag of a group change over time?"]
    assert len(lag) > 5
    assert lag["lag_records"].null_count() < len(lag)
    assert lag["ts"].is_sorted()
    commits = capture.table("group_offsets").filter(group="billing")
    assert set(lag["ts"]) == set(commits["ts"])


def test_the_broker_with_most_bytes_is_that_of_the_counters(answers, capture):
    (row,) = answers["Which broker leads the most bytes, without internal topics?"].rows()
    assert row[0] == 1  # planted in the testbed: broker 1 leads the hot topics
    assert row[1] > 0


def test_one_topic_has_a_row_for_each_flow(answers):
    assert set(answers["How much traffic did one topic have before and after?"]["topic"]) == {"payments"}


def test_what_to_do_first_is_red_before_amber(answers):
    lights = answers["What should be done first?"]["light"].to_list()
    assert lights == sorted(lights, key=["red", "amber"].index)
    assert lights[0] == "red"


def test_the_readers_are_the_groups_that_commit(answers, capture):
    readers = answers["Who reads a topic?"]
    commits = capture.table("group_offsets").filter(topic="payments", cluster="monolith")
    assert readers.to_list() == sorted(set(commits["group"]))
    assert len(readers) > 1
