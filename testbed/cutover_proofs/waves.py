"""Healthy waves, checked at each gate as a cut-over goes: producers run, producers stopped, consumers stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Message, Producer

from kafka_analysis import analyses
from kafka_analysis.model.profile import Profile
from testbed.admin import Admin
from testbed.clusters import Cluster
from testbed.cutover_proofs.checking import check, found, verdicts
from testbed.cutover_proofs.clusters import measured_profile
from testbed.cutover_proofs.mirrored import wait_until_mirrored
from testbed.cutover_proofs.records import PADDING, Writer, Written
from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import mirror, mirror_text
from testbed.mirror_failures.pair import Pair
from testbed.waiting import wait_for

STAGES = ("prepared", "producers stopped", "consumers stopped")
BROKER_TYPE = "m7g.large"
PACE = 20.0
DURATION_S = 14.0  # headroom needs two answers about metrics, which a machine with other work is slow to give
WITHIN_S = 60
LAST_ABORTED = 200
KINDS = ("plain", "keyed", "compacted", "transactional", "empty")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Wave:
    """Topics that move together, with their kinds, and the group that reads them."""

    number: int
    kinds: tuple[str, ...]

    @property
    def topics(self) -> list[str]:
        """Their names."""
        return [f"{kind}-{self.number}" for kind in self.kinds]

    @property
    def group(self) -> str:
        """The group that reads all of them."""
        return f"readers-{self.number}"


def wave(number: int) -> Wave:
    """Return the wave of a number: two or three topics of different kinds.

    Examples
    --------
    >>> wave(1).topics
    ['keyed-1', 'compacted-1']
    """
    count = 2 + number % 2 * (number % 3 == 0)
    return Wave(number, tuple(KINDS[(number + shift) % len(KINDS)] for shift in range(count)))


@dataclass(frozen=True)
class Verdict:
    """What the check said of a wave at a gate, with all that it found not ready."""

    wave: int
    kinds: tuple[str, ...]
    stage: str
    verdict: str
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Running:
    """Waves that are mirrored, with what was written to them; producers and consumers of them can be stopped."""

    pair: Pair
    plan: Path
    written: Written
    waves: Sequence[Wave]
    producers: ExitStack
    consumers: ExitStack

    def stop_producers(self) -> None:
        """Stop the producers, and wait until all that they wrote is mirrored."""
        self.producers.close()
        wait_until_mirrored(self.pair, self.written)

    def stop_consumers(self) -> None:
        """Stop the consumers once they have read everything, and wait until their offsets are at the target."""
        source, target = Admin(self.pair.old.bootstrap), Admin(self.pair.new.bootstrap)
        wait_for(
            lambda: all(self._is_read(source, of) for of in self.waves), "drained groups", within_s=WITHIN_S
        )
        self.consumers.close()
        wait_for(
            lambda: all(set(source.committed(of.group)) <= set(target.committed(of.group)) for of in self.waves),
            "the groups' offsets at the target", within_s=WITHIN_S,
        )  # fmt: skip

    def _is_read(self, source: Admin, of: Wave) -> bool:
        committed = source.committed(of.group)
        return all(
            committed.get(place, 0) > max(ids)
            for place, ids in self.written.ids.items()
            if place[0] in of.topics and ids
        )

    def check(
        self,
        out: Path,
        *,
        stage: str,
        profile: Profile | None = None,
        duration_s: float = DURATION_S,
        **options: Any,
    ) -> analyses.CutoverReadiness:
        """Make the check of all waves at a gate; ``profile``: how the clusters are read, where it is not as usual."""
        given = {"waves": str(self.plan), "stage": stage, "broker_type": BROKER_TYPE, **options}
        return check(profile or measured_profile(self.pair), out, duration_s=duration_s, **given)


@contextmanager
def running_waves(
    pair: Pair,
    waves: Sequence[Wave],
    folder: Path,
    *,
    records: int = 300,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """Mirror the topics of waves, which hold records of the last hour, with producers and consumers at work.

    ``settings``: more of MirrorMaker.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = Written()
    writer = Writer(pair.old, written)
    for of in waves:
        for topic, kind in zip(of.topics, of.kinds, strict=True):
            _create(pair.old, topic, kind)
            _fill(writer, topic, kind, records)
    plan = folder / "topic_waves.csv"
    rows = [f"{topic},{pair.new.name},{of.number}" for of in waves for topic in of.topics]
    plan.write_text("\n".join(["topic,cell,wave", *rows]) + "\n", encoding="utf-8")
    with ExitStack() as stack:
        stack.enter_context(mirror(pair, mirror_text(pair, settings=settings)))
        consumers, producers = stack.enter_context(ExitStack()), stack.enter_context(ExitStack())
        for of in waves:
            consumers.enter_context(consuming(pair.old, of.group, of.topics))
        producers.enter_context(
            producing(pair.old, [t for of in waves for t in of.topics if not t.startswith("empty")], written)
        )
        wait_until_mirrored(pair, written)
        target = Admin(pair.new.bootstrap)
        wait_for(
            lambda: all(target.committed(of.group) for of in waves),
            "offsets at the target",
            within_s=WITHIN_S,
        )
        yield Running(pair, plan, written, waves, producers, consumers)


