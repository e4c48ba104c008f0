from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.mirror.closing import seconds_to_close
from kafka_analysis.stats.mirror.measure import measure_mirrors
from kafka_analysis.stats.mirror.places import MIRROR_MAKER, SCHEMA

START = datetime(2026, 1, 1, tzinfo=UTC)
EVERY_S = 2
TASKS = {"flow": pl.String, "topic": pl.String, "partition": pl.Int32, "task": pl.Int32}
Copied = tuple[float, float, float]  # position at the start, records per second, log end at the start


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def closing(
    *partitions: Copied,
    produced: float = 0,
    commit_s: int = 2,
    starts_s: int = 0,
    answers: int = 10,
    tasks=None,
) -> list[float]:
    """Return what is said of partitions that are copied from a moment on, and committed each so many seconds."""
    places, logs = [], []
    for number, (position, pace, end) in enumerate(partitions):
        for s in range(0, EVERY_S * answers, EVERY_S):
            stored = s - s % commit_s
            copied = position + pace * max(stored - starts_s, 0)
            age_s = float(s - stored) if stored >= starts_s else s + 100.0
            place = {"source": "a", "flow": "f", "topic": "t", "partition": number}
            places.append({"ts": at(s), **place, "position": int(copied), "age_s": age_s})
            logs.append({"ts": at(s), "cluster": "a", "topic": "t", "partition": number,
                         "log_start_offset": 0, "log_end_offset": int(end + produced * s)})  # fmt: skip
    rows = pl.DataFrame(places).with_columns(pl.col("ts").cast(pl.Datetime("ms", "UTC")))
    late = rows.select("source", "flow", "topic", "partition").unique(maintain_order=True)
    known = [("f", "t", number, task) for number, task in enumerate(tasks or [])]
    found = seconds_to_close(
        late.with_columns(
            condition=pl.lit("catching up"), is_at_least=False, consumed_per_s=pl.lit(None, pl.Float64),
            produced_per_s=pl.lit(None, pl.Float64),
        ), rows, pl.DataFrame(logs),
        tasks=pl.DataFrame(known, schema=TASKS, orient="row"), recent_answers=answers,
    )  # fmt: skip
    return found.sort("partition")["task_seconds"].to_list()


def test_a_partition_of_its_own_closes_at_its_own_pace() -> None:
    assert closing((0, 50.0, 2000.0)) == [pytest.approx((2000 - 50 * 18) / 50)]
    assert closing((0, 50.0, 2000.0), produced=10) == [pytest.approx((2000 - 40 * 18) / 40)]


def test_partitions_of_a_task_close_together() -> None:
    heavy, light = (0, 50.0, 5000.0), (0, 50.0, 1000.0)
    assert closing(heavy, light, tasks=[0, 0]) == [pytest.approx((6000 - 100 * 18) / 100)] * 2
    assert closing(heavy, light, tasks=[0, 1]) == closing(heavy, light)


def test_the_time_before_the_mirror_ran_does_not_count() -> None:
    assert closing((0, 50.0, 2000.0), starts_s=10) == [pytest.approx((2000 - 50 * 8) / 50)]


@given(commit_s=st.sampled_from([2, 4, 6]), produced=st.sampled_from([0, 5, 20]))
def test_the_interval_between_commits_changes_nothing(commit_s: int, produced: int) -> None:
    usual = closing((0, 60.0, 3000.0), produced=produced)
    assert closing((0, 60.0, 3000.0), produced=produced, commit_s=commit_s) == pytest.approx(usual, rel=0.02)


def test_nothing_is_said_of_what_does_not_gain_or_was_stored_once() -> None:
    assert closing((0, 10.0, 2000.0), produced=10) == closing((0, 0.0, 2000.0)) == []
    assert closing((0, 50.0, 2000.0), answers=1) == []


@pytest.mark.parametrize(("end", "condition"), [(9000, "catching up"), (1100, "keeps up")])
def test_a_backlog_older_than_the_recording_is_late_where_it_takes_long(end: int, condition: str) -> None:
    seconds = range(0, 20, EVERY_S)
    stored = [
        (at(s), MIRROR_MAKER, "a", "b", "m", "t", 0, 50 * s, 0.0, "committed position") for s in seconds
    ]
    ends = [(at(s), "a", "t", 0, 0, end + 10 * s) for s in seconds]
    names = ("ts", "cluster", "topic", "partition", "log_start_offset", "log_end_offset")
    logs = pl.DataFrame(ends, schema=names, orient="row").with_columns(
        pl.col("ts").cast(pl.Datetime("ms", "UTC")), pl.col("partition").cast(pl.Int32)
    )
    none = pl.DataFrame(schema=dict.fromkeys(("cluster", "topic", "name", "value"), pl.String))
    places = pl.DataFrame(stored, schema=SCHEMA, orient="row")
    flow = measure_mirrors(places, logs, topic_configs=none, tolerance_s=60).flows.row(0, named=True)
    left_s = (end - 40 * 18) / 40
    assert (flow["condition"], flow["is_at_least"]) == (condition, True)
    assert flow["seconds_to_close"] == (pytest.approx(left_s) if condition == "catching up" else None)
