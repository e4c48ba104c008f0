from __future__ import annotations

import polars as pl
import pytest

DAY_MS = 86_400_000


def short(planned, retention_ms, policy=None, **options):
    columns = {"retention_ms": [retention_ms], "cleanup_policy": [policy]}
    plan = planned({"a": 1e6}, [("x", "a")], columns=columns, **options)
    return plan, plan.retention.select("reason", "retention_s", "needed_s").rows()


COPY = {"replication_bytes_per_s": 6e6, "bandwidth_uncertainty": 0.0}  # 1 GB at 5 MB/s: 200 s


def test_records_must_outlive_the_copy_and_a_standstill(planned):
    plan, rows = short(planned, 100_000, cutover_s=1, soak_s=1, holding_s=50, **COPY)
    assert rows == [("mirror", 100.0, 250.0)]
    told = "Records may be deleted before the replicator has read them, in topic a: raise the retention to more than"
    assert plan.warnings == (f"{told} 4 min 10 s.",)
    assert short(planned, 250_001, cutover_s=1, soak_s=1, holding_s=50, **COPY)[1] == []


def test_records_must_outlive_the_way_back(planned):
    plan, rows = short(planned, DAY_MS, cutover_s=7200, soak_s=86400)
    assert rows == [("rollback", 86400.0, 93600.0)]
    assert plan.warnings[0].startswith("Records that consumers would need after a rollback may be deleted")


@pytest.mark.parametrize(("kept", "policy"), [(-1, None), (1, "compact"), (30 * DAY_MS, None)])
def test_what_is_kept_for_long_enough_is_not_told(planned, kept, policy):
    assert short(planned, kept, policy)[1] == []


def test_compacted_topics_that_also_delete_are_told(planned):
    assert len(short(planned, 1, "compact,delete")[1]) == 1


def test_unknown_retention_is_a_warning_and_no_gap(planned):
    plan, rows = short(planned, None, **COPY)
    assert rows == []
    assert plan.warnings == (
        "The retention of topic a is unknown: whether it is long enough is not checked.",
    )
    assert short(planned, None, "compact", **COPY)[0].warnings == ()


def test_steps_are_the_phases_of_each_wave(planned):
    plan = planned({"a": 1e6}, [], soak_s=3600, **COPY)
    rows = plan.steps.select(
        "phase", pl.col("start", "end", "end_low", "end_high").dt.strftime("%H:%M:%S")
    ).rows()
    assert rows == [
        ("backfill", "00:00:00", "00:03:20", "00:02:46", "00:03:20"),
        ("catch-up", "00:03:20", "00:04:00", None, None),
        ("cut-over", "00:04:00", "02:04:00", None, None),
        ("soak", "02:04:00", "03:04:00", None, None),
    ]


def test_an_unknown_copy_has_no_steps(planned):
    plan = planned({"a": 1e6}, [])
    assert plan.steps["phase"].to_list() == ["cut-over", "soak"]
    assert plan.waves["backfill_s"].to_list() == [None]
    assert any("bandwidth of the replicator is unknown" in warning for warning in plan.warnings)
