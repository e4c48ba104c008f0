from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats import mirror_lag

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def stored(*rows: tuple[float, str, int, int | None], source: str = "old") -> pl.DataFrame:
    """Return positions: when they were read, of which target, partition, position."""
    return pl.DataFrame(
        [
            {"ts": at(s), "cluster": target, "connector": "mirror", "source": source, "topic": "t", "partition": p,
             "position": position, "committed_at": at(s - 3)}
            for s, target, p, position in rows
        ],
        schema_overrides={"position": pl.Int64},
    )  # fmt: skip


ENDS = pl.DataFrame({
    "ts": [at(0), at(10), at(20)] * 2, "cluster": "old", "topic": "t", "partition": [0] * 3 + [1] * 3,
    "log_start_offset": [0, 0, 0, 0, 0, 80], "log_end_offset": [0, 100, 200, 50, 100, 150],
})  # fmt: skip


def test_each_target_and_partition_has_its_own_lag() -> None:
    lag = mirror_lag(stored((20, "a", 0, 200), (20, "b", 0, 50), (20, "a", 1, 60)), ENDS)
    columns = ["target", "partition", "lag_records", "lost_records", "position_age_s"]
    assert lag.select(columns).rows() == [("a", 0, 0, 0, 3.0), ("b", 0, 150, 0, 3.0), ("a", 1, 90, 20, 3.0)]
    assert lag["lag_seconds"].to_list() == [0.0, pytest.approx(14.95), pytest.approx(13.9)]


def test_an_alias_is_not_always_the_name_of_a_cluster() -> None:
    rows = stored((20, "a", 0, 150), source="primary")
    assert mirror_lag(rows, ENDS)["lag_records"].to_list() == [None]
    named = mirror_lag(rows, ENDS, sources={"primary": "old"})
    assert named.select("source", "lag_records").rows() == [("old", 50)]


def test_nothing_stored_is_no_error() -> None:
    assert mirror_lag(stored((20, "a", 0, 1)).clear(), ENDS).is_empty()
