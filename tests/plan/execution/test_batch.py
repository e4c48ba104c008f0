"""Which limit keeps a step out of a batch."""

from __future__ import annotations

import math

from kafka_analysis.plan.execution.batch import (
    DISK,
    MOVEMENTS,
    NETWORK,
    THROTTLE,
    UNEVEN,
    Batch,
    Brokers,
    Chain,
    Move,
    apply,
    join,
    obstacle,
)
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.partition_steps import steps_of

LIMITS = ExecutionLimits(max_concurrent_movements=2, default_throttle_bytes_per_s=100, pause_s=0)


def cluster(*, disk=math.inf, network=math.inf):
    idle = dict.fromkeys(range(1, 9), 0.0)
    return Brokers(
        dict.fromkeys(idle, disk), dict.fromkeys(idle, network), dict(idle), dict(idle), dict(idle)
    )


def move(before, after, *, size=10.0, rate_in=0.0, rate_out=0.0):
    steps = steps_of(before, after, leader=before[0], racks={})
    return Move(Chain("t", 0, size, rate_in, rate_out, steps), steps[0])


def refused(one, *others, brokers=None, limits=LIMITS):
    brokers = brokers or cluster()
    batch = Batch()
    for other in others:
        assert obstacle(other, batch, brokers, limits) is None
        join(other, batch, brokers, limits)
    found = obstacle(one, batch, brokers, limits)
    return None if found is None else found[0]


def test_a_broker_takes_part_in_so_many_copies_in_or_out():
    two = move((1, 2), (1, 3), size=5.0), move((3, 4), (3, 5), size=5.0)
    assert refused(move((6, 7), (6, 3)), *two) == MOVEMENTS
    assert refused(move((6, 7), (6, 8), size=5.0), *two) is None


def test_a_broker_gives_up_so_many_copies_as_it_may_take_back():
    two = move((1, 2), (1, 3), size=5.0), move((4, 2), (4, 5), size=5.0)
    assert refused(move((6, 2), (6, 7)), *two) == MOVEMENTS


def test_a_disk_holds_what_comes_before_anything_goes():
    assert refused(move((1, 2), (1, 3), size=51.0), brokers=cluster(disk=50.0)) == DISK
    assert refused(move((1, 2), (1, 3), size=50.0), brokers=cluster(disk=50.0)) is None


def test_a_network_bears_a_new_leader():
    lead = move((1, 2), (2, 1), rate_in=30.0, rate_out=21.0)
    assert refused(lead, brokers=cluster(network=50.0)) == NETWORK
    assert refused(lead, brokers=cluster(network=51.0)) is None


def test_a_leader_sends_a_new_copy_and_then_one_follower_more():
    more = move((1, 2), (1, 2, 3), rate_in=30.0)
    limits = ExecutionLimits(throttle_bytes_per_s=80, arriving_share=1)
    assert refused(more, brokers=cluster(network=110.0), limits=limits) is None
    assert refused(more, brokers=cluster(network=109.0), limits=limits) == THROTTLE


def test_a_broker_that_sends_copies_has_less_left_to_lead():
    sent, led = move((2, 6), (2, 7)), move((4, 5), (2, 5), rate_in=20.0)
    limits = ExecutionLimits(throttle_bytes_per_s=70, arriving_share=1)
    for network, found in ((90.0, (None, None)), (89.0, (NETWORK, THROTTLE))):
        brokers = cluster(network=network)
        assert (
            refused(led, sent, brokers=brokers, limits=limits),
            refused(sent, led, brokers=brokers, limits=limits),
        ) == found


def test_a_batch_is_not_much_longer_than_its_first_copy():
    first = move((1, 2), (1, 3), size=10.0)
    assert refused(move((4, 5), (4, 3), size=5.1), first) == UNEVEN
    assert refused(move((4, 5), (4, 3), size=5.0), first) is None
    assert refused(move((4, 5), (4, 6), size=15.1), first) == UNEVEN


def test_short_batches_may_be_uneven():
    limits = ExecutionLimits(default_throttle_bytes_per_s=100, pause_s=1)
    assert refused(move((4, 5), (4, 3), size=190.0), move((1, 2), (1, 3), size=10.0), limits=limits) is None
    assert refused(move((4, 5), (4, 3), size=191.0), move((1, 2), (1, 3), size=10.0), limits=limits) == UNEVEN


def test_what_arrives_takes_at_most_its_share_of_the_throttle_unless_alone():
    fast = move((1, 2), (1, 3), rate_in=20.0)  # its leader sends 40
    assert refused(move((4, 5), (4, 6), rate_in=30.0)) is None
    assert refused(move((4, 5), (4, 6), rate_in=30.0), fast) == THROTTLE
    assert refused(move((4, 5), (4, 6), rate_in=25.0), fast) is None


def test_unknown_loads_keep_nothing_out():
    unknown = move((1, 2), (1, 3), size=math.nan, rate_in=math.nan, rate_out=math.nan)
    assert refused(unknown, brokers=cluster(disk=50.0, network=50.0)) is None


def test_a_batch_that_is_done_has_moved_what_brokers_hold_and_carry():
    brokers, batch = cluster(), Batch()
    brokers.used.update({1: 10.0, 2: 10.0})
    brokers.flow_in.update({1: 2.0, 2: 2.0})
    brokers.flow_out.update({1: 5.0})
    join(move((1, 2), (3, 2), rate_in=2.0, rate_out=3.0), batch, brokers, LIMITS)
    apply(batch, brokers)
    assert [brokers.used[n] for n in (1, 2, 3)] == [0.0, 10.0, 10.0]
    assert [brokers.flow_in[n] for n in (1, 2, 3)] == [0.0, 2.0, 2.0]
    assert [brokers.flow_out[n] for n in (1, 2, 3)] == [0.0, 0.0, 5.0]
