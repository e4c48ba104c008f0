"""Groups move for real: what they read twice, by the ids of the records, beside what the check predicted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from confluent_kafka import Consumer, Producer

from kafka_analysis import analyses
from testbed.admin import Admin, Place
from testbed.clusters import Cluster
from testbed.cutover_proofs.checking import check
from testbed.cutover_proofs.mirrored import wait_until_mirrored
from testbed.cutover_proofs.records import PADDING, Writer, Written, read_as
from testbed.mirror import checkpoints
from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import log_of, mirror, mirror_text
from testbed.mirror_failures.pair import Pair
from testbed.waiting import wait_for

MOST_OFF_RECORDS, MOST_OFF_SHARE = 100, 0.01
LIVE, PACE, LIVE_TOPIC = "live", 40.0, "paced"
SLOW, SLOW_PACE = "live-behind", 60
WITHIN_S, READERS = 90, 4
NOT_TRANSLATED, SKIPPED = "offset not translated", "records skipped"
BEYOND = "beyond"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Setting:
    """How MirrorMaker is set, and how long nothing may change before its checkpoints are taken for settled."""

    name: str
    settings: Mapping[str, str]
    settled_s: float


SETTINGS: tuple[Setting, ...] = (
    Setting("short intervals", {"offset.lag.max": "10"}, 4.0),
    Setting(
        "like the defaults",
        {
            "offset.lag.max": "100",
            "emit.checkpoints.interval.seconds": "10",
            "sync.group.offsets.interval.seconds": "10",
            "new.offset.flush.interval.ms": "10000",
        },
        22.0,
    ),
    Setting("checkpoints only", {"offset.lag.max": "100", "sync.group.offsets.enabled": "false"}, 4.0),
)


@dataclass(frozen=True)
class Kind:
    """A topic: what is written to it, and how many partitions it has."""

    topic: str
    partitions: int
    write: Callable[[Writer, str, int], None]
    configs: Mapping[str, str]

    @property
    def is_compacted(self) -> bool:
        """Whether compaction removes records of it."""
        return "cleanup_policy" in self.configs


def kinds(records: int) -> tuple[Kind, ...]:
    """Return the topics; ``records``: of each partition."""
    compacted = {
        "cleanup_policy": "compact",
        "segment_ms": "300000",  # of the records' own time: cleaning leaves the last segment alone
        "min_cleanable_dirty_ratio": "0.01",
    }
    return (
        Kind("plain", 3, lambda w, t, n: w.send(t, records, partitions=range(n)), {}),
        Kind("keyed", 4, lambda w, t, n: w.send(t, records, partitions=range(n), keys=50), {}),
        Kind("compacted", 2, lambda w, t, n: w.send(t, records, partitions=range(n), keys=200), compacted),
        Kind(
            "transactions", 2,
            lambda w, t, n: w.transactions(t, records // 50, records=20, partitions=range(n)), {},
        ),
        Kind(
            "one-by-one", 1,
            lambda w, t, n: w.transactions(t, min(records // 10, 300), records=1, partitions=range(n)), {},
        ),
    )  # fmt: skip


STANDS: Mapping[str, float | int] = {"end": 1.0, "far": 0.05, "middle": 0.5, "few": -7}


@dataclass(frozen=True)
class Move:
    """A group that moved. ``real``: records that it read at both ends; ``lost``: that it read at neither.

    ``predicted_skips`` and ``lost`` are to be equal. ``known_by``: where it stands; ``start_by``: where it starts.
    ``said``: what the check found of the group that keeps it from moving; a group without an offset at the target
    began at the earliest record, and is no move that the check lets pass.
    """

    setting: str
    group: str
    stands: str
    is_active: bool
    low: int | None
    high: int | None
    known_by: str
    start_by: str
    real: int
    predicted_skips: int | None
    lost: int
    read_at_source: int
    read_at_target: int
    said: tuple[str, ...]

    @property
    def is_predicted(self) -> bool:
        """Whether the check knew where the group would start; it lets no group pass of which it does not."""
        return NOT_TRANSLATED not in self.said

    @property
    def is_off(self) -> bool:
        """Whether the prediction is wrong: beyond 100 records and 1 %, or outside the range of a live group."""
        if self.low is None or self.high is None:
            return self.is_predicted
        if self.predicted_skips != self.lost:
            return True
        if self.is_active:
            return not self.low <= self.real <= self.high
        most = max(MOST_OFF_RECORDS, MOST_OFF_SHARE * self.real)
        return abs(self.high - self.real) > most or abs(self.low - self.real) > most


def moves(
    pair: Pair, setting: Setting, out: Path, *, records: int = 3000, live: bool = True, say: Say = print
) -> list[Move]:
    """Let groups stand in every way, make the check, move all of them, and count.

    Raises
    ------
    TestbedError
        If a cluster or a client does not do what it is told.
    """
    written, topics = Written(), kinds(records)
    writer = Writer(pair.old, written)
    for kind in topics:
        orders.create_topic(pair.old, kind.topic, kind.partitions, **kind.configs)
        kind.write(writer, kind.topic, kind.partitions)
    orders.create_topic(pair.old, LIVE_TOPIC)
    writer.send(LIVE_TOPIC, 8 * SLOW_PACE if live else 10)
    _wait_for_cleaning(pair.old, [kind for kind in topics if kind.is_compacted], written)
    source = Admin(pair.old.bootstrap)
    stands = _standing(topics, written)
    for group, offsets in stands.items():
        source.commit(group, offsets)
    say(f"{setting.name}: {sum(map(len, written.ids.values()))} records, {len(stands)} groups")
    with ExitStack() as stack:
        stack.enter_context(mirror(pair, mirror_text(pair, settings=setting.settings)))
        with orders.reading(pair.old, "while", "plain"):
            stands |= _steps(source, written)
            wait_until_mirrored(pair, written)
        stands["while"] = source.committed("while")
        clients = stack.enter_context(ExitStack())
        if live:
            clients.enter_context(_producing(pair.old, LIVE_TOPIC, PACE, written))
            clients.enter_context(_consuming(pair.old, LIVE, LIVE_TOPIC, None))
            clients.enter_context(_consuming(pair.old, SLOW, LIVE_TOPIC, SLOW_PACE))
        _wait_until_settled(pair, setting)
        ahead = {("plain", partition): _offset(written, ("plain", partition), 0.8) for partition in range(3)}
        Admin(pair.new.bootstrap).commit(
            BEYOND, ahead
        )  # nothing of the topic is removed: offsets are the same
        answer = check(pair.profile(), out)
        say(f"{setting.name}: checked")
        clients.close()  # live groups leave the source, and are to start at the target at once
        names = [*((LIVE, SLOW) if live else ()), *stands]
        return _moved(pair, setting, names, topics, written, answer)


def _standing(topics: Sequence[Kind], written: Written) -> dict[str, dict[Place, int]]:
    """Return groups of each topic and where they stand, one that knows some partitions only, one of two topics."""
    found = {
        f"{kind.topic}-{name}": {
            (kind.topic, partition): _offset(written, (kind.topic, partition), at)
            for partition in range(kind.partitions)
        }
        for kind in topics
        for name, at in STANDS.items()
    }
    found[BEYOND] = dict(found["plain-middle"])
    found["some-partitions"] = {("plain", 0): _offset(written, ("plain", 0), 0.6)}
    return found | {"two-topics": found["plain-middle"] | found["keyed-far"]}


def _offset(written: Written, place: Place, at: float | int) -> int:
    """Return the offset behind a share of a partition's records, or behind all but the last few."""
    offsets = sorted(written.ids[place])
    read = round(len(offsets) * at) if at > 0 else len(offsets) + int(at)
    return offsets[read - 1] + 1 if read else offsets[0]


