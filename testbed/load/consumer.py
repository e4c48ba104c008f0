"""One member of a consumer group: a thread that reads, commits and counts."""

from __future__ import annotations

import threading
import time

from confluent_kafka import Consumer, KafkaException

from testbed.load.record_of_truth import Tally, TruthFile
from testbed.scenario import GroupSpec

BUCKET_S = 10
WAIT_S = 0.5
SETTINGS = {
    "auto.offset.reset": "earliest",
    "enable.auto.commit": True,
    "auto.commit.interval.ms": 1000,
    "isolation.level": "read_committed",
    "session.timeout.ms": 10000,
    "partition.assignment.strategy": "range",
    "fetch.min.bytes": 10000,  # many idle long polls cost more than the data
    "fetch.wait.max.ms": 500,
    "log_level": 3,
}


class Member(threading.Thread):
    """Read topics of one cluster as a member of a group until stopped, and commit on leaving."""

    def __init__(
        self,
        spec: GroupSpec,
        number: int,
        *,
        topics: list[str],
        cluster: str,
        bootstrap: str,
        truth: TruthFile,
    ) -> None:
        super().__init__(name=f"{spec.name}/{number}", daemon=True)
        self._spec = spec
        self._topics = topics
        actor = f"{spec.team}.{spec.name}.{number}"
        self._tally = Tally(truth, cluster, actor, "consumed", group=spec.name, bucket_s=BUCKET_S)
        self._settings = {
            **SETTINGS,
            "bootstrap.servers": bootstrap,
            "group.id": spec.name,
            "client.id": actor,
        }
        if spec.behaviour == "slow":
            self._settings |= {
                "queued.min.messages": 50,
                "fetch.message.max.bytes": 20000,
                "fetch.max.bytes": 60000,
            }
            self._settings["message.max.bytes"] = 60000
        self._ending = threading.Event()
        self._paused = threading.Event()
        self.slow = spec.behaviour == "slow"
        self.problems: list[str] = []

    def end(self) -> None:
        """Ask the member to leave its group."""
        self._ending.set()

    def pause(self) -> None:
        """Stop reading, and so committing, until resumed."""
        self._paused.set()

    def resume(self) -> None:
        """Read on."""
        self._paused.clear()

    def run(self) -> None:
        """Read until asked to leave."""
        consumer = Consumer(self._settings)
        consumer.subscribe(self._topics)
        began, read = time.monotonic(), 0
        while not self._ending.is_set():
            now = self._read(consumer, self._room(time.monotonic() - began, read))
            self._tally.flush(everything=now == 0)  # at rest, the record is complete
            read += now
        consumer.close()
        self._tally.flush(everything=True)

    def _room(self, elapsed_s: float, read: int) -> int:
        if self._paused.is_set():
            return 0
        if self._spec.records_per_s is None:
            return 1000
        return min(1000, int(elapsed_s * self._spec.records_per_s) - read)

    def _read(self, consumer: Consumer, room: int) -> int:
        if room <= 0:
            self._ending.wait(0.2)
            return 0
        try:
            messages = consumer.consume(room, timeout=WAIT_S)
        except KafkaException as error:
            self.problems.append(f"{self.name}: {error}")
            return 0
        good = [message for message in messages if message.error() is None]
        for message in good:
            size = len(message.value() or b"") + len(message.key() or b"")
            self._tally.at(message.topic(), message.partition()).add(1, size, message.offset())
        return len(good)
