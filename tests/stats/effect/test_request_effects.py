"""Times of requests and failures, before and after; what a capture does not hold is said."""

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.effect.request_effects import (
    REQUEST_METRICS,
    failure_series,
    latency_series,
    request_effects,
)
from tests.stats.effect.compared import AFTER, BEFORE, SIDES, around, by_question, counter, samples

WAYS = {"entity": "Produce", "stat": "p99"}


def times(before: float, after: float, **more) -> pl.DataFrame:
    rows = [samples("request_total_ms", "old", around(before, sd=0.02), window=BEFORE, **(WAYS | more))]
    rows += [
        samples("request_total_ms", cell, around(after, sd=0.02, seed=seed), window=AFTER, **(WAYS | more))
        for seed, cell in enumerate(("cell-a", "cell-b"), 2)
    ]
    return pl.concat(rows)


def failures(before, after) -> pl.DataFrame:
    rows = []
    for cluster, window, failed in (("old", BEFORE, before), ("cell-a", AFTER, after)):
        rows.append(counter("produce_requests_total", cluster, [1000.0] * 40, window=window))
        rows.append(counter("failed_produce_requests_total", cluster, failed, window=window))
    return pl.concat(rows)


@pytest.mark.parametrize(("after", "verdict"), [(100.0, "worse"), (25.0, "better"), (50.0, "same")])
def test_a_planted_change_of_a_percentile_is_found(after, verdict):
    row = by_question(request_effects(times(50.0, after, stat="p99").lazy(), sides=SIDES))["produce_p99"]
    assert row["low"] <= after / 50.0 - 1 <= row["high"]
    assert (row["verdict"], row["unit"], row["is_share"]) == (verdict, "ms", True)


def test_every_question_is_there_whatever_the_capture_holds(frame):
    empty = frame(times(1.0, 1.0).clear().to_dict())
    rows = by_question(request_effects(empty, sides=SIDES))
    assert list(rows) == [
        "produce_p50", "produce_p99", "fetch_p50", "fetch_p99", "failed_produce", "failed_fetch", "errors",
    ]  # fmt: skip
    assert {row["verdict"] for row in rows.values()} == {"cannot tell"}
    assert {row["effect"] for row in rows.values()} == {None}
    assert all(any(name in row["reason"] for name in REQUEST_METRICS) for row in rows.values())


def test_a_percentile_of_one_side_only_is_not_compared():
    rows = by_question(request_effects(times(50.0, 50.0).filter(pl.col("cluster") == "old"), sides=SIDES))
    assert rows["produce_p99"]["reason"] == "no request_total_ms after (Produce, p99)"


def test_failures_are_told_for_each_thousand_requests():
    rows = by_question(request_effects(failures([0.0, 2.0] * 20, [40.0, 60.0] * 20), sides=SIDES))
    row = rows["failed_produce"]
    assert (row["verdict"], row["is_share"]) == ("worse", False)
    assert row["low"] < 49.0 < row["high"]
    none = by_question(request_effects(failures([0.0] * 40, [0.0] * 40), sides=SIDES))["failed_produce"]
    assert (none["verdict"], none["reason"]) == ("same", "none in either window")


def test_a_few_failures_more_do_not_matter():
    rows = by_question(request_effects(failures([0.0] * 40, [0.0, 0.5] * 20), sides=SIDES))
    assert rows["failed_produce"]["verdict"] == "same"


def test_a_broker_counts_by_its_requests():
    keys = {"side": "after", "cluster": "c", "broker": [1, 2, 3], "window_start": 0}
    seen = pl.DataFrame({**keys, "mean": [10.0, 20.0, 900.0]})
    asked = pl.DataFrame({**keys, "increase": [300.0, 100.0, 0.0]})
    assert latency_series(seen, asked)["value"].to_list() == [12.5]
    assert latency_series(seen, asked.with_columns(increase=0.0))["value"].to_list() == [None]


def test_each_fetch_counts_once():
    rows = pl.DataFrame({
        "metric": ["r", "r", "r", "e"], "entity": ["Fetch", "FetchConsumer", "FetchFollower", "Fetch"],
        "window_start": 0, "increase": [100.0, 60.0, 40.0, 5.0],
    })  # fmt: skip
    assert failure_series(rows, failed="e", of="r")["value"].to_list() == [50.0]
    apart = rows.filter(pl.col("entity") != "Fetch")
    assert failure_series(apart, failed="e", of="r")["value"].to_list() == [0.0]
