from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats.reduce.samples import gauge
from kafka_analysis.stats.skew.over_time import TIMED_METRICS, skew_bucket_length, skew_over_time

T0 = datetime(2026, 1, 1, tzinfo=UTC)
RATES = {"window_start": pl.Datetime("ms", "UTC"), "cluster": pl.String, "metric": pl.String, "broker": pl.Int32,
         "topic": pl.String, "rate_per_s": pl.Float64}  # fmt: skip
GAUGES = {"window_start": pl.Datetime("ms", "UTC"), "cluster": pl.String, "metric": pl.String, "broker": pl.Int32,
          "topic": pl.String, "mean": pl.Float64, "last": pl.Float64}  # fmt: skip


def at(bucket):
    return T0 + timedelta(hours=bucket)


def flow(bucket, broker, value, topic="t"):
    """Return what a broker's topic and the whole broker carried in a bucket."""
    rows = [(at(bucket), "c", "bytes_in_total", broker, None, value)]
    return [*rows, (at(bucket), "c", "bytes_in_total", broker, topic, value)] if topic else rows


@pytest.fixture
def measured(frame, rows):
    def find(
        *flows, gauges=(), topics=None, columns=("window_start", "resource", "max_over_mean", "complete")
    ):
        rates = frame([row for rows in flows for row in rows], schema=RATES, orient="row")
        found = skew_over_time(rates, gauges=frame(list(gauges), schema=GAUGES, orient="row"), topics=topics)
        return [tuple(round((v - T0).total_seconds() / 3600) if isinstance(v, datetime) else v for v in row)
                for row in rows(found, *columns)]  # fmt: skip

    return find


def test_every_bucket_is_measured_on_its_own(measured):
    found = measured(flow(0, 1, 3.0), flow(0, 2, 1.0), flow(1, 1, 2.0), flow(1, 2, 2.0))
    assert found == [(0, "bytes_in_per_s", 1.5, True), (1, "bytes_in_per_s", 1.0, True)]


def test_a_broker_scraped_without_a_topic_carried_nothing(measured):
    found = measured(flow(0, 1, 3.0), flow(0, 2, 0.0, topic=None), columns=("n", "mean", "net_imbalance"))
    assert found == [(2, 1.5, 1.5)]


def test_where_no_topic_is_told_apart_the_broker_s_total_counts(measured):
    assert measured(flow(0, 1, 3.0, topic=None), flow(0, 2, 1.0, topic=None))[0][2] == 1.5


def test_other_topics_do_not_count(measured):
    topics = pl.DataFrame({"cluster": "c", "topic": ["t"]})
    found = measured(flow(0, 1, 3.0), flow(0, 2, 1.0), flow(0, 2, 9.0, topic="internal"), topics=topics)
    assert found[0][2] == 1.5


def test_a_bucket_without_one_of_the_brokers_is_not_complete(measured):
    found = measured(*(flow(b, 1, 1.0) for b in range(3)), flow(0, 2, 1.0), flow(2, 2, 1.0))
    assert [row[3] for row in found] == [True, False, True]


def test_a_broker_that_comes_later_or_goes_is_not_missed(measured):
    found = measured(*(flow(b, 1, 1.0) for b in range(3)), flow(1, 2, 1.0), columns=("n", "complete"))
    assert found == [(1, True), (2, True), (1, True)]


def test_sizes_and_counts_are_measured_too(measured):
    gauges = [
        (at(0), "c", "log_size_bytes", 1, "t", 9.0, 30.0), (at(0), "c", "leader_count", 1, None, 3.0, 3.0),
        (at(0), "c", "leader_count", 2, None, 1.0, 9.0), (at(0), "c", "partition_count", 1, None, 2.0, 2.0),
        (at(0), "c", "partition_count", 2, None, 2.0, 2.0),
    ]  # fmt: skip
    found = measured(gauges=gauges, columns=("resource", "n", "max_over_mean"))
    assert found == [("leaders", 2, 1.5), ("replicas", 2, 1.0), ("size_bytes", 2, 2.0)]


def test_gauges_come_bucket_by_bucket():
    times = [T0 + timedelta(minutes=m) for m in (0, 30, 60, 90)]
    sample = {
        "cluster": "c",
        "broker": 1,
        "topic": None,
        "partition": None,
        "group": None,
        "entity": None,
        "stat": None,
    }
    rows = pl.DataFrame({"metric": TIMED_METRICS[1], "ts": times, **sample, "value": [1.0, 3.0, 5.0, 7.0]})
    found = gauge(rows, start=T0, end=at(2), every=timedelta(hours=1))
    assert found.select("window_start", "mean", "last").rows() == [(at(0), 2.0, 3.0), (at(1), 6.0, 7.0)]


@pytest.mark.parametrize(("days", "seconds"), [(0.02, 20.0), (1, 720.0), (60, 10_800.0)])
def test_a_day_has_at_least_eight_buckets(days, seconds):
    length = skew_bucket_length(T0, T0 + timedelta(days=days), interval_s=10)
    assert length.total_seconds() == seconds


def test_buckets_hold_two_scrapes_however_rare_they_are():
    assert skew_bucket_length(T0, T0 + timedelta(days=60), interval_s=7200) == timedelta(hours=4)
