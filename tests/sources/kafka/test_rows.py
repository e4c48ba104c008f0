from __future__ import annotations

from datetime import UTC, datetime

from kafka_analysis.model.tables import table_schema
from kafka_analysis.sources.kafka.rows import table


def test_rows_get_the_moment_and_the_cluster():
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    rows = table("topics", "c", [{"topic": "t", "internal": False}], ts=moment)
    assert table_schema("topics").is_valid(rows)
    assert rows.select("ts", "cluster", "topic", "topic_id").rows() == [(moment, "c", "t", None)]


def test_no_rows_are_an_empty_table():
    rows = table("topics", "c", ())
    assert (rows.height, rows.columns[:2]) == (0, ["ts", "cluster"])
