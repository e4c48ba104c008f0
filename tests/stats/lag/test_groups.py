from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from kafka_analysis.stats import lag_by_group

PARTITION = {
    "cluster": "c", "group": "g", "topic": "t", "partition": 0, "lag_records": 10, "lag_seconds": 5.0,
    "is_at_least": False, "consumed_per_s": 2.0, "produced_per_s": 1.0, "seconds_to_close": 10.0,
    "retention_used": 0.1, "seconds_to_loss": None, "lost_records": 0, "condition": "catching up",
}  # fmt: skip
SCHEMA = {
    "lag_records": pl.Int64,
    "lag_seconds": pl.Float64,
    "seconds_to_close": pl.Float64,
    "seconds_to_loss": pl.Float64,
}


def table(
    *partitions: dict[str, Any], state: str = "STABLE", kind: str | None = "classic", states: list[str] | None = None,
    lags: tuple[int, ...] = (30, 20, 10),
) -> dict[str, Any]:  # fmt: skip
    rows = pl.DataFrame([{**PARTITION, **row} for row in partitions] or [PARTITION], schema_overrides=SCHEMA)
    time = pl.DataFrame({"ts": range(len(lags)), "cluster": "c", "group": "g", "lag_records": lags})
    listed = pl.DataFrame({"cluster": ["c"], "group": ["g"], "state": [state], "kind": [kind]})
    all_states = pl.DataFrame({"cluster": "c", "group": "g", "state": states or [state] * 10})
    return lag_by_group(rows if partitions else rows.clear(), time, groups=listed, states=all_states).row(
        0, named=True
    )


def test_sums_worst_and_soonest() -> None:
    row = table(
        {},
        {"partition": 1, "lag_records": 5, "lag_seconds": 60.0, "is_at_least": True, "retention_used": 0.7,
         "seconds_to_loss": 99.0, "lost_records": 3, "seconds_to_close": 40.0},
    )  # fmt: skip
    assert (row["lag_records"], row["lag_seconds"], row["is_at_least"]) == (15, 60.0, True)
    assert (row["retention_used"], row["seconds_to_loss"], row["lost_records"]) == (0.7, 99.0, 3)
    assert (row["consumed_per_s"], row["produced_per_s"], row["partitions"]) == (4.0, 2.0, 2)
    assert (row["seconds_to_close"], row["peak_lag_records"]) == (40.0, 30)


def test_a_partition_that_does_not_close_leaves_the_group_open() -> None:
    assert (
        table({}, {"partition": 1, "condition": "slow", "seconds_to_close": None})["seconds_to_close"] is None
    )
    assert (
        table({}, {"partition": 1, "condition": "keeps up", "seconds_to_close": None})["seconds_to_close"]
        == 10.0
    )


def test_the_interval_follows_how_evenly_the_lag_closed() -> None:
    steady = table({})
    assert (steady["seconds_to_close_low"], steady["seconds_to_close_high"]) == (10.0, 10.0)
    shaky = table({}, lags=(100, 90, 95, 60, 70, 10))
    assert shaky["seconds_to_close_low"] < 10.0
    assert shaky["seconds_to_close_high"] is None or shaky["seconds_to_close_high"] > 10.0


@pytest.mark.parametrize(
    ("about", "condition"),
    [
        ({"state": "DEAD"}, "dead"),
        ({"state": "EMPTY"}, "empty"),
        ({"kind": "share"}, "unknown"),
        ({"states": ["STABLE"] * 7 + ["PREPARING_REBALANCING"] * 3}, "rebalancing"),
        ({"states": ["STABLE"] * 8 + ["COMPLETING_REBALANCING"] * 2}, "stuck"),
        ({"kind": None}, "stuck"),
    ],
)
def test_the_state_comes_before_what_partitions_say(about, condition) -> None:
    assert (
        table({"condition": "stuck"}, {"partition": 1, "condition": "keeps up"}, **about)["condition"]
        == condition
    )


def test_a_group_without_committed_offsets_is_unknown_and_not_0() -> None:
    row = table()
    assert (row["condition"], row["lag_records"], row["partitions"]) == ("unknown", None, 0)


def test_a_group_that_no_list_has_is_kept() -> None:
    rows = pl.DataFrame([PARTITION], schema_overrides=SCHEMA)
    time = pl.DataFrame({"ts": [1], "cluster": "c", "group": "g", "lag_records": [10]})
    none = pl.DataFrame(
        schema={"cluster": pl.String, "group": pl.String, "state": pl.String, "kind": pl.String}
    )
    row = lag_by_group(rows, time, groups=none, states=none).row(0, named=True)
    assert (row["group"], row["state"], row["condition"]) == ("g", None, "catching up")
