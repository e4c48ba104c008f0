"""Small clusters are solved: against optima that another program proved, and never worse than the search alone."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import OptimizeResult

from kafka_analysis.plan.common.copyable import without_source
from kafka_analysis.plan.files.plain_files import read_cluster
from kafka_analysis.plan.rebalance import exact, search, solve
from kafka_analysis.plan.rebalance.exact import meets, solve_exactly
from kafka_analysis.plan.rebalance.judge import judge
from kafka_analysis.plan.rebalance.plan import plan_rebalance
from kafka_analysis.plan.rebalance.search import moved_bytes
from tests.examples import examples
from tests.plan.random_clusters import cluster_of, clusters

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
CASES = Path(__file__).parents[4] / "shared" / "cases" / "inputs"
RIGHT = {"04a": 6_000, "04c": 192_000}
DRAWS = [4, pytest.param(8, marks=pytest.mark.hostile)]  # benchmarks/small_plans.py plans all of them
NEAR, FAR = 1.05, 1.2


@pytest.fixture
def draws(monkeypatch):
    """Return the benchmark, whose optima are in benchmarks/small_optima.csv."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    import small_plans

    yield small_plans
    small_plans.solver.solve_exactly = solve_exactly


def paired():
    """Return 8 partitions on two fixed pairs of brokers, the sizes in steps: 16 and 20 on the pairs."""
    return cluster_of([[0, 2], [1, 3]] * 4, racks=["a", "a", "b", "b"], sizes=[float(n) for n in range(1, 9)])


def crowded():
    """Return 12 partitions of 2 replicas on 3 brokers; broker 0 holds and leads most."""
    rows = [[0, 1], [0, 2], [0, 1], [1, 0], [0, 1], [2, 0]] * 2
    return cluster_of(rows, racks=["a", "b", "c"], sizes=[float(n) for n in range(1, 13)])


@pytest.mark.parametrize(("cluster", "least"), [(paired, 6), (crowded, 21)])
def test_steps_of_sizes_copy_no_more_than_they_must(cluster, least):
    partitions, brokers = cluster()
    rows = partitions.drop("bytes_in_per_s", "bytes_out_per_s")
    found = plan_rebalance(rows, brokers).summary
    assert "VIOLATED" not in found.goals["status"].to_list()
    assert found.bytes_to_move == least
    assert found.lower_bound_bytes == pytest.approx(least, rel=1e-3)


@pytest.mark.parametrize("case", RIGHT)
def test_reported_cases(case):
    texts = [CASES / f"{case}_{name}" for name in ("now.json", "sizes.csv", "racks.csv")]
    if not texts[0].exists():
        pytest.skip("the shared cases are not here")
    now, loads, racks = (path.read_text() for path in texts)
    found = plan_rebalance(*read_cluster(now, loads=loads, brokers=racks)).summary
    assert "VIOLATED" not in found.goals["status"].to_list()
    assert found.bytes_to_move == RIGHT[case]
    assert found.lower_bound_bytes == pytest.approx(RIGHT[case], rel=1e-3)


@pytest.mark.parametrize("count", DRAWS)
def test_a_sample_of_proven_draws(draws, count):
    optima = draws.read()
    proven = [seed for seed in sorted(optima) if optima[seed].status == "proven"]
    chosen = proven[:: len(proven) // count][:count]
    ratios = []
    for seed in chosen:
        row = draws.plan_one(seed, optima[seed])
        draws.check(row)
        ratios.append(draws.ratio(row["planned"], row["fewest"]))
        assert (row["planned"] == 0) == (row["fewest"] == 0)
    assert max(ratios) <= FAR
    assert sum(ratio <= NEAR for ratio in ratios) >= 0.98 * len(ratios)


def test_the_count_in_whole_numbers_sees_a_goal_that_is_missed(draws):
    partitions, brokers = draws.small(3)
    assert draws.missed(partitions, brokers, partitions.select("topic", "partition", "replicas"))


@examples(25)
@given(clusters(), st.sampled_from([0.1, 0.3]))
def test_never_worse_than_the_search_and_every_rule_kept(cluster, tolerance):
    assume(without_source(cluster[0], cluster[1]["broker"]).is_empty())
    seen = []

    def noted(model, placement, **options):
        before = moved_bytes(model, placement), meets(model, placement.load)
        bound = solve_exactly(model, placement, **options)
        seen.append(
            (before, (moved_bytes(model, placement), meets(model, placement.load)), bound, options["bound"])
        )
        return bound

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solve, "solve_exactly", noted)
        patch.setattr(search, "_TINY", search._Effort(search._TINY.courses[:1], most_steps=500))
        patch.setattr(exact, "PLACES", 120)
        found = plan_rebalance(*cluster, tolerance=tolerance)
        goals = judge(*cluster, found.assignment, tolerance=tolerance).goals
        if (
            "VIOLATED" not in goals["status"].to_list()
        ):  # else a search from there may still find what the first missed
            carried_out = cluster[0].drop("replicas").join(found.assignment, on=["topic", "partition"])
            assert plan_rebalance(carried_out, cluster[1], tolerance=tolerance).movements.is_empty()
    ((cost, even), (new_cost, new_even), bound, old_bound) = seen[0]
    assert new_even >= even
    assert not even or new_cost <= cost * (1 + 1e-9)
    assert not new_even or (bound is not None and old_bound <= bound <= new_cost * (1 + 1e-9) + 1e-6)
    assert goals.head(3)["after"].to_list() == [0, 0, 0]
    assert not new_even or "VIOLATED" not in goals["status"].to_list()


