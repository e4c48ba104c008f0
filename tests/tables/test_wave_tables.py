from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from kafka_analysis import tables


def test_waves_are_listed_in_order_with_unknown_copies_said():
    rows = pl.DataFrame(
        {"wave": [2, 1], "topics": [3, 1], "clients": [4, 2], "critical_clients": [0, 1], "clients_bridged": [0, 2],
         "bytes_in_per_s": [5e6, 1e6], "risk_share": [0.8, None], "stored_bytes": [None, 1e9],
         "backfill_s": [None, 70.0], "backfill_s_low": [None, 60.0], "backfill_s_high": [None, 90.0],
         "cutover_start": [datetime(2026, 1, 6, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC)]}
    )  # fmt: skip
    cells = tables.waves(rows).cells
    assert cells["Wave"].to_list() == ["1", "2"]
    assert cells["Risk"].to_list() == ["unknown", "80 %"]
    assert cells["To copy"].to_list() == ["1 GB", "unknown"]
    assert cells["Copy time"].to_list() == ["1 min 10 s (1 min 0 s to 1 min 30 s)", "unknown"]
    assert cells["Cut-over begins"][0] == "2026-01-05 00:00:00 UTC"


def test_clients_longest_at_both_ends_come_first():
    rows = pl.DataFrame({"client": ["a", "b", "<i>", "d"], "kind": "group", "waves": [[1], [1, 2], [1, 4], [2, 3]],
                         "bridged_waves": [0, 1, 3, 1]})  # fmt: skip
    table = tables.bridged_clients(rows, top_n=2)
    assert table.cells["Client"].to_list() == ["<i>", "b"]
    assert table.left_out == 1
    assert "<i>" not in table.html()


def test_topics_that_keep_records_shortest_come_first():
    rows = pl.DataFrame({"topic": ["a", "b"], "wave": [1, 2], "reason": ["rollback", "mirror"],
                         "retention_s": [7200.0, 3600.0], "needed_s": [9000.0, 9000.0]})  # fmt: skip
    assert tables.short_retention(rows).cells.rows() == [
        ("b", "2", "1 h 0 min", "2 h 30 min", "the copy, and an outage of the replicator"),
        ("a", "1", "2 h 0 min", "2 h 30 min", "a rollback until the soak ends"),
    ]
    assert tables.short_retention(rows.clear()).cells.item() == "nothing to show"
