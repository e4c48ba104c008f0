from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats import setting_facts
from kafka_analysis.stats.parity.rows import KINDS
from kafka_analysis.stats.parity.settings import NOT_COMPARED, is_not_compared, judged


def kind(
    name: str, at_source: str | None, at_target: str | None, scope: str = "topic", flavour: str | None = None
) -> str | None:
    found = judged(scope, name, at_source, at_target, flavour=flavour)
    return None if found is None else found.kind


@pytest.mark.parametrize(
    ("name", "at_source", "at_target", "wanted"),
    [
        ("retention.ms", "1000", "999", "must fix"),
        ("retention.ms", "1000", "1001", "harmless"),
        ("retention.ms", "-1", "9223372036854775807", "must fix"),  # -1 is more than any number
        ("retention.ms", "9223372036854775807", "9223372036854775806", "must fix"),  # not the same number
        ("retention.bytes", "1000", "-1", "harmless"),
        ("max.message.bytes", "1048588", "1000012", "must fix"),
        ("max.message.bytes", "1000012", "1048588", "harmless"),
        ("min.insync.replicas", "2", "1", "must fix"),
        ("min.insync.replicas", "1", "2", "harmless"),
        ("cleanup.policy", "compact", "delete", "must fix"),
        ("cleanup.policy", "compact,delete", "compact", "must fix"),
        ("cleanup.policy", "compact,delete", "delete, compact", None),
        ("compression.type", "producer", "gzip", "must fix"),
        ("message.timestamp.type", "CreateTime", "LogAppendTime", "must fix"),
        ("message.timestamp.before.max.ms", "10", "5", "must fix"),
        ("message.timestamp.after.max.ms", "5", "10", "harmless"),
        ("unclean.leader.election.enable", "false", "true", "must fix"),
        ("unclean.leader.election.enable", "true", "false", "harmless"),
        ("segment.bytes", "1", "2", "harmless"),
        ("delete.retention.ms", "2", "1", "must fix"),
        ("max.compaction.lag.ms", "1", "2", "must fix"),
        ("file.delete.delay.ms", "1", "2", "harmless"),
        ("min.cleanable.dirty.ratio", "0.5", "0.50", None),
        ("leader.replication.throttled.replicas", "", "0:1", "must fix"),
        ("leader.replication.throttled.replicas", "0:1", "", "harmless"),
        ("remote.storage.enable", "false", "true", "must fix"),
    ],
)
def test_a_difference_of_a_topic_is_judged_by_its_direction(name, at_source, at_target, wanted) -> None:
    assert kind(name, at_source, at_target) == wanted


@pytest.mark.parametrize(
    ("name", "at_source", "at_target", "flavour", "wanted"),
    [
        ("segment.bytes", "1", "2", "msk-express", "MSK decides"),
        ("segment.bytes", "1", "2", "msk-standard", "harmless"),
        ("min.insync.replicas", "3", "2", "msk-express", "MSK decides"),
        ("min.insync.replicas", "3", "2", "msk", "must fix"),
        ("max.compaction.lag.ms", "1", "86400000", "msk-express", "MSK decides"),
        ("unclean.leader.election.enable", "false", "true", "msk-standard", "must fix"),
    ],
)
def test_what_msk_decides_is_said_of_its_kind_of_brokers_only(
    name, at_source, at_target, flavour, wanted
) -> None:
    assert kind(name, at_source, at_target, flavour=flavour) == wanted


