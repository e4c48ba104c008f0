from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.scope import selection

TOPICS = {
    "cluster": ["old", "old", "old", "new", "old"],
    "topic": ["orders", "tmp-1", "__consumer_offsets", "orders", "orders"],
}


def test_topics_are_chosen_once_each_in_order(frame, rows):
    chosen = selection.select_topics(frame(TOPICS))
    assert rows(chosen) == [("new", "orders"), ("old", "orders"), ("old", "tmp-1")]


def test_what_is_kafka_s_own_is_kept_when_asked_for(frame, rows):
    chosen = selection.select_topics(frame(TOPICS), include_internal=True)
    assert ("old", "__consumer_offsets") in rows(chosen)


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["tmp-*"], {"orders"}),
        (["TMP-*"], {"orders", "tmp-1"}),
        (["order?", "tmp-[0-9]"], set()),
        (["tmp"], {"orders", "tmp-1"}),
    ],
)
def test_patterns_are_those_of_a_shell(frame, rows, patterns, left):
    chosen = selection.select_topics(frame(TOPICS), exclude=patterns)
    assert {topic for _, topic in rows(chosen)} == left


def test_a_pattern_also_leaves_out_internal_topics(frame, rows):
    chosen = selection.select_topics(frame(TOPICS), exclude=["__*"], include_internal=True)
    assert "__consumer_offsets" not in {topic for _, topic in rows(chosen)}


def test_one_cluster_or_all(frame, rows):
    table = frame({"cluster": ["a", "b", "a"], "n": [1, 2, 3]})
    assert rows(selection.select_cluster(table, "a")) == [("a", 1), ("a", 3)]
    assert len(rows(selection.select_cluster(table, None))) == 3
    assert rows(selection.select_cluster(table, "c")) == []


def test_rows_of_chosen_topics_keep_their_order(frame, rows):
    table = frame({"cluster": ["c", "c", "d", "c"], "topic": ["b", "a", "a", "b"], "n": [1, 2, 3, 4]})
    chosen = frame({"cluster": ["c"], "topic": ["b"]})
    assert rows(selection.keep_topics(table, chosen), "n") == [(1,), (4,)]


def test_no_row_is_doubled_when_a_topic_is_chosen_twice(frame, rows):
    table = frame({"cluster": ["c"], "topic": ["a"]})
    chosen = frame({"cluster": ["c", "c"], "topic": ["a", "a"]})
    assert rows(selection.keep_topics(table, chosen)) == [("c", "a")]


GROUPS = ["billing", "amazon.msk.canary.group.broker-1", "connect-mirror"]


def test_groups_of_probes_are_left_out(frame, rows):
    chosen = rows(selection.select_groups(frame({"group": GROUPS})))
    assert ("billing",) in chosen
    assert ("amazon.msk.canary.group.broker-1",) not in chosen


def test_unless_asked_for(frame, rows):
    assert len(rows(selection.select_groups(frame({"group": GROUPS}), include_internal=True))) == len(GROUPS)


def test_an_empty_table_has_no_topics(frame, rows):
    empty = frame({"cluster": [], "topic": []}, schema={"cluster": pl.String, "topic": pl.String})
    assert rows(selection.select_topics(empty)) == []
