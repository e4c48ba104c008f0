"""Users that lack one right each check a wave that is ready: what they may not see is unknown, and never a go."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from kafka_analysis.model.profile import Profile
from testbed import processes
from testbed.admin import TIMEOUT_S, Admin
from testbed.brokers import jvm
from testbed.certificates import DAYS
from testbed.cutover_proofs.checking import check, found, verdicts
from testbed.mirror import COMMON, CONSUMER
from testbed.mirror_failures.mirror_runs import HEAP_MB, NAME, SHORT, WORKER
from testbed.secured import ADMIN, Secured, principal, running_secured
from testbed.waiting import wait_for

TOPIC, GROUP, RECORDS, PARTITIONS = "orders.eu", "billing", 200, 2
OLD, NEW, WITHIN_S, HOUR_MS = "old", "new", 120, 3_600_000
WAIVED = ("headroom",)  # the clusters are read without metrics
SETTINGS = {"min.insync.replicas": "1", "offsets.topic.num.partitions": "3"}
Grant = tuple[str, str, str]
SEEN: tuple[Grant, ...] = (
    ("DESCRIBE", "BROKER", "kafka-cluster"),
    ("DESCRIBE_CONFIGS", "BROKER", "kafka-cluster"),
    ("DESCRIBE", "TOPIC", "*"),
    ("DESCRIBE_CONFIGS", "TOPIC", "*"),
    ("DESCRIBE", "GROUP", "*"),
    ("DESCRIBE", "TRANSACTIONAL_ID", "*"),
    ("READ", "TOPIC", "*"),
)


@dataclass(frozen=True)
class User:
    """A user that checks, and what it must be told.

    ``finding``: what has to be among those that keep the wave. ``options``: of the check.
    """

    name: str
    lacks: str
    grants: tuple[Grant, ...]
    verdict: str
    finding: str
    options: tuple[tuple[str, Any], ...] = ()


def _without(*grants: Grant) -> tuple[Grant, ...]:
    return tuple(grant for grant in SEEN if grant not in grants)


READ: Grant = ("READ", "TOPIC", "*")
USERS = (
    User("whole", "nothing", SEEN, "go", ""),
    User("no-read", "Read on topics", _without(READ), "not enough data", "records not compared"),
    User(
        "no-mirror", "Read on the mirror's topics", (*_without(READ), ("READ", "TOPIC", TOPIC)), "not enough data",
        "replica unknown",
    ),
    User(
        "no-groups", "Describe on groups", _without(("DESCRIBE", "GROUP", "*")), "not enough data", "offsets unknown"
    ),
    User(
        "no-ids", "Describe on transactional ids", _without(("DESCRIBE", "TRANSACTIONAL_ID", "*")), "not enough data",
        "transactions unknown",
    ),
    User(
        "no-cluster", "Describe on the cluster", _without(("DESCRIBE", "BROKER", "kafka-cluster")), "not enough data",
        "access control entry unknown",
    ),
    User(
        "whole", "nothing, and certificates end before the move", SEEN, "no-go", "a certificate expires",
        (("certificate_s", 40 * 86400.0),),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What the check said to a user."""

    user: str
    lacks: str
    wanted: str
    verdict: str
    findings: tuple[str, ...]
    is_named: bool

    @property
    def is_wrong(self) -> bool:
        """Whether the verdict is another one, or what is missing is not named."""
        return not self.is_named or self.verdict != self.wanted.partition(":")[0]


@dataclass(frozen=True)
class SecuredPair:
    """A source and a target that ask for certificates, and hold a user to its rights."""

    old: Secured
    new: Secured

    def profile(self, user: str) -> Profile:
        """Return both clusters as a user reads them."""
        roles = {OLD: "source", NEW: "target"}
        return Profile.model_validate(
            {
                "clusters": [
                    {**end.profile(user, "mtls", name=name), "role": roles[name], "flavour": "self-managed"}
                    for name, end in ((OLD, self.old), (NEW, self.new))
                ]
            }
        )


