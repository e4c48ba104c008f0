"""One topic's producer: a thread that sends, pauses, moves to another cluster, and counts."""

from __future__ import annotations

import json
import threading
import time

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from testbed.load.record_of_truth import Tally, TruthFile
from testbed.load.records import Records, allowance
from testbed.scenario import TopicSpec

TICK_S = 0.2
FLUSH_S = 60.0
TRANSACTION_S = 1.0
STATISTICS_MS = 1000
TRANSACTION_TIMEOUT_MS = 180_000  # a transaction outlives a cell that is stopped and returned
SETTINGS = {
    "acks": "all",
    "enable.idempotence": True,
    "compression.type": "none",
    "partitioner": "murmur2_random",  # as Java's clients do
    "linger.ms": 200,
    "statistics.interval.ms": STATISTICS_MS,
    "log_level": 3,
}


class TopicProducer(threading.Thread):
    """Send one topic's records to one cluster until stopped; settled means all it sent is accounted for."""

    def __init__(self, spec: TopicSpec, *, seed: int, cluster: str, bootstrap: str, truth: TruthFile) -> None:
        super().__init__(name=spec.name, daemon=True)
        self.spec = spec
        self.cluster = cluster
        self.records = Records(spec, seed=seed)
        self.servers = bootstrap
        self.truth = truth
        self.actor = f"{spec.team}.{spec.name}.producer"
        self._wanted = threading.Event()  # set: send
        self._idle = threading.Event()  # set: everything sent is acknowledged and counted
        self._idle.set()
        self._ending = threading.Event()
        self.last_readable: dict[int, int] = {}
        self.problems: list[str] = []
        self.retries = 0
        self._elapsed = 0.0
        self.sent = 0

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

    # The thread

    def run(self) -> None:
        """Send while wanted; a client that fails for good is replaced and the failure kept."""
        while not self._ending.is_set():
            if not self._wanted.wait(timeout=0.2):
                continue
            try:
                _Session(self).run()
            except KafkaException as error:
                self.problems.append(f"{self.spec.name}: {error}")

    def due(self, seconds: float) -> int:
        """Return how many records to send for `seconds` more of running load."""
        self._elapsed += seconds
        return max(0, int(allowance(self.spec, self._elapsed)) - self.sent)

    @property
    def wanted(self) -> bool:
        """Whether sending is wanted now."""
        return self._wanted.is_set()

    def settle(self) -> None:
        """Say that nothing is under way."""
        if not self._wanted.is_set():
            self._idle.set()


class _Session:
    """One client on one cluster, from its start to its flush."""

    def __init__(self, owner: TopicProducer) -> None:
        self._owner = owner
        spec, cluster, actor, truth = owner.spec, owner.cluster, owner.actor, owner.truth
        self._acknowledged = Tally(truth, cluster, actor, "acknowledged")
        self._markers = Tally(truth, cluster, actor, "markers")
        self._counted_until_us = 0
        self._retries = 0
        self._touched: dict[int, int] = {}
        self._transactional = spec.shape == "transactional"
        settings = {
            **SETTINGS,
            "bootstrap.servers": owner.servers,
            "client.id": actor,
            "stats_cb": self._statistics,
        }
        if self._transactional:
            settings |= {"transactional.id": actor, "transaction.timeout.ms": TRANSACTION_TIMEOUT_MS}
        self._client = Producer(settings)

    def run(self) -> None:
        if self._transactional:
            self._client.init_transactions(FLUSH_S)
        while self._owner.wanted:
            if self._transactional:
                self._transaction()
            else:
                self._send_for(TICK_S * 5)
        self._finish()
        self._owner.settle()

    def _send_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        before = time.monotonic()
        while self._owner.wanted and before < until:
            self._client.poll(TICK_S)
            now = time.monotonic()
            self._send(self._owner.due(now - before))
            before = now
            self._acknowledged.flush()

    def _send(self, count: int) -> None:
        for _ in range(count):
            record = self._owner.records.next()
            size = len(record.value) + len(record.key or b"")
            self._client.produce(
                self._owner.spec.name, value=record.value, key=record.key,
                on_delivery=lambda error, message, size=size: self._delivered(error, message, size),
            )  # fmt: skip
        self._owner.sent += count

    def _transaction(self) -> None:
        self._client.begin_transaction()
        self._touched = {}
        self._send_for(TRANSACTION_S)
        self._client.flush(
            FLUSH_S
        )  # an aborted record that was never acknowledged would be one of unknown fate
        if self._owner.records.aborts():
            self._client.abort_transaction(FLUSH_S)
        else:
            self._client.commit_transaction(FLUSH_S)
            self._owner.last_readable.update(self._touched)
        for partition in self._touched:
            self._markers.at(self._owner.spec.name, partition).markers += 1
        self._markers.flush()

    def _finish(self) -> None:
        left = self._client.flush(FLUSH_S)
        flushed_us = time.monotonic_ns() // 1000
        deadline = time.monotonic() + 10 * STATISTICS_MS / 1000
        while self._counted_until_us <= flushed_us and time.monotonic() < deadline:
            self._client.poll(TICK_S)  # the statistics that follow the flush hold the last batches
        if left or self._counted_until_us <= flushed_us:
            self._owner.problems.append(
                f"{self._owner.spec.name}: {left} records unsettled, or no final statistics"
            )
        self._acknowledged.flush(everything=True)
        self._markers.flush(everything=True)

    def _delivered(self, error: KafkaError | None, message: Message, size: int) -> None:
        if error is not None:
            self._owner.problems.append(f"{self._owner.spec.name}: {error}")
            return
        partition, offset = message.partition(), message.offset()
        self._acknowledged.at(message.topic(), partition).add(1, size, offset)
        self._touched[partition] = max(offset, self._touched.get(partition, -1))
        if not self._transactional:
            self._owner.last_readable[partition] = max(offset, self._owner.last_readable.get(partition, -1))

    def _statistics(self, text: str) -> None:
        said = json.loads(text)
        for topic, numbers in said.get("topics", {}).items():
            if numbers["batchsize"]["cnt"]:
                self._acknowledged.batches(
                    topic, size=numbers["batchsize"]["sum"], count=numbers["batchsize"]["cnt"]
                )
        retries = sum(broker["txretries"] for broker in said.get("brokers", {}).values())
        self._owner.retries += retries - self._retries
        self._retries = retries
        self._counted_until_us = said["ts"]
