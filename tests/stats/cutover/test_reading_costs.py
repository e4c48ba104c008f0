from __future__ import annotations

import polars as pl

from kafka_analysis.model.tables import empty_table
from kafka_analysis.stats.cutover.reading_costs import reading_costs
from tests.cutover_frames import frame

COLUMNS = ("cluster", "topic", "partition", "stretch", "group", "records", "bytes", "ended")


def test_groups_that_share_a_stretch_cost_it_once(given) -> None:
    rows = frame(
        "record_reads",
        [
            ("b", "t", 0, 0, "g", 5, 50, "enough"),
            ("b", "t", 0, 0, "h", 5, 50, "enough"),
            ("b", "t", 1, 1, None, 2, 20, "end of log"),
            ("b", "u", 0, 2, None, 0, 0, "failed"),
            ("a", "t", 0, 0, "g", 1, 10, "out of time"),
        ],
        *COLUMNS,
    )
    assert reading_costs(given(rows)).rows() == [("a", 1, 1, 1, 10, 1), ("b", 3, 3, 7, 70, 1)]


def test_nothing_read_costs_nothing() -> None:
    found = reading_costs(empty_table("record_reads"))
    assert found.is_empty()
    assert found.columns == ["cluster", "partitions", "stretches", "records", "bytes", "unfinished"]
    assert found.schema["partitions"] == pl.Int64
