from __future__ import annotations

import statistics

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kafka_analysis.stats.skew import measures as skew

LOADS = st.lists(st.floats(0, 1e12, allow_subnormal=False), min_size=1, max_size=40)


def measured(values: list[float | None]) -> dict:
    load = pl.DataFrame(
        {"cluster": "c", "broker": range(len(values)), "load": values}, schema_overrides={"load": pl.Float64}
    )
    return skew.measure_skew(load, resources=["load"]).row(0, named=True)


def gini_by_differences(values: list[float]) -> float:
    """Half the relative mean absolute difference: another formula for the same coefficient."""
    n = len(values)
    return sum(abs(a - b) for a in values for b in values) / (2 * n * sum(values))


def test_measures_of_three_brokers(frame, rows):
    load = frame({"cluster": "c", "broker": [1, 2, 3], "leaders": [6, 3, 3], "size_bytes": [0.0, 0.0, 9.0]})
    answer = skew.measure_skew(load, resources=["size_bytes", "leaders"])
    assert rows(answer, "resource", "n", "total", "mean", "max", "max_over_mean", "top_share", "top") == [
        ("size_bytes", 3, 9, 3, 9, 3, 1, "3"),
        ("leaders", 3, 12, 4, 6, 1.5, 0.5, "1"),
    ]
    assert rows(answer, "cv")[1][0] == pytest.approx(statistics.pstdev([6, 3, 3]) / 4)
    assert [r[0] for r in rows(answer, "gini")] == [pytest.approx(2 / 3), pytest.approx(1 / 6)]


def test_a_broker_of_unknown_load_is_left_out_and_counted(frame, rows):
    load = frame({"cluster": "c", "broker": [1, 2, 3], "leaders": [4, None, 2]})
    assert rows(skew.measure_skew(load, resources=["leaders"]), "n", "mean", "max", "top") == [(2, 3, 4, "1")]


def test_nothing_known_is_a_row_that_says_so(frame, rows):
    load = frame(
        {"cluster": "c", "broker": [1, 2], "load": [None, None]}, schema_overrides={"load": pl.Float64}
    )
    assert rows(skew.measure_skew(load, resources=["load"]), *skew.MEASURES) == [(0, *[None] * 10)]


def test_ratios_of_no_load_at_all_are_unknown(frame, rows):
    load = frame({"cluster": "c", "broker": [1, 2], "load": [0.0, 0.0]})
    assert rows(skew.measure_skew(load, resources=["load"]), *skew.MEASURES) == [
        (2, 0, 0, 0, *[None] * 5, 0, None)
    ]


def test_the_least_to_move_is_what_lies_above_the_mean(frame, rows):
    load = frame({"cluster": "c", "broker": [1, 2, 3, 4], "size_bytes": [10.0, 7.0, 3.0, None]})
    answer = skew.measure_skew(load, resources=["size_bytes"])
    assert rows(answer, "net_imbalance") == [(pytest.approx(10 / 3 + 1 / 3),)]
    assert rows(answer, "net_imbalance_share") == [(pytest.approx(11 / 60),)]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_moving_the_net_imbalance_makes_all_equal(values):
    row, mean = measured([float(v) for v in values]), statistics.fmean(values)
    missing = sum(mean - v for v in values if v < mean)
    assert row["net_imbalance"] == pytest.approx(missing, rel=1e-9, abs=1e-6)
    assert 0 <= row["net_imbalance_share"] <= row["gini"] + 1e-9  # the Lorenz curve's largest sag


def test_clusters_are_measured_on_their_own(frame, rows):
    load = frame({"cluster": ["b", "b", "a", "a"], "rack": ["x", "y", "x", "y"], "load": [1, 3, 5, 5]})
    answer = skew.measure_skew(load, resources=["load"], key="rack")
    assert rows(answer, "cluster", "max_over_mean", "top") == [("a", 1, "x"), ("b", 1.5, "y")]


def test_of_equals_the_first_key_is_named():
    assert measured([5, 7, 7])["top"] == "1"


@pytest.mark.parametrize(
    ("values", "expected"), [([3], 0), ([2, 2], 0), ([0, 0, 0, 4], 0.75), ([1, 3], 0.25)]
)
def test_gini_of_a_few(values, expected):
    assert skew.gini(values) == expected


@pytest.mark.parametrize("values", [[], [0], [0, 0]])
def test_gini_of_nothing_is_unknown(values):
    assert skew.gini(values) is None


@given(LOADS)
@example([0.1] * 20)
def test_gini_lies_between_even_and_one(values):
    for coefficient in (skew.gini(values), measured(values)["gini"]):
        assert coefficient is None or 0 <= coefficient < 1


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any))
def test_gini_is_half_the_relative_mean_difference(values):
    assert skew.gini(values) == pytest.approx(gini_by_differences(values), abs=1e-9)
    assert measured(values)["gini"] == pytest.approx(gini_by_differences(values), abs=1e-9)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=30).filter(any))
def test_cv_is_that_of_the_standard_library(values):
    assert measured(values)["cv"] == pytest.approx(
        statistics.pstdev(values) / statistics.fmean(values), abs=1e-9
    )


@given(LOADS)
@example([0.1] * 20)
def test_the_fullest_carries_at_least_the_mean(values):
    row = measured(values)
    if row["total"] > 0:
        assert row["max_over_mean"] >= 1
        assert 1 / len(values) - 1e-9 <= row["top_share"] <= 1 + 1e-9


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12), st.randoms())
def test_order_does_not_matter(values, random):
    keyed = list(enumerate(values))
    random.shuffle(keyed)
    load = pl.DataFrame(
        {"cluster": "c", "broker": [k for k, _ in keyed], "load": [float(v) for _, v in keyed]}
    )
    assert skew.measure_skew(load, resources=["load"]).row(0, named=True) == pytest.approx(
        measured([float(v) for v in values])
    )


def test_lorenz_curve_of_two(frame, rows):
    assert rows(skew.lorenz(frame({"leaders": [3, 1, None]}), resource="leaders")) == [
        (0, 0),
        (0.5, 0.25),
        (1, 1),
    ]


def test_lorenz_curve_of_nothing_has_no_points(frame, rows):
    assert rows(skew.lorenz(frame({"leaders": [0, 0]}), resource="leaders")) == []


@given(LOADS)
def test_lorenz_curve_sags_below_the_diagonal(values):
    for keys, load in skew.lorenz(pl.DataFrame({"load": values}), resource="load").rows():
        assert load <= keys + 1e-9


def test_curves_of_several_resources_stay_apart_cluster_by_cluster(frame, rows):
    load = frame({"cluster": ["b", "b", "a"], "leaders": [1, 3, 5], "replicas": [2, 2, 0]})
    found = rows(skew.lorenz_by_cluster(load, resources=["leaders", "replicas"]))
    assert [row for row in found if row[:2] == ("b", "leaders")] == [
        ("b", "leaders", 0.0, 0.0),
        ("b", "leaders", 0.5, 0.25),
        ("b", "leaders", 1.0, 1.0),
    ]
    assert {row[:2] for row in found} == {("b", "leaders"), ("b", "replicas"), ("a", "leaders")}


def test_racks_are_measured_like_brokers(frame, rows):
    load = frame({"cluster": "c", "rack": ["z", "a"], "size_bytes": [30.0, 10.0]})
    measured = skew.measure_skew(load, resources=["size_bytes"], key="rack")
    assert rows(measured, "top", "max_over_mean") == [("z", 1.5)]
