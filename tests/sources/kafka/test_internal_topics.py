"""Readings of a mock cluster of librdkafka's: only what is new is read, and what cannot be read is said."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from confluent_kafka import OFFSET_BEGINNING, KafkaError, Producer

from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.client import connect_consumer
from kafka_analysis.sources.kafka.internal_topics import (
    MADE_ANEW,
    NO_PARTITIONS,
    NO_READ,
    SETTINGS,
    InternalTopics,
    ReadLimits,
)

pytestmark = pytest.mark.timeout(60)
WITHIN_S = 20


@pytest.fixture(scope="module")
def producer():
    return Producer({"test.mock.num.brokers": 1, "log_level": 0})


@pytest.fixture
def topic(producer, request):
    """Return a function that writes records to a topic of the test's own, in partition 0, and its name."""
    name = request.node.name

    def write(*records):
        for key, value in records:
            producer.produce(name, key=key, value=value, partition=0)
        assert producer.flush(10) == 0

    return SimpleNamespace(name=name, write=write)


@pytest.fixture
def connect(producer):
    (broker,) = producer.list_topics(timeout=10).brokers.values()
    cluster = ClusterProfile(name="c", bootstrap_servers=f"{broker.host}:{broker.port}")
    return lambda: connect_consumer(cluster, SETTINGS)


def latest(reading):
    return {record.key: record.value for record in reading.records}


def test_the_latest_record_of_each_key_counts_and_null_deletes(topic, connect):
    topic.write((b"a", b"1"), (b"b", b"1"), (b"a", b"2"), (b"c", b"1"), (b"b", None))
    reading = InternalTopics(connect).read({topic.name: [0, 1]}, Deadline.after(WITHIN_S))[topic.name]
    assert (latest(reading), reading.is_read, reading.missing) == ({b"a": b"2", b"c": b"1"}, True, None)
    assert all(record.timestamp_ms > 1_600_000_000_000 for record in reading.records)


def test_only_what_is_new_is_read(topic, connect):
    topic.write((b"a", b"1"), (b"b", b"1"))
    topics = InternalTopics(connect)
    topics.read({topic.name: [0]}, Deadline.after(WITHIN_S))
    topic.write((b"a", None), (b"c", b"1"))
    taken = []
    kept = topics._topics[topic.name].partitions[0]
    kept.take = lambda message: taken.append(message.offset()) or type(kept).take(kept, message)
    reading = topics.read({topic.name: [0]}, Deadline.after(WITHIN_S))[topic.name]
    assert (latest(reading), taken) == ({b"b": b"1", b"c": b"1"}, [2, 3])


def test_an_empty_topic_is_read_and_empty(topic, connect):
    topic.write()
    connect().close()
    topic.write((b"a", b"1"), (b"a", None))
    reading = InternalTopics(connect).read({topic.name: [0]}, Deadline.after(WITHIN_S))[topic.name]
    assert (reading.records, reading.is_read, reading.missing) == ((), True, None)


def test_what_one_reading_has_no_room_for_the_next_reads_on(topic, connect):
    topic.write(*((b"%d" % n, b"x") for n in range(10)))
    topics = InternalTopics(connect, limits=ReadLimits(most_records=4))
    readings = [topics.read({topic.name: [0]}, Deadline.after(WITHIN_S))[topic.name]]
    assert (readings[0].records, readings[0].is_read) == ((), False)
    assert f"{topic.name}: 1 of 1 partitions not read: " in readings[0].missing
    while readings[-1].missing:
        readings.append(topics.read({topic.name: [0]}, Deadline.after(WITHIN_S))[topic.name])
    assert len(readings[-1].records) == 10


def test_without_time_nothing_is_known(topic, connect):
    topic.write((b"a", b"1"))
    reading = InternalTopics(connect).read({topic.name: [0]}, Deadline.after(0))[topic.name]
    assert (reading.records, reading.is_read) == ((), False)
    assert "not reached in time" in reading.missing


def test_a_topic_that_keeps_too_much_is_not_read_again(topic, connect):
    topic.write(*((b"%d" % n, b"x" * 100) for n in range(10)))
    topics = InternalTopics(connect, limits=ReadLimits(most_kept_bytes=1_000))
    for _ in range(2):
        reading = topics.read({topic.name: [0]}, Deadline.after(WITHIN_S))[topic.name]
        assert (reading.records, reading.is_read) == ((), False)
        assert reading.missing == f"{topic.name}: not read: its latest records take more than 1000 bytes"
    assert topics._topics[topic.name].kept_bytes == 0


