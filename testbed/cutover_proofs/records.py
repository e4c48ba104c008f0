"""Records that can be told apart: each has an id, and what was acknowledged is written down."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer

from testbed.admin import Place
from testbed.clusters import Cluster
from testbed.errors import TestbedError

WITHIN_S, LATE_S = 60, 10
HOURS_MS = 3_600_000
PADDING = b"." * 80
Ids = dict[int, bytes]  # by offset


@dataclass
class Written:
    """What was acknowledged and not aborted: ids and keys of each partition, by their offsets at the source."""

    ids: dict[Place, Ids] = field(default_factory=lambda: defaultdict(dict))
    keys: dict[Place, Ids] = field(default_factory=lambda: defaultdict(dict))

    def add(self, message: Message) -> None:
        """Add a record that was acknowledged."""
        topic, partition, offset, value = (
            message.topic(), message.partition(), message.offset(), message.value(),
        )  # fmt: skip
        if topic is None or partition is None or offset is None or value is None:
            return
        self.ids[topic, partition][offset] = id_of(value)
        self.keys[topic, partition][offset] = message.key() or b""

    def read_before(self, committed: Mapping[Place, int]) -> set[bytes]:
        """Return the ids of records before committed offsets: those a group has read."""
        return {
            name for place, at in committed.items() for offset, name in self.ids[place].items() if offset < at
        }

    def unread(self, committed: Mapping[Place, int], *, is_compacted: bool = False) -> set[bytes]:
        """Return the ids of records from committed offsets on; of a compacted topic those no later one replaces."""
        found = set()
        for place, at in committed.items():
            last = {key: offset for offset, key in sorted(self.keys[place].items())}
            found |= {
                name
                for offset, name in self.ids[place].items()
                if offset >= at and (not is_compacted or last[self.keys[place][offset]] == offset)
            }
        return found


def id_of(value: bytes) -> bytes:
    """Return the id of a record.

    Examples
    --------
    >>> id_of(b"orders-7 ....")
    b'orders-7'
    """
    return value.partition(b" ")[0]


@dataclass
class Writer:
    """Sends records to a cluster, spread over the last hour where their time is not now."""

    cluster: Cluster
    written: Written
    _next: int = 0

    def send(
        self,
        topic: str,
        records: int,
        *,
        partitions: Sequence[int] = (0,),
        keys: int | None = None,
        is_old: bool = True,
    ) -> None:
        """Send so many records to each partition; ``keys``: so many different ones, None: each has its own.

        Raises
        ------
        TestbedError
            If one is not acknowledged.
        """
        producer = _producer(self.cluster)
        for number in range(records):
            for partition in partitions:
                at = _spread(number, records) if is_old else 0
                self._produce(producer, topic, partition, keys=keys, at=at, told=self._told)
            producer.poll(0)
        _flush(producer)

    def transactions(
        self,
        topic: str,
        count: int,
        *,
        records: int,
        partitions: Sequence[int] = (0,),
        aborted_each: int = 5,
        also: Sequence[str] = (),
        is_old: bool = True,
    ) -> None:
        """Write so many transactions of so many records for each partition, of which each fifth is aborted.

        ``also``: topics of which the first partition gets a record of each transaction too.
        """
        producer = _producer(self.cluster, **{"transactional.id": f"tx-{topic}"})
        producer.init_transactions(WITHIN_S)
        for number in range(count):
            is_aborted = bool(aborted_each) and number % aborted_each == aborted_each - 1
            pending: list[Message] = []
            told = _collecting(pending)
            producer.begin_transaction()
            at = _spread(number, count) if is_old else 0
            for partition in partitions:
                for _ in range(records):
                    self._produce(producer, topic, partition, keys=None, at=at, told=told)
            for other in also:
                self._produce(producer, other, 0, keys=None, at=at, told=told)
            _flush(producer)
            (producer.abort_transaction if is_aborted else producer.commit_transaction)(WITHIN_S)
            for message in () if is_aborted else pending:
                self.written.add(message)

    def _produce(
        self,
        producer: Producer,
        topic: str,
        partition: int,
        *,
        keys: int | None,
        at: int,
        told: Callable[[KafkaError | None, Message], None],
    ) -> None:
        number, self._next = self._next, self._next + 1
        key = b"%d" % (number if keys is None else number % keys)
        value = b"%s-%d %s" % (topic.encode(), number, PADDING)
        while True:
            try:
                producer.produce(topic, value, key, partition, told, timestamp=at)
            except BufferError:
                producer.poll(0.1)
            else:
                return

    def _told(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            raise TestbedError(str(error))
        self.written.add(message)


def _collecting(pending: list[Message]) -> Callable[[KafkaError | None, Message], None]:
    def told(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            raise TestbedError(str(error))
        pending.append(message)

    return told


def _spread(number: int, count: int) -> int:
    """Return a time within the hour before the last ten minutes: both ends can be asked for it."""
    now = int(time.time() * 1000)
    return now - HOURS_MS + number * (HOURS_MS - 600_000) // max(count, 1)


def _producer(cluster: Cluster, **more: str) -> Producer:
    settings = {"bootstrap.servers": cluster.bootstrap, "acks": "all", "linger.ms": 0, "log_level": 0}
    # A segment is rolled between two batches: compaction, which leaves the last one alone, needs several.
    return Producer({**settings, "batch.num.messages": 200, **more})


def _flush(producer: Producer) -> None:
    left = producer.flush(WITHIN_S)
    if left:
        message = f"{left} records were not acknowledged within {WITHIN_S} s"
        raise TestbedError(message)


def read_as(
    cluster: Cluster,
    group: str,
    topics: Sequence[str],
    partitions: Mapping[str, int],
    *,
    reset: str = "earliest",
    until: Collection[bytes] = (),
) -> list[tuple[Place, int, bytes]]:
    """Join a group at a cluster, read from its committed offsets to the end, and return what came.

    Nothing is committed. ``reset``: where a partition begins of which the group has no offset. ``until``: ids that are
    waited for a while beyond the end: a mirror may be about to write them.

    Raises
    ------
    TestbedError
        If the end of every partition is not reached.
    """
    consumer = Consumer({
        "bootstrap.servers": cluster.bootstrap, "group.id": group, "auto.offset.reset": reset,
        "enable.auto.commit": False, "enable.partition.eof": True, "isolation.level": "read_committed",
        "log_level": 0,
    })  # fmt: skip
    remaining = {(topic, partition) for topic in topics for partition in range(partitions[topic])}
    found: list[tuple[Place, int, bytes]] = []
    wanted, deadline = set(until), time.monotonic() + WITHIN_S
    ended = deadline
    try:
        consumer.subscribe(list(topics))
        while (remaining and time.monotonic() < deadline) or (wanted and time.monotonic() < ended + LATE_S):
            ended = ended if remaining else min(ended, time.monotonic())
            for message in consumer.consume(1000, 0.2):
                place = (message.topic() or "", message.partition() or 0)
                error = message.error()
                if error is None:
                    found.append((place, message.offset() or 0, id_of(message.value() or b"")))
                    wanted.discard(found[-1][2])
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
                    remaining.discard(place)
                else:
                    raise KafkaException(error)
    finally:
        consumer.close()
    if remaining:
        message_ = f"{cluster.name}: {group} did not come to the end of {sorted(remaining)} after {len(found)} records"
        raise TestbedError(message_)
    return found