@contextmanager
def mirrored_pair(run_dir: Path, *, days: float = DAYS) -> Iterator[SecuredPair]:
    """Run both clusters and a mirror between them that has copied a topic, with a group that has read it.

    ``days``: until the certificate of the target's broker expires.

    Raises
    ------
    TestbedError
        If a server does not start, or nothing is mirrored.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    with (
        running_secured(run_dir / OLD, count=1, settings=SETTINGS) as old,
        running_secured(run_dir / NEW, count=1, settings=SETTINGS, days=days) as new,
    ):
        pair = SecuredPair(old, new)
        _fill(old)
        for user in {user.name: user for user in USERS}.values():
            for end in (old, new):
                _grant(end, user)
        child = _start_mirror(pair)
        try:
            target = _admin(new)
            wait_for(
                lambda: set(target.end_offsets([TOPIC]).values()) == {RECORDS}
                and len(target.committed(GROUP)) == PARTITIONS,
                "the mirror", within_s=WITHIN_S, every_s=1, where=run_dir,
            )  # fmt: skip
            yield pair
        finally:
            processes.stop(child)


def seen_by(pair: SecuredPair, folder: Path, users: tuple[User, ...] = USERS) -> Iterator[Seen]:
    """Make the check as each user."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = folder / "topic_waves.csv"
    plan.write_text(f"topic,cell,wave\n{TOPIC},{NEW},1\n", encoding="utf-8")
    for number, user in enumerate(users):
        answer = check(
            pair.profile(user.name), folder / f"{number}-{user.name}", stage="consumers stopped", waves=str(plan),
            waive=list(WAIVED), **dict(user.options),
        )  # fmt: skip
        said = set(answer.blocking["finding"])
        wanted = f"{user.verdict}: {user.finding}" if user.finding else user.verdict
        word = verdicts(answer).get((1, NEW), "none")
        is_named = not user.finding or user.finding in said
        yield Seen(user.name, user.lacks, wanted, word, tuple(found(answer)), is_named)


def _admin(end: Secured) -> Admin:
    settings: Mapping[str, Any] = end.client_config()
    others = {
        name: value for name, value in settings.items() if name not in ("bootstrap.servers", "log_level")
    }
    return Admin(end.mtls, **others)


def _fill(end: Secured) -> None:
    client = AdminClient(end.client_config())
    for future in client.create_topics([NewTopic(TOPIC, PARTITIONS, 1)]).values():
        future.result(TIMEOUT_S)
    producer = Producer({**end.client_config(), "acks": "all"})
    first = time.time_ns() // 1_000_000 - HOUR_MS
    for number in range(RECORDS):
        for partition in range(PARTITIONS):
            producer.produce(
                TOPIC, b"v%d" % number, b"%d" % number, partition, timestamp=first + number * 1000
            )
    producer.flush(TIMEOUT_S)
    admin = _admin(end)
    places = {(TOPIC, partition): RECORDS for partition in range(PARTITIONS)}
    wait_for(lambda: _commits(admin, places), "a commit", within_s=WITHIN_S)


def _commits(admin: Admin, places: Mapping[tuple[str, int], int]) -> bool:
    try:
        admin.commit(GROUP, places)
    except TimeoutError:
        return False
    return True


def _grant(end: Secured, user: User) -> None:
    client = AdminClient(end.client_config())
    bindings = [
        AclBinding(
            ResourceType[kind], name, ResourcePatternType.LITERAL, principal(user.name), "*",
            AclOperation[operation], AclPermissionType.ALLOW,
        )
        for operation, kind, name in user.grants
    ]  # fmt: skip
    for future in client.create_acls(bindings, request_timeout=TIMEOUT_S).values():
        future.result(TIMEOUT_S)


def _start_mirror(pair: SecuredPair) -> list[Any]:
    folder = pair.old.run_dir.parent / NAME
    folder.mkdir()
    lines: dict[str, str] = {"clusters": f"{OLD},{NEW}", **COMMON, **SHORT}
    for name, end in ((OLD, pair.old), (NEW, pair.new)):
        pem = end.pem(ADMIN)
        both = folder / f"{name}.pem"
        both.touch(mode=0o600)
        both.write_bytes(pem.key.read_bytes() + pem.certificate.read_bytes())
        own = {
            "bootstrap.servers": end.mtls,
            "security.protocol": "SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(both),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(pem.ca),
            **{f"consumer.{key}": value for key, value in CONSUMER.items()},
            **WORKER,
        }
        lines |= {f"{name}.{key}": value for key, value in own.items()}
    lines |= {f"{OLD}->{NEW}.enabled": "true", f"{NEW}->{OLD}.enabled": "false"}
    lines |= {f"{NEW}->{OLD}.emit.heartbeats.enabled": "false"}
    properties = folder / "mm2.properties"
    properties.write_text("".join(f"{name} = {value}\n" for name, value in lines.items()), encoding="utf-8")
    main = ["org.apache.kafka.connect.mirror.MirrorMaker", str(properties)]
    run_dir = pair.old.run_dir
    processes.start(
        NAME,
        [*jvm(pair.old, heap_mb=HEAP_MB), *main],
        run_dir=run_dir,
        log=folder / "mirror.log",
        nice=processes.NICE,
    )
    return [child for child in processes.running(run_dir) if child.name == NAME]
