"""What a batch takes, from bytes, a throttle and what arrives, by hand."""

from __future__ import annotations

import math

import pytest

from kafka_analysis.plan.execution.batch import Batch, Brokers, Chain, Move, join
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.partition_steps import steps_of
from kafka_analysis.plan.execution.timing import least_copy_seconds, time_batch

IDLE = dict.fromkeys(range(1, 5), 0.0)
NO_LIMIT = dict.fromkeys(range(1, 5), math.inf)


MIB = 1024.0 * 1024.0


def closed(*loads, throttle=100.0, disk=None, pause_s=11.0):
    """Close a batch of copies from broker 1 to brokers 3, 4 and so on, each of a size and a rate that arrives."""
    brokers = Brokers(disk or NO_LIMIT, NO_LIMIT, dict(IDLE), dict(IDLE), dict(IDLE))
    batch = Batch()
    for to, (size, rate) in enumerate(loads, start=3):
        steps = steps_of((1, 2), (1, to), leader=1, racks={})
        move = Move(Chain("t", to, size, rate, 0.0, steps), steps[0])
        join(move, batch, brokers, ExecutionLimits(throttle_bytes_per_s=throttle))
    return time_batch(batch, brokers, disk_fill_max=0.5, pause_s=pause_s)


def test_the_slowest_end_tells_and_the_high_end_waits_for_both():
    found = closed((600.0, 0.0), (200.0, 0.0))
    assert (found.seconds, found.seconds_high, found.slowest) == (8.0, 14.0, 1)


def test_what_arrives_takes_of_the_throttle_at_both_ends():
    found = closed((900 * MIB, 10 * MIB), throttle=100 * MIB)
    assert found.seconds_low == pytest.approx((900 - 1) / 100 - 1)
    assert found.seconds == 900 / 80  # the leader sends it to the old follower and to the new one
    assert found.seconds_high == 900 / 80 + 900 / 90


@pytest.mark.parametrize(("pause_s", "low"), [(11.0, 13.0), (10.9, 3.5), (0.0, 3.5)])
def test_a_throttle_is_a_mean_so_that_a_broker_gets_ahead_of_it(pause_s, low):
    found = closed((15 * MIB, 0.0), (1.5 * MIB, 0.0), throttle=MIB, pause_s=pause_s)
    # Broker 3 receives 15 MiB, all but the last at the throttle less 1 s or 11 s; broker 1 sends 14.5 so, less 11 s.
    assert (found.seconds_low, found.seconds) == (low, 16.5)


def test_nothing_takes_less_than_no_time():
    assert closed((50.0, 0.0)).seconds_low == 0.0


def test_one_unknown_size_leaves_the_low_end_unknown_too():
    assert math.isnan(closed((9 * MIB, 0.0), (math.nan, 0.0), throttle=MIB).seconds_low)


def test_one_unknown_size_makes_the_time_unknown():
    found = closed((600.0, 0.0), (math.nan, 0.0))
    assert all(map(math.isnan, (found.seconds_low, found.seconds, found.seconds_high)))
    assert found.slowest is None


def test_the_share_of_a_disk_is_of_all_of_it():
    row = closed((600.0, 0.0), disk=NO_LIMIT | {3: 1000.0}).brokers[-1]
    assert (row.broker, row.peak_size_bytes, row.peak_disk_share) == (3, 600.0, 0.3)


def test_the_bound_is_the_busiest_end_at_the_highest_throttle():
    batches = [closed((600.0, 0.0), throttle=100.0), closed((200.0, 0.0), throttle=50.0)]
    assert least_copy_seconds(batches) == 8.0
    assert least_copy_seconds([]) == 0.0


@pytest.mark.parametrize("throttle", [10.9, 10.0])
def test_a_throttle_is_a_whole_number(throttle):
    assert closed((10.0, 0.0), throttle=throttle).throttle == 10.0
