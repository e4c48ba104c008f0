"""The reference client on real brokers: a producer and a group move to a cell, and every record is counted."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from kafka_analysis.model.errors import TopicHeldError
from kafka_analysis.plan.routing.moves import move_groups, move_topics
from kafka_analysis.plan.routing.table import RoutingTable
from kafka_analysis.routing.consumer import RoutedConsumer
from kafka_analysis.routing.files import table_file, write_routing
from kafka_analysis.routing.producer import RoutedProducer
from testbed import processes, routing, running
from testbed.admin import Admin
from testbed.clusters import State
from testbed.scenario import ClusterSpec, GroupSpec, Phases, Scenario, TopicSpec
from testbed.waiting import wait_for

pytestmark = [pytest.mark.testbed, pytest.mark.timeout(300)]
TOPIC, GROUP, PARTITIONS, KEYS = "orders", "billing", 3, 7
ENOUGH = 1500
ALONE = {"min.insync.replicas": "1", "transaction.state.log.min.isr": "1"}


def scenario() -> Scenario:
    """Return a source and a cell of one broker each, and one topic on its way."""
    cluster = {"brokers": 1, "controllers": 1, "settings": ALONE}
    return Scenario(
        name="routing",
        seed=1,
        scrape_interval_s=5,
        clusters=(
            ClusterSpec(name="monolith", role="source", flavour="self-managed", **cluster),
            ClusterSpec(name="cell-a", role="target", flavour="msk", **cluster),
        ),
        topics=(
            TopicSpec(
                name=TOPIC, team="shop", shape="keyed", partitions=PARTITIONS, placement=((1,),), bytes_per_s=1,
                record_bytes=20, cell="cell-a", wave=1,
            ),
        ),
        groups=(GroupSpec(name=GROUP, team="shop", topics=(TOPIC,), members=2),),
        phases=Phases(warm_up_s=0, baseline_s=0, after_s=0),
    )  # fmt: skip


@pytest.fixture(scope="module")
def state(tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    run_dir = tmp_path_factory.mktemp("routing") / "run"
    up = running.up(scenario(), run_dir=run_dir, say=lambda _: None)
    Admin(up.cluster("cell-a").bootstrap).create(TOPIC, [[1]] * PARTITIONS, {})
    yield up
    running.down(run_dir, keep=False)
    assert processes.running(run_dir) == []


@dataclass
class Clients:
    """A producer of numbered records and two members of a group, each in a thread, and what they saw."""

    read: Callable[[], RoutingTable]
    sent: int = 0
    refused: int = 0
    acknowledged: list[tuple[str, int]] = field(default_factory=list)
    received: list[tuple[str, int, bytes, int]] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    ending: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)

    def produce(self) -> None:
        producer = RoutedProducer(
            "shop.orders.producer", self.read, settings={"log_level": 0, "linger.ms": 5}, security=lambda _: {},
            every_s=0.05,
        )  # fmt: skip
        while not self.stopping.is_set():
            try:
                where = producer.produce(
                    TOPIC, b"%d" % self.sent, b"k%d" % (self.sent % KEYS), on_delivery=self._acknowledged
                )
                self.sent += 1
                self.versions[f"sent to {where}"] = producer.version
            except TopicHeldError:
                self.refused += 1
            producer.poll(0.002)
            self.versions["producer"] = producer.version
        assert producer.close() == 0

    def _acknowledged(self, error, message) -> None:
        assert error is None
        self.acknowledged.append((message.topic(), int(message.value())))

    def consume(self, name: str) -> None:
        settings = {
            "log_level": 0,
            "session.timeout.ms": 6000,
            "auto.commit.interval.ms": 200,
            "partition.assignment.strategy": "range",
        }
        consumer = RoutedConsumer(GROUP, self.read, settings=settings, security=lambda _: {}, every_s=0.05)
        while not self.ending.is_set():
            for one in consumer.consume(500, 0.2):
                message = one.message
                self.received.append((one.cluster, message.partition(), message.key(), int(message.value())))
            self.versions[name] = consumer.version
        consumer.close()


def replicate(state: State) -> dict[tuple[str, int], int]:
    """Copy the whole topic, partition by partition, as a mirror would, and return the ends in the cell."""
    source, cell = state.source.bootstrap, state.cluster("cell-a").bootstrap
    reader = Consumer(
        {"bootstrap.servers": source, "group.id": "mirror", "enable.auto.commit": False, "log_level": 0}
    )
    reader.assign([TopicPartition(TOPIC, partition, 0) for partition in range(PARTITIONS)])
    writer = Producer({"bootstrap.servers": cell, "enable.idempotence": True, "log_level": 0})
    left = sum(Admin(source).end_offsets([TOPIC]).values())
    while left:
        for message in reader.consume(min(left, 500), timeout=1):
            assert message.error() is None
            writer.produce(TOPIC, message.value(), message.key(), partition=message.partition())
            left -= 1
    reader.close()
    assert writer.flush(30) == 0
    return Admin(cell).end_offsets([TOPIC])


@pytest.fixture(scope="module")
def moved(state: State) -> Clients:
    """Move the topic and its group in the order of a cut-over, with the load running all the while."""
    path = state.run_dir / "routing.yaml"
    table = move_topics(routing.first_table(state), [TOPIC], state="dual")
    write_routing(table, path)
    clients = Clients(table_file(path))
    threads = [threading.Thread(target=clients.produce, daemon=True)]
    threads += [threading.Thread(target=clients.consume, args=(f"member {n}",), daemon=True) for n in (1, 2)]
    for thread in threads:
        thread.start()

    def follow(after: RoutingTable, *who: str) -> RoutingTable:
        write_routing(after, path)
        what = f"version {after.version}"
        wait_for(lambda: all(clients.versions.get(one, 0) >= after.version for one in who), what, within_s=60)
        return after

    wait_for(lambda: len(clients.received) > ENOUGH, "the load", within_s=60)
    table = follow(move_topics(table, [TOPIC], paused=True), "producer")
    at_rest = clients.sent
    ends = replicate(state)
    assert (clients.sent, sum(ends.values())) == (at_rest, at_rest)
    table = follow(move_topics(table, [TOPIC], state="target", paused=False), "producer")
    wait_for(lambda: clients.sent > at_rest + ENOUGH / 2, "the load in the cell", within_s=60)
    table = follow(move_groups(table, [GROUP], topics=[TOPIC], state="dual"), "member 1", "member 2")
    assert Admin(state.source.bootstrap).committed(GROUP) == Admin(state.source.bootstrap).end_offsets(
        [TOPIC]
    )
    Admin(state.cluster("cell-a").bootstrap).commit(GROUP, ends)
    follow(move_groups(table, [GROUP], topics=[TOPIC], state="target"), "member 1", "member 2")
    wait_for(lambda: clients.sent > at_rest + ENOUGH, "the load in the cell", within_s=60)
    clients.stopping.set()
    threads[0].join(60)
    wait_for(lambda: len(clients.received) >= clients.sent, "the end of reading", within_s=60)
    time.sleep(1)  # whatever is read twice would come now
    clients.ending.set()
    for thread in threads:
        thread.join(60)
    return clients


def test_every_record_is_acknowledged_once(moved: Clients) -> None:
    assert sorted(number for _, number in moved.acknowledged) == list(range(moved.sent))
    assert moved.refused > 0  # the pause was felt


def test_every_record_is_in_the_cell_once(state: State, moved: Clients) -> None:
    ends = Admin(state.cluster("cell-a").bootstrap).end_offsets([TOPIC])
    assert sum(ends.values()) == moved.sent
    assert sum(Admin(state.source.bootstrap).end_offsets([TOPIC]).values()) < moved.sent - ENOUGH


def test_every_record_is_read_once_over_both_clusters(moved: Clients) -> None:
    counts = Counter(number for _, _, _, number in moved.received)
    assert [number for number, count in counts.items() if count > 1] == []
    assert sorted(counts) == list(range(moved.sent))
    assert {cluster for cluster, *_ in moved.received} == {"monolith", "cell-a"}


def test_records_of_a_key_are_read_in_their_order(moved: Clients) -> None:
    by_key: dict[bytes, list[int]] = defaultdict(list)
    for _, _, key, number in moved.received:
        by_key[key].append(number)
    assert len(by_key) == KEYS
    assert [
        key for key, numbers in by_key.items() if any(b < a for a, b in itertools.pairwise(numbers))
    ] == []


def test_what_the_group_committed_in_the_cell_is_the_end(state: State, moved: Clients) -> None:
    admin = Admin(state.cluster("cell-a").bootstrap)
    assert admin.committed(GROUP) == admin.end_offsets([TOPIC])
