from __future__ import annotations

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kafka_analysis.model.errors import GoalImpossibleError, InputError
from kafka_analysis.plan import SplitWeights, plan_split
from tests.examples import examples
from tests.plan.split.exact import cheapest, price
from tests.plan.split.random_topics import estate_of, estates

TOPICS = pl.DataFrame({
    "topic": ["a", "b", "c", "d"], "bytes_in_per_s": [4.0, 3.0, 2.0, 1.0], "partitions": [3, 3, 3, 3],
    "team": ["x", "x", "y", "y"],
})  # fmt: skip
FLOWS = pl.DataFrame({
    "client": ["one", "one", "two", "two", "three"], "kind": ["group", "producer", "group", "group", "group"],
    "topic": ["a", "d", "b", "c", "c"], "bytes_per_s": [4.0, 1.0, 3.0, 2.0, None],
    "evidence": ["measured", "declared", "measured", "measured", "measured"],
})  # fmt: skip
WEIGHTS = SplitWeights().model_dump()


def cell_of(plan) -> dict[str, str]:
    return dict(plan.cells.iter_rows())


def test_clients_stay_in_one_cell_where_they_can():
    plan = plan_split(TOPICS, FLOWS, cells=2, limits={"bytes_in_per_s": 5.0})
    where = cell_of(plan)
    assert where["a"] == where["d"] != where["b"] == where["c"]
    assert plan.summary.clients_in_extra_cells == 0
    assert plan.clients.select("client", "kind", "extra_cells").rows() == [
        ("one", "both", 0), ("three", "group", 0), ("two", "group", 0),
    ]  # fmt: skip
    assert plan.summary.worst_client_share == pytest.approx(2 / 3)
    assert plan.summary.worst_byte_share == 0.5
    assert plan.alternatives["alternative"].to_list() == ["this plan", "by team", "by size only", "at random"]


def test_a_limit_parts_a_client():
    plan = plan_split(TOPICS, FLOWS, cells=2, limits={"bytes_in_per_s": 6.0}, apart=[("a", "d")])
    assert cell_of(plan)["a"] != cell_of(plan)["d"]
    one = plan.clients.row(by_predicate=pl.col("client") == "one", named=True)
    assert (one["home_cell"], one["extra_cells"], one["cross_cell_bytes_per_s"]) == (
        cell_of(plan)["a"],
        1,
        1.0,
    )


def test_pinned_together_and_names_of_cells():
    plan = plan_split(
        TOPICS,
        FLOWS,
        cells=["north", "south"],
        limits={"partitions": 6},
        pinned={"a": "south"},
        together=[("a", "b")],
    )
    assert cell_of(plan) == {"a": "south", "b": "south", "c": "north", "d": "north"}
    assert plan.reasons["why"][0].startswith("it is pinned here; it stays with 1 other topic")


def test_no_number_of_cells_takes_the_fewest_that_fit():
    assert plan_split(TOPICS, FLOWS, limits={"bytes_in_per_s": 4.0}).summary.cells == 3
    assert plan_split(TOPICS, FLOWS, limits={"bytes_in_per_s": 10.0}).summary.cells == 1


def test_the_accepted_blast_radius_is_kept():
    plan = plan_split(TOPICS, FLOWS, max_client_share=0.67)
    assert plan.summary.worst_client_share <= 0.67
    with pytest.raises(
        GoalImpossibleError, match=r"max_clients: topic 'c' alone is used by 2 clients.*allow at least 2"
    ):
        plan_split(TOPICS, FLOWS, max_clients=1)


