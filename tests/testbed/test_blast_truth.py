from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from testbed.blast_truth import acknowledged_effects, starved_groups

T0 = datetime(2026, 1, 1, tzinfo=UTC)
START, END = T0 + timedelta(seconds=30), T0 + timedelta(seconds=70)
SCHEMA = {
    "ts": pl.Datetime("ms", "UTC"), "cluster": pl.String, "kind": pl.String, "topic": pl.String,
    "partition": pl.Int32, "group": pl.String, "records": pl.Int64, "bytes": pl.Int64,
}  # fmt: skip


def acks(topic, seconds):
    return [(T0 + timedelta(seconds=s), "c", "acknowledged", topic, 0, None, 4, 1000) for s in seconds]


def reads(group, topic, seconds):
    return [(T0 + timedelta(seconds=s), "c", "consumed", topic, 0, group, 100, 1000) for s in seconds]


def truth(*parts):
    return pl.DataFrame([row for part in parts for row in part], schema=SCHEMA, orient="row")


def test_acknowledgements_that_end_or_pause_are_told_apart():
    rows = truth(
        acks("dead", [*range(32), *range(75, 90)]),  # the last of what was under way, and the return
        acks("paused", [*range(31), *range(40, 90)]),
        acks("well", range(90)),
        acks("seldom", [20]),
    )
    told = acknowledged_effects(rows, start=START, end=END, baseline_s=20)
    assert told.select("topic", "stopped", "paused", "gap_s").rows() == [
        ("dead", True, False, 40.0),
        ("paused", False, True, 10.0),
        ("seldom", None, None, 40.0),
        ("well", False, False, 2.0),
    ]
    assert told.filter(topic="well")["per_s"].to_list() == [950.0]


def test_a_group_is_starved_when_a_partition_gives_it_nothing_once_the_loss_is_noticed():
    rows = truth(
        reads("g", "a", range(0, 90, 10)),
        reads("g", "b", [0, 10, 20, 30, 40]),  # the last of what was under way
        reads("h", "a", range(0, 90, 10)),
    )
    assert starved_groups(rows, start=START, end=END, baseline_s=20).rows() == [("g", True), ("h", False)]


def test_an_outage_too_short_for_a_whole_stretch_tells_nothing_of_groups():
    rows = truth(reads("g", "a", range(0, 30, 10)))
    end = START + timedelta(seconds=25)
    assert starved_groups(rows, start=START, end=end, baseline_s=20)["starved"].to_list() == [None]
