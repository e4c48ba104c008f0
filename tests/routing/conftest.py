"""Clusters that are only in memory, and clients of confluent-kafka's shape that write to them and read from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from kafka_analysis.plan.routing.table import (
    ClientRoute,
    ClientTopic,
    RoutedCell,
    RoutedSource,
    RoutingTable,
    TopicRoute,
)


@dataclass
class FakeMessage:
    """A record, or an event of a consumer."""

    place: tuple[str, int]
    at: int
    payload: bytes = b""
    said: KafkaError | None = None

    def topic(self) -> str:
        return self.place[0]

    def partition(self) -> int:
        return self.place[1]

    def offset(self) -> int:
        return self.at

    def value(self) -> bytes:
        return self.payload

    def error(self) -> KafkaError | None:
        return self.said


@dataclass
class Cluster:
    """Logs of one partition each, and what groups have committed."""

    name: str
    logs: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    committed: dict[tuple[str, str], int] = field(default_factory=dict)
    stuck: int = 0  # so many flushes acknowledge nothing


@dataclass
class World:
    """Every cluster, and everything that happened, in order."""

    clusters: dict[str, Cluster] = field(default_factory=dict)
    happened: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def cluster(self, config: dict) -> Cluster:
        name = config["bootstrap.servers"].partition(":")[0]
        return self.clusters.setdefault(name, Cluster(name))

    def producer(self, config: dict) -> FakeProducer:
        return FakeProducer(self, self.cluster(config), config)

    def consumer(self, config: dict) -> FakeConsumer:
        return FakeConsumer(self, self.cluster(config), config["group.id"], config)

    def clock(self) -> float:
        return self.seconds


@dataclass
class FakeProducer:
    """What it is given reaches the log with a flush."""

    world: World
    cluster: Cluster
    config: dict
    queue: list = field(default_factory=list)

    def init_transactions(self, timeout: float) -> None:
        self.world.happened.append(f"init {self.cluster.name}")

    def begin_transaction(self) -> None:
        self.world.happened.append(f"begin {self.cluster.name}")

    def commit_transaction(self, timeout: float) -> None:
        self.flush(timeout)
        self.world.happened.append(f"commit {self.cluster.name}")

    def abort_transaction(self, timeout: float) -> None:
        self.queue = []
        self.world.happened.append(f"abort {self.cluster.name}")

    def produce(self, topic: str, *, value: bytes, key: bytes | None, on_delivery=None) -> None:
        self.queue.append((topic, value, on_delivery))
        self.world.happened.append(f"send {topic} {self.cluster.name}")

    def poll(self, timeout: float) -> int:
        return 0

    def flush(self, timeout: float) -> int:
        self.world.happened.append(f"flush {self.cluster.name}")
        if self.cluster.stuck:
            self.cluster.stuck -= 1
            return len(self.queue)
        for topic, value, on_delivery in self.queue:
            self.cluster.logs[topic].append(value)
            if on_delivery is not None:
                on_delivery(None, FakeMessage((topic, 0), len(self.cluster.logs[topic]) - 1, value))
        self.queue = []
        return 0


@dataclass
class FakeConsumer:
    """A member that is alone in its group and has every partition after its first call."""

    world: World
    cluster: Cluster
    group: str
    config: dict
    at: dict[str, int] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    stored: dict[str, int] = field(default_factory=dict)
    refuses: int = 0

    def subscribe(self, topics: list[str], *, on_assign, on_revoke) -> None:
        self.topics, self.on_assign = topics, on_assign
        self.world.happened.append(f"join {','.join(topics)} {self.cluster.name}")

    def assignment(self) -> list[TopicPartition]:
        return [TopicPartition(topic, 0) for topic in self.at]

    def consume(self, count: int, timeout: float) -> list[FakeMessage]:
        if not self.at:
            self.at = {t: self.cluster.committed.get((self.group, t), 0) for t in self.topics}
            self.on_assign(self, self.assignment())
        return list(self._read(count))

    def _read(self, count: int) -> Iterator[FakeMessage]:
        for topic, at in self.at.items():
            log = self.cluster.logs[topic]
            for offset in range(at, min(at + count, len(log))):
                self.at[topic] = offset + 1
                self.told.discard(topic)
                yield FakeMessage((topic, 0), offset, log[offset])
            if self.at[topic] == len(log) and topic not in self.told:
                self.told.add(topic)
                end = KafkaError(KafkaError._PARTITION_EOF)
                yield FakeMessage((topic, 0), len(log), said=end)

    def store_offsets(self, *, offsets: list[TopicPartition]) -> None:
        self.stored |= {tp.topic: tp.offset for tp in offsets}

    def commit(self, *, asynchronous: bool) -> None:
        if self.refuses:
            self.refuses -= 1
            raise KafkaException(KafkaError(KafkaError.REBALANCE_IN_PROGRESS))
        if not self.stored:
            raise KafkaException(KafkaError(KafkaError._NO_OFFSET))
        for topic, offset in self.stored.items():
            self.cluster.committed[self.group, topic] = offset
        self.stored = {}

    def get_watermark_offsets(self, tp: TopicPartition, *, timeout: float) -> tuple[int, int]:
        return 0, len(self.cluster.logs[tp.topic])

    def close(self) -> None:
        self.world.happened.append(f"leave {','.join(self.topics)} {self.cluster.name}")


@pytest.fixture
def world() -> World:
    """Return clusters in memory, and the clients of them."""
    return World()


@pytest.fixture
def routes() -> RoutingTable:
    """Return a table of two topics with a replica in a cell each, a producer and a group of both."""
    both = tuple(ClientTopic(topic=topic, state="dual") for topic in ("clicks", "orders"))
    reads = tuple(ClientTopic(topic=topic) for topic in ("clicks", "orders"))
    return RoutingTable(
        source=RoutedSource(cluster="old", bootstrap_servers="old:9092"),
        cells={
            "one": RoutedCell(bootstrap_servers="one:9092"),
            "two": RoutedCell(bootstrap_servers="two:9092"),
        },
        topics=(
            TopicRoute(topic="clicks", cell="two", wave=1, state="dual"),
            TopicRoute(topic="orders", cell="one", wave=1, state="dual"),
        ),
        clients=(
            ClientRoute(client="billing", kind="group", wave=1, topics=reads),
            ClientRoute(client="shop", kind="producer", wave=1, topics=both),
        ),
    )


class Held:
    """A table that a test replaces, and its reader."""

    def __init__(self, table: RoutingTable) -> None:
        self.table = table

    def __call__(self) -> RoutingTable:
        return self.table


@pytest.fixture
def held(routes) -> Held:
    """Return the reader of a table that a test may replace."""
    return Held(routes)
