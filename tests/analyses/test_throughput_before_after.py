from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.analyses import throughput_before_after
from kafka_analysis.model.manifest import ClusterInfo, SourceInfo
from tests.small import HOSTILE, at, table, tables


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


def counted(metric: str, cluster: str, before: float, after: float, **more):
    """Return samples of a counter that grows by so much a second in the window before, and in the one after."""
    grown = ((0, 0.0), (50, 50 * before), (60, 50 * before), (110, 50 * before + 50 * after))
    return [{"metric": metric, "cluster": cluster, "ts": at(s), "value": value, **more} for s, value in grown]


@pytest.fixture
def lossy(changed):
    """Return a function that writes a capture of which the topic ``payments`` lost 40 % of its bytes."""
    listed = pl.concat([tables()["topics"], table("topics", [{"topic": "payments", "internal": False}])])
    rows = counted("bytes_in_total", "old", 100.0, 60.0, broker=1, topic="payments")
    return lambda **more: changed(*rows, topics=listed, **more)


@pytest.mark.parametrize(
    ("options", "title"),
    [
        ({"topic_loss": 0.3}, "1 topic lost 30 % or more of its bytes in (payments)"),
        ({"topic_loss": 0.5}, None),
        ({"topic_share": 0.5}, None),
    ],
)
def test_a_topic_that_lost_as_much_as_is_asked_for_is_a_finding(lossy, options, title) -> None:
    answer = throughput_before_after(lossy(), **options)
    assert [finding.title for finding in answer.results[0].findings] == ([] if title is None else [title])
    assert answer.changes["topic"].to_list() == ([] if title is None else ["payments"])


@pytest.mark.parametrize(("cluster", "is_told"), [(None, True), ("old", False)])
def test_what_else_happened_is_that_of_the_clusters_looked_at(lossy, cluster, is_told) -> None:
    fault = table("events", [{"name": "broker killed", "kind": "fault"}], ts=at(70), cluster="new")
    capture = lossy(events=pl.concat([tables()["events"], fault]))
    (finding,) = throughput_before_after(capture, cluster=cluster).results[0].findings
    assert ("broker killed" in finding.detail) == is_told


def mirrored(before: float, after: float) -> list[dict[str, object]]:
    """Return samples of a topic of records of 10 B at the target: 10 records a second of it are the mirror's."""
    rows = counted("bytes_in_total", "new", 10 * before, 10 * after, broker=9, topic="orders")
    rows += counted("messages_in_total", "new", before, after, broker=9, topic="orders")
    return rows + counted(
        "mirror_records_total", "new", 10.0, 10.0, topic="orders", partition=0, entity="->new"
    )


def topics_of(*clusters: str) -> pl.DataFrame:
    return pl.concat(
        table("topics", [{"topic": "orders", "internal": False}], cluster=name) for name in clusters
    )


def test_what_is_within_the_error_of_the_mirrors_records_is_no_change(changed) -> None:
    answer = throughput_before_after(changed(*mirrored(10.4, 10.0), topics=topics_of("new")), cluster="new")
    business = answer.topics.filter(flow="bytes_in_per_s").select("before", "after").row(0)
    assert business == pytest.approx((4.0, 0.0))  # beside 100 B/s of the mirror's: 5 % of them are its error
    assert answer.changes.is_empty()


@pytest.mark.parametrize(("role", "is_known"), [("source", True), (None, False)])
def test_an_end_of_the_mirror_that_is_unknown_is_a_finding_and_noted(changed, role, is_known) -> None:
    clusters = [
        ClusterInfo(cluster="old", role=role),
        ClusterInfo(cluster="other"),
        ClusterInfo(cluster="new"),
    ]
    other = counted("bytes_in_total", "other", 10.0, 10.0, broker=8, topic="orders")
    capture = changed(
        *mirrored(10.0, 10.0), *other, clusters=clusters, topics=topics_of("old", "other", "new")
    )
    answer = throughput_before_after(capture)
    assert any(note.startswith("MirrorMaker 2, 1 topic: the source") for note in answer.notes)
    assert any("MirrorMaker 2" in finding.title for finding in answer.results[0].findings) != is_known
    reads = answer.over_time.filter(cluster="old", kind="migration")["bytes_out_per_s"].drop_nulls()
    assert (reads.sum() > 0) == is_known


def test_a_topic_that_a_replicator_renames_did_not_stop(changed) -> None:
    rows = counted("bytes_in_total", "old", 100.0, 0.0, broker=1, topic="payments")
    rows += counted("bytes_in_total", "new", 0.0, 100.0, broker=9, topic="old.payments")
    rows += counted(
        "mirror_records_total", "new", 0.0, 0.0, topic="old.payments", partition=0, entity="old->new"
    )
    named = [
        table("topics", [{"topic": topic, "internal": False}], cluster=cluster)
        for cluster, topic in (("old", "payments"), ("new", "old.payments"))
    ]
    answer = throughput_before_after(changed(*rows, topics=pl.concat([tables()["topics"], *named])))
    assert "old.payments" not in {*answer.topics["topic"], *answer.topic_effects["topic"]}
    one = answer.topics.filter(flow="bytes_in_per_s", topic="payments").select("before", "after").row(0)
    assert one == pytest.approx((100.0, 100.0))
    assert answer.changes.is_empty()


def test_the_targets_carry_their_share(recorded) -> None:
    (result,) = throughput_before_after(recorded).results
    assert {figure.name: figure.value for figure in result.figures}["share_on_targets"] == 0.0


def test_coverage_is_that_of_the_cluster_named_and_as_much_as_is_asked_for(changed, small) -> None:
    asked = {"address": "http://n/metrics", "attempts": 12, "ok": 0, "failed": 12}
    silent = SourceInfo(kind="jmx", cluster="new", broker=9, interval_s=10, **asked)
    capture = changed(sources=[*small.sources(), silent])
    every, old = (
        throughput_before_after(capture, cluster=name, coverage_required=0.5) for name in (None, "old")
    )
    assert every.coverage["all clusters"].ratio < 1
    assert (old.coverage["old"].ratio, old.coverage["old"].required_ratio) == (1.0, 0.5)


def test_the_windows_are_noted(recorded) -> None:
    before, after = throughput_before_after(recorded).notes[:2]
    assert before.startswith("Before: steady phase 'baseline'")
    assert after.startswith("After: steady phase 'after'")


def test_one_result_for_all_clusters_or_the_one_named(recorded) -> None:
    assert [result.cluster for result in throughput_before_after(recorded).results] == ["all clusters"]
    named = throughput_before_after(recorded, cluster="old")
    assert ([result.cluster for result in named.results], named.clusters) == (["old"], ["old"])
