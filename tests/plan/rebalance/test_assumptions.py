from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.errors import GoalImpossibleError
from kafka_analysis.plan.execution.plan import plan_execution
from kafka_analysis.plan.rebalance.plan import plan_rebalance
from tests.plan.random_clusters import cluster_of

ROWS = [[9, 0], [9, 1], [9, 2], [9]]


def planned(rows=ROWS, *, columns=(), **options):
    partitions, brokers = cluster_of(rows, racks=["a", "b", "c"])
    partitions = partitions.with_columns(*columns)
    return partitions, brokers, plan_rebalance(partitions, brokers, **options)


def test_the_only_copy_on_a_broker_that_is_gone_is_left_out_and_not_counted_as_mended():
    _, _, plan = planned()
    (rule,) = plan.summary.goals.filter(goal="brokers that are there").iter_rows(named=True)
    assert (rule["before"], rule["after"], rule["status"]) == (4, 1, "VIOLATED")
    assert plan.summary.left_out.rows() == [("t0", 3, [9])]
    assert plan.summary.lower_bound_bytes is None
    assert plan.summary.cannot == ("t0-3 cannot be copied: its only replica is on broker 9, which is gone",)
    assert "t0" not in plan.changes().filter(partition=3)["topic"]
    sizes = plan.summary.goals.filter(goal="size_bytes")
    assert sizes["after"].item() == 1.0  # what is on no broker weighs on none


def test_its_size_need_not_be_known():
    unknown = pl.when(pl.col("partition") == 3).then(None).otherwise("size_bytes").alias("size_bytes")
    partitions, brokers, plan = planned(columns=[unknown])
    assert plan.summary.movements == 3
    execution = plan_execution(partitions, brokers, plan.changes())
    assert execution.warnings[0].startswith("t0-3 cannot be copied: its only replica is on broker 9")
    assert execution.bytes_to_copy == 3.0
    assert execution.gone == (9,)


def test_what_is_in_sync_elsewhere_is_copied_though_a_replica_is_gone():
    state = pl.Series("isr", [[0], [1], [2], [9]])
    partitions, brokers, plan = planned(columns=[state])
    execution = plan_execution(partitions, brokers, plan.changes())
    assert set(execution.steps["leader_before"]) == {0, 1, 2}
    assert "Rollbacks return replicas to broker 9, which is gone" in " ".join(execution.warnings)


def test_what_has_replicas_and_no_leader_stays_and_weighs():
    leaders = pl.Series("leader", [0, 1, -1])
    _, _, plan = planned([[0, 1], [0, 1], [2, 0]], columns=[leaders])
    assert plan.summary.left_out.rows() == [("t2", 2, [2, 0])]
    assert ("t2", 2, [2, 0]) in plan.assignment.rows()
    assert plan.summary.brokers["replicas_before"].sum() == 6


def test_a_broker_that_holds_it_cannot_be_emptied():
    with pytest.raises(GoalImpossibleError, match="t0-0 cannot be copied: it has no leader"):
        planned([[0, 1], [1, 2]], columns=[pl.Series("leader", [-1, 1])], remove_brokers=[0])


def test_options_of_what_is_left_out_ask_for_nothing():
    _, _, plan = planned([[9], [0, 1], [1, 2]], pinned=[("t0", 0)], replication_factor={"t0": 2})
    assert plan.summary.left_out["topic"].to_list() == ["t0"]


def test_with_nothing_to_copy_there_is_no_plan():
    with pytest.raises(GoalImpossibleError, match=r"cannot be copied: .* bring a replica back first"):
        planned([[9], [9]])