def _steps(source: Admin, written: Written) -> dict[str, dict[Place, int]]:
    """Have a group commit in small steps while its topic is mirrored, and return where it stands at the end."""
    at: dict[Place, int] = {}
    for step in range(1, 13):
        at = {("keyed", p): _offset(written, ("keyed", p), 0.06 * step) for p in range(4)}
        source.commit("steps", at)
        time.sleep(0.5)
    return {"steps": at}


def _wait_for_cleaning(cluster: Cluster, topics: Sequence[Kind], written: Written) -> None:
    for kind in topics:
        sent = sum(len(written.ids[kind.topic, partition]) for partition in range(kind.partitions))
        wait_for(
            lambda kind=kind, sent=sent: (
                len(read_as(cluster, "probe", [kind.topic], {kind.topic: kind.partitions})) < sent
            ),
            f"the cleaning of {kind.topic}", within_s=WITHIN_S, every_s=1,
        )  # fmt: skip


def _wait_until_settled(pair: Pair, setting: Setting) -> None:
    """Wait until every group that stands still has the same checkpoints for a while."""
    seen: dict[object, object] = {}
    since = time.monotonic()

    def is_settled() -> bool:
        nonlocal seen, since
        now = {key: value for key, value in checkpoints(pair.state, pair.new).items() if key[1] != LIVE_TOPIC}
        if now != seen:
            seen, since = dict(now), time.monotonic()
        return bool(seen) and time.monotonic() - since > setting.settled_s

    wait_for(is_settled, "settled checkpoints", within_s=WITHIN_S, every_s=1, where=log_of(pair))


