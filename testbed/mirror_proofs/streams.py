"""Producers that go on during a recording, and keep a record of what a mirror has to copy."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, Message, Producer

from testbed.admin import Place
from testbed.clusters import Cluster
from testbed.errors import TestbedError

EVERY_S, TRANSACTION_S, BURST_S = 0.1, 0.5, 3.0
ABORTED_EACH = 4  # of a stream that aborts, each fourth transaction
WITHIN_S = 60
Told = Callable[[KafkaError | None, Message], None]


@dataclass(frozen=True)
class Stream:
    """What is sent to a topic: records per second of each partition, and in which way.

    ``keys``: so many different ones; None = each record has its own.
    """

    topic: str
    paces: tuple[float, ...]
    keys: int | None = None
    in_bursts: bool = False
    is_transactional: bool = False
    aborts: bool = False
    record_bytes: int = 100


@dataclass(frozen=True)
class Sent:
    """What was acknowledged, and not aborted: the last offset and the number of records of each partition."""

    last: dict[Place, int] = field(default_factory=dict)
    records: Counter[Place] = field(default_factory=Counter)

    def add(self, place: Place, offset: int, records: int = 1) -> None:
        """Add records up to an offset."""
        self.last[place] = max(offset, self.last.get(place, -1))
        self.records[place] += records


def due(stream: Stream, pace: float, seconds: float) -> int:
    """Return how many records of a partition have to be sent after so many seconds.

    Examples
    --------
    >>> due(Stream("t", (10.0,)), 10.0, 4.5), due(Stream("t", (10.0,), in_bursts=True), 10.0, 4.5)
    (45, 30)
    """
    return int(pace * (seconds - seconds % BURST_S if stream.in_bursts else seconds))


@contextmanager
def producing(cluster: Cluster, streams: Iterable[Stream], sent: Sent) -> Iterator[None]:
    """Produce streams for the time of a block; ``sent`` is complete after it.

    Raises
    ------
    TestbedError
        If a record is not acknowledged.
    """
    streams, ending, errors = tuple(streams), threading.Event(), list[str]()
    plain = [stream for stream in streams if not stream.is_transactional]
    others = [[stream] for stream in streams if stream.is_transactional]
    threads = [
        threading.Thread(target=_guarded, args=(cluster, part, ending, sent, errors), daemon=True)
        for part in [plain, *others]
        if part
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ending.set()
        for thread in threads:
            thread.join()
    if errors:
        message = f"{cluster.name}: producing failed: {errors[0]}"
        raise TestbedError(message)


def _guarded(
    cluster: Cluster, streams: Sequence[Stream], ending: threading.Event, sent: Sent, errors: list[str]
) -> None:
    try:
        (_transactions if streams[0].is_transactional else _records)(cluster, streams, ending, sent)
    except Exception as error:  # noqa: BLE001 - told to the main thread, which cannot see it otherwise
        errors.append(str(error))


def _records(cluster: Cluster, streams: Sequence[Stream], ending: threading.Event, sent: Sent) -> None:
    producer, began, counts = _producer(cluster), time.monotonic(), Counter[Place]()
    while not ending.wait(EVERY_S):
        for stream in streams:
            _produce(producer, stream, counts, time.monotonic() - began, _adding_to(sent))
        producer.poll(0)
    _flush(producer)


def _transactions(cluster: Cluster, streams: Sequence[Stream], ending: threading.Event, sent: Sent) -> None:
    (stream,) = streams
    producer = _producer(cluster, **{"transactional.id": f"proof-{stream.topic}"})
    producer.init_transactions(WITHIN_S)
    began, counts, number = time.monotonic(), Counter[Place](), 0
    while not ending.wait(TRANSACTION_S):
        number += 1
        is_aborted = stream.aborts and number % ABORTED_EACH == 0
        producer.begin_transaction()
        told = _adding_to(Sent() if is_aborted else sent)
        _produce(producer, stream, counts, time.monotonic() - began, told)
        _flush(producer)
        (producer.abort_transaction if is_aborted else producer.commit_transaction)(WITHIN_S)


def _producer(cluster: Cluster, **more: str) -> Producer:
    return Producer({"bootstrap.servers": cluster.bootstrap, "acks": "all", "log_level": 0, **more})


def _produce(producer: Producer, stream: Stream, counts: Counter[Place], seconds: float, told: Told) -> None:
    """Send what is due of each partition and was not sent before."""
    for partition, pace in enumerate(stream.paces):
        place = (stream.topic, partition)
        for number in range(counts[place], due(stream, pace, seconds)):
            key = b"%d" % (number if stream.keys is None else number % stream.keys)
            value = bytes(stream.record_bytes)
            producer.produce(stream.topic, key=key, value=value, partition=partition, on_delivery=told)
            counts[place] = number + 1


def _adding_to(sent: Sent) -> Told:
    def told(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            raise TestbedError(str(error))
        topic, partition, offset = message.topic(), message.partition(), message.offset()
        if topic is not None and partition is not None and offset is not None:
            sent.add((topic, partition), offset)

    return told


def _flush(producer: Producer) -> None:
    left = producer.flush(WITHIN_S)
    if left:
        message = f"{left} records were not acknowledged within {WITHIN_S} s"
        raise TestbedError(message)
