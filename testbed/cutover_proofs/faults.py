"""Faults that are planted in a healthy wave one after another; the check has to name each, and may let none pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from kafka.protocol.admin import AlterClientQuotasRequest

from kafka_analysis.model.profile import ClusterProfile, Profile
from kafka_analysis.sources.kafka.log_dirs import admin_client
from testbed.admin import TIMEOUT_S, Admin
from testbed.clusters import Cluster
from testbed.cutover_proofs.checking import DURATION_S, found, verdicts
from testbed.cutover_proofs.clusters import measured_profile
from testbed.cutover_proofs.mirrored import wait_until_mirrored
from testbed.cutover_proofs.records import Writer
from testbed.cutover_proofs.waves import Running, Wave, producing, running_waves
from testbed.fake_clock import clock_ahead
from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import mirror_text, start_mirror, stop_mirror
from testbed.mirror_failures.pair import Pair
from testbed.ports import HOST, free_ports
from testbed.waiting import wait_for

WAVE = Wave(1, ("plain", "keyed", "transactional"))
PLAIN, KEYED, TRANSACTIONAL = WAVE.topics
OUTSIDE = "outside"
NO_GO, UNKNOWN = "no-go", "not enough data"
WITHIN_S = 60
CLOCK_AHEAD_S = 60.0
# What MirrorMaker would mend at once is planted at the target.
SETTINGS = {"sync.topic.configs.enabled": "false"}
Plant = Callable[[Running], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Fault:
    """What is planted, and what the check must say of it.

    ``options``: of the check. ``profile``: how it reads the clusters, where that is the fault.
    """

    name: str
    finding: str
    plant: Plant = lambda _: nullcontext()
    verdict: str = NO_GO
    stage: str = "producers stopped"
    options: Mapping[str, Any] = field(default_factory=dict)
    profile: Callable[[Running], Profile] | None = None


@dataclass(frozen=True)
class Outcome:
    """What the check said of a fault."""

    fault: str
    stage: str
    wanted: str
    verdict: str
    findings: tuple[str, ...]
    is_named: bool

    @property
    def is_wrong(self) -> bool:
        """Whether it let the wave pass, or did not name the fault, or named it with another verdict."""
        return not self.is_named or self.verdict != self.wanted.partition(":")[0]


@contextmanager
def _writing(running: Running) -> Iterator[None]:
    with producing(running.pair.old, [PLAIN], running.written):
        yield
    wait_until_mirrored(running.pair, running.written)


def _setting(name: str, value: str, *, topic: str | None = PLAIN) -> Plant:
    """Set a topic's, or the broker's, setting at the target."""

    @contextmanager
    def plant(running: Running) -> Iterator[None]:
        cluster = running.pair.new
        kind = ConfigResource.Type.TOPIC if topic else ConfigResource.Type.BROKER
        of = topic or str(cluster.nodes[0].id)
        _alter(cluster, kind, of, ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET))
        try:
            yield
        finally:
            _alter(cluster, kind, of, ConfigEntry(name, None, incremental_operation=AlterConfigOpType.DELETE))

    return plant


def _alter(cluster: Cluster, kind: ConfigResource.Type, name: str, entry: ConfigEntry) -> None:
    client = orders.client_of(cluster)  # kept: its answers end with it
    resource = ConfigResource(kind, name, incremental_configs=[entry])
    for future in client.incremental_alter_configs([resource]).values():
        future.result(TIMEOUT_S)


@contextmanager
def _entry(running: Running) -> Iterator[None]:
    orders.allow(running.pair.old, "User:app", "WRITE", PLAIN)
    try:
        yield
    finally:
        orders.delete_all_acls(orders.client_of(running.pair.old))


@contextmanager
def _quota(running: Running) -> Iterator[None]:
    _alter_quota(running.pair.old, is_removed=False)
    try:
        yield
    finally:
        _alter_quota(running.pair.old, is_removed=True)


def _alter_quota(cluster: Cluster, *, is_removed: bool) -> None:
    entry = AlterClientQuotasRequest.EntryData
    entries = [
        entry(
            entity=[entry.EntityData(entity_type="user", entity_name="app")],
            ops=[entry.OpData(key="producer_byte_rate", value=1e9, remove=is_removed)],
        )
    ]
    profile = ClusterProfile.model_validate({"name": cluster.name, "bootstrap_servers": cluster.bootstrap})
    with admin_client(profile, timeout_s=TIMEOUT_S) as client:
        manager = client._manager  # noqa: SLF001 - the client has no method for it
        manager.run(manager.send, AlterClientQuotasRequest(entries=entries, validate_only=False))


@contextmanager
def _user(running: Running) -> Iterator[None]:
    mechanism = ScramMechanism.SCRAM_SHA_512
    client = orders.client_of(running.pair.old)
    info = ScramCredentialInfo(mechanism, 4096)
    _credentials(client, UserScramCredentialUpsertion("app", info, b"of a test"))
    try:
        yield
    finally:
        _credentials(client, UserScramCredentialDeletion("app", mechanism))


def _credentials(client: Any, change: object) -> None:
    for future in client.alter_user_scram_credentials([change]).values():
        future.result(TIMEOUT_S)


@contextmanager
def _spanning(running: Running) -> Iterator[None]:
    orders.create_topic(running.pair.old, OUTSIDE)
    Writer(running.pair.old, running.written).transactions(
        TRANSACTIONAL, 4, records=2, partitions=range(2), also=[OUTSIDE], is_old=False
    )
    wait_until_mirrored(running.pair, running.written)
    try:
        yield
    finally:
        for place in [place for place in running.written.ids if place[0] == OUTSIDE]:
            del running.written.ids[place]
        for cluster in running.pair.clusters:
            orders.delete_topics(orders.client_of(cluster), [OUTSIDE])


@contextmanager
def _open(running: Running) -> Iterator[None]:
    producer = Producer({
        "bootstrap.servers": running.pair.old.bootstrap, "transactional.id": "open", "log_level": 0,
    })  # fmt: skip
    producer.init_transactions(TIMEOUT_S)
    producer.begin_transaction()
    producer.produce(TRANSACTIONAL, b"never-committed", b"k", 0)
    producer.flush(TIMEOUT_S)
    try:
        yield
    finally:
        producer.abort_transaction(TIMEOUT_S)


def _rewritten(change: Callable[[list[tuple[bytes, bytes, int]]], None]) -> Plant:
    """Write the target's first partition of a topic again with a change, under the mirror's feet."""

    @contextmanager
    def plant(running: Running) -> Iterator[None]:
        pair = running.pair
        records = {number: _all_records(pair.old, KEYED, number) for number in range(2)}
        orders.delete_topics(orders.client_of(pair.new), [KEYED])
        wait_for(  # MirrorMaker makes the topic again, and goes on where it was
            lambda: len(orders.ends(pair.new, KEYED)) == 2, "the topic at the target", within_s=WITHIN_S
        )
        changed = {0: list(records[0]), 1: records[1]}
        change(changed[0])
        _write(pair.new, KEYED, changed)
        target = Admin(pair.new.bootstrap)
        wait_for(
            lambda: all((KEYED, number) in target.committed(WAVE.group) for number in range(2)),
            "the group's offsets at the target", within_s=WITHIN_S,
        )  # fmt: skip
        yield

    return plant


def _all_records(cluster: Cluster, topic: str, partition: int) -> list[tuple[bytes, bytes, int]]:
    end = orders.ends(cluster, topic)[topic, partition]
    consumer = Consumer({
        "bootstrap.servers": cluster.bootstrap, "group.id": "proof", "enable.auto.commit": False, "log_level": 0,
    })  # fmt: skip
    consumer.assign([TopicPartition(topic, partition, 0)])
    records: list[tuple[bytes, bytes, int]] = []
    while len(records) < end:
        records += [
            (message.key() or b"", message.value() or b"", message.timestamp()[1])
            for message in consumer.consume(1000, 0.5)
            if message.error() is None
        ]
    consumer.close()
    return records


def _write(cluster: Cluster, topic: str, records: Mapping[int, Sequence[tuple[bytes, bytes, int]]]) -> None:
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "acks": "all", "log_level": 0})
    for partition, rows in records.items():
        for key, value, at in rows:
            producer.produce(topic, value, key, partition, timestamp=at)
    producer.flush(TIMEOUT_S)


def _changed(records: list[tuple[bytes, bytes, int]]) -> None:
    key, value, at = records[2]
    records[2] = (key, value + b"!", at)


def _missing(records: list[tuple[bytes, bytes, int]]) -> None:
    del records[2]


@contextmanager
def _skipping(running: Running) -> Iterator[None]:
    """Commit for the group at the target beyond where it stands at the source, as reading there would."""
    source, target = Admin(running.pair.old.bootstrap), Admin(running.pair.new.bootstrap)
    at = source.committed(WAVE.group)
    source.commit(WAVE.group, {(PLAIN, 0): at[PLAIN, 0] - 40})
    try:
        yield
    finally:
        source.commit(WAVE.group, at)
        target.commit(WAVE.group, {(PLAIN, 0): at[PLAIN, 0]})


@contextmanager
def _reading(running: Running) -> Iterator[None]:
    with orders.reading(running.pair.old, WAVE.group, PLAIN):
        yield


@contextmanager
def _unread(running: Running) -> Iterator[None]:
    """Send records that the group has not read, and wait until they are mirrored."""
    Writer(running.pair.old, running.written).send(PLAIN, 5, is_old=False)
    wait_until_mirrored(running.pair, running.written)
    try:
        yield
    finally:
        _commit_all(running)


def _commit_all(running: Running) -> None:
    """Commit for the group as if it had read what was sent."""
    ends = orders.ends(running.pair.old, PLAIN)
    Admin(running.pair.old.bootstrap).commit(WAVE.group, {(PLAIN, 0): ends[PLAIN, 0]})


@contextmanager
def _more_partitions(running: Running) -> Iterator[None]:
    orders.add_partitions(running.pair.new, PLAIN, 3)
    yield


@contextmanager
def _clock_ahead(running: Running) -> Iterator[None]:
    """Restart the mirror with a clock that is ahead, and let it store a position with that time."""
    _restarted(running, env=clock_ahead(CLOCK_AHEAD_S))
    try:
        yield
    finally:
        _restarted(running)
        _commit_all(running)


def _restarted(running: Running, env: Mapping[str, str] | None = None) -> None:
    stop_mirror(running.pair)
    start_mirror(running.pair, mirror_text(running.pair, settings=SETTINGS), env=env)
    Writer(running.pair.old, running.written).send(PLAIN, 5, is_old=False)
    wait_until_mirrored(running.pair, running.written)


def _with_addresses(old: str | None, new: str | None) -> Callable[[Running], Profile]:
    """Return a profile with other bootstrap servers: of the other cluster, or of nobody (None)."""

    def profile(running: Running) -> Profile:
        of = {cluster.name: cluster.bootstrap for cluster in running.pair.clusters}
        nobody = f"{HOST}:{free_ports(1)[0]}"
        wanted = {
            running.pair.old.name: of.get(old or "", nobody),
            running.pair.new.name: of.get(new or "", nobody),
        }
        given = running.pair.profile()
        return Profile(
            clusters=tuple(
                one.model_copy(update={"bootstrap_servers": wanted[one.name]}) for one in given.clusters
            )
        )

    return profile


PRODUCER = Fault("a producer goes on after the stop", "a producer still writes to the source", _writing)
CONFIG = Fault(
    "retention.ms is shorter at the target", "configuration differs", _setting("retention.ms", "3600000")
)
ACL = Fault("an ACL is missing at the target", "access control entry differs", _entry)
OPEN = Fault("a transaction is open", "a transaction is open", _open)
SPANNING = Fault(
    "a transaction writes to a topic outside the wave", "a transaction would be split", _spanning
)
SKIP = Fault("a group's offset at the target is beyond where it stands", "records skipped", _skipping)
CHANGED = Fault("a record differs at the target", "records missing at the target", _rewritten(_changed))
MISSING = Fault("a record is missing at the target", "records missing at the target", _rewritten(_missing))
CLOCKS = Fault(
    "the mirror's clock is ahead by a minute", "stores positions in the future: clocks differ", _clock_ahead,
    verdict=UNKNOWN,
)  # fmt: skip
SILENT = Fault(
    "the target does not answer", "", verdict=UNKNOWN, profile=_with_addresses("old", None),
    options={"waive": ["headroom"]},
)  # fmt: skip
FAULTS: tuple[Fault, ...] = (
    PRODUCER,
    CONFIG,
    Fault(
        "the target refuses producers", "producers would be refused", _setting("min.insync.replicas", "2")
    ),
    Fault(
        "the broker's message.max.bytes is smaller at the target", "broker configuration differs",
        _setting("message.max.bytes", "500000", topic=None),
    ),
    ACL,
    Fault("a quota is missing at the target", "quota differs", _quota),
    Fault("a user is missing at the target", "user differs", _user),
    Fault(
        "the target's brokers stamp records", "time stamps are not kept",
        _setting("message.timestamp.type", "LogAppendTime"),
    ),
    Fault(
        "the target refuses records older than 30 minutes", "the target refuses old time stamps",
        _setting("message.timestamp.before.max.ms", "1800000"),
    ),
    Fault("too little headroom is left", "too little headroom", options={"headroom": 0.000001}),
    Fault(
        "the type of the target's brokers is unknown", "headroom unknown", verdict=UNKNOWN,
        options={"broker_type": None},
    ),
    OPEN,
    SPANNING,
    SKIP,
    Fault(
        "unread records are deleted during the move", "unread records are deleted too soon", _unread,
        options={"move_s": 8 * 86400.0},
    ),
    Fault("consumers have not left", "the group still reads at the source", _reading, stage="consumers stopped"),
    Fault("consumers have not read all", "records unread at the source", _unread, stage="consumers stopped"),
    Fault("nothing is replicated back", "nothing is replicated back", options={"needs_way_back": True}),
    Fault(
        "source and target are one cluster", "source and target are one cluster",
        profile=_with_addresses("old", "old"), options={"waive": ["headroom"]},
    ),
    Fault(
        "the addresses of source and target are swapped", "source and target are swapped",
        profile=_with_addresses("new", "old"), options={"waive": ["headroom"]},
    ),
    CLOCKS,
    SILENT,
    Fault(
        "the source does not answer", "", verdict=UNKNOWN, profile=_with_addresses(None, "new"),
        options={"waive": ["headroom"]},
    ),
    CHANGED,
    MISSING,
    Fault("the target has a partition more", "topic differs", _more_partitions),
)  # fmt: skip


def planted(pair: Pair, folder: Path, faults: Sequence[Fault] = FAULTS) -> Iterator[Outcome]:
    """Plant each fault in a wave that is ready, check it, and take the fault away again.

    The first outcome is that of nothing planted.

    Raises
    ------
    TestbedError
        If a cluster or a client does not do what it is told.
    """
    with running_waves(pair, [WAVE], folder, settings=SETTINGS) as running:
        running.stop_producers()
        running.stop_consumers()
        yield _outcome(Fault("nothing", "", verdict="go"), running, folder)
        for fault in faults:
            with fault.plant(running):
                yield _outcome(fault, running, folder)


def _outcome(fault: Fault, running: Running, folder: Path) -> Outcome:
    profile = fault.profile(running) if fault.profile else measured_profile(running.pair)
    answer = running.check(
        folder / fault.name.replace(" ", "-").replace("'", ""),
        stage=fault.stage,
        profile=profile,
        duration_s=DURATION_S,
        **fault.options,
    )
    lines = tuple(found(answer))
    said = set(answer.blocking["finding"])
    word = verdicts(answer).get((WAVE.number, running.pair.new.name), "none")
    wanted = f"{fault.verdict}: {fault.finding}" if fault.finding else fault.verdict
    return Outcome(fault.name, fault.stage, wanted, word, lines, not fault.finding or fault.finding in said)
