"""How busy brokers are, before and after: by the same metric, the mean and the busiest."""

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.effect.utilisation_effects import (
    UTILISATION_METRICS,
    busy_by_counter,
    busy_by_gauge,
    busy_series,
    utilisation_effects,
)
from tests.stats.effect.compared import AFTER, BEFORE, SIDES, around, by_question, counter, samples


def idle(metric: str, before: float, after: float) -> pl.DataFrame:
    """Return gauges of brokers that are so busy (0 to 1) in each window."""
    return pl.concat([
        samples(metric, "old", 1 - around(before, sd=0.02), window=BEFORE),
        samples(metric, "cell-a", 1 - around(after, sd=0.02, seed=2), window=AFTER),
        samples(metric, "cell-b", 1 - around(after, sd=0.02, seed=3), window=AFTER),
    ])  # fmt: skip


@pytest.mark.parametrize(("after", "verdict"), [(0.2, "better"), (0.6, "worse"), (0.4, "same")])
def test_less_busy_is_better(after, verdict):
    rows = by_question(utilisation_effects(idle("network_idle_ratio", 0.4, after).lazy(), sides=SIDES))
    assert rows["network_mean"]["verdict"] == verdict
    assert rows["network_mean"]["low"] <= after / 0.4 - 1 <= rows["network_mean"]["high"]
    assert rows["handlers_mean"]["verdict"] == rows["cpu_busiest"]["verdict"] == "cannot tell"


def test_the_busiest_broker_is_a_question_of_its_own():
    hot = samples("network_idle_ratio", "cell-b", 1 - around(0.9, sd=0.01), window=AFTER, broker=2)
    rows = by_question(
        utilisation_effects(pl.concat([idle("network_idle_ratio", 0.6, 0.2), hot]), sides=SIDES)
    )
    assert (rows["network_mean"]["verdict"], rows["network_busiest"]["verdict"]) == ("better", "worse")


def test_every_question_is_there_whatever_the_capture_holds(frame):
    empty = frame(idle("network_idle_ratio", 0.1, 0.1).clear().to_dict())
    rows = by_question(utilisation_effects(empty, sides=SIDES))
    assert len(rows) == 6
    assert {(row["verdict"], row["effect"]) for row in rows.values()} == {("cannot tell", None)}
    assert all(any(name in row["reason"] for name in UTILISATION_METRICS) for row in rows.values())


def test_what_two_metrics_call_busy_is_not_compared():
    rows = pl.concat([
        samples("process_cpu_load_ratio", "old", around(0.4), window=BEFORE),
        samples("cpu_ratio", "cell-a", 1 - around(0.2), window=AFTER, entity="idle"),
    ])  # fmt: skip
    row = by_question(utilisation_effects(rows, sides=SIDES))["cpu_mean"]
    assert row["reason"].startswith("measured as process_cpu_load_ratio before and as cpu_ratio after")


def test_request_handlers_are_busy_while_their_idle_seconds_do_not_grow():
    rows = pl.concat([
        counter("request_handler_idle_seconds_total", "old", 10 * (1 - around(0.5)), window=BEFORE),
        counter("request_handler_idle_seconds_total", "cell-a", 10 * (1 - around(0.25)), window=AFTER),
    ])  # fmt: skip
    row = by_question(utilisation_effects(rows, sides=SIDES))["handlers_mean"]
    assert row["low"] <= -0.5 <= row["high"]
    assert row["verdict"] == "better"


def test_waiting_for_disks_is_not_busy():
    rows = pl.DataFrame({
        "side": "after", "metric": "cpu_seconds_total", "cluster": "c", "broker": 1, "window_start": 0,
        "entity": ["idle", "iowait", "user", "system"], "increase": [50.0, 10.0, 30.0, 10.0], "seconds": 10.0,
    })  # fmt: skip
    assert busy_by_counter(rows)["busy"].to_list() == [40.0]
    assert busy_by_counter(rows.with_columns(seconds=0.0)).is_empty()


def test_shares_beyond_1_are_cut_off():
    rows = pl.DataFrame({
        "side": "after", "metric": "request_handler_idle_ratio", "cluster": "c", "broker": [1], "window_start": 0,
        "entity": None, "mean": [1.7],
    }, schema_overrides={"entity": pl.String})  # fmt: skip
    assert busy_by_gauge(rows)["busy"].to_list() == [0.0]


def test_a_step_in_which_most_brokers_are_silent_is_unknown():
    rows = pl.DataFrame({
        "side": "after", "cluster": "c", "broker": [1, 2, 3, 3], "window_start": [0, 0, 0, 1], "busy": 10.0,
    })  # fmt: skip
    assert busy_series(rows, over="mean").rows() == [(0, 10.0), (1, None)]