def _moved(
    pair: Pair,
    setting: Setting,
    groups: Sequence[str],
    topics: Sequence[Kind],
    written: Written,
    answer: analyses.CutoverReadiness,
) -> list[Move]:
    """Move groups, several at a time, the first ones first."""
    counts = {kind.topic: kind.partitions for kind in topics} | {LIVE_TOPIC: 1}
    compacted = {kind.topic for kind in topics if kind.is_compacted}
    source, target = Admin(pair.old.bootstrap), Admin(pair.new.bootstrap)
    marks = checkpoints(pair.state, pair.new)

    def unread(committed: Mapping[Place, int]) -> set[bytes]:
        return {
            name
            for place, at in committed.items()
            for name in written.unread({place: at}, is_compacted=place[0] in compacted)
        }

    def move(group: str) -> tuple[str, dict[Place, int], list[tuple[Place, int, bytes]]]:
        committed = source.committed(group)
        stored = target.committed(group)
        translated = {
            place: marks[group, *place][1]
            for place in committed
            if place not in stored and (group, *place) in marks
        }
        if translated:
            target.commit(group, translated)
        names = sorted({topic for topic, _ in committed})
        late = unread(committed) if LIVE_TOPIC in names else ()
        return group, committed, read_as(pair.new, group, names, counts, until=late)

    with ThreadPoolExecutor(READERS) as pool:
        found = list(pool.map(move, groups))
    by_group = {row["group"]: row for row in answer.read_twice.iter_rows(named=True)}
    rows = []
    for group, committed, came in found:
        row = by_group.get(group, {})
        places = answer.read_twice_partitions.filter(group=group)
        starts = answer.groups.filter(group=group)
        read = written.read_before(committed)
        ids = [name for _, _, name in came]
        rows.append(
            Move(
                setting.name, group, group.rpartition("-")[2], bool(row.get("is_active")), row.get("twice_low"),
                row.get("twice_high"), _words(places["known_by"]), _words(starts["known_by"]),
                sum(name in read for name in ids), row.get("skipped"), len(unread(committed) - set(ids)), len(read),
                len(ids), tuple(answer.blocking.filter(group=group)["finding"].unique().sort()),
            )
        )  # fmt: skip
    return rows


def _words(column: pl.Series) -> str:
    return ", ".join(sorted({word or "nothing" for word in column}))


@contextmanager
def _producing(cluster: Cluster, topic: str, per_s: float, written: Written) -> Iterator[None]:
    """Write numbered records at a pace for the time of a block."""
    ending = threading.Event()

    def run() -> None:
        producer = Producer({"bootstrap.servers": cluster.bootstrap, "acks": "all", "log_level": 0})
        number = 0
        while not ending.wait(1 / per_s):
            value = b"%s-live-%d %s" % (topic.encode(), number, PADDING)
            producer.produce(topic, value, b"%d" % number, 0, lambda _, message: written.add(message))
            producer.poll(0)
            number += 1
        producer.flush(WITHIN_S)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


@contextmanager
def _consuming(cluster: Cluster, group: str, topic: str, per_s: int | None) -> Iterator[None]:
    """Read a topic as a member of a group for the time of a block, at most so many records a second."""
    ending = threading.Event()

    def run() -> None:
        consumer = Consumer({
            "bootstrap.servers": cluster.bootstrap, "group.id": group, "auto.offset.reset": "earliest",
            "auto.commit.interval.ms": 1000, "log_level": 0,
        })  # fmt: skip
        consumer.subscribe([topic])
        while not ending.is_set():
            consumer.consume(per_s // 4 if per_s else 1000, 0.25)
            if per_s:
                ending.wait(0.25)
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


def described(move: Move) -> str:
    """Return a line about a move."""
    predicted = f"{move.low}" if move.low == move.high else f"{move.low}-{move.high}"
    mark = "OFF" if move.is_off else "ok " if move.is_predicted else "-- "
    return (
        f"{mark} {move.setting:18} {move.group:20} predicted {predicted:>10} real {move.real:>6} "
        f"skips {move.predicted_skips} lost {move.lost} by {move.known_by} from {move.start_by}"
        f" {', '.join(move.said)}"
    )
