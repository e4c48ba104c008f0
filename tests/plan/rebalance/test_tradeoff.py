"""What more bytes buy, on clusters small enough to see it."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.files.reassignment import ASSIGNMENT
from kafka_analysis.plan.rebalance.plan import plan_rebalance
from kafka_analysis.plan.rebalance.tradeoff import trade_off
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("short_search")
RACKS = {1: "a", 2: "b", 3: "c", 4: "a"}


def brokers(*numbers: int) -> pl.DataFrame:
    rows = [(number, RACKS[number]) for number in numbers]
    return pl.DataFrame(rows, schema={"broker": pl.Int32, "rack": pl.String}, orient="row")


def partitions(*rows: tuple[list[int], float]) -> pl.DataFrame:
    frame = pl.DataFrame(
        [("t", n, replicas) for n, (replicas, _) in enumerate(rows)], schema=ASSIGNMENT, orient="row"
    )
    sizes = pl.Series("size_bytes", [size for _, size in rows], dtype=pl.Float64)
    return frame.with_columns(sizes, bytes_in_per_s=sizes, bytes_out_per_s=sizes)


UNEVEN = partitions(([1], 1.0), ([1], 1.0), ([1], 4.0), ([1], 4.0))


def points(found: pl.DataFrame) -> list[tuple]:
    return found.select("kind", "bytes_to_move", "worst").rows()


def test_each_budget_buys_what_it_can():
    found = trade_off(UNEVEN, brokers(1, 2), shares=[0.9, 0.25], resources=["size_bytes"])
    assert points(found) == [
        ("now", 0.0, 2.0),
        ("leaders", 0.0, 2.0),
        ("budget", 1.0, 1.8),
        ("budget", 4.0, 1.2),
        ("plan", 5.0, 1.0),
    ]
    assert found["max_moved_bytes"].to_list() == [None, None, 1.25, 4.5, None]
    assert found["movements"].to_list() == [0, 0, 1, 1, 2]
    assert found["goals_violated"].to_list() == [1, 1, 1, 1, 0]
    assert found["size_bytes_over_share"].to_list() == found["worst"].to_list()
    assert found["lower_bound_bytes"].n_unique() == 1
    assert 0 < found["lower_bound_bytes"][0] <= 5.0


def test_leaders_alone_are_a_point_of_their_own():
    rows = partitions(([1, 2], 1.0), ([1, 2], 1.0))
    found = trade_off(rows, brokers(1, 2), resources=["leaders", "size_bytes"])
    assert points(found) == [("now", 0.0, 2.0), ("leaders", 0.0, 1.0), ("plan", 0.0, 1.0)]
    assert found["leader_changes"].to_list() == [0, 1, 1]
    assert found["worst_resource"].to_list()[0] == "leaders"


def test_where_replicas_must_move_leaders_alone_are_no_point():
    rows = partitions(([1], 2.0), ([2], 2.0), ([3], 2.0))
    found = trade_off(rows, brokers(1, 2, 3), remove_brokers=[3], resources=["size_bytes"])
    assert "leaders" not in found["kind"].to_list()
    assert found["bytes_to_move"].to_list()[-1] == 2.0


def test_a_budget_that_cannot_pay_for_the_rules_is_left_out():
    rows = partitions(([1, 4], 4.0), ([2, 3], 4.0), ([3, 2], 4.0))  # the first is in one rack only
    found = trade_off(rows, brokers(1, 2, 3, 4), shares=[0.1], resources=["replicas"], tolerance=1)
    assert found.filter(kind="now")["goals_violated"].item() >= 1
    assert "budget" not in found["kind"].to_list()
    assert found.filter(kind="plan")["bytes_to_move"].item() == 4.0


def test_a_plan_no_better_than_a_cheaper_one_gives_way_to_it():
    found = trade_off(UNEVEN, brokers(1, 2), shares=[0.3, 0.35], resources=["size_bytes"])
    rows = found.filter(kind="budget").select("bytes_to_move", "worst").rows()
    assert rows == [(1.0, 1.8), (1.0, 1.8)]
    assert found.filter(kind="budget")["max_moved_bytes"].to_list() == pytest.approx([1.5, 1.75])


def test_a_plan_that_came_out_worse_gives_way_too(monkeypatch):
    worse = {
        "kind": "budget",
        "max_moved_bytes": 2.5,
        "bytes_to_move": 2.5,
        "worst": 9.0,
        "size_bytes_over_share": 9.0,
    }
    monkeypatch.setattr("kafka_analysis.plan.rebalance.tradeoff._within", lambda *_: worse)
    found = trade_off(UNEVEN, brokers(1, 2), shares=[0.5], resources=["size_bytes"])
    row = found.filter(kind="budget").row(0, named=True)
    assert (row["max_moved_bytes"], row["bytes_to_move"], row["worst"]) == (2.5, 0.0, 2.0)


def test_the_full_plan_may_be_given():
    options = {"resources": ["size_bytes"], "tolerance": 0.05}
    full = plan_rebalance(UNEVEN, brokers(1, 2), **options)
    assert trade_off(UNEVEN, brokers(1, 2), full=full, **options).equals(
        trade_off(UNEVEN, brokers(1, 2), **options)
    )


def test_pandas_frames_are_taken_too():
    found = trade_off(UNEVEN, brokers(1, 2).to_pandas(), shares=[0.5])
    assert found.equals(trade_off(UNEVEN, brokers(1, 2), shares=[0.5]))


@pytest.mark.parametrize("shares", [[0.0], [1.0], [0.5, -0.1], [float("nan")]])
def test_shares_lie_between_nothing_and_everything(shares):
    with pytest.raises(InputError, match="each above 0 and below 1"):
        trade_off(UNEVEN, brokers(1, 2), shares=shares)


replicas = st.lists(st.integers(1, 4), min_size=1, max_size=2, unique=True)
clusters = st.lists(st.tuples(replicas, st.integers(0, 1000).map(float)), min_size=1, max_size=14)


@examples(10)
@given(clusters, st.floats(0.0, 0.3))
def test_more_bytes_never_make_it_less_even_and_budgets_are_kept(rows, tolerance):
    cluster = partitions(*rows)
    found = trade_off(cluster, brokers(1, 2, 3, 4), tolerance=tolerance)
    up_to_budgets = found.filter(pl.col("kind") != "plan")["worst"].to_list()
    assert up_to_budgets == sorted(up_to_budgets, reverse=True)
    budgets = found.filter(kind="budget")
    assert (budgets["bytes_to_move"] <= budgets["max_moved_bytes"] * (1 + 1e-9)).all()
    assert found["kind"].to_list()[:1] + found["kind"].to_list()[-1:] == ["now", "plan"]
    assert found.equals(trade_off(cluster, brokers(1, 2, 3, 4), tolerance=tolerance))
