from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.model.samples import SAMPLES
from kafka_analysis.stats.traffic.timeline import (
    MOST_BUCKETS,
    bucket_length,
    topic_traffic_over_time,
    traffic_over_time,
)

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "interval_s", "expected_s"),
    [(60, 10, 20), (2400, 10, 20), (2401, 10, 30), (86400, 15, 720), (1, 15, 30)],
)
def test_buckets_are_whole_scrapes_and_never_too_many(seconds, interval_s, expected_s):
    length = bucket_length(T0, at(seconds), interval_s=interval_s)
    assert length == timedelta(seconds=expected_s)
    assert seconds / length.total_seconds() <= MOST_BUCKETS


def counter(values, **tags):
    row = (
        dict.fromkeys(SAMPLES)
        | {"metric": "bytes_in_total", "cluster": "c", "broker": 1, "topic": "t"}
        | tags
    )
    return [row | {"ts": at(10 * i), "value": float(v)} for i, v in enumerate(values) if v is not None]


@pytest.fixture
def over_time(frame, rows):
    def compute(*counters, every=10, columns=("window_start", "kind", "bytes_in_per_s")):
        samples = frame([row for one in counters for row in one], schema=SAMPLES)
        made = traffic_over_time(samples, start=at(0), end=at(40), every=timedelta(seconds=every))
        return rows(made, *columns)

    return compute


def test_a_bucket_holds_what_grew_in_it(over_time):
    found = over_time(counter([0, 100, 400, 400, 500]), every=20)
    assert found == [(at(0), "business", 20.0), (at(20), "business", 5.0)]


def test_internal_traffic_is_apart(over_time):
    found = over_time(
        counter([0, 1, 2, 3, 4]), counter([0, 5, 10, 15, 20], topic="__consumer_offsets"), every=40
    )
    assert found == [(at(0), "business", pytest.approx(0.1)), (at(0), "internal", pytest.approx(0.5))]


def test_a_bucket_not_scraped_is_absent_not_zero(over_time):
    starts = [start for start, _, _ in over_time(counter([0, 100, None, None, None]))]
    assert starts == [at(0)]


def test_the_migration_of_a_bucket_is_known_from_its_own_records(over_time):
    found = over_time(
        counter([0, 100, 200, 300, 400]),
        counter([0, 10, 20, 30, 40], metric="messages_in_total"),
        counter([0, 0, 5, 10, 10], metric="mirror_records_total", broker=None, entity="old->c"),
    )
    migrated = {start: value for start, kind, value in found if kind == "migration" and value}
    assert migrated == {at(10): 5.0, at(20): 5.0}


def test_without_samples_there_is_an_empty_table_of_the_same_columns():
    empty = traffic_over_time(
        pl.DataFrame(schema=SAMPLES), start=at(0), end=at(40), every=timedelta(seconds=10)
    )
    assert len(empty) == 0
    assert empty.schema["window_start"] == pl.Datetime("ms", "UTC")
    assert empty.columns[-1] == "evidence"


def test_topics_are_apart_and_add_up_to_the_whole(frame, rows):
    samples = frame(
        counter([0, 100, 400, 400, 500]) + counter([0, 10, 20, 30, 40], topic="u"), schema=SAMPLES
    )
    window = {"start": at(0), "end": at(40), "every": timedelta(seconds=20)}
    found = rows(topic_traffic_over_time(samples, **window), "window_start", "topic", "bytes_in_per_s")
    assert found == [(at(0), "t", 20.0), (at(0), "u", 1.0), (at(20), "t", 5.0), (at(20), "u", 1.0)]
    whole = rows(traffic_over_time(samples, **window), "window_start", "bytes_in_per_s")
    assert whole == [(at(0), 21.0), (at(20), 6.0)]
