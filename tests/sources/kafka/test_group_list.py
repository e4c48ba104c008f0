"""Groups of every kind, as kafka-python lists them: broker by broker."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from kafka_analysis.sources.kafka.group_list import (
    GroupList,
    Listed,
    kind_of,
    list_groups_of_every_kind,
    live_brokers,
)

OF_BROKER = {
    1: [
        {
            "group_id": "a",
            "protocol_type": "consumer",
            "group_state": "PreparingRebalance",
            "group_type": "classic",
        },
        {"group_id": "workers", "protocol_type": "connect", "group_state": "Stable", "group_type": "classic"},
        {"group_id": "flow", "protocol_type": "streams", "group_state": "NotReady", "group_type": "streams"},
    ],
    2: [
        {"group_id": "queue", "protocol_type": "share", "group_state": "Empty", "group_type": "share"},
        {"group_id": "old", "protocol_type": ""},  # a broker older than 2.6 says no state
    ],
}


class Client:
    def list_groups(self, broker_ids):
        if broker_ids == [3]:
            message = "coordinator loading"
            raise OSError(message)
        return OF_BROKER[broker_ids[0]]


def test_kind_state_and_coordinator_are_those_of_the_broker_that_lists_a_group():
    found = list_groups_of_every_kind(Client(), [1, 2])
    assert found.groups == {
        "a": Listed("PREPARING_REBALANCING", "classic", 1),
        "flow": Listed("NOT_READY", "streams", 1),
        "queue": Listed("EMPTY", "share", 2),
        "old": Listed("UNKNOWN", None, 2),
    }
    assert found.silent is None


def test_a_broker_that_does_not_list_is_said_and_the_rest_is_kept():
    found = list_groups_of_every_kind(Client(), [3, 2])
    assert (set(found.groups), found.silent) == ({"queue", "old"}, "broker 3: coordinator loading")


def test_a_broker_that_is_registered_and_down_is_not_asked():
    brokers = [{"broker_id": 1}, {"broker_id": 2, "is_fenced": True}, {"broker_id": 3, "is_fenced": False}]
    assert live_brokers(SimpleNamespace(describe_cluster=lambda: {"brokers": brokers})) == [1, 3]


@pytest.mark.parametrize(
    ("name", "kind"), [("CONSUMER", "consumer"), ("CLASSIC", "classic"), ("UNKNOWN", None), (None, None)]
)
def test_a_kind_that_is_not_known_is_null(name, kind):
    group = SimpleNamespace(type=name and SimpleNamespace(name=name))
    assert kind_of(group) == kind


def test_the_union_of_lists_keeps_every_group_and_every_reason():
    one, other = GroupList({"a": Listed("EMPTY")}), GroupList({"b": Listed("STABLE")}, "broker 2: down")
    assert set(one.joined(other).groups) == set(other.joined(one).groups) == {"a", "b"}
    assert one.joined(other).silent == other.joined(one).silent == "broker 2: down"
