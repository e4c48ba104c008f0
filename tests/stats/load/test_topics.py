from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.load.topics import aggregate_agreement, topic_load

RATES = {
    "metric": pl.String,
    "cluster": pl.String,
    "broker": pl.Int32,
    "topic": pl.String,
    "rate_per_s": pl.Float64,
    "uncovered_s": pl.Float64,
}
TRAFFIC = ("bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s")


@pytest.fixture
def rates(frame):
    """Return a constructor of rates from (metric without _total, broker, topic, rate, uncovered seconds)."""

    def make(*given):
        full = [(f"{m}_total", "c", b, t, r, u[0] if u else 0.0) for m, b, t, r, *u in given]
        return frame(full, schema=RATES, orient="row")

    return make


def test_topics_are_summed_over_their_leaders(rates, rows):
    table = rates(
        ("bytes_in", 1, "t", 5.0, 0.0),
        ("bytes_in", 2, "t", 7.0, 30.0),
        ("messages_in", 1, "t", 2.0),
        ("bytes_in", 1, "u", 0.0),
    )
    assert rows(topic_load(table), "topic", *TRAFFIC, "uncovered_s") == [
        ("t", 12, None, 2, 30),
        ("u", 0, None, None, 0),
    ]


def test_aggregates_and_other_counters_are_no_topic_s_load(rates, rows):
    assert rows(topic_load(rates(("bytes_in", 1, None, 5.0), ("fetch_requests", 1, "t", 3.0)))) == []


def test_topics_are_held_against_the_broker_s_aggregate(frame, rows):
    table = frame(
        {
            "metric": ["bytes_in_total"] * 6 + ["bytes_out_total"],
            "cluster": "c",
            "broker": [1, 1, 1, 2, 3, 3, 1],
            "topic": [None, "t", "u", None, "t", "u", "t"],
            "increase": [100.0, 60.0, 30.0, 0.0, 5.0, 5.0, 9.0],
        }
    )
    assert rows(aggregate_agreement(table), "broker", "aggregate", "topics", "uncovered_share") == [
        (1, 100, 90, pytest.approx(0.1)),
        (2, 0, 0, None),
    ]
    assert rows(aggregate_agreement(table, metric="bytes_out_total")) == []
