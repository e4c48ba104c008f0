"""One end, with answers made here; the testbed's tests ask real clusters."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException

from kafka_analysis.live.checks.end_of_pair import NOT_SEEN, End
from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.model.tables import table_schema
from kafka_analysis.sources.http.deadline import Deadline

CLUSTER = ClusterProfile(name="c", bootstrap_servers="b:1")


def done(result):
    future = Future()
    future.set_exception(result) if isinstance(result, Exception) else future.set_result(result)
    return future


class Admin:
    """A cluster with topic t of two partitions, whose leader of partition 1 does not answer."""

    def __init__(self, topics=("t", "__consumer_offsets"), configs=None):
        self.topics, self.configs, self.asked = topics, configs, []

    def list_topics(self, timeout):
        if self.topics is None:
            raise KafkaException(KafkaError(KafkaError._TRANSPORT))
        parts = {0: SimpleNamespace(leader=1), 1: SimpleNamespace(leader=-1)}
        return SimpleNamespace(topics={name: SimpleNamespace(partitions=parts) for name in self.topics})

    def list_offsets(self, request, *, request_timeout):
        self.asked.append({(p.topic, p.partition): spec for p, spec in request.items()})
        return {p: done(SimpleNamespace(offset=5 if p.partition == 0 else -1001)) for p in request}

    def describe_configs(self, resources, *, request_timeout):
        entry = {"name": "message.timestamp.type", "value": "LogAppendTime", "is_default": False, "source": 1}
        entries = {"message.timestamp.type": SimpleNamespace(**entry)}
        return {resource: done(self.configs or entries) for resource in resources}


def look(admin, *topics):
    return End(CLUSTER, admin).look(topics, Deadline.after(0.4))


def test_what_is_there_and_what_is_not_known():
    seen = look(Admin(), "t", "u")
    assert (dict(seen.starts), dict(seen.ends)) == ({("t", 0): 5}, {("t", 0): 5})
    assert (seen.may_read, seen.append_time) == (True, {"t"})
    assert all(table_schema(name).is_valid(rows) for name, rows in seen.tables.items())
    assert seen.tables["offsets"]["log_end_offset"].to_list() == [5, None]
    assert seen.notes[0] == f"c: topic u {NOT_SEEN}"
    assert "offsets of 1 of 2 partitions unknown" in seen.notes[1]


def test_without_the_right_to_configurations_clocks_are_unknown():
    refused = KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    seen = look(Admin(topics=("t",), configs=refused), "t")
    assert (seen.may_read, seen.append_time) == (False, frozenset())
    assert any("message.timestamp.type" in note for note in seen.notes)


def test_a_cluster_that_does_not_answer_is_an_error():
    with pytest.raises(SourceError):
        look(Admin(topics=None), "t")


def test_each_time_of_a_partition_is_asked_and_answers_keep_their_places():
    admin = Admin()
    asked = [(("t", 0), 10), (("t", 0), 20), (("t", 1), 30), (("t", 0), 40)]
    answers = End(CLUSTER, admin).offsets_since(asked, Deadline.after(0.2))
    assert answers == [5, 5, "no leader answered", 5]
    assert {len(of) for of in admin.asked} <= {1, 2}
    assert End(CLUSTER, admin).offsets_since(asked, Deadline.after(0)) == ["out of time"] * 4
