from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from kafka_analysis.tables import groups

ROWS = {
    "ts": [datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 12, 1, tzinfo=UTC)],
    "cluster": "c",
    "group": ["a", "b"],
    "state": ["EMPTY", "STABLE"],
}


def test_the_kind_is_shown_where_it_is_known_and_a_share_group_s_lag_is_said_to_be_unknown():
    table = groups(pl.DataFrame({**ROWS, "kind": ["classic", "share"]}))
    assert table.cells["Kind"].to_list() == ["classic", "share"]
    assert "lag of a share group is unknown" in table.html()
    assert (
        "Kind" not in groups(pl.DataFrame({**ROWS, "kind": pl.Series([None, None], dtype=pl.String)})).cells
    )


def test_when_a_group_was_last_seen_is_shown_where_one_is_not_in_the_last_snapshot():
    table = groups(pl.DataFrame({**ROWS, "in_last": [False, True]}))
    assert table.cells["Last seen"].to_list() == ["12:00:00 UTC", "in the last snapshot"]
    assert "Last seen" not in groups(pl.DataFrame({**ROWS, "in_last": [True, True]})).cells