def _create(cluster: Cluster, topic: str, kind: str) -> None:
    settings = {"cleanup_policy": "compact", "segment_ms": "600000"} if kind == "compacted" else {}
    orders.create_topic(cluster, topic, 2, **settings)


def _fill(writer: Writer, topic: str, kind: str, records: int) -> None:
    if kind == "transactional":
        writer.transactions(topic, records // 10, records=5, partitions=range(2))
    elif kind != "empty":
        keys = {"keyed": 20, "compacted": 30}.get(kind)
        writer.send(topic, records, partitions=range(2), keys=keys)


@contextmanager
def producing(
    cluster: Cluster, topics: Sequence[str], written: Written, per_s: float = PACE
) -> Iterator[None]:
    """Write to topics at a pace for the time of a block; to a transactional one in transactions."""
    ending = threading.Event()
    plain = [topic for topic in topics if not topic.startswith("transactional")]
    others = [[topic] for topic in topics if topic.startswith("transactional")]
    threads = [
        threading.Thread(target=_produce, args=(cluster, part, written, per_s, ending), daemon=True)
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


def _produce(
    cluster: Cluster, topics: Sequence[str], written: Written, per_s: float, ending: threading.Event
) -> None:
    is_transactional = topics[0].startswith("transactional")
    more = {"transactional.id": f"live-{topics[0]}"} if is_transactional else {}
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "acks": "all", "log_level": 0, **more})
    if is_transactional:
        producer.init_transactions(WITHIN_S)
    number = 0

    def told(_: object, message: Message) -> None:
        written.add(message)

    while not ending.wait(5 / per_s if is_transactional else 1 / per_s):
        if is_transactional:
            producer.begin_transaction()
        for topic in topics:
            for _ in range(5 if is_transactional else 1):
                value = b"%s-live-%d %s" % (topic.encode(), number, PADDING)
                producer.produce(topic, value, b"%d" % (number % 20), number % 2, told)
                number += 1
        if is_transactional:
            producer.commit_transaction(WITHIN_S)
        producer.poll(0)
    if is_transactional:  # what it leaves behind is no lag: nobody copies records of an aborted transaction
        _abort(producer, topics)
    producer.flush(WITHIN_S)


def _abort(producer: Producer, topics: Sequence[str]) -> None:
    """Abort a transaction longer than what a check samples of a log's end."""
    producer.begin_transaction()
    for topic in topics:
        for number in range(LAST_ABORTED):
            producer.produce(topic, b"aborted %s" % PADDING, b"%d" % number, number % 2)
    producer.flush(WITHIN_S)
    producer.abort_transaction(WITHIN_S)


@contextmanager
def consuming(cluster: Cluster, group: str, topics: Sequence[str]) -> Iterator[None]:
    """Read topics as a member of a group for the time of a block, which begins with its first commit."""
    ending = threading.Event()

    def run() -> None:
        consumer = Consumer({
            "bootstrap.servers": cluster.bootstrap, "group.id": group, "auto.offset.reset": "earliest",
            "auto.commit.interval.ms": 1000, "log_level": 0,
        })  # fmt: skip
        consumer.subscribe(list(topics))
        while not ending.is_set():
            consumer.consume(1000, 0.25)
        consumer.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        admin = Admin(cluster.bootstrap)
        wait_for(lambda: bool(admin.committed(group)), f"a commit of {group}", within_s=WITHIN_S)
        yield
    finally:
        ending.set()
        thread.join()


def healthy_waves(pair: Pair, numbers: Sequence[int], folder: Path) -> list[Verdict]:
    """Check healthy waves at each of the three gates, and return every verdict.

    Raises
    ------
    TestbedError
        If a cluster or a client does not do what it is told.
    """
    with running_waves(pair, [wave(number) for number in numbers], folder) as running:
        rows = _said(running, folder, "prepared")
        running.stop_producers()
        rows += _said(running, folder, "producers stopped")
        running.stop_consumers()
        return rows + _said(running, folder, "consumers stopped")


def _said(running: Running, folder: Path, stage: str) -> list[Verdict]:
    name = f"{running.waves[0].number}-{stage.replace(' ', '-')}"
    answer = running.check(folder / name, stage=stage)
    of_waves = {number: verdict for (number, _), verdict in verdicts(answer).items()}
    return [
        Verdict(of.number, of.kinds, stage, of_waves.get(of.number, "none"), tuple(found(answer, of.number)))
        for of in running.waves
    ]
