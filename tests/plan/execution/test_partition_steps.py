"""From one set of replicas to another: the steps by hand, and what holds for any two sets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.plan.execution.partition_steps import steps_of


def told(before, after, leader=None, racks=None):
    steps = steps_of(before, after, leader=before[0] if leader is None else leader, racks=racks or {})
    return [(step.kind, step.after, step.leader_after, step.elects) for step in steps]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((1, 2), (1, 2), []),
        ((1, 2), (2, 1), [("leader", (2, 1), 2, True)]),
        ((1, 2, 3), (1, 3, 2), [("order", (1, 3, 2), 1, False)]),
        ((1, 2), (1, 3), [("replica", (1, 3), 1, False)]),
        ((1, 2), (3, 2), [("replica", (3, 2), 3, False)]),  # the leader goes: the first takes over by itself
        ((1, 2), (3, 1), [("replica", (3, 1), 3, True)]),  # the leader stays: the new one must be elected
        ((1, 2), (2, 3), [("leader", (2, 1), 2, True), ("replica", (2, 3), 2, False)]),
        ((1, 2), (3, 4), [("replica", (1, 3), 1, False), ("replica", (3, 4), 3, False)]),
        ((1,), (1, 2, 3), [("add", (1, 2), 1, False), ("add", (1, 2, 3), 1, False)]),
        ((1, 2, 3), (1,), [("drop", (1, 3), 1, False), ("drop", (1,), 1, False)]),
        ((1, 2, 3), (3,), [("leader", (3, 1, 2), 3, True), ("drop", (3, 2), 3, False), ("drop", (3,), 3, False)]),
        ((1, 2), (3, 4, 2), [("add", (1, 2, 3), 1, False), ("replica", (3, 4, 2), 3, False)]),
    ],
)  # fmt: skip
def test_steps_of_one_partition(before, after, expected):
    assert told(before, after) == expected


def test_a_leader_that_is_not_the_preferred_one_stands_first_in_between():
    assert told((1, 2, 3), (4, 5, 3), leader=2) == [
        ("replica", (2, 4, 3), 2, False),
        ("replica", (4, 5, 3), 4, False),
    ]


def test_the_same_order_with_another_leader_is_left_alone():
    assert told((1, 2), (1, 2), leader=2) == []


def test_replicas_are_exchanged_within_their_racks_first():
    racks = {1: "a", 2: "b", 3: "c", 4: "c", 5: "b"}
    assert [after for _, after, *_ in told((1, 2, 3), (1, 4, 5), racks=racks)] == [(1, 5, 3), (1, 4, 5)]


def test_a_new_rack_comes_before_an_old_one_goes_for_good():
    racks = {1: "a", 2: "a", 3: "b", 4: "c", 5: "c"}
    assert [after for _, after, *_ in told((3, 1, 2), (3, 4, 5), racks=racks)] == [(3, 4, 2), (3, 4, 5)]


def test_where_copies_become_fewer_racks_matter_more_than_a_late_leader():
    racks = {0: "d", 1: "c", 2: "d", 3: "c", 4: "a"}
    found = told((4, 0, 2, 1), (3, 2), leader=0, racks=racks)
    assert [after for _, after, *_ in found] == [(2, 4, 3), (3, 2)] or len(found) == 3
    assert shortfalls((4, 0, 2, 1), found, racks) == [0, 0, 0, 0]


def shortfalls(before, steps, racks):
    known = len({rack for rack in racks.values() if rack is not None})
    rows = [before, *(after for _, after, *_ in steps)]
    return [max(min(len(row), known) - len({racks.get(b) or ("alone", b) for b in row}), 0) for row in rows]


rows = st.lists(st.integers(0, 7), min_size=1, max_size=5, unique=True)
homes = st.lists(st.sampled_from(["a", "b", "c", "d", None]), min_size=8, max_size=8)


@given(rows, rows, homes, st.data())
def test_any_set_is_reached_by_one_replica_at_a_time(before, after, homes, data):
    racks, leader = dict(enumerate(homes)), data.draw(st.sampled_from(before))
    steps = steps_of(before, after, leader=leader, racks=racks)
    now, leads = tuple(before), leader
    for step in steps:
        assert (step.before, step.leader_before) == (now, leads)
        assert len(set(step.after)) == len(step.after)
        assert len(set(now) - set(step.after)) <= 1
        assert len(set(step.after) - set(now)) <= 1
        assert min(len(before), len(after)) <= len(step.after) <= max(len(before), len(after))
        assert step.leader_after == step.after[0]
        now, leads = step.after, step.leader_after
    assert now == tuple(after)
    short = shortfalls(before, [(s.kind, s.after) for s in steps], racks)
    assert max(short) <= max(short[0], short[-1])


@given(rows, rows, st.data())
def test_a_leader_that_must_go_goes_last(before, after, data):
    leader = data.draw(st.sampled_from(before))
    steps = steps_of(before, after, leader=leader, racks={})
    if leader not in after and after[0] not in before:
        assert all(leader in step.before for step in steps)
        assert not any(step.elects for step in steps)