def message(topic="t", partition=0, code=None, offset=0, key=b"k", value=b"v"):
    error = None if code is None else KafkaError(code)
    told = {
        "topic": topic,
        "partition": partition,
        "offset": offset,
        "key": key,
        "value": value,
        "error": error,
    }
    made = {name: (lambda value=value: value) for name, value in told.items()}
    return type("Told", (), {**{n: staticmethod(f) for n, f in made.items()}, "__len__": lambda _: 2,
                             "timestamp": staticmethod(lambda: (1, 5))})()  # fmt: skip


END = KafkaError._PARTITION_EOF


class Told:
    """A consumer that is told these messages, a batch after the other."""

    def __init__(self, *batches):
        self.batches, self.assigned, self.closed = list(batches), [], False

    def assign(self, places):
        self.assigned = [(place.topic, place.partition, place.offset) for place in places]

    def consume(self, number, timeout):
        return self.batches.pop(0) if self.batches else []

    def close(self):
        self.closed = True


def test_a_right_that_is_missing_is_named_and_costs_no_other_topic():
    told = Told(
        [message(), message(code=KafkaError.TOPIC_AUTHORIZATION_FAILED, topic="no", partition=-1), message()],
        [message(code=END, offset=2), message(topic="no", code=END, offset=0)],
    )
    readings = InternalTopics(lambda: told).read({"t": [0], "no": [0, 1]}, Deadline.after(5))
    assert (readings["no"].missing, readings["no"].is_read) == (f"no: {NO_READ}", False)
    assert (len(readings["t"].records), readings["t"].missing, told.closed) == (1, None, True)


def test_a_right_that_was_taken_away_takes_what_was_known_along():
    first = Told([message(), message(code=END, offset=1)])
    second = Told([message(code=KafkaError.TOPIC_AUTHORIZATION_FAILED)])
    third = Told()
    consumers = iter([first, second, third])
    topics = InternalTopics(lambda: next(consumers))
    assert topics.read({"t": [0]}, Deadline.after(5))["t"].is_read
    assert topics.read({"t": [0]}, Deadline.after(5))["t"].missing == f"t: {NO_READ}"
    topics.read({"t": [0]}, Deadline.after(0))
    assert [c.assigned[0][2] for c in (first, second, third)] == [OFFSET_BEGINNING, 1, OFFSET_BEGINNING]


def test_a_topic_made_anew_is_read_from_its_beginning_and_nothing_old_stays():
    first = Told([message(), message(code=END, offset=1), message(partition=1, code=END)])
    second = Told([message(code=KafkaError._AUTO_OFFSET_RESET), message(partition=1, code=END)])
    third = Told([message(key=b"new"), message(code=END, offset=1), message(partition=1, code=END)])
    consumers = iter([first, second, third])
    topics = InternalTopics(lambda: next(consumers))
    topics.read({"t": [0, 1]}, Deadline.after(5))
    reading = topics.read({"t": [0, 1]}, Deadline.after(5))["t"]
    assert (reading.records, reading.missing) == ((), f"t: 1 of 2 partitions not read: {MADE_ANEW}")
    assert latest(topics.read({"t": [0, 1]}, Deadline.after(5))["t"]) == {b"new": b"v"}
    assert third.assigned[0] == ("t", 0, OFFSET_BEGINNING)


def test_the_end_of_a_partition_counts_markers_too():
    first, second = Told([message(offset=4), message(code=END, offset=9)]), Told()
    consumers = iter([first, second])
    topics = InternalTopics(lambda: next(consumers))
    topics.read({"t": [0]}, Deadline.after(5))
    topics.read({"t": [0]}, Deadline.after(0))
    assert second.assigned == [("t", 0, 9)]


def test_errors_of_no_topic_are_the_reason_where_the_end_is_not_reached():
    told = Told([message(topic=None, partition=None, code=KafkaError._ALL_BROKERS_DOWN)])
    reading = InternalTopics(lambda: told).read({"t": [0]}, Deadline.after(0.1))["t"]
    assert "All broker connections are down" in reading.missing


def test_a_topic_that_is_gone_is_said_to_be():
    told = Told([message(code=KafkaError.UNKNOWN_TOPIC_OR_PART)])
    reading = InternalTopics(lambda: told).read({"t": [0]}, Deadline.after(5))["t"]
    assert reading.missing.startswith("t: ")
    assert not reading.is_read


def test_a_topic_of_which_no_partition_is_known_is_unknown_and_nobody_is_asked():
    reading = InternalTopics(lambda: pytest.fail("asked")).read({"t": []}, Deadline.after(5))["t"]
    assert (reading.missing, reading.is_read) == (f"t: {NO_PARTITIONS}", False)
