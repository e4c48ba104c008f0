"""What a plan starts from: loads of brokers, and columns that need not be there."""

from __future__ import annotations

import math

import polars as pl

from kafka_analysis.plan.execution.input import loads_of, named, read_brokers, read_partitions
from kafka_analysis.plan.execution.limits import ExecutionLimits

PARTITIONS = pl.DataFrame(
    {
        "topic": "t", "partition": [0, 1], "replicas": [[1, 2], [2, 1]], "leader": [2, None],
        "size_bytes": [10.0, None], "bytes_in_per_s": [3.0, 5.0], "bytes_out_per_s": [7.0, 1.0],
    },
    schema_overrides={"replicas": pl.List(pl.Int32), "leader": pl.Int32},
)  # fmt: skip


def test_brokers_carry_what_they_lead_now_and_what_is_unknown_stays_so():
    brokers = read_brokers(pl.DataFrame({"broker": [1, 2, 3], "disk_bytes": [100, None, 40]}))
    found = loads_of(read_partitions(PARTITIONS), brokers, ExecutionLimits())
    assert found.flow_out == {1: 0.0, 2: (3 + 7) + (5 + 1), 3: 0.0}
    assert found.flow_in == {1: 8.0, 2: 8.0, 3: 0.0}
    assert [math.isnan(found.used[n]) for n in (1, 2, 3)] == [True, True, False]
    assert found.disk == {1: 85.0, 2: math.inf, 3: 34.0}
    assert set(found.network.values()) == {math.inf}


def test_columns_that_are_missing_are_unknown():
    bare = read_partitions(PARTITIONS.select("topic", "partition", "replicas"))
    assert bare.select("size_bytes", "bytes_in_per_s", "isr", "leads").row(0) == (None, None, None, 1)
    assert read_brokers(pl.DataFrame({"broker": [1]})).row(0) == (1, None, None, None)


def test_a_leader_without_a_replica_is_not_believed():
    rows = PARTITIONS.with_columns(leader=pl.lit(9, pl.Int32))
    assert read_partitions(rows)["leads"].to_list() == [1, 2]


def test_names_are_in_order_and_few():
    rows = pl.DataFrame({"topic": ["b", "a", "a", "a"], "partition": [0, 2, 1, 1]})
    assert named(rows) == "partitions a-1, a-2, b-0"