def test_what_rests_on_what_is_told():
    plan = plan_split(TOPICS, FLOWS, cells=2)
    assert plan.evidence.rows() == [("group", "measured", 4, 3, 9.0), ("producer", "declared", 1, 1, 1.0)]
    assert any("bytes of 1 of 5 flows are unknown" in note for note in plan.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cells": 2, "limits": {"bytes_in_per_s": 3.5}}, r"topic 'a' takes 4 B/s bytes in, more than the 3\.50 B/s"),
        ({"cells": 2, "limits": {"bytes_in_per_s": 4.0}}, r"take 10 B/s .* give 3 cells, or a limit of at least 5 B/s"),
        ({"cells": 2, "together": [("a", "b")], "apart": [("a", "b")]}, "'a' and 'b'.*together.*apart"),
        ({"cells": 2, "together": [("a", "b")], "pinned": {"a": "cell-1", "b": "cell-2"}}, "'a' and 'b'.*pinned"),
        ({"cells": 2, "pinned": {"a": "cell-1", "b": "cell-1"}, "apart": [("a", "b")]}, "'a' and 'b'.*apart.*pinned"),
        ({"cells": 2, "apart": [("a", "b", "c")]}, "give 3 cells"),
        ({"cells": 2, "together": [("a", "e")]}, "together 'e'.*a, b, c, d"),
        ({"cells": ["x", "y"], "pinned": {"a": "z"}}, "pinned 'z'.*x, y"),
        ({"cells": 2, "limits": {"bytes": 1.0}}, "limits 'bytes'"),
        ({"cells": 2, "max_clients": 2, "limits": {"bytes_in_per_s": 7.0}, "together": [("a", "b")]}, "no split into"),
        ({}, "cells.*max_client_share"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(options, message):
    with pytest.raises(InputError, match=message):
        plan_split(TOPICS, FLOWS, **options)


@pytest.mark.parametrize(
    ("topics", "flows", "message"),
    [
        (TOPICS.clear(), FLOWS.clear(), "no topic"),
        (TOPICS, FLOWS.with_columns(topic=pl.lit("zz")), "flows.*'zz'"),
        (pl.concat([TOPICS, TOPICS]), FLOWS, "'a'"),
        (
            TOPICS.with_columns(bytes_in_per_s=0.0),
            FLOWS.with_columns(bytes_per_s=0.0),
            "traffic",
        ),
        (TOPICS.with_columns(bytes_in_per_s=-1.0), FLOWS, "bytes_in_per_s.*'a'"),
        (
            TOPICS.with_columns(partitions=pl.lit(None)),
            FLOWS,
            "partitions.*'a', 'b', 'c' and 1 more",
        ),
        (TOPICS.drop("topic"), FLOWS, "topics.*'topic'"),
        (TOPICS, FLOWS.drop("client"), "flows.*'client'"),
    ],
)
def test_bad_input_is_named(topics, flows, message):
    with pytest.raises(InputError, match=message):
        plan_split(topics, flows, cells=2)


def test_a_search_that_finds_nothing_says_what_would_do():
    topics = pl.DataFrame({"topic": ["a", "b", "c"], "bytes_in_per_s": [2.0, 2.0, 2.0]})
    flows = pl.DataFrame({"client": ["x"], "topic": ["a"], "bytes_per_s": [1.0]})
    with pytest.raises(
        GoalImpossibleError,
        match=r"4 B/s .*, more than 3 B/s .*; allow 4 B/s.*try 3 cells",
    ):
        plan_split(topics, flows, cells=2, limits={"bytes_in_per_s": 3.0})


@examples(20)
@given(estates(), st.integers(2, 4), st.floats(1.0, 2.0))
def test_limits_hold_and_nothing_is_lost(source, count, slack):
    topics, flows = source
    limits = {
        name: slack * max(topics[name].sum() / count, topics[name].max())
        for name in ("bytes_in_per_s", "partitions")
    }
    try:
        plan = plan_split(topics, flows, cells=count, limits=limits)
    except GoalImpossibleError:
        assume(False)
    assert plan.cells["topic"].sort().to_list() == topics["topic"].sort().to_list()
    carried = plan.cells.join(topics, on="topic").group_by("cell").agg(pl.col(*limits).sum())
    for name, limit in limits.items():
        assert carried[name].max() <= limit * (1 + 1e-9)
    touched = flows.join(plan.cells, on="topic").group_by("client").agg(n=pl.col("cell").n_unique())
    assert plan.summary.clients_in_extra_cells == (touched["n"] - 1).sum()
    assert plan.clients["bytes_per_s"].sum() == pytest.approx(flows["bytes_per_s"].sum())
    again = plan_split(
        topics.sample(fraction=1, shuffle=True, seed=1), flows.reverse(), cells=count, limits=limits
    )
    assert again.cells.equals(plan.cells)


@pytest.mark.parametrize("seed", range(6))
def test_small_splits_are_near_the_cheapest(seed):
    topics, flows = estate_of(seed, topics=12, clients=7, flows=24)
    count = 2 + seed % 2
    limits = {name: 1.25 * topics[name].sum() / count for name in ("bytes_in_per_s", "partitions")}
    least = cheapest(topics, flows, count=count, limits=limits, weights=WEIGHTS)
    plan = plan_split(topics, flows, cells=count, limits=limits)
    found = price(topics, flows, cell_of(plan), WEIGHTS)
    assert least - 1e-6 <= found <= 1.05 * least + 1e-6


def test_what_was_before_stays():
    topics, flows = estate_of(3, topics=60, clients=20, flows=200)
    old = topics.head(57)
    before = plan_split(old, flows.filter(pl.col("topic").is_in(old["topic"].implode())), cells=3)
    after = plan_split(topics, flows, cells=3, previous=before)
    moved = before.cells.join(after.cells, on="topic").filter(pl.col("cell") != pl.col("cell_right"))
    assert len(moved) <= 0.02 * 57
    assert after.summary.moved_topics == len(moved)
    assert set(after.cells["cell"]) == set(before.cells["cell"])


def test_what_was_before_gives_way_to_limits():
    before = {"a": "cell-1", "b": "cell-1", "c": "cell-1", "d": "cell-2"}
    plan = plan_split(TOPICS, FLOWS, cells=2, limits={"bytes_in_per_s": 6.0}, previous=before)
    assert plan.summary.moved_topics >= 1
    assert any("limits could not be kept otherwise" in note for note in plan.notes)
