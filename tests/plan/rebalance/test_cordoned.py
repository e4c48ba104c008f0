from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.files.plain_files import read_brokers
from kafka_analysis.plan.rebalance.plan import plan_rebalance
from tests.plan.random_clusters import cluster_of


def planned(rows, racks, cordoned, **options):
    partitions, brokers = cluster_of(rows, racks=racks)
    return plan_rebalance(partitions, brokers.with_columns(cordoned=pl.Series(cordoned)), **options)


def test_a_cordoned_broker_takes_no_replica_and_may_give_and_lead():
    plan = planned([[0], [0], [0], [1], [1], [1]], ["a"] * 3, [False, False, True])
    assert plan.movements.filter(kind="replica").is_empty()
    assert any("broker 2 is cordoned and takes no replica" in why for why in plan.summary.cannot)
    assert "Cordoned brokers, to which no replica moves: 2." in plan.summary.assumptions
    given = planned([[2], [2], [2], [2], [0], [1]], ["a"] * 3, [False, False, True])
    assert set(given.movements.filter(kind="replica")["to"]) == {0, 1}


def test_what_is_unknown_is_not_cordoned():
    plan = planned([[0], [0], [0]], ["a"] * 3, pl.Series([None, None, None], dtype=pl.Boolean))
    assert set(plan.movements.filter(kind="replica")["to"]) == {1, 2}
    assert not any("Cordoned" in sentence for sentence in plan.summary.assumptions)


def test_no_partition_is_asked_to_come_into_a_rack_that_is_cordoned():
    plan = planned([[0, 1], [0, 1]], ["a", "a", "b", "c"], [False, False, True, False])
    assert {3} == set(plan.movements.filter(kind="replica")["to"])
    alone = planned([[0, 1], [0, 1]], ["a", "a", "b"], [False, False, True])
    assert alone.movements.filter(kind="replica").is_empty()


def test_files_say_it_in_words():
    partitions, _ = cluster_of([[0], [0]], racks=["a", "a"])
    plan = plan_rebalance(partitions, read_brokers("broker,rack,cordoned\n0,a,no\n1,a,yes\n"))
    assert plan.movements.is_empty()
    with pytest.raises(InputError, match="cordoned is 'maybe'; it must be true or false"):
        plan_rebalance(partitions, read_brokers("broker,cordoned\n0,maybe\n1,\n"))
