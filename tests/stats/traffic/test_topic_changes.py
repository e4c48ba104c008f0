from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.traffic.topic_changes import topic_changes

SCHEMA = {"flow": pl.String, "topic": pl.String, "before": pl.Float64, "after": pl.Float64}
IN, OUT, MESSAGES = "bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s"
BIG = (IN, "big", 100e3, 100e3)  # keeps the total steady, as the larger topics of a cluster do


@pytest.fixture
def changed(frame, rows):
    """Return a function of (flow, topic, before, after) that returns (what, topic, change)."""

    def find(*topics, **options):
        made = topic_changes(frame(list(topics), schema=SCHEMA, orient="row"), **options)
        return [
            (what, topic, change if change is None else round(change, 6))
            for what, topic, change in rows(made, "what", "topic", "change")
        ]

    return find


def test_a_topic_that_lost_a_large_share_is_found_though_the_total_held(changed):
    topics = [BIG, (IN, "payments", 45e3, 27e3), (IN, "grown", 10e3, 28e3)]
    assert changed(*topics) == [("lost", "payments", -0.4)]


@pytest.mark.parametrize(("after", "is_found"), [(50e3, False), (40.1e3, False), (40e3, True), (1.0, True)])
def test_a_loss_counts_from_the_share_asked_for(changed, after, is_found):
    assert bool(changed(BIG, (IN, "t", 50e3, after))) == is_found
    assert changed(BIG, (IN, "t", 50e3, 20e3), loss=0.7) == []


def test_a_topic_without_weight_does_not_count(changed):
    assert changed(BIG, (IN, "tiny", 90.0, 9.0)) == []
    assert changed(BIG, (IN, "tiny", 90.0, 9.0), least_share=0.0005) == [("lost", "tiny", -0.9)]


def test_a_loss_that_chance_explains_does_not_count(changed):
    """Of 9 records expected 5 came: within 3 times the root of 14; of 900 expected 500: far outside."""
    few = [BIG, (IN, "t", 900.0, 500.0), (MESSAGES, "t", 0.09, 0.05)]
    assert changed(*few, after_s=100) == []
    assert changed(*few, after_s=10_000) == [("lost", "t", -0.444444)]
    assert changed(*few) == [("lost", "t", -0.444444)]  # without a length nothing is known of chance


@pytest.mark.parametrize("after", [None, 0.0])
def test_a_topic_that_stopped_is_found_whether_its_counter_stood_still_or_vanished(changed, after):
    assert changed(BIG, (IN, "t", 50e3, after)) == [("stopped", "t", -1.0)]


def test_a_small_topic_that_stopped_is_found_if_records_were_to_be_expected(changed):
    tiny = [BIG, (IN, "tiny", 10.0, None), (MESSAGES, "tiny", 0.1, None)]
    assert changed(*tiny, after_s=99) == []
    assert changed(*tiny, after_s=100) == [("stopped", "tiny", -1.0)]
    assert changed(BIG, (IN, "tiny", 10.0, None), after_s=100) == []  # how many records, nobody counted


@pytest.mark.parametrize("before", [None, 0.0])
def test_a_topic_that_began_is_found(changed, before):
    assert changed(BIG, (IN, "new", before, 50e3)) == [("began", "new", None)]
    assert changed(BIG, (IN, "new", before, 50.0)) == []


def test_reads_that_fell_though_writes_held_are_found(changed):
    topics = [BIG, (IN, "t", 50e3, 50e3), (OUT, "t", 100e3, 50e3), (OUT, "big", 100e3, 100e3)]
    assert changed(*topics) == [("unread", "t", -0.5)]
    assert changed(*topics[:2], (OUT, "t", 100e3, None), topics[3]) == [("unread", "t", -1.0)]


def test_reads_that_fell_as_writes_did_are_told_once(changed):
    assert changed(BIG, (IN, "t", 50e3, 25e3), (OUT, "t", 100e3, 50e3), (OUT, "big", 1e5, 1e5)) == [
        ("lost", "t", -0.5)
    ]


def test_a_flow_nobody_counted_says_nothing(changed):
    assert changed((IN, "a", 5e3, None), (IN, "b", 7e3, None)) == []
    assert changed(BIG, (OUT, "big", 5e3, None)) == []
    assert changed((IN, "a", None, 5e3)) == []
    assert changed() == []


@pytest.mark.parametrize(("copied", "is_found"), [(0.0, True), (30e3, True), (50e3, False)])
def test_what_is_left_beside_a_replicator_s_copies_is_an_estimate(frame, rows, copied, is_found):
    """Of 2 kB/s that vanish beside 50 kB/s of copies nobody can say that they were ever business."""
    topics = frame([BIG, (IN, "copy", 2e3, None)], schema=SCHEMA, orient="row")
    migration = frame([(IN, "copy", None, copied)], schema=SCHEMA, orient="row")
    assert bool(rows(topic_changes(topics, migration=migration))) == is_found


def test_the_largest_come_first(changed):
    found = changed(BIG, (IN, "a", 2e3, 1e3), (IN, "b", 9e3, 1e3), (IN, "c", 3e3, None))
    assert [topic for _, topic, _ in found] == ["c", "b", "a"]


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=6))
def test_equal_windows_have_no_findings(values):
    flows = [(flow, f"t{i}", v, v) for i, v in enumerate(values) for flow in (IN, OUT, MESSAGES)]
    assert topic_changes(pl.DataFrame(flows, schema=SCHEMA, orient="row"), after_s=100).is_empty()


@given(st.lists(st.tuples(st.floats(0, 1e9), st.none() | st.floats(0, 1e9)), min_size=1, max_size=6))
def test_a_topic_loses_or_stops_but_never_both(pairs):
    flows = [(IN, f"t{i}", before, after) for i, (before, after) in enumerate(pairs)]
    found = topic_changes(pl.DataFrame(flows, schema=SCHEMA, orient="row"), least_share=0.0)
    assert found["topic"].is_unique().all()