@pytest.mark.parametrize(
    ("name", "at_source", "at_target", "flavour", "wanted"),
    [
        ("auto.create.topics.enable", "true", "false", "msk", "MSK decides"),
        ("auto.create.topics.enable", "true", "false", "self-managed", "must fix"),
        ("auto.create.topics.enable", "false", "true", "msk", "must fix"),
        ("message.max.bytes", "2", "1", None, "must fix"),
        ("default.replication.factor", "2", "3", "msk-standard", "MSK decides"),
        ("allow.everyone.if.no.acl.found", "false", "true", "msk", "must fix"),
        ("allow.everyone.if.no.acl.found", "true", "false", None, "must fix"),
        ("group.min.session.timeout.ms", "1", "2", None, "must fix"),
        ("group.max.session.timeout.ms", "1", "2", None, "harmless"),
        ("offsets.retention.minutes", "10080", "1440", None, "must fix"),
        ("transaction.max.timeout.ms", "900000", "60000", None, "must fix"),
        ("connections.max.idle.ms", "600000", "60000", None, "harmless"),
        ("log.retention.ms", "", "1", None, "harmless"),
        ("log.cleaner.threads", "1", "2", None, None),
        ("log.dirs", "/a", "/b", None, None),
        ("broker.id", "1", "2", None, None),
        ("socket.request.max.bytes", "2", "1", None, "must fix"),
        ("group.coordinator.rebalance.protocols", "classic", "consumer, classic", None, "harmless"),
        ("group.coordinator.rebalance.protocols", "classic,streams", "consumer,classic", None, "must fix"),
        ("internal.metadata.log.segment.bytes", "1", "2", None, None),
    ],
)
def test_settings_of_brokers_are_judged_as_clients_feel_them(
    name, at_source, at_target, flavour, wanted
) -> None:
    assert kind(name, at_source, at_target, "broker", flavour) == wanted


def test_what_nobody_has_classified_must_be_looked_at() -> None:
    found = judged("topic", "new.in.kafka.9", "a", "b", flavour="msk")
    assert found is not None
    assert (found.kind, found.fact_source) == ("must fix", "not classified")
    assert "classified" in found.why
    assert kind("new.[x]*", "1", "1") is None
    assert kind("new.setting", "1", "2", "broker") == "must fix"
    assert not is_not_compared("broker", "new.setting")


@pytest.mark.parametrize(
    ("at_source", "at_target", "words"),
    [("5", None, "the target does not know it"), (None, "5", "the source does not know it")],
)
def test_what_one_end_does_not_know_is_said_so(at_source, at_target, words) -> None:
    found = judged("topic", "retention.ms", at_source, at_target, flavour=None)
    assert found is not None
    assert found.kind == "must fix"
    assert words in found.why
    assert kind("message.format.version", "2.8", None) == "harmless"
    assert kind("segment.bytes", "1", None, flavour="msk-express") == "MSK decides"


def test_values_that_are_no_numbers_are_still_a_difference() -> None:
    assert kind("retention.ms", "1000", "soon") == "must fix"
    assert kind("retention.ms", "nan", "1") in ("must fix", "harmless")


def test_the_file_says_only_what_it_may_and_each_line_has_a_source() -> None:
    facts = setting_facts()
    assert set(facts["scope"]) == {"topic", "broker"}
    assert set(facts["kind"]) <= {*KINDS, NOT_COMPARED} - {"unknown"}
    assert set(facts["when"]) == {"lower", "higher", "any", "set", "absent"}
    assert set(facts["flavour"]) <= {"", "msk", "msk-express"}
    assert facts.filter(pl.col("fact_source") == "").is_empty()
    compared = facts.filter(pl.col("kind") != NOT_COMPARED)
    assert compared["why"].str.ends_with(".").all()
    assert facts.filter(facts.select("scope", "name", "flavour", "when").is_duplicated()).is_empty()


def test_no_line_is_hidden_by_a_pattern_above_it() -> None:
    names = setting_facts().select("scope", "name").unique(maintain_order=True)
    hidden = [
        (scope, name)
        for at, (scope, name) in enumerate(names.iter_rows())
        for other, pattern in names.rows()[:at]
        if other == scope and "*" in pattern and "*" not in name and _fits(name, pattern)
    ]
    assert hidden == []


def _fits(name: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    return fnmatchcase(name, pattern)
