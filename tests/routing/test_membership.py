from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException

from kafka_analysis.routing.membership import Membership


@pytest.fixture
def consumer(world):
    found = world.consumer({"bootstrap.servers": "old:9092", "group.id": "g"})
    found.cluster.logs["t"] += [b"1", b"2"]
    return found


@pytest.fixture
def membership(consumer):
    return Membership(consumer, frozenset(["t"]))


def refusing(code: int):
    def refuse(**_: object) -> None:
        raise KafkaException(KafkaError(code))

    return refuse


def test_an_end_behind_the_last_record_is_committed_too(consumer, membership):
    """A transaction's marker lies between: nobody reads it, and it is part of the log all the same."""
    consumer._read = lambda _: iter(_messages(end=3))
    assert len(membership.take(5, 0)) == 1
    membership.settle()
    assert consumer.stored == {"t": 3}


def test_the_end_of_a_partition_nothing_was_read_of_is_not_committed(consumer, membership):
    consumer._read = lambda _: iter(_messages(end=3)[1:])
    membership.take(5, 0)
    membership.settle()
    assert consumer.stored == {}


def _messages(*, end: int):
    from_where = ("t", 0)
    record = _message(from_where, 1)
    return [record, _message(from_where, end, KafkaError(KafkaError._PARTITION_EOF))]


def _message(place, at, said=None):
    from types import SimpleNamespace

    return SimpleNamespace(
        topic=lambda: place[0], partition=lambda: place[1], offset=lambda: at, error=lambda: said
    )


def test_it_is_at_the_end_when_the_end_met_is_the_log_s(consumer, membership):
    topics = frozenset(["t"])
    assert not membership.at_end(topics)
    membership.take(1, 0)
    assert not membership.at_end(topics)
    membership.take(1, 0)
    assert membership.at_end(topics)
    consumer.cluster.logs["t"].append(b"3")
    assert not membership.at_end(topics)


def test_a_cluster_that_does_not_answer_is_no_end(consumer, membership):
    membership.take(5, 0)
    consumer.get_watermark_offsets = lambda *_, **__: None
    assert not membership.at_end(frozenset(["t"]))
    consumer.get_watermark_offsets = lambda *_, timeout: refusing(KafkaError._TIMED_OUT)()
    assert not membership.at_end(frozenset(["t"]))
    assert "_TIMED_OUT" in membership.problem


def test_offsets_of_partitions_taken_away_are_another_s(consumer, membership):
    membership.take(5, 0)
    consumer.store_offsets = refusing(KafkaError._STATE)
    membership.settle()
    membership.take(5, 0)
    membership._hand(("t", 0), 9)
    consumer.store_offsets = refusing(KafkaError._INVALID_ARG)
    with pytest.raises(KafkaException):
        membership.settle()


def test_errors_are_kept_and_fatal_ones_raised(consumer, membership):
    mild, fatal = KafkaError(KafkaError._ALL_BROKERS_DOWN), KafkaError(KafkaError._FATAL, "over", fatal=True)
    consumer._read = lambda _: iter([_message(("t", 0), 0, mild)])
    assert membership.take(5, 0) == []
    assert "_ALL_BROKERS_DOWN" in membership.problem
    consumer._read = lambda _: iter([_message(("t", 0), 0, fatal)])
    with pytest.raises(KafkaException):
        membership.take(5, 0)


def test_leaving_commits_first(consumer, membership, world):
    membership.take(5, 0)
    membership.leave()
    assert consumer.cluster.committed == {("g", "t"): 2}
    assert world.happened[-1] == "leave t old"
