"""Read small compacted topics from where the last reading stopped to their present end: the latest record of each key.

No group is joined and nothing is committed. What was read is kept, so that each reading asks for what is new only.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.client import reason, source_error
from kafka_analysis.sources.mirroring.records import Record

SETTINGS = {
    "group.id": "kafka-analysis",  # the client wants a name; the group is never joined
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": True,
    "isolation.level": "read_committed",
    "auto.offset.reset": "error",  # a topic that was made anew is read anew, and what was kept of it is dropped
    "allow.auto.create.topics": False,
    "fetch.wait.max.ms": 50,  # the end of a partition is told after no more than this
    "fetch.max.bytes": 8_000_000,
    "receive.message.max.bytes": 32_000_000,
    "queued.max.messages.kbytes": 16_384,
}
NO_READ = "no right to Read it: unknown, not none"
NO_PARTITIONS = "not read: no known partitions"
MADE_ANEW = "it was truncated or recreated meanwhile; next time it is read from the start"
_BATCH = 2_000
_LOOK_EVERY_S = 0.1
_OVERHEAD_BYTES = 250  # of a record that is kept, in memory
_REFUSED = KafkaError.TOPIC_AUTHORIZATION_FAILED
_END, _AUTO_RESET = KafkaError._PARTITION_EOF, KafkaError._AUTO_OFFSET_RESET  # noqa: SLF001 - their public names
_NO_TOPIC, _NO_PARTITION = KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION  # noqa: SLF001
_RESET = frozenset({_AUTO_RESET, KafkaError.OFFSET_OUT_OF_RANGE})
_GONE = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, _NO_TOPIC, _NO_PARTITION})
Place = tuple[str, int]


@dataclass(frozen=True)
class ReadLimits:
    """How much one reading may take in, and how much of each topic is kept between readings."""

    most_records: int = 2_000_000
    most_bytes: int = 512_000_000
    most_kept_bytes: int = 128_000_000


DEFAULT_LIMITS = ReadLimits()


@dataclass(frozen=True)
class TopicReading:
    """The latest records of a topic; ``missing``: what is not known of it, None: nothing.

    ``is_read``: at least one partition was read to its end. Partitions that were not have no records here.
    """

    records: tuple[Record, ...] = ()
    is_read: bool = False
    missing: str | None = None


@dataclass
class _Partition:
    """What is kept of a partition: the offset read next, and the latest record of each key."""

    position: int = OFFSET_BEGINNING
    latest: dict[bytes | None, Record] = field(default_factory=dict)

    def take(self, message: Message) -> int:
        """Keep a record in place of the one before; return by how many bytes what is kept has grown."""
        key, value = message.key(), message.value()
        self.position = (message.offset() or 0) + 1
        old = self.latest.pop(key, None)
        grown = 0 if old is None else -_size(old)
        if value is not None:
            record = self.latest[key] = Record(key, value, _timestamp(message))
            grown += _size(record)
        return grown


@dataclass
class _Topic:
    """What is kept of a topic."""

    partitions: dict[int, _Partition] = field(default_factory=dict)
    kept_bytes: int = 0
    is_too_large: bool = False

    def forget(self) -> None:
        self.partitions = {number: _Partition() for number in self.partitions}
        self.kept_bytes = 0

    def forget_partition(self, number: int) -> None:
        gone = self.partitions.get(number, _Partition())
        self.kept_bytes -= sum(map(_size, gone.latest.values()))
        self.partitions[number] = _Partition()


@dataclass
class _Progress:
    """A reading under way: what is still to be read, how much came, and why a topic or partition is not read."""

    waiting: set[Place]
    records: int = 0
    bytes: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    made_anew: set[Place] = field(default_factory=set)
    last_error: str | None = None

    def refuse(self, topic: str, why: str) -> None:
        self.refused[topic] = why
        self.waiting = {place for place in self.waiting if place[0] != topic}


class InternalTopics:
    """Readings of some topics of a cluster, one after the other.

    Parameters
    ----------
    connect
        Makes a consumer with ``SETTINGS``; each reading makes one and closes it.
    limits
        How much one reading may take in, and how much is kept.
    """

    def __init__(self, connect: Callable[[], Consumer], *, limits: ReadLimits = DEFAULT_LIMITS) -> None:
        self._connect = connect
        self._limits = limits
        self._topics: dict[str, _Topic] = {}

    def read(self, partitions: Mapping[str, Collection[int]], deadline: Deadline) -> dict[str, TopicReading]:
        """Read topics to their present end.

        Parameters
        ----------
        partitions
            The partitions of each topic.
        deadline
            What was not read by then is said in ``missing``; the next reading goes on from there.

        Returns
        -------
        dict
            A reading of each topic.

        Raises
        ------
        SourceError
            When the client refuses to read.
        """
        for topic, numbers in partitions.items():
            kept = self._topics.setdefault(topic, _Topic())
            kept.partitions = {number: kept.partitions.get(number, _Partition()) for number in numbers}
        readable = [topic for topic in partitions if not self._topics[topic].is_too_large]
        progress = _Progress({(topic, number) for topic in readable for number in partitions[topic]})
        if progress.waiting:
            self._read(progress, deadline)
        return {topic: self._reading(topic, progress) for topic in partitions}

    def _read(self, progress: _Progress, deadline: Deadline) -> None:
        consumer = self._connect()
        try:
            consumer.assign([self._start_of(*place) for place in sorted(progress.waiting)])
            while progress.waiting and deadline.left > 0 and not self._is_enough(progress):
                most = min(_BATCH, self._limits.most_records - progress.records)
                for message in consumer.consume(most, timeout=min(deadline.left, _LOOK_EVERY_S)):
                    self._take(message, progress)
        except KafkaException as error:
            raise source_error(error) from None
        finally:
            with suppress(KafkaException):
                consumer.close()

    def _start_of(self, topic: str, number: int) -> TopicPartition:
        return TopicPartition(topic, number, self._topics[topic].partitions[number].position)

    def _is_enough(self, progress: _Progress) -> bool:
        return progress.records >= self._limits.most_records or progress.bytes >= self._limits.most_bytes

    def _take(self, message: Message, progress: _Progress) -> None:
        topic, number, error = message.topic(), message.partition(), message.error()
        kept = None if topic is None else self._topics.get(topic)
        if kept is None or topic in progress.refused:
            progress.last_error = progress.last_error if error is None else reason(error)
        elif error is not None:
            self._fail(message, error, progress)
        else:
            progress.records += 1
            progress.bytes += len(message)
            kept.kept_bytes += kept.partitions[number].take(message)
            if kept.kept_bytes > self._limits.most_kept_bytes:
                kept.is_too_large = True
                kept.forget()
                progress.refuse(topic, self._words_of_too_large())

    def _fail(self, message: Message, error: KafkaError, progress: _Progress) -> None:
        """Note the end of a partition, or why it is not read."""
        topic, number, code = message.topic(), message.partition(), error.code()
        kept = self._topics[topic]
        if code == _END:
            progress.waiting.discard((topic, number))
            kept.partitions[number].position = message.offset()
        elif code == _REFUSED or code in _GONE:
            kept.forget()
            progress.refuse(topic, NO_READ if code == _REFUSED else reason(error))
        elif code in _RESET:
            kept.forget_partition(number)
            progress.waiting.discard((topic, number))
            progress.made_anew.add((topic, number))
        else:
            progress.last_error = reason(error)

    def _words_of_too_large(self) -> str:
        return f"not read: its latest records take more than {self._limits.most_kept_bytes} bytes"

    def _reading(self, topic: str, progress: _Progress) -> TopicReading:
        kept = self._topics[topic]
        why = self._words_of_too_large() if kept.is_too_large else progress.refused.get(topic)
        why = NO_PARTITIONS if not kept.partitions else why
        if why is not None:
            return TopicReading(missing=f"{topic}: {why}")
        late = {number for name, number in progress.waiting if name == topic}
        anew = {number for name, number in progress.made_anew if name == topic}
        done = [part for number, part in kept.partitions.items() if number not in late | anew]
        missing = [
            f"{topic}: {len(numbers)} of {len(kept.partitions)} partitions not read: {words}"
            for numbers, words in ((late, _words_of_late(progress)), (anew, MADE_ANEW))
            if numbers
        ]
        records = tuple(record for part in done for record in part.latest.values())
        return TopicReading(records, bool(done), "; ".join(missing) or None)


def _words_of_late(progress: _Progress) -> str:
    """Say why partitions were not read to their end."""
    cause = f" ({progress.last_error})" if progress.last_error else ""
    return f"their end was not reached in time{cause}; reading continues next time"


def _size(record: Record) -> int:
    return len(record.key or b"") + len(record.value or b"") + _OVERHEAD_BYTES


def _timestamp(message: Message) -> int | None:
    kind, ms = message.timestamp()
    return ms if kind else None
