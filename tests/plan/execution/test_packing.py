"""The order in which steps come into batches."""

from __future__ import annotations

import math

from kafka_analysis.plan.execution.batch import Brokers, Chain
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.packing import pack
from kafka_analysis.plan.execution.partition_steps import steps_of


def packed(*chains, disk=math.inf, used=(), **limits):
    """Return the partitions of each batch; a chain is its replicas before and after, and its size."""
    idle = dict.fromkeys(range(1, 9), 0.0)
    brokers = Brokers(
        dict.fromkeys(idle, disk), dict.fromkeys(idle, math.inf), idle | dict(used), dict(idle), dict(idle)
    )
    all_chains = [
        Chain("t", number, size, 0.0, 0.0, steps_of(before, after, leader=before[0], racks={}))
        for number, (before, after, size) in enumerate(chains)
    ]
    chosen = ExecutionLimits(**limits).of_flavour(None)
    return pack(all_chains, brokers, chosen, close=lambda batch, _: [m.chain.partition for m in batch.moves])


def test_leaders_then_the_largest():
    chains = [((1, 2), (1, 3), 5.0), ((4, 5), (4, 6), 9.0), ((1, 2), (2, 1), 1.0)]
    assert packed(*chains, max_partitions_per_batch=1) == [[2], [1], [0]]


def test_a_partition_that_needs_two_copies_comes_before_a_larger_one_that_needs_one():
    chains = [((1, 2), (1, 3), 9.0), ((4, 5), (6, 7), 5.0)]
    assert packed(*chains, max_partitions_per_batch=1) == [[1], [0], [1]]


def test_one_replica_of_a_partition_a_batch():
    assert packed(((1, 2, 3), (4, 5, 6), 5.0)) == [[0], [0], [0]]


def test_what_leaves_a_broker_that_is_too_full_goes_first():
    # Were the copy from broker 3 to go first, it would fill broker 1, and nothing could leave broker 2 any more.
    chains = [((3,), (1,), 10.0), ((1,), (2,), 10.0), ((2,), (1,), 10.0)]
    assert packed(*chains, disk=20.0, used={1: 10.0, 2: 20.0, 3: 10.0}) == [[2], [1], [0]]


def test_as_many_in_a_batch_as_brokers_take_part_in():
    chains = [((1, 2), (1, 3), 1.0)] * 5
    assert packed(*chains, max_concurrent_movements=2) == [[0, 1], [2, 3], [4]]


def test_short_copies_are_as_many_as_a_call_takes_and_long_ones_five_a_broker():
    empty, small, large = 0.0, 3.5e6, 1e9
    for size, batches in ((empty, [150]), (small, [150]), (large, [5] * 30)):
        found = packed(*[((1, 2), (1, 3), size)] * 150)
        assert [len(batch) for batch in found] == batches
    mixed = packed(*[((1, 2), (1, 3), large)] * 5, *[((1, 2), (1, 3), empty)] * 150)
    assert [len(batch) for batch in mixed] == [155]


def test_a_broker_takes_no_longer_over_short_copies_than_a_pause():
    chains = [((1, 2), (1, 3), 100.0)] * 100  # 60 s at 50 bytes/s are 30 of them
    found = packed(*chains, throttle_bytes_per_s=50.0)
    assert [len(batch) for batch in found] == [30, 30, 30, 10]


def test_a_limit_that_is_given_holds_for_empty_replicas_too():
    found = packed(*[((1, 2), (1, 3), 0.0)] * 12, max_concurrent_movements=5)
    assert [len(batch) for batch in found] == [5, 5, 2]


def test_what_is_of_unknown_size_is_taken_for_long():
    assert [len(batch) for batch in packed(*[((1, 2), (1, 3), math.nan)] * 7)] == [5, 2]


def test_without_chains_there_are_no_batches():
    assert packed() == []
