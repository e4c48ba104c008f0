"""What is taken for granted and warned of is said in sentences."""

from __future__ import annotations

import polars as pl

from kafka_analysis.plan.execution.input import read_brokers, read_partitions, wanted
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.remarks import assumptions_of, warnings_of


def said(of, *, brokers=None, to=(1, 3), limits=None, **columns):
    rows = {"topic": "T", "partition": [0], "replicas": [[1, 2]]}
    rows |= {"size_bytes": [9.0], "bytes_in_per_s": [1.0], "bytes_out_per_s": [1.0]}
    now = read_partitions(pl.DataFrame(rows | columns))
    known = read_brokers(pl.DataFrame(brokers or {"broker": [1, 2, 3]}))
    plan = pl.DataFrame({"topic": ["T"], "partition": [0], "replicas": [list(to)]})
    return " ".join(of(now, known, wanted(now, known, plan), limits or ExecutionLimits()))


def test_what_is_unknown_of_brokers_and_leaders_is_said():
    told = said(assumptions_of)
    for words in (
        "The network limit of brokers 1, 2, 3 is unknown",
        "The disk size of brokers 1, 2, 3 is unknown",
        "The rack of brokers 1, 2, 3 is unknown",
        "The leader of 1 changing partition is unknown",
        "in sync is unknown",
    ):
        assert words in told


def test_what_is_known_is_not():
    brokers = {"broker": [1, 2, 3], "rack": ["a", "b", "c"], "disk_bytes": 99.0, "network_bytes_per_s": 99.0}
    told = said(assumptions_of, brokers=brokers, leader=[1], isr=[[1, 2]])
    assert told.startswith("The partition's leader sends every copy.")


def test_a_throttle_that_is_given_is_not_advised():
    assert "is advised" not in said(assumptions_of, limits=ExecutionLimits(throttle_bytes_per_s=5))


def test_brokers_that_are_not_there_are_named():
    told = said(assumptions_of, brokers={"broker": [1, 3]})
    assert "Broker 2 is not in the broker list, but holds replicas" in told


def test_a_plan_of_a_healthy_cluster_has_no_warning():
    assert said(warnings_of) == ""


def test_full_disks_and_other_numbers_of_replicas_are_warned_of():
    brokers = {"broker": [1, 2, 3], "disk_bytes": [10.0, 99.0, 99.0]}
    told = said(warnings_of, brokers=brokers, to=(1, 2, 3))
    assert "The disk of broker 1 is already more than 85 % full." in told
    assert "The number of replicas of partition T-0 changes." in told


def test_unknown_loads_are_warned_of():
    told = said(warnings_of, bytes_in_per_s=pl.Series([None], dtype=pl.Float64))
    assert "Bytes in of partition T-0 are unknown" in told
    assert (
        "Part of the traffic of brokers 1, 2 is unknown: whether the network can carry the copies is not checked."
        in told
    )
