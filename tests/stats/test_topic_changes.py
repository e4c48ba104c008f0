from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.topic_changes import change_findings, topic_changes
from kafka_analysis.stats.window_events import WindowEvents

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


def findings(*topics, **options):
    return change_findings(topic_changes(pl.DataFrame(list(topics), schema=SCHEMA, orient="row")), **options)


def test_a_finding_names_topics_and_amounts():
    (finding,) = findings(BIG, (IN, "payments", 50e3, 30e3), (IN, "grown", 10e3, 30e3))
    assert finding.light == "amber"
    assert finding.title == "1 topic lost 20 % or more of its bytes in (payments)"
    assert finding.detail == "payments 50 kB/s to 30 kB/s (-40 %), a loss of 12.5 % of all bytes in before."


def test_losses_that_weigh_together_are_red():
    lost = [(IN, f"t{i}", 20e3, 1e3) for i in range(4)]
    (finding,) = findings(BIG, *lost)
    assert finding.light == "red"
    assert "(t0, t1 and 2 more)" in finding.title


def test_many_topics_are_counted_and_not_all_listed():
    lost = [(IN, f"t{i}", 2e3, 1e3) for i in range(9)]
    (finding,) = findings(BIG, *lost)
    assert finding.title.startswith("9 topics lost 20 % or more of their bytes in (t0, t1 and 7 more)")
    assert "t4 2 kB/s to 1 kB/s (-50 %) and 4 more" in finding.detail


def test_each_kind_of_change_is_a_finding_of_its_own():
    topics = [BIG, (OUT, "big", 9e3, 1e3), (OUT, "x", 9e3, 9e3)]
    topics += [(IN, "a", 5e3, 1e3), (IN, "b", 5e3, None), (IN, "c", None, 9e3)]
    titles = [finding.title for finding in findings(*topics)]
    assert titles == [
        "1 topic is no longer written (b)", "1 topic lost 20 % or more of its bytes in (a)",
        "1 topic is read less, by 20 % or more (big)", "1 topic is written now and was not before (c)",
    ]  # fmt: skip


def test_what_happened_meanwhile_stands_beside_each_finding():
    happened = WindowEvents(("A broker restarted.",), (("wave-1", "cut-over of a begins"),))
    first, second = findings(BIG, (IN, "a", 5e3, 1e3), (IN, "b", 5e3, None), happened=happened)
    assert first.detail.endswith("before. A broker restarted.")
    assert second.detail.endswith("before. Cut over in between: a (wave-1). A broker restarted.")
