"""Stretches of a mock cluster of librdkafka's: where reading ends, and why."""

from __future__ import annotations

import time
from functools import partial
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, Producer

from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.model.tables import READ_ENDS
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.client import connect_consumer
from kafka_analysis.sources.kafka.stretches import (
    LARGEST_BATCHES,
    NO_READ,
    OUT_OF_RANGE,
    Reading,
    Stretch,
    _UnderWay,
    fetch_bytes_for,
    read_stretches,
    settings_of,
)

pytestmark = pytest.mark.timeout(60)
WITHIN_S = 20
FIRST_MS = 1_767_225_600_000


@pytest.fixture(scope="module")
def producer():
    return Producer({"test.mock.num.brokers": 1, "log_level": 0})


@pytest.fixture
def topic(producer, request):
    """Write ten records, a second apart, to each of three partitions of a topic of the test's own."""
    for partition in range(3):
        for number in range(10):
            at = FIRST_MS + number * 1000
            producer.produce(request.node.name, b"v%d" % number, b"k", partition, timestamp=at)
    assert producer.flush(10) == 0
    return request.node.name


@pytest.fixture
def read(producer):
    (broker,) = producer.list_topics(timeout=10).brokers.values()
    cluster = ClusterProfile(name="c", bootstrap_servers=f"{broker.host}:{broker.port}")

    def read_them(*stretches, most_bytes=10**7, within_s=WITHIN_S):
        return read_stretches(
            partial(connect_consumer, cluster),
            stretches,
            isolation="read_uncommitted",
            most_bytes=most_bytes,
            deadline=Deadline.after(within_s),
        )

    return read_them


def offsets(read):
    return [record.offset for record in read.records]


def test_as_many_records_as_are_wanted(topic, read):
    (one,) = read(Stretch(topic, 0, 3, 4)).reads
    assert (offsets(one), one.next_offset, one.ended) == ([3, 4, 5, 6], 7, "enough")
    assert one.bytes == 4 * 3
    assert [(record.written_ms, record.time_kind) for record in one.records[:1]] == [
        (FIRST_MS + 3000, "CreateTime")
    ]


def test_up_to_an_offset_or_the_end_of_the_log(topic, read):
    until, beyond = read(Stretch(topic, 0, 6, 9, end_offset=8), Stretch(topic, 1, 8, 9)).reads
    assert (offsets(until), until.ended, until.next_offset) == ([6, 7], "enough", 8)
    assert (offsets(beyond), beyond.ended, beyond.next_offset) == ([8, 9], "end of log", 10)


def test_until_a_later_record_and_as_many_as_are_wanted_at_least(topic, read):
    later = Stretch(topic, 0, 2, 100, later_than_ms=FIRST_MS + 4000)
    more = Stretch(topic, 1, 2, 100, later_than_ms=FIRST_MS + 4000, least_records=6)
    never = Stretch(topic, 2, 2, 3, later_than_ms=FIRST_MS + 4000)
    reads = read(later, more, never).reads
    assert [offsets(one) for one in reads] == [[2, 3, 4, 5], [2, 3, 4, 5, 6, 7], [2, 3, 4]]
    assert [one.ended for one in reads] == ["enough", "enough", "too many bytes"]


def test_several_stretches_of_a_partition_are_read_one_after_the_other(topic, read):
    firsts = [7, 0, 4, 9, 2]
    reads = read(*(Stretch(topic, 1, first, 1) for first in firsts)).reads
    assert [offsets(one) for one in reads] == [[first] for first in firsts]
    assert {one.ended for one in reads} == {"enough"}


def test_a_stretch_ends_with_its_bytes_and_one_record_is_read_always(topic, read):
    few, one = read(Stretch(topic, 0, 0, 9, most_bytes=7), Stretch(topic, 1, 0, 9, most_bytes=1)).reads
    assert (offsets(few), few.ended) == ([0, 1, 2], "too many bytes")
    assert (offsets(one), one.ended) == ([0], "too many bytes")


