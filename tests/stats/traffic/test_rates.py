"""Counters where there are some, reported rates where there are none, never both for one flow of a cluster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from kafka_analysis import stats
from kafka_analysis.model.samples import SAMPLES
from kafka_analysis.stats.load.brokers import broker_load
from kafka_analysis.stats.reduce.samples import increase
from kafka_analysis.stats.traffic.rates import TRAFFIC_METRICS, describe_rates, traffic_rates

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def series(metric, points, *, cluster="c", broker=1, topic="t"):
    fixed = {"metric": metric, "cluster": cluster, "broker": broker, "topic": topic}
    rows = [{**fixed, "ts": at(second), "value": float(value)} for second, value in points.items()]
    return pl.DataFrame(rows, schema=SAMPLES)


COUNTED = series("bytes_in_total", {0: 0, 60: 600})
REPORTED = series("bytes_in_per_s", {0: 10, 60: 30, 120: 80})


def test_counters_alone_are_what_increase_says():
    found = traffic_rates(COUNTED)
    assert_frame_equal(found.drop("source"), increase(COUNTED))
    assert found["source"].to_list() == ["counter"]


def test_reported_rates_are_averaged_in_the_window_and_cover_it():
    found = traffic_rates(REPORTED, start=at(0), end=at(120))
    assert found.select("metric", "rate_per_s", "seconds", "increase", "resets", "source").rows() == [
        ("bytes_in_total", 20.0, 120.0, 2400.0, 0, "reported")
    ]


def test_buckets_take_the_samples_in_them():
    found = traffic_rates(REPORTED, start=at(0), end=at(180), every=timedelta(seconds=120))
    assert found.select("window_start", "rate_per_s").rows() == [(at(0), 20.0), (at(120), 80.0)]


def test_a_flow_with_counters_takes_no_reported_rate_and_the_others_do():
    both = pl.concat([
        COUNTED,
        REPORTED,
        series("bytes_in_per_s", {0: 7}, broker=2),  # of the same cluster: its counters are what counts
        series("bytes_out_per_s", {0: 5}),
        series("bytes_in_per_s", {0: 3}, cluster="d"),
    ])  # fmt: skip
    found = traffic_rates(both).select("cluster", "metric", "broker", "rate_per_s", "source")
    assert sorted(found.rows()) == [
        ("c", "bytes_in_total", 1, 10.0, "counter"),
        ("c", "bytes_out_total", 1, 5.0, "reported"),
        ("d", "bytes_in_total", 1, 3.0, "reported"),
    ]
    assert describe_rates(both) == [
        "Bytes out of c: means of the rates that its brokers report, because there are no counters.",
        "Bytes in of d: means of the rates that its brokers report, because there are no counters.",
    ]


def test_a_topic_told_by_broker_and_as_a_whole_counts_once():
    whole = series("bytes_in_per_s", {0: 30}, broker=None)
    parts = [series("bytes_in_per_s", {0: rate}, broker=b) for b, rate in ((1, 10), (2, 20))]
    other = series("bytes_in_per_s", {0: 4}, broker=None, topic="u")
    found = stats.topic_load(traffic_rates(pl.concat([whole, *parts, other])))
    assert found.select("topic", "bytes_in_per_s").rows() == [("t", 30.0), ("u", 4.0)]


def test_nothing_outside_the_window_and_nothing_at_all():
    assert traffic_rates(REPORTED, start=at(500), end=at(600)).is_empty()
    assert traffic_rates(REPORTED.clear()).is_empty()
    assert describe_rates(COUNTED) == []


def test_lazy_samples_give_the_same_and_are_not_collected_whole(monkeypatch):
    both = pl.concat([COUNTED, series("bytes_out_per_s", {0: 5, 60: 7})])
    window, topics = stats.Window(at(0), at(60)), pl.DataFrame({"cluster": ["c"], "topic": ["t"]})
    every = timedelta(seconds=30)
    eager = [
        traffic_rates(both),
        stats.traffic_in(both, window, topics=topics),
        stats.traffic_over_time(both, start=at(0), end=at(60), every=every),
    ]
    asked = []
    monkeypatch.setattr(
        "kafka_analysis.stats.traffic.rates.increase",
        lambda rows, **more: asked.append(rows) or increase(rows, **more),
    )
    lazy = [
        traffic_rates(both.lazy()),
        stats.traffic_in(both.lazy(), window, topics=topics),
        stats.traffic_over_time(both.lazy(), start=at(0), end=at(60), every=every),
    ]
    for one, other in zip(eager, lazy, strict=True):
        assert_frame_equal(one, other)
    assert [type(rows) for rows in asked] == [pl.LazyFrame] * 3
    assert describe_rates(both.lazy()) == describe_rates(both)


def test_traffic_of_reported_rates_is_an_estimate():
    window = stats.Window(at(0), at(180))
    topics = pl.DataFrame({"cluster": ["c"], "topic": ["t"]})
    for samples, evidence in ((COUNTED, "measured"), (REPORTED, "estimated")):
        assert stats.traffic_in(samples, window, topics=topics)["evidence"].to_list() == [evidence]


@pytest.fixture
def empty():
    sizes = pl.DataFrame(
        schema={"cluster": pl.String, "broker": pl.Int32, "topic": pl.String, "last": pl.Float64}
    )
    partitions = pl.DataFrame(schema={
        "cluster": pl.String, "topic": pl.String, "partition": pl.Int32, "leader": pl.Int32,
        "replicas": pl.List(pl.Int32),
    })  # fmt: skip
    brokers = pl.DataFrame(
        {"cluster": "c", "broker": [1, 2], "rack": None}, schema_overrides={"broker": pl.Int32}
    )
    return {"sizes": sizes, "partitions": partitions, "brokers": brokers}


def test_what_a_history_does_not_tell_is_unknown_and_not_0(empty):
    whole = [series("bytes_in_per_s", {0: 10 * b}, topic=None, broker=b) for b in (1, 2)]
    samples = pl.concat([*whole, series("bytes_in_per_s", {0: 8})])
    load = broker_load(traffic_rates(samples), **empty)
    columns = ("broker", "bytes_in_per_s", "bytes_out_per_s", "size_bytes", "leaders", "replicas")
    assert load.select(columns).rows() == [(1, 8.0, None, None, None, None), (2, 0.0, None, None, None, None)]


def test_without_topics_the_brokers_aggregates_are_what_they_carry(empty):
    whole = pl.concat(series("bytes_in_per_s", {0: 10 * b}, topic=None, broker=b) for b in (1, 2))
    assert broker_load(traffic_rates(whole), **empty)["bytes_in_per_s"].to_list() == [10.0, 20.0]


def test_every_flow_has_a_counter_and_a_rate():
    assert len(TRAFFIC_METRICS) == 10
    assert {name.rsplit("_", 1)[0].removesuffix("_per") for name in TRAFFIC_METRICS} == {
        "bytes_in", "bytes_out", "messages_in", "replication_bytes_in", "replication_bytes_out"
    }  # fmt: skip


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -5.0, 1e308])
def test_reported_rates_that_cannot_be_count_as_missing(odd):
    found = traffic_rates(series("bytes_in_per_s", {0: 10.0, 60: odd, 120: 30.0}))
    assert found["rate_per_s"].to_list() == [20.0]


def test_reported_rates_are_added_up_too():
    rows = [
        {"metric": "bytes_in_per_s", "ts": at(60 * n), "cluster": "c", "broker": broker,
         "topic": topic, "value": value}
        for n in range(2) for broker in (1, 2) for topic, value in (("a", 1.0), ("b", 2.0), (None, 9.0))
    ]  # fmt: skip
    samples = pl.DataFrame([dict.fromkeys(SAMPLES) | row for row in rows], schema=SAMPLES)
    topics = pl.DataFrame({"cluster": ["c"], "topic": ["b"]})
    window = {"start": at(0), "end": at(120)}
    summed = traffic_rates(samples, **window, by=["cluster"], topics=topics)
    assert sorted(summed.select("topic", "rate_per_s", "source").rows(), key=str) == [
        ("*", 4.0, "reported"), ("~", 2.0, "reported"), (None, 18.0, "reported"),
    ]  # fmt: skip
