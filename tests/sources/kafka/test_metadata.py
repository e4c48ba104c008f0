"""Branches that a healthy cluster does not show; the testbed's tests ask real ones."""

from __future__ import annotations

import time
from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AclOperation

from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.kafka import metadata as km


def done(value=None, error: Exception | None = None) -> Future:
    future: Future = Future()
    future.set_exception(error) if error else future.set_result(value)
    return future


def moved() -> KafkaException:
    return KafkaException(KafkaError(KafkaError.FENCED_LEADER_EPOCH))


class Admin:
    """Answers as told; offsets of a place fail as many times as `failures` says."""

    def __init__(self, topics=("t",), partitions=2, failures=None, said=None, **answers):
        self.topics, self.partitions, self.failures, self.answers = (
            topics,
            partitions,
            dict(failures or {}),
            answers,
        )
        self.metadata_asked, self.said = 0, said or {}

    def list_topics(self, timeout):
        self.metadata_asked += 1
        parts = dict.fromkeys(range(self.partitions))
        return SimpleNamespace(
            topics={t: SimpleNamespace(partitions=parts) for t in self.topics}, brokers={1: None}
        )

    def list_offsets(self, request, request_timeout):
        return {place: self._offset(place) for place in request}

    def _offset(self, place):
        left = self.failures.get(place.partition, 0)
        self.failures[place.partition] = left - 1
        return (
            done(error=moved())
            if left > 0
            else done(SimpleNamespace(offset=self.said.get(place.partition, 7)))
        )

    def __getattr__(self, name):
        return self.answers[name]


def test_a_leader_that_moves_is_asked_again_with_fresh_metadata():
    admin = Admin(failures={1: 2})
    rows = km.read_offsets(admin, cluster="c", timeout_s=5)
    assert rows["log_end_offset"].to_list() == [7, 7]
    assert admin.metadata_asked >= 3


def test_an_offset_that_nobody_tells_is_null_and_not_0():
    rows = km.read_offsets(Admin(failures={1: 10_000}), cluster="c", timeout_s=0.4)
    assert rows.select("partition", "log_end_offset").rows() == [(0, 7), (1, None)]


def test_a_partition_that_nobody_leads_has_no_offset():
    rows = km.read_offsets(
        Admin(said={1: -1001}), cluster="c", timeout_s=0.4
    )  # as librdkafka says it, without error
    assert rows.select("log_start_offset", "log_end_offset").rows() == [(7, 7), (None, None)]


def test_no_offset_at_all_is_a_gap():
    began = time.monotonic()
    with pytest.raises(SourceError, match="no partition's leader answered"):
        km.read_offsets(Admin(failures={0: 10_000, 1: 10_000}), cluster="c", timeout_s=0.4)
    assert time.monotonic() - began < 5


def test_sensitive_settings_stay_unknown():
    entry = SimpleNamespace(name="password", value="hush", is_sensitive=True, is_default=False, source=4)
    plain = SimpleNamespace(name="retention.ms", value="1", is_sensitive=False, is_default=True, source=5)
    answers = {
        "describe_configs": lambda kinds, request_timeout: {k: done({"a": entry, "b": plain}) for k in kinds}
    }
    table, missing = km.read_topic_configs(Admin(**answers), cluster="c", timeout_s=1)
    assert missing is None
    rows = table.select("topic", "name", "value", "is_default", "source").rows()
    assert rows == [
        ("t", "password", None, False, "STATIC_BROKER_CONFIG"),
        ("t", "retention.ms", "1", True, "DEFAULT_CONFIG"),
    ]
    assert "hush" not in str(table)


FORBIDDEN = KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED, "not for you"))
UNKNOWN = KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART, "who is that?"))
READS = [km.read_topics, km.read_offsets, km.read_topic_configs]


@pytest.mark.parametrize("read", READS)
def test_no_topic_at_all_is_a_gap_where_none_may_be_seen(read):
    admin = Admin(topics=(), describe_topics=lambda asked, request_timeout: {km.PROBE: done(error=FORBIDDEN)})
    with pytest.raises(SourceError, match="right to Describe topics is missing"):
        read(admin, cluster="c", timeout_s=1)


@pytest.mark.parametrize("read", READS)
def test_no_topic_at_all_is_none_where_they_may_be_seen(read):
    def describe_topics(asked, request_timeout):
        return {km.PROBE: done(error=UNKNOWN)}

    assert read(Admin(topics=(), describe_topics=describe_topics), cluster="c", timeout_s=1) is not None


def test_configs_that_some_topics_refuse_are_lacking_and_those_of_topics_deleted_meanwhile_are_not():
    answers = {"a": done({}), "b": done(error=FORBIDDEN), "c": done(error=UNKNOWN)}
    admin = Admin(
        topics="abc", describe_configs=lambda kinds, request_timeout: {k: answers[k.name] for k in kinds}
    )
    _, missing = km.read_topic_configs(admin, cluster="c", timeout_s=1)
    assert missing == "configs of topics: 1 of 2 not read: not for you"


def test_configs_of_the_brokers_that_answer_are_kept():
    entry = SimpleNamespace(name="log.dirs", value="/d", is_sensitive=False, is_default=False, source=4)
    admin = Admin(
        describe_configs=lambda kinds, request_timeout: {k: done({"log.dirs": entry}) for k in kinds}
    )
    rows, missing = km.read_broker_configs(admin, cluster="c", timeout_s=1)
    assert (rows.select("broker", "value").rows(), missing) == ([(1, "/d")], None)


@pytest.mark.parametrize(
    ("operations", "may"), [([AclOperation.DESCRIBE], True), ([AclOperation.ALTER], False), (None, False)]
)
def test_the_right_to_describe_is_looked_at(operations, may):
    answer = SimpleNamespace(cluster_id="x", nodes=[], authorized_operations=operations)
    admin = Admin(describe_cluster=lambda include_authorized_operations, request_timeout: done(answer))
    known = km.describe_cluster(admin, timeout_s=1)
    assert (known.cluster_id, known.nodes, known.may_describe) == ("x", (), may)


def test_a_cluster_that_does_not_answer_is_a_gap():
    error = KafkaException(KafkaError(KafkaError._TIMED_OUT, "too slow"))
    admin = Admin(describe_cluster=lambda include_authorized_operations, request_timeout: done(error=error))
    with pytest.raises(SourceError, match="too slow"):
        km.describe_cluster(admin, timeout_s=1)


def test_the_controller_is_the_quorum_s_leader_or_unknown():
    nodes = [SimpleNamespace(id=i, host="h", port=9, rack=None) for i in (1, 2)]
    known = km.brokers_table(nodes, cluster="c", controller=2)
    assert known.select("broker", "rack", "is_controller").rows() == [(1, None, False), (2, None, True)]
    unknown = km.brokers_table(nodes, cluster="c", controller=None)
    assert unknown["is_controller"].to_list() == [None, None]
