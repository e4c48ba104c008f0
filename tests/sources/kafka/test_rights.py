"""Rights, looked at by asking for what is not there; the testbed's tests ask a real authorizer."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AclOperation, ConfigResource

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.kafka import rights as kafka_rights
from kafka_analysis.sources.kafka.rights import describe_with_rights, unreadable_topics

CLUSTER = ClusterProfile(name="c", bootstrap_servers="b:1")
BOTH = [AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS]
TOPIC, OF_CLUSTER = KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED
NOT_THERE = KafkaError.UNKNOWN_TOPIC_OR_PART
REFUSED, NOT_HERE = "[Error 30] GroupAuthorizationFailedError: None", "[Error 16] NotCoordinatorError: None"


def failed(code: int) -> Future:
    future: Future = Future()
    future.set_exception(KafkaException(KafkaError(code)))
    return future


class Admin:
    def __init__(self, operations, topic=NOT_THERE, configs=NOT_THERE, broker=None):
        self.operations, self.topic, self.configs, self.broker = operations, topic, configs, broker

    def describe_cluster(self, **_):
        done: Future = Future()
        nodes = [SimpleNamespace(id=7)]
        done.set_result(SimpleNamespace(cluster_id="x", nodes=nodes, authorized_operations=self.operations))
        return done

    def describe_topics(self, asked, **_):
        return {kafka_rights.PROBE: failed(self.topic)}

    def describe_configs(self, kinds, **_):
        topic = kinds[0].restype == ConfigResource.Type.TOPIC
        answer: Future = Future()
        answer.set_result({})
        code = self.configs if topic else self.broker
        return {kinds[0]: answer if code is None else failed(code)}


@pytest.fixture
def group_error(monkeypatch):
    """Return a function that says how a broker answers for the group that is not there."""

    def say(error, code=0):
        asked = []

        @contextmanager
        def client(cluster, *, timeout_s):
            if error is None:
                message = "not installed"
                raise SourceError(message)
            answer = {kafka_rights.PROBE: {"error": error}}
            yield SimpleNamespace(
                describe_groups=lambda names, **where: asked.append(where) or answer,
                _manager=SimpleNamespace(
                    run=lambda send, request, broker: send(request, broker),
                    send=lambda request, broker: SimpleNamespace(error_code=code),
                ),
            )

        monkeypatch.setattr(kafka_rights, "admin_client", client)
        return asked

    return say


@pytest.mark.parametrize(
    ("admin", "group", "missing"),
    [
        (Admin(BOTH), NOT_HERE, []),
        (Admin(None), NOT_HERE, ["Describe on the cluster"]),
        (Admin(BOTH[:1]), NOT_HERE, ["DescribeConfigs on the cluster"]),
        (
            Admin(None, broker=OF_CLUSTER),
            NOT_HERE,
            ["Describe on the cluster", "DescribeConfigs on the cluster"],
        ),
        (Admin(BOTH, topic=TOPIC), NOT_HERE, ["Describe on all topics"]),
        (Admin(BOTH, configs=TOPIC), NOT_HERE, ["DescribeConfigs on all topics"]),
        (Admin(BOTH), REFUSED, ["Describe on all groups"]),
        (Admin(BOTH, topic=KafkaError._TIMED_OUT), None, []),  # a broker that is late says nothing of rights
    ],
)
def test_each_right_is_looked_at(admin, group, missing, group_error):
    asked = group_error(group)
    found = describe_with_rights(admin, CLUSTER, timeout_s=1)
    assert (found.cluster_id, [node.id for node in found.nodes]) == ("x", [7])
    assert [right.name for right in found.missing_rights] == missing
    assert asked == (
        [] if group is None else [{"group_coordinator_id": 7}]
    )  # looking for a coordinator would write


@pytest.mark.parametrize(("code", "authorizer"), [(0, True), (31, True), (54, False), (42, None)])
def test_a_cluster_without_an_authorizer_is_told_from_one_that_refuses(code, authorizer, group_error):
    group_error(NOT_HERE, code)
    answer = describe_with_rights(Admin(BOTH), CLUSTER, timeout_s=1)
    assert (answer.has_authorizer, answer.missing_rights) == (authorizer, ())


def test_topics_that_may_not_be_read_are_those_without_that_operation():
    def described(**operations):
        done = {name: Future() for name in operations}
        for name, future in done.items():
            future.set_result(SimpleNamespace(authorized_operations=operations[name]))
        done["gone"] = failed(NOT_THERE)
        return SimpleNamespace(describe_topics=lambda asked, **_: done)

    read, see = [AclOperation.READ, AclOperation.DESCRIBE], [AclOperation.DESCRIBE]
    assert unreadable_topics(described(a=read, c=see, b=see), ["a", "b", "c", "gone"], timeout_s=1) == [
        "b",
        "c",
    ]
    assert unreadable_topics(described(a=read), ["a", "gone"], timeout_s=1) == []
    assert unreadable_topics(described(a=None), ["a", "gone"], timeout_s=1) is None


def test_without_the_client_that_can_ask_it_is_unknown_whether_rights_are_checked(group_error):
    group_error(None)
    assert describe_with_rights(Admin(BOTH), CLUSTER, timeout_s=1).has_authorizer is None
