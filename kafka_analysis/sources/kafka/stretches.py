"""Read short stretches of many partitions with one consumer, and hash their records.

No group is joined and nothing is committed. Little more is fetched than is asked for: the client fetches only while it
has nothing left to hand over, and a stretch that is read is unassigned. Brokers give whole batches, at least one: a
stretch costs the batch it begins in, however few records of it are wanted.
"""

import json
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.client import reason, source_error
from kafka_analysis.sources.kafka.record_hash import hashes_of, size_of

Isolation = Literal["read_committed", "read_uncommitted"]
Place = tuple[str, int]
NO_READ = "no right to Read the topic: unknown, not none"
OUT_OF_RANGE = "the log no longer has this offset"
TIME_KINDS = {1: "CreateTime", 2: "LogAppendTime"}
SMALLEST_FETCH, LARGEST_FETCH = (
    2_000,
    16_000,
)  # bytes of one partition in one answer, where batches are smaller
LARGEST_BATCHES = 200_000  # of one partition in one answer, where batches are known to be larger
RESPONSE_BYTES = 1_000_000  # the client takes no smaller limit of an answer
_AT_ONCE = 250  # partitions that are assigned at the same time
_BATCH = 100
_LOOK_EVERY_S = 0.05
_STATISTICS_MS = 100
_QUIET_S, _MOST_ASKED = 2.0, 20
_END, _AUTO_RESET = KafkaError._PARTITION_EOF, KafkaError._AUTO_OFFSET_RESET  # noqa: SLF001 - their public names
_NO_TOPIC, _NO_PARTITION = KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION  # noqa: SLF001
_RESET = frozenset({_AUTO_RESET, KafkaError.OFFSET_OUT_OF_RANGE})
_OF_TOPICS = frozenset(
    {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.UNKNOWN_TOPIC_OR_PART, _NO_TOPIC, _NO_PARTITION}
)


@dataclass(frozen=True)
class Stretch:
    """Where to read, and when it is enough.

    Without ``later_than_ms``: ``most_records`` records, or up to ``end_offset``, which is not read. With it: until a
    record later than that was read, and at least ``least_records``; ``most_records`` is then a limit. ``most_bytes``
    is a limit always; one record is read whatever its size.
    """

    topic: str
    partition: int
    first_offset: int
    most_records: int
    most_bytes: int = 1_000_000
    end_offset: int | None = None
    later_than_ms: int | None = None
    least_records: int = 0

    @property
    def place(self) -> Place:
        """Return topic and partition."""
        return self.topic, self.partition


class HashedRecord(NamedTuple):
    """A record's offset, time, and hashes; whose clock the time is of is None where there is none."""

    offset: int
    written_ms: int | None
    time_kind: str | None
    key_hash: str | None
    record_hash: str


@dataclass
class StretchRead:
    """What was read of a stretch; ``ended`` is one of ``READ_ENDS``, None while it is read."""

    stretch: Stretch
    records: list[HashedRecord] = field(default_factory=list)
    next_offset: int | None = None
    bytes: int = 0
    seconds: float = 0.0
    ended: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Reading:
    """What was read of each stretch, in the order asked for; ``wire_bytes``: all that brokers sent for it.

    ``requests``: how many the client sent.
    """

    reads: tuple[StretchRead, ...]
    wire_bytes: int = 0
    seconds: float = 0.0
    requests: int = 0

    @property
    def batch_bytes(self) -> int:
        """Return what a stretch cost, about: 0 where none was read."""
        return self.wire_bytes // max(sum(bool(read.records) for read in self.reads), 1) if self.reads else 0


def settings_of(*, isolation: Isolation, fetch_bytes: int) -> dict[str, Any]:
    """Return the settings of a consumer that reads short stretches.

    Parameters
    ----------
    fetch_bytes
        Bytes of one partition in one answer, where its batches are smaller.
    """
    return {
        "group.id": "kafka-analysis",  # the client wants a name; the group is never joined
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "isolation.level": isolation,
        "auto.offset.reset": "error",
        "allow.auto.create.topics": False,
        "topic.metadata.propagation.max.ms": 2_000,  # a topic that is deleted is said to be gone after this
        "fetch.wait.max.ms": 50,  # the end of a log is told after no more than this
        "fetch.message.max.bytes": fetch_bytes,
        "fetch.max.bytes": RESPONSE_BYTES,
        "receive.message.max.bytes": 64_000_000,
        "queued.min.messages": 1,  # nothing is fetched while there is something to hand over
        "queued.max.messages.kbytes": 1_000,
        "fetch.queue.backoff.ms": 2,
        "statistics.interval.ms": _STATISTICS_MS,
    }


