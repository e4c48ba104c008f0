from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis.stats.load.recent_brokers import recent_brokers

FIRST, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)


@pytest.fixture
def recent(frame, rows):
    """Return a function of the snapshots (when, cluster, broker) and of the rates (cluster, broker, topic, resets)."""

    def find(snapshots, rates=()):
        seen = frame(list(snapshots), schema={"ts": pl.Datetime("ms", "UTC"), "cluster": pl.String, "broker": pl.Int32},
                     orient="row")  # fmt: skip
        schema = {"cluster": pl.String, "broker": pl.Int32, "topic": pl.String, "resets": pl.Int64}
        return rows(
            recent_brokers(seen, rates=frame(list(rates), schema=schema, orient="row")),
            "cluster",
            "broker",
            "how",
        )

    return find


def test_a_broker_first_seen_after_the_others_is_new(recent):
    assert recent([(FIRST, "c", 1), (LATER, "c", 1), (LATER, "c", 2)]) == [("c", 2, "new")]


def test_a_cluster_first_seen_later_has_no_new_broker(recent):
    assert recent([(FIRST, "a", 1), (LATER, "b", 1), (LATER, "b", 2)]) == []


def test_a_broker_whose_totals_were_reset_was_restarted(recent):
    rates = [("c", 1, None, 1), ("c", 1, None, 1), ("c", 2, None, 0), ("c", 2, "t", 1)]
    assert recent([(FIRST, "c", 1), (FIRST, "c", 2)], rates) == [("c", 1, "restarted")]


def test_a_new_broker_that_restarts_is_new(recent):
    found = recent([(FIRST, "c", 1), (LATER, "c", 2)], [("c", 2, None, 1)])
    assert found == [("c", 2, "new")]
