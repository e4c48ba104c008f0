"""Lag of consumers before and after, and how long they took to come back after the cut-over."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from kafka_analysis.stats.effect.lag_effects import (
    answer_step,
    lag_effects,
    lag_series,
    last_cutover,
    recovery,
)
from tests.stats.effect.compared import AFTER, BEFORE, SIDES, STEP, STEPS, T0, around, by_question

CUTOVER = BEFORE.end + 20 * STEP
PER_STEP = 100
EARLIER = 12
EVENTS = {"ts": pl.Datetime("ms", "UTC"), "kind": pl.String, "name": pl.String}


def events(*times) -> pl.DataFrame:
    rows = [(at, "cutover", f"wave-{n}") for n, at in enumerate(times, 1)]
    return pl.DataFrame(rows, schema=EVENTS, orient="row")


def log(cluster: str, start, steps: int, behind, group: str = "billing") -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return log ends that grow by 100 records a step, and offsets committed so many records behind them.

    The log was seen for some steps before, which dates the records that are read at first.
    """
    place = {"cluster": cluster, "topic": "orders", "partition": 0}
    times = [start + n * STEP for n in range(-EARLIER, steps)]
    ends = [10_000 + PER_STEP * n for n in range(-EARLIER, steps)]
    offsets = pl.DataFrame({"ts": times, **place, "log_start_offset": 0, "log_end_offset": ends})
    committed = [end - round(float(b)) for end, b in zip(ends[EARLIER:], behind, strict=True)]
    reads = pl.DataFrame({"ts": times[EARLIER:], **place, "group": group, "committed_offset": committed})
    return tuple(
        table.with_columns(pl.col("ts").cast(pl.Datetime("ms", "UTC")), pl.col("partition").cast(pl.Int32))
        for table in (reads, offsets)
    )


def asked(before: float, after: float, *, late_steps: int = 0, cutovers=(CUTOVER,), group="billing"):
    """Return the answers about a group that is so many records behind in each window, and late after the cut-over."""
    steps = 20 + STEPS  # from the cut-over to the end of the window after
    behind = around(after, sd=0.02, n=steps, seed=2)
    behind[:late_steps] = 30 * after
    sides = [
        log("old", BEFORE.start, STEPS, around(before, sd=0.02)),
        log("cell-a", CUTOVER, steps, behind, group),
    ]
    reads, ends = (pl.concat(tables) for tables in zip(*sides, strict=True))
    return by_question(lag_effects(reads.lazy(), ends.lazy(), events=events(*cutovers), sides=SIDES))


@pytest.mark.parametrize(("after", "verdict"), [(800.0, "worse"), (100.0, "better"), (300.0, "same")])
def test_farther_behind_is_worse(after, verdict):
    rows = asked(300.0, after)
    assert (rows["lag_records"]["verdict"], rows["lag_records"]["unit"]) == (verdict, "records")
    assert rows["lag_records"]["low"] <= after / 300 - 1 <= rows["lag_records"]["high"]
    assert rows["lag_seconds"]["verdict"] == verdict


def test_the_recovery_is_the_time_until_lag_is_what_it_was():
    row = asked(300.0, 300.0, late_steps=6)["recovery"]
    assert (row["verdict"], row["unit"]) == ("same", "s")
    assert row["low"] <= 60.0 <= row["high"] == row["effect"]
    assert row["high"] - row["low"] == 10.0


def test_who_is_still_behind_at_the_end_has_not_recovered():
    row = asked(300.0, 300.0, late_steps=20 + STEPS)["recovery"]
    assert row["verdict"] == "worse"
    assert "after wave-1 they were still more than" in row["reason"]
    assert row["effect"] is None


def test_without_a_cutover_there_is_no_recovery_to_tell():
    rows = asked(300.0, 300.0, cutovers=())
    assert (rows["recovery"]["verdict"], rows["lag_records"]["verdict"]) == ("cannot tell", "same")
    assert rows["recovery"]["reason"] == "no event says when the last cut-over was"


def test_a_group_of_one_side_only_is_not_compared():
    rows = asked(300.0, 300.0, group="another")
    assert {row["reason"] for row in rows.values()} == {"no consumer group was seen both before and after"}
    assert {row["effect"] for row in rows.values()} == {None}


def test_a_capture_without_answers_says_which_tables_are_missing():
    reads, ends = log("old", BEFORE.start, STEPS, around(300.0))
    rows = by_question(lag_effects(reads, ends, events=events(), sides=SIDES))
    assert list(rows) == ["lag_seconds", "lag_records", "recovery"]
    assert "were read after (tables group_offsets and offsets)" in rows["recovery"]["reason"]


def test_the_last_cutover_between_the_windows_counts():
    early, late = BEFORE.start, AFTER.start + STEP
    assert last_cutover(events(early, CUTOVER, late), SIDES)[1] == "wave-2"
    assert last_cutover(events(early, late), SIDES) is None


@pytest.mark.parametrize(
    ("apart", "step", "seconds"), [(10, 10, 10), (60, 10, 60), (20, 3600, 3600), (5 * 3600, 3600, 6 * 3600)]
)
def test_steps_are_as_far_apart_as_answers_and_hours_divide_a_day(apart, step, seconds):
    times = [T0 + timedelta(seconds=apart * n) for n in range(5)]
    rows = pl.DataFrame({"ts": times, "cluster": "c", "group": "g"})
    assert answer_step(rows, step=timedelta(seconds=step)).total_seconds() == seconds


def test_a_cluster_that_did_not_answer_leaves_the_step_unknown():
    times = [T0, T0 + timedelta(seconds=1), T0 + STEP]
    rows = pl.DataFrame(
        {"ts": times, "cluster": ["a", "b", "a"], "group": ["g", "h", "g"], "lag_records": [2, 4, 6]}
    )
    assert lag_series(rows, "lag_records", step=STEP)["value"].to_list() == [3.0, None]


def test_fewer_than_three_answers_tell_no_recovery():
    one = pl.DataFrame({"answered": [T0], "value": [1.0]})
    row = recovery(one, one, cutover=(T0, "wave-1"))
    assert row["reason"] == "1 answer about lag after wave-1: 3 are needed"
