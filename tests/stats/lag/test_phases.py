from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from kafka_analysis.stats import Window, lag_in_phases

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


def rows(lags: dict[int, float]) -> pl.DataFrame:
    return pl.DataFrame({
        "ts": [at(m) for m in lags], "cluster": "c", "group": "g", "lag_records": [int(v) for v in lags.values()],
        "lag_seconds": list(lags.values()), "is_at_least": [v > 90 for v in lags.values()],
    })  # fmt: skip


def test_edges_belong_to_what_begins_there_and_the_rest_to_none() -> None:
    table = rows({0: 1.0, 9: 2.0, 10: 50.0, 19: 99.0, 20: 3.0, 29: 5.0, 30: 1000.0})
    done = lag_in_phases(table, before=Window(at(0), at(10)), after=Window(at(20), at(30)))
    assert done.select("phase", "lag_seconds_median", "lag_seconds_max", "is_at_least", "answers").rows() == [
        ("before", 1.5, 2.0, False, 2), ("during", 74.5, 99.0, True, 2), ("after", 4.0, 5.0, False, 2),
    ]  # fmt: skip


def test_a_phase_without_answers_has_no_row() -> None:
    done = lag_in_phases(rows({0: 1.0}), before=Window(at(0), at(10)), after=Window(at(20), at(30)))
    assert done["phase"].to_list() == ["before"]
