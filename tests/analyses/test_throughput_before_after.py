from __future__ import annotations

from kafka_analysis.analyses import throughput_before_after
from tests.small import HOSTILE, at


def test_the_windows_are_those_of_the_events_or_those_given(recorded) -> None:
    answer = throughput_before_after(recorded)
    assert [(w.start, w.end) for w in answer.compared] == [(at(20), at(50)), (at(60), at(100))]
    given = throughput_before_after(
        recorded, before_start=at(0), before_end=at(30), after_start=at(80), after_end=at(110)
    )
    assert given.shown_windows == [("before", at(0), at(30)), ("after", at(80), at(110))]


def test_business_traffic_is_without_internal_topics(recorded) -> None:
    rows = throughput_before_after(recorded).comparison.filter(flow="bytes_in_per_s")
    assert rows.select("before", "after").rows() == [(220.0, 220.0)]


def test_internal_traffic_is_shown_apart_or_not_at_all(recorded) -> None:
    shown = throughput_before_after(recorded)
    hidden = throughput_before_after(recorded, include_internal=False)
    assert "internal" in set(shown.kinds["kind"])
    assert "internal" not in {*hidden.kinds["kind"], *hidden.over_time["kind"]}
    assert hidden.comparison.equals(shown.comparison)


def test_topics_left_out_count_nowhere(recorded) -> None:
    answer = throughput_before_after(recorded, topics_exclude=["orders"])
    assert set(answer.topics["topic"]) == {HOSTILE}
    assert answer.comparison.filter(flow="bytes_in_per_s")["before"].to_list() == [20.0]


def test_one_result_for_all_clusters_or_the_one_named(recorded) -> None:
    assert [result.cluster for result in throughput_before_after(recorded).results] == ["all clusters"]
    named = throughput_before_after(recorded, cluster="old")
    assert ([result.cluster for result in named.results], named.clusters) == (["old"], ["old"])