def test_what_is_over_the_limit_or_out_of_time_is_said(topic, read):
    reading = read(*(Stretch(topic, number % 3, number, 1) for number in range(9)), most_bytes=4)
    assert {one.ended for one in reading.reads} == {"enough", "too many bytes"}
    late = read(Stretch(topic, 0, 0, 5), within_s=0)
    assert [(one.ended, one.records) for one in late.reads] == [("out of time", [])]


def test_what_brokers_sent_is_counted(topic, read):
    assert read(Stretch(topic, 0, 0, 5)).wire_bytes > 100
    assert read() == Reading(())


def test_a_log_that_begins_later_and_a_topic_that_is_not_there(topic, read):
    began = time.monotonic()
    reads = read(Stretch(topic, 0, 99, 5), Stretch("not there", 0, 0, 5)).reads
    assert reads[0].ended == "gone"
    assert reads[0].detail == OUT_OF_RANGE
    assert time.monotonic() - began < WITHIN_S + 1
    assert {one.ended for one in reads} <= set(READ_ENDS)


def message(topic, partition, code=None, offset=0):
    error = None if code is None else KafkaError(code)
    made = {
        "topic": topic,
        "partition": partition,
        "offset": offset,
        "key": b"k",
        "value": b"v",
        "error": error,
    }
    made |= {"headers": None, "timestamp": (1, FIRST_MS)}
    return SimpleNamespace(**{name: (lambda value=value: value) for name, value in made.items()})


class Assigned:
    """A consumer that keeps what it is assigned."""

    def __init__(self):
        self.places = []

    def incremental_assign(self, places):
        self.places += [(place.topic, place.partition) for place in places]

    def incremental_unassign(self, places):
        for place in places:
            self.places.remove((place.topic, place.partition))


def test_without_the_right_to_read_all_stretches_of_a_topic_are_refused():
    under_way, consumer = (
        _UnderWay.of([Stretch("t", 0, 0, 1), Stretch("t", 0, 5, 1), Stretch("u", 0, 0, 1)]),
        Assigned(),
    )
    under_way.assign(consumer)
    under_way.take(message("t", 0, KafkaError.TOPIC_AUTHORIZATION_FAILED))
    under_way.take(message("u", 0))
    assert under_way.is_open
    under_way.assign(consumer)
    under_way.end_all("out of time")
    assert [(read.ended, read.detail) for read in under_way.reads] == [
        ("refused", NO_READ),
        ("refused", NO_READ),
        ("enough", None),
    ]
    assert not under_way.is_open


def test_what_comes_of_a_partition_that_is_read_already_is_left():
    under_way, consumer = _UnderWay.of([Stretch("t", 0, 3, 1), Stretch("t", 0, 0, 1)]), Assigned()
    under_way.assign(consumer)
    for offset in (2, 3, 4):
        under_way.take(message("t", 0, offset=offset))
    assert under_way.is_open
    under_way.assign(consumer)
    assert consumer.places == [("t", 0)]
    under_way.take(message("t", 0, offset=0))
    assert [[record.offset for record in read.records] for read in under_way.reads] == [[3], [0]]


def test_an_error_of_a_broker_is_the_detail_of_what_was_not_read():
    under_way = _UnderWay.of([Stretch("t", 0, 0, 1)])
    under_way.assign(Assigned())
    under_way.take(message("t", 0, KafkaError.NOT_LEADER_FOR_PARTITION))
    under_way.end_all("out of time")
    assert under_way.reads[0].ended == "out of time"
    assert under_way.reads[0].detail


def test_what_a_stretch_cost_makes_the_next_fetches_larger(topic, read):
    reading = read(Stretch(topic, 0, 0, 5), Stretch(topic, 1, 0, 5))
    assert reading.batch_bytes == reading.wire_bytes // 2 > 0
    assert Reading(()).batch_bytes == 0
    assert fetch_bytes_for(10, 10**9, batch_bytes=40_000) == 60_000
    assert fetch_bytes_for(10, 10**9, batch_bytes=10**7) == LARGEST_BATCHES


def test_no_setting_commits_or_joins():
    settings = settings_of(isolation="read_committed", fetch_bytes=4_000)
    assert (settings["enable.auto.commit"], settings["allow.auto.create.topics"]) == (False, False)
