from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from testbed.rebalance import reassignment_json, rebalanced

RACKS = {1: "a", 2: "b", 3: "c", 4: "a", 5: "b", 6: "c"}
REPLICAS = st.lists(st.sampled_from(sorted(RACKS)), min_size=3, max_size=3, unique=True)


def test_leaders_move_off_the_overloaded_broker() -> None:
    now = {("t", p): [1, 2, 3] for p in range(3)}
    after = {**now, **rebalanced(now, dict.fromkeys(now, 10.0), {1: "a", 2: "b", 3: "c"})}
    assert sorted(replicas[0] for replicas in after.values()) == [1, 2, 3]


def test_replicas_in_one_rack_are_parted() -> None:
    changes = rebalanced({("t", 0): [1, 4, 2]}, {("t", 0): 1.0}, RACKS)
    assert len({RACKS[broker] for broker in changes["t", 0]}) == 3


def test_a_balanced_cluster_is_left_alone() -> None:
    now = {("t", p): replicas for p, replicas in enumerate([[1, 2, 3], [2, 3, 1], [3, 1, 2]])}
    assert rebalanced(now, dict.fromkeys(now, 1.0), {1: "a", 2: "b", 3: "c"}) == {}


@given(st.lists(st.tuples(REPLICAS, st.floats(0, 1e6)), min_size=1, max_size=20))
def test_no_replica_is_lost_and_no_rack_gets_worse(partitions: list[tuple[list[int], float]]) -> None:
    now = {("t", p): replicas for p, (replicas, _) in enumerate(partitions)}
    weights = {("t", p): weight for p, (_, weight) in enumerate(partitions)}
    for place, replicas in rebalanced(now, weights, RACKS).items():
        assert len(set(replicas)) == len(now[place])
        assert len({RACKS[b] for b in replicas}) >= len({RACKS[b] for b in now[place]})


def test_json_is_what_kafka_s_tool_takes() -> None:
    assert json.loads(reassignment_json({("t", 0): [2, 1]})) == {
        "version": 1,
        "partitions": [{"topic": "t", "partition": 0, "replicas": [2, 1]}],
    }
