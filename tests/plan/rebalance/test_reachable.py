"""Goals that no plan can meet are proven, and nothing moves for them in vain."""

from __future__ import annotations

import itertools
import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.plan.rebalance.judge import judge
from kafka_analysis.plan.rebalance.plan import plan_rebalance
from tests.examples import examples
from tests.plan.random_clusters import cluster_of

pytestmark = pytest.mark.usefixtures("short_search")
GIANT = [[0, 1], [0, 1], [1, 2], [2, 3], [3, 0], [0, 1], [1, 2], [2, 3], [3, 0]]
ONE_RACK = ["a"] * 4


def planned(replicas, racks, *, brokers=(), resources=("size_bytes",), **options):
    partitions, known = cluster_of(
        replicas, racks=racks, **{n: options.pop(n) for n in ("sizes",) if n in options}
    )
    known = known.with_columns(brokers)
    return plan_rebalance(partitions, known, resources=list(resources), **options)


def test_a_partition_larger_than_a_broker_may_carry_is_named_and_nothing_moves_for_it():
    plan = planned(
        GIANT, ONE_RACK, sizes=[900_000.0] + [10.0] * 8, resources=("size_bytes", "replicas", "leaders")
    )
    assert plan.summary.cannot == (
        "bytes stored: one copy of t0-0 is 900 kB, and a broker may carry at most 495 kB",
    )
    assert (plan.summary.lower_bound_bytes, plan.summary.movements, plan.summary.leader_changes) == (
        None,
        0,
        0,
    )


def test_other_goals_are_met_all_the_same():
    crowded = [[0, 1], *[[0, 1]] * 8]
    plan = planned(crowded, ONE_RACK, sizes=[900_000.0] + [10.0] * 8, resources=("size_bytes", "replicas"))
    status = dict(plan.summary.goals.select("goal", "status").rows())
    assert (status["size_bytes"], status["replicas"]) == ("VIOLATED", "FIXED")
    assert plan.summary.cannot[0].startswith("bytes stored: one copy of t0-0")


def test_what_brings_it_nearer_moves():
    plan = planned([[0, 1], [0, 1], [0, 1], [2, 3]], ONE_RACK, sizes=[9.0, 2.0, 2.0, 1.0])
    assert plan.summary.cannot
    assert plan.summary.movements > 0
    row = plan.summary.goals.filter(goal="size_bytes").row(0, named=True)
    assert row["after"] < row["before"]


@pytest.mark.parametrize(
    ("replicas", "racks", "more", "why"),
    [
        ([[0], [1], [2], [3], [0]], ONE_RACK, {"sizes": [1.0] * 5}, "5 replicas carry 1 B or more each"),
        ([[0, n % 3 + 1] for n in range(30)], list("abbb"), {"sizes": [1.0] * 30}, "the rack of broker 0 must hold"),
        ([[0], [1]], ["a"] * 3, {"sizes": [4.0, 4.0], "tolerance": 0.6}, "only 2 replicas carry any, and 3 brokers"),
        ([[0], [0], [1]], ["a", "a"], {"sizes": [9.0, 9.0, 1.0], "pinned": [("t0", 0), ("t1", 1)]}, "may not move"),
        ([[0, 1], [0, 1]], ["a", "a", "a"], {"sizes": [1.0, 1.0], "tolerance": 0.5,
          "brokers": [pl.Series("cordoned", [None, False, True])]}, "broker 2 is cordoned and takes no replica"),
    ],
)  # fmt: skip
def test_each_proof_says_why(replicas, racks, more, why):
    (told,) = planned(replicas, racks, **more).summary.cannot
    assert re.search(why, told), told


def test_leaders_are_proven_by_partitions():
    partitions, brokers = cluster_of([[0, 1], [1, 2], [2, 0]], racks=["a"] * 3, bytes_in=[0.0] * 3,
                                     bytes_out=[9.0, 1.0, 1.0])  # fmt: skip
    plan = plan_rebalance(partitions, brokers, resources=["bytes_out_per_s"])
    assert plan.summary.cannot == (
        "bytes out with replication: t0-0 alone puts 9 B/s on its leader, and a broker may carry at most 4.03 B/s",
    )


@st.composite
def tiny(draw):
    brokers, rf = draw(st.integers(2, 3)), draw(st.integers(1, 2))
    count = draw(st.integers(1, 3))
    sizes = draw(st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, 9.0]), min_size=count, max_size=count))
    racks = draw(st.lists(st.sampled_from("ab"), min_size=brokers, max_size=brokers))
    every = list(itertools.permutations(range(brokers), rf))
    rows = draw(st.lists(st.sampled_from(every), min_size=count, max_size=count))
    return cluster_of([list(row) for row in rows], racks=racks, sizes=sizes), every


@examples(40)
@given(tiny(), st.sampled_from([0.0, 0.1, 0.4]), st.sampled_from(["size_bytes", "leaders", "replicas"]))
def test_what_is_proven_impossible_no_assignment_meets(cluster, tolerance, resource):
    (partitions, brokers), every = cluster
    plan = plan_rebalance(partitions, brokers, resources=[resource], tolerance=tolerance)
    if not plan.summary.cannot:
        return
    keys = partitions.select("topic", "partition")
    for chosen in itertools.product(every, repeat=len(partitions)):
        to = keys.with_columns(pl.Series("replicas", [list(row) for row in chosen], dtype=pl.List(pl.Int32)))
        goals = judge(partitions, brokers, to, tolerance=tolerance, resources=[resource]).goals
        if goals.filter(goal="as many racks as possible")["after"].item() == 0:
            assert goals.filter(goal=resource)["status"].item() == "VIOLATED"
