"""One difference of each kind between both ends, planted in a capture of a wave that is ready: never silent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kafka_analysis.analyses import CutoverReadiness, cutover_readiness
from kafka_analysis.model.findings import Light
from kafka_analysis.model.manifest import ClusterInfo
from kafka_analysis.stats.parity.rows import WHATS
from tests import ready, small

END = small.at(ready.END_S)
SOURCE, TARGET = ready.BOTH
OF_BROKERS, ON_TOPIC, NOWHERE = "STATIC_BROKER_CONFIG", "DYNAMIC_TOPIC_CONFIG", "DEFAULT_CONFIG"
CHECKED = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "false",
}
ACL = {
    "principal": "User:app", "host": "*", "resource_type": "TOPIC", "resource_name": "orders",
    "pattern_type": "LITERAL", "operation": "WRITE", "permission": "ALLOW",
}  # fmt: skip
READ = ACL | {"operation": "READ"}
QUOTA = {"user": "app", "defaults": [], "name": "producer_byte_rate", "value": 1e6}
USER = {"user": "app", "mechanism": "SCRAM-SHA-512"}
OLD_USER = USER | {"mechanism": "SCRAM-SHA-256"}
SCHEMA = {
    "registry": "r", "subject": "orders-value", "version": 1, "id": 1, "format": "AVRO", "compatibility": "FULL",
    "fingerprint": "x", "definition": "{}",
}  # fmt: skip
Tables = dict[str, pl.DataFrame]

NEWER = SCHEMA | {"version": 2, "id": 2, "fingerprint": "y"}


def of(name: str, source: list[dict[str, Any]], target: list[dict[str, Any]]) -> Tables:
    """Return a table that has some rows at each end."""
    ends = ((SOURCE, source), (TARGET, target))
    return {name: pl.concat(small.table(name, rows, ts=END, cluster=cluster) for cluster, rows in ends)}


def topic(name: str, source: str, target: str, *, where: tuple[str, str] = (ON_TOPIC, ON_TOPIC)) -> Tables:
    """Return the configurations of the topic with one more setting, or another value of one."""
    rows = ready.tables()["topic_configs"].filter(pl.col("name") != name)
    one = {"topic": "orders", "name": name}
    given = [
        [one | {"value": value, "is_default": place == NOWHERE, "source": place}]
        for value, place in zip((source, target), where, strict=True)
    ]
    return {"topic_configs": pl.concat([rows, *of("topic_configs", *given).values()])}


def brokers(name: str = "", *values: str) -> Tables:
    """Return configurations of brokers that check rights, and one setting besides."""
    settings = [CHECKED | ({name: value} if name else {}) for value in values or ("", "")]
    rows = [
        [
            {"broker": 1, "name": n, "value": v, "is_default": False, "source": OF_BROKERS}
            for n, v in each.items()
        ]
        for each in settings
    ]
    return of("broker_configs", *rows)


def partitions(*replicas: list[int], named: str = "orders") -> Tables:
    """Return partitions that are as they were at the source, and these at the target."""
    rows = [
        {"topic": named, "partition": number, "leader": 1, "replicas": of_one, "isr": of_one}
        for number, of_one in enumerate(replicas)
    ]
    return of("partitions", [ready.PLACE | {"leader": 1, "replicas": [1, 2], "isr": [1, 2]}], rows)


# What is planted → what is found, and its name.
MUST_FIX = {
    "no such topic": (partitions([1, 2], named="other"), "topic", "topic"),
    "more partitions": (partitions([1, 2], [1, 2]), "topic", "partitions"),
    "fewer copies": (partitions([1]), "topic", "replication factor"),
    "compaction for deletion": (topic("cleanup.policy", "delete", "compact"), "configuration", "cleanup.policy"),
    "deletion for compaction": (topic("cleanup.policy", "compact", "delete"), "configuration", "cleanup.policy"),
    "shorter retention": (topic("retention.ms", "604800000", "600000"), "configuration", "retention.ms"),
    "less retained": (topic("retention.bytes", "-1", "1000"), "configuration", "retention.bytes"),
    "fewer in sync": (topic("min.insync.replicas", "2", "1"), "configuration", "min.insync.replicas"),
    "fewer in sync by the brokers' defaults": (
        topic("min.insync.replicas", "2", "1", where=(OF_BROKERS, NOWHERE)), "configuration", "min.insync.replicas",
    ),
    "smaller batches": (topic("max.message.bytes", "2000", "1000"), "configuration", "max.message.bytes"),
    "a setting nobody knows": (topic("brand.new", "1", "2"), "configuration", "brand.new"),
    "smaller batches of brokers": (
        brokers("message.max.bytes", "2000", "1000"), "broker configuration", "message.max.bytes",
    ),
    "topics create themselves": (
        brokers("auto.create.topics.enable", "false", "true"), "broker configuration", "auto.create.topics.enable",
    ),
    "offsets expire sooner": (
        brokers("offsets.retention.minutes", "10080", "60"), "broker configuration", "offsets.retention.minutes",
    ),
    "a right is missing": (of("acls", [ACL, READ], [READ]), "access control entry", "User:app"),
    "a refusal is missing": (
        of("acls", [ACL, READ | {"permission": "DENY"}], [ACL]), "access control entry", "User:app",
    ),
    "a refusal too many": (
        of("acls", [ACL], [ACL, READ | {"permission": "DENY"}]), "access control entry", "User:app",
    ),
    "a quota is missing": (of("quotas", [QUOTA], []), "quota", "producer_byte_rate of user app"),
    "a quota too many": (of("quotas", [], [QUOTA]), "quota", "producer_byte_rate of user app"),
    "a lower quota": (of("quotas", [QUOTA], [QUOTA | {"value": 5.0}]), "quota", "producer_byte_rate of user app"),
    "a user is missing": (of("users", [USER], []), "user", "app"),
    "a user of another mechanism": (of("users", [OLD_USER], [USER]), "user", "app"),
    "a mechanism that is not offered": (
        brokers("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512", "SCRAM-SHA-512"), "user", "PLAIN",
    ),
    "a schema is missing": (
        of("schemas", [SCHEMA, NEWER], [SCHEMA]), "schema", "orders-value",
    ),
    "schemas have other ids": (of("schemas", [SCHEMA], [SCHEMA | {"id": 7}]), "schema", "ids"),
    "another compatibility": (
        of("schemas", [SCHEMA], [SCHEMA | {"compatibility": "NONE"}]), "schema", "orders-value",
    ),
}  # fmt: skip
HARMLESS = {
    "longer retention": (topic("retention.ms", "604800000", "-1"), "configuration", "retention.ms"),
    "more in sync": (topic("min.insync.replicas", "1", "2"), "configuration", "min.insync.replicas"),
    "more copies": (partitions([1, 2, 3]), "topic", "replication factor"),
    "larger batches of brokers": (
        brokers("message.max.bytes", "1000", "2000"), "broker configuration", "message.max.bytes",
    ),
    "a right too many": (of("acls", [ACL], [ACL, READ]), "access control entry", "User:app"),
    "a higher quota": (of("quotas", [QUOTA], [QUOTA | {"value": 5e6}]), "quota", "producer_byte_rate of user app"),
    "a user too many": (of("users", [], [USER]), "user", "app"),
    "a schema of another version": (of("schemas", [SCHEMA], [SCHEMA | {"version": 2}]), "schema", "orders-value"),
}  # fmt: skip
# What MSK decides, by its kind of brokers.
BY_MSK = {
    "topics no longer create themselves": (
        "msk", brokers("auto.create.topics.enable", "true", "false"), "broker configuration",
        "auto.create.topics.enable",
    ),
    "one mechanism": ("msk", of("users", [OLD_USER], [USER]), "user", "app"),
    "three copies": ("msk-express", partitions([1, 2, 3]), "topic", "replication factor"),
    "two in sync": (
        "msk-express", topic("min.insync.replicas", "1", "2"), "configuration", "min.insync.replicas",
    ),
    "size of segments": ("msk-express", topic("segment.bytes", "1000", "2000"), "configuration", "segment.bytes"),
}  # fmt: skip


def judged(folder: Path, tables: Tables, **options: Any) -> CutoverReadiness:
    place = ready.write_ready(folder / "capture", **{**brokers(), **tables})
    return cutover_readiness(place, stage="prepared", **options)


def light(answer: CutoverReadiness) -> Light:
    (result,) = [result for result in answer.results if result.cluster == TARGET]
    return result.verdict.light


def named(rows: pl.DataFrame) -> set[tuple[str, str, str]]:
    return set(rows.filter(check="parity").select("state", "finding", "name").rows())


def test_without_a_difference_the_wave_may_move(tmp_path: Path) -> None:
    answer = judged(tmp_path, {})
    assert light(answer) is Light.GREEN, answer.blocking.rows()
    assert answer.differences.is_empty()


@pytest.mark.parametrize("planted", MUST_FIX)
def test_what_must_be_fixed_is_no_go_by_its_name(tmp_path: Path, planted: str) -> None:
    tables, what, name = MUST_FIX[planted]
    answer = judged(tmp_path, tables)
    assert light(answer) is Light.RED
    assert named(answer.blocking) == {("blocks", f"{what} differs", name)}
    found = answer.blocking.filter(check="parity")
    assert found["detail"].null_count() == 0
    assert "must fix" in answer.differences.filter(what=what, name=name)["kind"]


@pytest.mark.parametrize("planted", HARMLESS)
def test_what_is_harmless_is_noted_and_stops_nothing(tmp_path: Path, planted: str) -> None:
    tables, what, name = HARMLESS[planted]
    answer = judged(tmp_path, tables)
    assert light(answer) is Light.GREEN, answer.blocking.rows()
    assert ("note", f"{what} differs", name) in named(answer.checks)
    assert answer.differences["kind"].unique().to_list() == ["harmless"]


@pytest.mark.parametrize("planted", BY_MSK)
def test_what_msk_decides_is_noted_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planted: str
) -> None:
    flavour, tables, what, name = BY_MSK[planted]
    clusters = [
        info.model_copy(update={"flavour": flavour}) for info in ready.CLUSTERS if info.cluster == TARGET
    ]
    source = ClusterInfo(cluster=SOURCE, role="source", kafka_cluster_id="P", flavour="self-managed")
    monkeypatch.setattr(ready, "CLUSTERS", [source, *clusters])
    answer = judged(tmp_path, tables)
    assert light(answer) is Light.GREEN, answer.blocking.rows()
    assert ("note", f"{what} differs", name) in named(answer.checks)
    assert answer.differences["kind"].unique().to_list() == ["MSK decides"]


def test_a_difference_is_planted_of_each_kind_of_thing() -> None:
    assert {what for _, what, _ in MUST_FIX.values()} == set(WHATS)
    assert {what for _, what, _ in HARMLESS.values()} == set(WHATS)


def test_what_was_not_read_with_the_right_to_see_is_unknown(tmp_path: Path) -> None:
    place = ready.write_ready(tmp_path / "capture", unasked=("access",), **brokers())
    answer = cutover_readiness(place)
    assert light(answer) is Light.GREY
    assert {finding for _, finding, _ in named(answer.blocking)} == {
        "access control entry unknown", "quota unknown", "user unknown",
    }  # fmt: skip


def test_retention_that_is_the_same_and_too_short_for_the_move_is_no_parity(tmp_path: Path) -> None:
    """Both ends keep records for an hour: they are alike, and what is unread may be gone before the move is over."""
    answer = judged(tmp_path, topic("retention.ms", "3600000", "3600000"))
    assert light(answer) is Light.RED
    assert set(answer.blocking["finding"]) == {"unread records are deleted too soon"}
    assert (
        light(judged(tmp_path / "b", topic("retention.ms", "3600000", "3600000"), move_s=600.0))
        is Light.GREEN
    )