def fetch_bytes_for(stretches: int, most_bytes: int, batch_bytes: int = 0) -> int:
    """Return how many bytes of a partition one answer may have: all stretches fit twice into a limit, or one batch.

    Examples
    --------
    >>> fetch_bytes_for(600, 64_000_000), fetch_bytes_for(6_000, 64_000_000), fetch_bytes_for(10**6, 64_000_000)
    (16000, 5333, 2000)
    >>> fetch_bytes_for(6_000, 64_000_000, 30_000)
    45000
    """
    share = max(SMALLEST_FETCH, min(LARGEST_FETCH, most_bytes // (2 * max(stretches, 1))))
    return max(share, min(batch_bytes * 3 // 2, LARGEST_BATCHES))


def read_stretches(
    connect: Callable[[Mapping[str, Any]], Consumer],
    stretches: Sequence[Stretch],
    *,
    isolation: Isolation,
    most_bytes: int,
    deadline: Deadline,
    batch_bytes: int = 0,
) -> Reading:
    """Read stretches of partitions, one of each partition at a time, in the order asked for.

    Parameters
    ----------
    connect
        Makes a consumer with the settings of :func:`settings_of`; it is closed here.
    isolation
        Whether records of transactions that were aborted, or are open, are read.
    most_bytes
        Of what brokers send: what is not read by then ends as ``too many bytes``. What is under way when the limit
        is reached still comes: an answer of each broker.
    deadline
        What is not read by then ends as ``out of time``.
    batch_bytes
        What a stretch of such partitions was seen to cost. Where an answer may have less of a partition than a batch,
        brokers give one partition's batch at a time, which takes longer and costs the same.

    Raises
    ------
    SourceError
        When the client refuses to read.
    """
    if not stretches:
        return Reading(())
    began = time.monotonic()
    under_way = _UnderWay.of(stretches)
    fetch_bytes = fetch_bytes_for(len(stretches), most_bytes, batch_bytes)
    settings = settings_of(isolation=isolation, fetch_bytes=fetch_bytes)
    consumer = connect({**settings, "stats_cb": under_way.hear})
    try:
        while under_way.is_open and deadline.left > 0 and under_way.cost < most_bytes:
            under_way.assign(consumer)
            first = consumer.poll(min(deadline.left, _LOOK_EVERY_S))
            if first is None:
                under_way.look_for_gone(consumer, deadline)
            else:
                under_way.take(first)
                for message in consumer.consume(_BATCH, timeout=0):  # it would wait until so many have come
                    under_way.take(message)
        under_way.hear_last(consumer, deadline)
    except KafkaException as error:
        raise source_error(error) from None
    finally:
        with suppress(KafkaException):
            consumer.close()
    under_way.end_all("too many bytes" if under_way.cost >= most_bytes else "out of time")
    return Reading(tuple(under_way.reads), under_way.wire_bytes, time.monotonic() - began, under_way.requests)


@dataclass
class _UnderWay:
    """A reading under way: which stretches wait, which are read, and what came."""

    reads: list[StretchRead]
    lanes: dict[Place, deque[StretchRead]]
    ready: deque[Place]
    active: dict[Place, tuple[StretchRead, float]] = field(default_factory=dict)
    done: list[Place] = field(default_factory=list)
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)
    wire_bytes: int = 0
    requests: int = 0
    payload_bytes: int = 0
    heard: int = 0
    quiet_since: float = field(default_factory=time.monotonic)
    last_error: str | None = None

    @classmethod
    def of(cls, stretches: Iterable[Stretch]) -> "_UnderWay":
        reads = [StretchRead(stretch) for stretch in stretches]
        lanes: dict[Place, deque[StretchRead]] = {}
        for read in reads:
            lanes.setdefault(read.stretch.place, deque()).append(read)
        return cls(reads, lanes, deque(lanes))

    @property
    def is_open(self) -> bool:
        return bool(self.active or self.ready) or any(self.lanes[place] for place in self.done)

    @property
    def cost(self) -> int:
        return max(self.wire_bytes, self.payload_bytes)

    def hear(self, statistics: str) -> None:
        """Take the client's statistics: what it has asked and received so far."""
        told = json.loads(statistics)
        self.wire_bytes, self.requests = int(told.get("rx_bytes", 0)), int(told.get("tx", 0))
        self.heard += 1

    def hear_last(self, consumer: Consumer, deadline: Deadline) -> None:
        """Wait for the next statistics, which count all that came."""
        consumer.unassign()
        before, until = self.heard, time.monotonic() + min(deadline.left, 2 * _STATISTICS_MS / 1000)
        while self.heard == before and time.monotonic() < until:
            consumer.poll(_LOOK_EVERY_S)

    def look_for_gone(self, consumer: Consumer, deadline: Deadline) -> None:
        """Ask for topics of which nothing came for a while: of one that was deleted before, the client says nothing."""
        if time.monotonic() - self.quiet_since < _QUIET_S:
            return
        for topic in sorted({topic for topic, _ in self.active})[:_MOST_ASKED]:
            try:
                found = consumer.list_topics(topic, timeout=min(_QUIET_S, max(deadline.left, 0.1))).topics[
                    topic
                ]
            except KafkaException:
                break
            if found.error is not None and found.error.code() in _OF_TOPICS:
                self._fail_topic(topic, found.error)
        self.quiet_since = time.monotonic()

    def assign(self, consumer: Consumer) -> None:
        """Unassign what has been read, and assign what comes next."""
        if self.done:
            consumer.incremental_unassign([TopicPartition(*place) for place in self.done])
            self.ready.extend(place for place in self.done if self.lanes[place])
            self.done = []
        places = []
        while self.ready and len(self.active) < _AT_ONCE:
            place = self.ready.popleft()
            read = self.lanes[place].popleft()
            if place[0] in self.refused:
                read.ended, read.detail = self.refused[place[0]]
                self.ready.extend([place] if self.lanes[place] else [])
                continue
            self.active[place] = read, time.monotonic()
            places.append(TopicPartition(*place, read.stretch.first_offset))
        if places:
            consumer.incremental_assign(places)

    def take(self, message: Message) -> None:
        """Take a record, or what the client says of a partition; what is of no stretch under way is left."""
        topic, error = message.topic() or "", message.error()
        place = (topic, -1 if message.partition() is None else message.partition())
        self.quiet_since = time.monotonic()
        if error is not None and error.code() in _OF_TOPICS:  # said of the topic, or of one partition
            self._fail_topic(topic, error)
        elif place not in self.active:
            self.last_error = self.last_error if error is None else reason(error)
        elif error is not None:
            self._fail(place, message.offset(), error)
        else:
            self._add(place, message)

    def _add(self, place: Place, message: Message) -> None:
        read, _ = self.active[place]
        offset, stretch = message.offset() or 0, read.stretch
        if offset < stretch.first_offset:
            return
        if stretch.end_offset is not None and offset >= stretch.end_offset:
            read.next_offset = stretch.end_offset
            self._end(place, "enough")
            return
        size = size_of(message)
        kind, ms = message.timestamp()
        read.records.append(
            HashedRecord(offset, ms if kind else None, TIME_KINDS.get(kind), *hashes_of(message))
        )
        read.next_offset, read.bytes = offset + 1, read.bytes + size
        self.payload_bytes += size
        if _is_enough(read):
            self._end(place, "enough")
        elif len(read.records) >= stretch.most_records:
            self._end(place, "too many bytes", f"none of {len(read.records)} records was later")
        elif read.bytes >= stretch.most_bytes:
            self._end(place, "too many bytes")

    def _fail(self, place: Place, offset: int | None, error: KafkaError) -> None:
        code = error.code()
        read, _ = self.active[place]
        if code == _END:
            read.next_offset = offset
            self._end(place, "end of log")
        elif code in _RESET:
            self._end(place, "gone", OUT_OF_RANGE)
        else:
            self.last_error = read.detail = reason(error)

    def _fail_topic(self, topic: str, error: KafkaError) -> None:
        is_refused = error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
        ended, why = self.refused[topic] = ("refused", NO_READ) if is_refused else ("gone", reason(error))
        for place in [place for place in self.active if place[0] == topic]:
            self._end(place, ended, why)

    def _end(self, place: Place, ended: str, detail: str | None = None) -> None:
        read, began = self.active.pop(place)
        read.ended, read.detail, read.seconds = ended, detail, time.monotonic() - began
        self.done.append(place)

    def end_all(self, ended: str) -> None:
        """End what was not read."""
        for place in list(self.active):
            self._end(place, ended, self.active[place][0].detail or self.last_error)
        for read in self.reads:
            if read.ended is None:
                read.ended, read.detail = self.refused.get(read.stretch.topic, (ended, self.last_error))


def _is_enough(read: StretchRead) -> bool:
    stretch, last = read.stretch, read.records[-1]
    if stretch.later_than_ms is None:
        is_last = stretch.end_offset is not None and last.offset + 1 >= stretch.end_offset
        return is_last or len(read.records) >= stretch.most_records
    times: Collection[int | None] = [record.written_ms for record in read.records]
    is_later = any(ms is not None and ms > stretch.later_than_ms for ms in times)
    return is_later and len(read.records) >= stretch.least_records