def test_limits_hold_where_they_are_enough_and_where_not():
    rows = paired()[0].drop("bytes_in_per_s", "bytes_out_per_s"), paired()[1]
    enough = plan_rebalance(*rows, max_moved_bytes=6)
    assert (enough.summary.bytes_to_move, enough.summary.goals.filter(status="VIOLATED").height) == (6, 0)
    short = plan_rebalance(*rows, max_moved_bytes=5)
    assert short.summary.bytes_to_move <= 5
    assert short.summary.lower_bound_bytes == pytest.approx(6, rel=1e-3)
    few = plan_rebalance(*rows, max_movements=2)
    assert few.summary.movements <= 2
    assert few.summary.lower_bound_bytes <= 6


def test_a_bound_is_not_raised_by_what_only_this_plan_may_not_do():
    # Mean 10, from 5 to 15. Only broker 0 may give: 7 bytes. Any other plan gives 1 byte of broker 1.
    rows, sizes = [[0], [0], [1], [1], [1], [2]], [7.0, 7.0, 10.0, 1.0, 1.0, 4.0]
    cluster = cluster_of(rows, racks=["a"] * 3, sizes=sizes)
    options = {"resources": ["size_bytes"], "tolerance": 0.5}
    drained = plan_rebalance(*cluster, drain_above=1.3, **options).summary
    assert plan_rebalance(*cluster, **options).summary.bytes_to_move == 1
    assert drained.bytes_to_move == 7
    assert drained.lower_bound_bytes <= 1


def nothing_moves(program, *_):
    """Return a solver's answer: every copy stays, and the first broker of each partition leads."""
    columns = program.columns
    leads = np.zeros(len(columns.lead_part))
    leads[np.unique(columns.lead_part, return_index=True)[1]] = 1
    return OptimizeResult(status=0, x=np.concatenate([columns.home, leads]), mip_dual_bound=0.0)


def test_an_answer_of_the_solver_that_misses_a_goal_is_not_taken(monkeypatch):
    asked = []
    monkeypatch.setattr(exact, "_solve", lambda *given: asked.append(given) or nothing_moves(*given))
    found = plan_rebalance(*crowded()).summary
    assert asked
    assert "VIOLATED" not in found.goals["status"].to_list()


def test_leaders_that_the_solver_keeps_are_not_taken_where_a_goal_is_missed_then(monkeypatch):
    solved, asked = exact._solve, []

    def answer(*given):
        asked.append(given)
        return solved(*given) if len(asked) == 1 else nothing_moves(*given)

    monkeypatch.setattr(solve, "search", lambda *_, **__: None)  # so that the solver has something to do
    monkeypatch.setattr(exact, "_solve", answer)
    found = plan_rebalance(*crowded()).summary
    assert len(asked) == 2
    assert "VIOLATED" not in found.goals["status"].to_list()


def test_replicas_of_their_own_sizes_and_new_copies():
    partitions, brokers = cluster_of([[0, 1]] * 4, racks=["a", "b", "a", "b"])
    own = partitions.with_columns(replica_sizes_bytes=pl.Series([[5.0, 1.0], [1.0, 5.0]] * 2))
    found = plan_rebalance(own, brokers, resources=["replicas"], tolerance=0)
    assert found.summary.bytes_to_move == 4 * 1.0 + 4 * 1.0 - 4.0  # one of each two, the smaller of its kind
    more = plan_rebalance(partitions, brokers, replication_factor={"t0": 3}, resources=["replicas"])
    assert more.assignment["replicas"].list.len().to_list() == [3, 3, 2, 2]


def test_nothing_moves_where_all_is_even_or_one_broker_is_all():
    even = cluster_of([[0, 1], [1, 0]] * 3, racks=["a", "b"])
    alone = cluster_of([[0]] * 3, racks=["a"])
    for cluster in (even, alone):
        found = plan_rebalance(*cluster)
        assert found.movements.is_empty()
        assert found.summary.lower_bound_bytes == 0


def test_larger_clusters_are_left_to_the_search(monkeypatch):
    monkeypatch.setattr(exact, "PLACES", 3)
    monkeypatch.setattr(exact, "program_of", None)
    assert plan_rebalance(*crowded()).summary.movements


def test_another_process_makes_the_same_plan():
    lines = (
        "from tests.plan.rebalance.test_exact import crowded",
        "from kafka_analysis.plan.rebalance.plan import plan_rebalance",
        "print(plan_rebalance(*crowded()).reassignment_json())",
    )
    run = [sys.executable, "-c", "; ".join(lines)]
    other = subprocess.run(run, cwd=BENCHMARKS.parent, capture_output=True, text=True, check=True).stdout
    assert json.loads(other) == json.loads(plan_rebalance(*crowded()).reassignment_json())


def test_a_bound_alone_says_that_no_plan_is_there():
    partitions, brokers = cluster_of([[0], [0], [1]], racks=["a", "b"], sizes=[4.0, 4.0, 4.0])
    found = plan_rebalance(partitions, brokers, resources=["size_bytes"], tolerance=0.1)
    assert found.summary.lower_bound_bytes is None  # three alike on two brokers: 1.33 and 0.67
    assert np.isfinite(found.summary.bytes_to_move)
    assert math.isclose(found.summary.bytes_to_move, 0)
