"""Leaders as even as can be, with the fewest changes: held against trying everything, and against a certificate."""

from __future__ import annotations

import random
from collections import Counter, deque
from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.rebalance.leaders import plan_leaders


def table(replicas: list[list[int]]) -> pl.DataFrame:
    return pl.DataFrame(
        {"topic": ["t"] * len(replicas), "partition": list(range(len(replicas))), "replicas": replicas},
        schema={"topic": pl.String, "partition": pl.Int32, "replicas": pl.List(pl.Int32)},
    )


def evenness(leaders) -> tuple[int, int]:
    counts = Counter(leaders)
    return sum(n * n for n in counts.values()), max(counts.values(), default=0)


def by_trying(replicas: list[list[int]]) -> tuple[tuple[int, int], int]:
    """Return the best evenness there is and the fewest changes that reach it."""
    every = list(product(*replicas))
    best = min(map(evenness, every))
    changes = (
        sum(leader != row[0] for leader, row in zip(leaders, replicas, strict=True))
        for leaders in every
        if evenness(leaders) == best
    )
    return best, min(changes)


def has_better(replicas: list[list[int]], leaders: list[int]) -> bool:
    """Tell whether a chain of changes makes leaders more even: from a broker to one that has two fewer or less."""
    counts = Counter({broker: 0 for row in replicas for broker in row}) | Counter(leaders)
    onward: dict[int, set[int]] = {broker: set() for row in replicas for broker in row}
    for leader, row in zip(leaders, replicas, strict=True):
        onward[leader] |= set(row) - {leader}
    for start in onward:
        reached, queue = {start}, deque([start])
        while queue:
            for broker in onward[queue.popleft()] - reached:
                reached.add(broker)
                queue.append(broker)
        if any(counts[broker] + 2 <= counts[start] for broker in reached):
            return True
    return False


rows = st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True)


@given(st.lists(rows, min_size=1, max_size=7))
def test_nothing_that_can_be_tried_is_more_even_or_changes_fewer(replicas):
    plan = plan_leaders(table(replicas))
    best, changes = by_trying(replicas)
    assert evenness(plan["leader"]) == best
    assert plan.filter(pl.col("leader") != pl.col("leader_before")).height == changes


@given(st.lists(rows, min_size=1, max_size=30), st.randoms())
def test_replicas_stay_where_they_are_and_a_second_plan_changes_nothing(replicas, chance):
    shuffled = list(range(len(replicas)))
    chance.shuffle(shuffled)
    plan = plan_leaders(table(replicas)[shuffled])
    assert plan["partition"].to_list() == list(range(len(replicas)))
    for before, after, leader in zip(replicas, plan["replicas"].to_list(), plan["leader"], strict=True):
        assert (sorted(after), after[0]) == (sorted(before), leader)
        assert [b for b in after if b != leader] == [b for b in before if b != leader]
    again = plan_leaders(plan)
    assert again["leader"].equals(plan["leader"])


def test_256_partitions_over_brokers_of_very_different_fullness_leave_no_better_chain():
    chance = random.Random(23)
    weights = [chance.uniform(1, 8) for _ in range(23)]
    replicas: list[list[int]] = []
    while len(replicas) < 256:
        pair = chance.choices(range(23), weights, k=2)
        if pair[0] != pair[1]:
            replicas.append(pair)
    plan = plan_leaders(table(replicas))
    assert has_better(replicas, [row[0] for row in replicas])
    assert not has_better(replicas, plan["leader"].to_list())


def test_only_brokers_that_may_lead_are_chosen():
    plan = plan_leaders(table([[1, 2], [1, 3], [2, 1]]), brokers=[2, 3])
    assert plan.select("replicas", "leader_before", "leader").rows() == [
        ([2, 1], 1, 2), ([3, 1], 1, 3), ([2, 1], 2, 2)
    ]  # fmt: skip


def test_pandas_in_pandas_out():
    plan = plan_leaders(table([[1, 2], [1, 2]]).to_pandas())
    assert type(plan).__module__.startswith("pandas")
    assert plan["leader"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("replicas", "brokers", "message"),
    [
        ([[1, 2], []], None, "partition t-1 of the cluster has no replica"),
        ([[1, 1]], None, "partition t-0 of the cluster has two replicas on one broker"),
        (
            [[1, 2]] * 5,
            [3],
            r"partitions t-0, t-1, t-2 and 2 more have no replica on a broker that may lead; move",
        ),
    ],
)
def test_what_cannot_be_led_is_named(replicas, brokers, message):
    with pytest.raises(InputError, match=message):
        plan_leaders(table(replicas), brokers=brokers)


def test_a_partition_that_comes_twice_is_named():
    with pytest.raises(InputError, match="partition t-0 of the cluster is listed twice"):
        plan_leaders(pl.concat([table([[1, 2]]), table([[2, 1]])]))


def test_without_partitions_there_is_nothing_to_choose():
    assert plan_leaders(table([])).is_empty()
