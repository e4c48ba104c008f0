"""The old cluster before, all targets after; a made load is compared while it is at work."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from kafka_analysis.stats.effect.rows import Asked
from kafka_analysis.stats.effect.sides import Sides, at_work, compared, held_in, reduced, sides_of
from kafka_analysis.stats.reduce.samples import gauge, increase
from tests.stats.effect.compared import AFTER, BEFORE, SIDES, STEP, around, counter, samples

ERRORS = Asked("errors", "Errors", "per 1,000")


@pytest.mark.parametrize(
    ("roles", "before", "after"),
    [
        (["source", "target", "target"], ("a",), ("b", "c")),
        (["source", "source", "target"], ("a", "b"), ("c",)),
        (["source", None, None], ("a", "b", "c"), ("a", "b", "c")),
        ([None, None, None], ("a", "b", "c"), ("a", "b", "c")),
    ],
)
def test_sources_before_and_targets_after_where_roles_are_known(frame, roles, before, after):
    clusters = frame({"cluster": ["a", "b", "c"], "role": roles}, schema_overrides={"role": pl.String})
    found = sides_of(clusters, windows=(BEFORE, AFTER), step=STEP, season="none")
    assert (found.clusters_before, found.clusters_after) == (before, after)


def test_each_side_is_reduced_in_its_own_window_and_clusters():
    rows = pl.concat([
        samples("leader_count", cluster, [value] * 40, window=window)
        for cluster in ("old", "cell-a") for window, value in ((BEFORE, 1.0), (AFTER, 2.0))
    ])  # fmt: skip
    found = reduced(gauge, rows.lazy(), SIDES)
    assert found.group_by("side", "cluster").agg(pl.col("mean").mean(), pl.len()).sort("side").rows() == [
        ("after", "cell-a", 2.0, 40),
        ("before", "old", 1.0, 40),
    ]
    assert held_in(found) == ({"leader_count"}, {"leader_count"})


def test_counters_are_added_up_by_what_is_asked_for():
    rows = pl.concat(
        counter("requests_total", "old", [10.0] * 40, window=BEFORE, broker=broker) for broker in (1, 2)
    )
    found = reduced(increase, rows, SIDES, by=["cluster"])
    assert found.filter(side="before")["increase"].to_list() == pytest.approx([20.0] * 40)


def test_windows_of_a_week_are_not_narrowed():
    sides = Sides(BEFORE, AFTER, ("a",), ("b",), timedelta(hours=1), "week")
    nothing = pl.DataFrame()
    assert at_work(sides, nothing, nothing) is sides


def test_a_window_without_traffic_stays_as_it_is():
    empty = pl.DataFrame(
        schema={"window_start": pl.Datetime("ms", "UTC"), "cluster": pl.String, "kind": pl.String,
                "bytes_in_per_s": pl.Float64}
    )  # fmt: skip
    assert at_work(SIDES, empty, empty) == SIDES


def series(before, after) -> pl.DataFrame:
    values = [(BEFORE.start + n * STEP, float(v)) for n, v in enumerate(before)]
    values += [(AFTER.start + n * STEP, float(v)) for n, v in enumerate(after)]
    return pl.DataFrame(values, schema={"ts": pl.Datetime("ms", "UTC"), "value": pl.Float64}, orient="row")


def test_no_error_in_either_window_is_the_same_and_a_constant_is_not():
    nothing = compared(ERRORS, series([0.0] * 40, [0.0] * 40), SIDES)
    assert (nothing["verdict"], nothing["reason"], nothing["effect"]) == (
        "same",
        "none in either window",
        None,
    )
    constant = compared(ERRORS, series([3.0] * 40, [3.0] * 40), SIDES)
    assert constant["verdict"] == "cannot tell"
    few = compared(ERRORS, series([0.0] * 5, [0.0] * 5), SIDES)
    assert (few["verdict"], "12 are needed" in few["reason"]) == ("cannot tell", True)


def test_what_is_too_small_to_matter_is_the_same_however_sure():
    busy = series(around(2.0, sd=0.01), around(3.0, sd=0.01, seed=2))
    assert compared(Asked("cpu", "CPU", "%"), busy, SIDES)["verdict"] == "worse"
    assert compared(Asked("cpu", "CPU", "%", same_up_to=2.0), busy, SIDES)["verdict"] == "same"
