"""One topic's producer: a thread that sends where the routing table says, rests, and counts."""

from __future__ import annotations

import json
import threading
import time

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from kafka_analysis.model.errors import TopicHeldError
from kafka_analysis.routing.files import ReadTable
from kafka_analysis.routing.producer import RoutedProducer
from testbed.load.record_of_truth import Tally, TruthFile
from testbed.load.records import Record, Records, allowance
from testbed.routing import producer_of
from testbed.scenario import TopicSpec

TICK_S = 0.2
LOOK_S = 0.5
FLUSH_S = 60.0
TRANSACTION_S = 1.0
STATISTICS_MS = 1000
TRANSACTION_TIMEOUT_MS = 180_000  # a transaction outlives a cell that is stopped and returned
SETTINGS = {
    "compression.type": "none",
    "partitioner": "murmur2_random",  # as Java's clients do
    "linger.ms": 200,
    "topic.metadata.refresh.interval.ms": 5000,  # a batch sent to a leader of before is counted twice
    "statistics.interval.ms": STATISTICS_MS,
    "log_level": 3,
}


class TopicProducer(threading.Thread):
    """Send one topic's records until stopped; settled means all it sent is accounted for."""

    def __init__(self, spec: TopicSpec, *, seed: int, read: ReadTable, truth: TruthFile) -> None:
        super().__init__(name=spec.name, daemon=True)
        self.spec = spec
        self._read = read
        self._truth = truth
        self._records = Records(spec, seed=seed)
        self._next: Record | None = None
        self._wanted = threading.Event()  # set: send, where the table does not hold the topic
        self._idle = threading.Event()  # set: everything sent is acknowledged and counted
        self._idle.set()
        self._ending = threading.Event()
        self._last: dict[str, dict[int, int]] = {}
        self._sides: dict[str, _Side] = {}
        self._elapsed = 0.0
        self._sent = 0
        self._touched: dict[int, int] = {}
        self.version = 0
        self.problems: list[str] = []
        self.retries = 0
        self._routed = self._make()

    # Orders, from another thread

    def resume(self) -> None:
        """Send from now on."""
        self._idle.clear()
        self._wanted.set()

    def pause(self) -> None:
        """Ask for the end of sending; `settled` tells when it is reached."""
        self._wanted.clear()

    def settled(self, within_s: float) -> bool:
        """Wait until everything sent is acknowledged and counted; False if that takes too long."""
        return self._idle.wait(within_s)

    def end(self) -> None:
        """End the thread."""
        self.pause()
        self._ending.set()

    @property
    def last_readable(self) -> dict[int, int]:
        """The offset of the last record of each partition that consumers can read, on the topic's cluster."""
        return dict(self._last.get(self._routed.cluster_of(self.spec.name), {}))

    # The thread

    def run(self) -> None:
        """Send while wanted; a client that fails for good is replaced and the failure kept."""
        while not self._ending.is_set():
            try:
                self._step()
            except KafkaException as error:
                self.problems.append(f"{self.spec.name}: {error}")
                for side in self._sides.values():
                    side.write()
                self._routed, self._sides = self._make(), {}
        self._rest()

    def _make(self) -> RoutedProducer:
        settings: dict[str, object] = {**SETTINGS}
        if self._transactional:
            settings |= {
                "transactional.id": producer_of(self.spec), "transaction.timeout.ms": TRANSACTION_TIMEOUT_MS,
            }  # fmt: skip
        return RoutedProducer(
            producer_of(self.spec), self._read, settings=settings, security=self._new_side,
            every_s=LOOK_S, flush_s=FLUSH_S, delivered=self._delivered, on_left=self._left,
        )  # fmt: skip

    @property
    def _transactional(self) -> bool:
        return self.spec.shape == "transactional"

    def _new_side(self, cluster: str) -> dict[str, object]:
        side = self._sides[cluster] = _Side(self, cluster, self._truth)
        return {"stats_cb": side.statistics}

    def _step(self) -> None:
        version = self._routed.follow()
        if not self._wanted.is_set() or self._routed.held(self.spec.name):
            self._rest()
            self.version = version
            (self._ending if self._wanted.is_set() else self._wanted).wait(TICK_S)
            return
        self.version = version
        if self._transactional:
            self._transaction()
        else:
            self._send_for(TICK_S * 5)

    def _rest(self) -> None:
        """Have everything acknowledged and counted, and say so."""
        left = self._routed.flush(FLUSH_S)
        for side in list(self._sides.values()):
            side.finish(self._routed, left)
        if not self._wanted.is_set():
            self._idle.set()

    def _left(self, cluster: str, client: Producer) -> None:
        self._sides.pop(cluster).finish(client, 0)

    def _send_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        before = time.monotonic()
        while self._wanted.is_set() and before < until and not self._routed.held(self.spec.name):
            self._routed.poll(TICK_S)
            now = time.monotonic()
            self._send(self._due(now - before))
            before = now
            for side in list(self._sides.values()):
                side.acknowledged.flush()

    def _due(self, seconds: float) -> int:
        """Return how many records to send for `seconds` more of running load."""
        self._elapsed += seconds
        return max(0, int(allowance(self.spec, self._elapsed)) - self._sent)

    def _send(self, count: int) -> None:
        for _ in range(count):
            self._next = self._next or self._records.next()
            try:
                cluster = self._routed.produce(self.spec.name, self._next.value, self._next.key)
            except TopicHeldError:
                return
            self._sides[cluster].is_settled = False
            self._next = None
            self._sent += 1

    def _transaction(self) -> None:
        try:
            side = self._sides[self._routed.begin_transaction()]
        except TopicHeldError:
            return
        self._touched = {}
        self._send_for(TRANSACTION_S)
        self._routed.flush(
            FLUSH_S
        )  # an aborted record that was never acknowledged would be one of unknown fate
        if self._records.aborts():
            self._routed.abort_transaction(FLUSH_S)
        else:
            self._routed.commit_transaction(FLUSH_S)
            self._last.setdefault(side.cluster, {}).update(self._touched)
        for partition in self._touched:
            side.markers.at(self.spec.name, partition).markers += 1
        side.markers.flush()

    def _delivered(self, cluster: str, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self.problems.append(f"{self.spec.name}: {error}")
            return
        partition, offset = message.partition(), message.offset()
        size = len(message.value() or b"") + len(message.key() or b"")
        self._sides[cluster].acknowledged.at(message.topic(), partition).add(1, size, offset)
        self._touched[partition] = max(offset, self._touched.get(partition, -1))
        if not self._transactional:
            last = self._last.setdefault(cluster, {})
            last[partition] = max(offset, last.get(partition, -1))


class _Side:
    """What one client did on one cluster: its counts, and what its own statistics say."""

    def __init__(self, owner: TopicProducer, cluster: str, truth: TruthFile) -> None:
        actor = producer_of(owner.spec)
        self.cluster = cluster
        self.acknowledged = Tally(truth, cluster, actor, "acknowledged")
        self.markers = Tally(truth, cluster, actor, "markers")
        self.is_settled = True
        self._owner = owner
        self._counted_until_us = 0
        self._retries = 0

    def finish(self, client: RoutedProducer | Producer, left: int) -> None:
        """Wait for the statistics that follow a flush: they hold the last batches."""
        if not self.is_settled:
            flushed_us = time.monotonic_ns() // 1000
            deadline = time.monotonic() + 10 * STATISTICS_MS / 1000
            while self._counted_until_us <= flushed_us and time.monotonic() < deadline:
                client.poll(TICK_S)
            if left or self._counted_until_us <= flushed_us:
                problem = f"{self._owner.spec.name}: {left} records unsettled, or no final statistics"
                self._owner.problems.append(problem)
            self.is_settled = True
        self.write()

    def write(self) -> None:
        """Write every count down."""
        self.acknowledged.flush(everything=True)
        self.markers.flush(everything=True)

    def statistics(self, text: str) -> None:
        """Write down the batches of an interval, and count requests sent again."""
        said = json.loads(text)
        for topic, numbers in said.get("topics", {}).items():
            if numbers["batchsize"]["cnt"]:
                size, count = numbers["batchsize"]["sum"], numbers["batchsize"]["cnt"]
                self.acknowledged.batches(topic, size=size, count=count)
        retries = sum(broker["txretries"] for broker in said.get("brokers", {}).values())
        self._owner.retries += retries - self._retries
        self._retries = retries
        self._counted_until_us = said["ts"]
