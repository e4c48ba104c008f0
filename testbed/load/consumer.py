"""One member of a consumer group: a thread that reads where the routing table says, commits and counts."""

from __future__ import annotations

import threading
import time

from confluent_kafka import KafkaException

from kafka_analysis.routing.consumer import RoutedConsumer
from kafka_analysis.routing.files import ReadTable
from testbed.load.record_of_truth import Tally, TruthFile
from testbed.scenario import GroupSpec

BUCKET_S = 10
WAIT_S = 0.5
LOOK_S = 0.5
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
SLOW_SETTINGS = {
    "queued.min.messages": 50,
    "fetch.message.max.bytes": 20000,
    "fetch.max.bytes": 60000,
    "message.max.bytes": 60000,
}


class Member(threading.Thread):
    """Read a group's topics, on whatever clusters they are, until stopped, and commit on leaving.

    A group that never catches up does not drain the source: it leaves at once when it is to leave.
    """

    def __init__(self, spec: GroupSpec, number: int, *, read: ReadTable, truth: TruthFile) -> None:
        super().__init__(name=f"{spec.name}/{number}", daemon=True)
        self._spec = spec
        self._actor = f"{spec.team}.{spec.name}.{number}"
        self._truth = truth
        self._tallies: dict[str, Tally] = {}
        self.slow = spec.behaviour == "slow"
        self.version = 0
        self.problems: list[str] = []
        self._routed = RoutedConsumer(
            spec.name,
            read,
            settings={**SETTINGS, **(SLOW_SETTINGS if self.slow else {}), "client.id": self._actor},
            security=lambda _: {},
            every_s=LOOK_S,
            drain_s=0.0 if self.slow else None,
        )
        self._ending = threading.Event()
        self._paused = threading.Event()

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
        began, read = time.monotonic(), 0
        while not self._ending.is_set():
            now = self._read(self._room(time.monotonic() - began, read))
            applied = self._routed.version
            # At rest, and when the table is applied, the record is complete.
            self._flush(everything=now == 0 or applied != self.version)
            self.version = applied
            read += now
        self._routed.close()
        self._flush(everything=True)

    def _flush(self, *, everything: bool) -> None:
        for tally in self._tallies.values():
            tally.flush(everything=everything)

    def _room(self, elapsed_s: float, read: int) -> int:
        if self._paused.is_set():
            return 0
        if self._spec.records_per_s is None:
            return 1000
        return min(1000, int(elapsed_s * self._spec.records_per_s) - read)

    def _read(self, room: int) -> int:
        try:
            if room <= 0:
                self._routed.follow()
                self._ending.wait(0.2)
                return 0
            received = self._routed.consume(room, timeout=WAIT_S)
        except KafkaException as error:
            self.problems.append(f"{self.name}: {error}")
            return 0
        for one in received:
            message = one.message
            size = len(message.value() or b"") + len(message.key() or b"")
            self._tally(one.cluster).at(message.topic(), message.partition()).add(1, size, message.offset())
        return len(received)

    def _tally(self, cluster: str) -> Tally:
        if cluster not in self._tallies:
            group = self._spec.name
            self._tallies[cluster] = Tally(
                self._truth, cluster, self._actor, "consumed", group=group, bucket_s=BUCKET_S
            )
        return self._tallies[cluster]
