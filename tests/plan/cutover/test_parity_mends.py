from __future__ import annotations

import json
import shlex

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.plan import parity_mends
from kafka_analysis.stats.parity.rows import PARITY

TO_CELL = ["--bootstrap-server", "$CELL_1", "--command-config", "$CELL_1_CLIENT"]
NASTY = 'it\'s $(rm -rf) [x] `id` "q" \\ -- ü'
ENTRY = {
    "principal": "User:app", "host": "*", "resource_type": "TOPIC", "resource_name": "t", "pattern_type": "LITERAL",
    "operation": "READ", "permission": "ALLOW",
}  # fmt: skip
SET = {"is_set": True, "is_known": True, "flavour": None}


def mended(
    what: str, name: str | None, at_source=None, at_target=None, *, kind="must fix", known=None, **more
):
    row = dict.fromkeys(PARITY) | {
        "source": "a", "target": "cell-1", "what": what, "topic": "t", "remote_topic": "t", "name": name,
        "at_source": at_source, "at_target": at_target, "kind": kind, "why": "x.", "fact_source": "x",
        "entity": None if known is None else json.dumps(known), **more,
    }  # fmt: skip
    (found,) = parity_mends(pl.DataFrame([row], schema=PARITY)).iter_rows(named=True)
    return found


def words(command: str | None) -> list[str]:
    """Return a command as a shell reads it, without what it shares with all others."""
    tool, *rest = shlex.split(command or "")
    assert rest[:4] == TO_CELL
    return [tool, *rest[4:]]


TOPICS = ["kafka-configs.sh", "--alter", "--entity-type", "topics", "--entity-name", "t"]


@pytest.mark.parametrize(
    ("value", "given_as"),
    [
        ("1000", "x.y=1000"),
        ("compact,delete", "x.y=[compact,delete]"),
        ("a=b", "x.y=[a=b]"),
        ("", "x.y="),
        ("$(id) 'q'", "x.y=$(id) 'q'"),
    ],
)
def test_a_configuration_is_set_and_taken_back(value: str, given_as: str) -> None:
    row = mended("configuration", "x.y", value, "old,er", known=SET)
    assert words(row["mend"]) == [*TOPICS, "--add-config", given_as]
    assert words(row["undo"]) == [*TOPICS, "--add-config", "x.y=[old,er]"]
    unset = mended("configuration", "x.y", value, "old", known=SET | {"is_set": False})
    assert words(unset["undo"]) == [*TOPICS, "--delete-config", "x.y"]
    assert row["is_command"]


@pytest.mark.parametrize("value", ["[x]", "a]", " x", "x\n"])
def test_a_value_that_the_tool_cannot_be_given_is_said_in_words(value: str) -> None:
    row = mended("configuration", "x.y", value, "1", known=SET)
    assert (row["is_command"], row["undo"]) == (False, None)
    assert row["mend"].startswith('Set "x.y" to ')
    back = mended("configuration", "x.y", "1", value, known=SET)
    assert back["is_command"]
    assert back["undo"] is None


def test_a_name_that_is_no_setting_is_never_in_a_command() -> None:
    assert not mended("configuration", "a=1,b", "1", "2", known=SET)["is_command"]
    assert not mended("configuration", "a b", "1", "2", known=SET)["is_command"]


def test_what_the_target_does_not_know_cannot_be_set() -> None:
    row = mended("configuration", "x.y", "1", None, known=SET | {"is_known": False})
    assert (row["is_command"], row["undo"]) == (False, None)


def test_a_throttle_is_taken_away_and_never_carried_over() -> None:
    name = "leader.replication.throttled.replicas"
    row = mended("configuration", name, "0:9", "0:1,1:2", known=SET)
    assert words(row["mend"]) == [*TOPICS, "--delete-config", name]
    assert words(row["undo"]) == [*TOPICS, "--add-config", f"{name}=[0:1,1:2]"]
    assert mended("configuration", name, "0:9", "", known=SET | {"is_set": False})["mend"] is None


def test_topics() -> None:
    more = mended("topic", "partitions", "4", "2", remote_topic="a.t")
    assert words(more["mend"]) == ["kafka-topics.sh", "--alter", "--topic", "a[.]t", "--partitions", "4"]
    assert more["undo"] is None  # Kafka takes no partition away
    fewer = mended("topic", "partitions", "2", "4")
    assert (fewer["is_command"], "again with 2 partitions" in fewer["mend"]) == (False, True)
    absent = mended("topic", "topic", "x", None, remote_topic="a.t", known={"count": 4, "copies": 3})
    assert words(absent["mend"]) == [
        "kafka-topics.sh", "--create", "--topic", "a.t", "--partitions", "4", "--replication-factor", "3",
    ]  # fmt: skip
    assert words(absent["undo"]) == ["kafka-topics.sh", "--delete", "--topic", "a[.]t"]
    assert not mended("topic", "topic", "x", None, remote_topic=None, known={"count": 4, "copies": 3})[
        "is_command"
    ]
    assert not mended("topic", "topic", None, "x", known={"count": None, "copies": None})["is_command"]
    copies = mended("topic", "replication factor", "3", "2")
    assert (copies["is_command"], "3 replicas" in copies["mend"]) == (False, True)


@pytest.mark.parametrize(
    ("given_entry", "options"),
    [
        ({}, ["--allow-principal", "User:app", "--operation", "Read", "--topic", "t"]),
        ({"permission": "DENY", "host": "10.0.0.1"},
         ["--deny-principal", "User:app", "--deny-host", "10.0.0.1", "--operation", "Read", "--topic", "t"]),
        ({"resource_type": "GROUP", "pattern_type": "PREFIXED", "resource_name": "-g"},
         ["--allow-principal", "User:app", "--operation", "Read", "--group", "-g",
          "--resource-pattern-type", "prefixed"]),
        ({"resource_type": "CLUSTER", "operation": "IDEMPOTENT_WRITE", "resource_name": "kafka-cluster"},
         ["--allow-principal", "User:app", "--operation", "IdempotentWrite", "--cluster"]),
        ({"resource_type": "TRANSACTIONAL_ID", "operation": "ALL", "resource_name": "*"},
         ["--allow-principal", "User:app", "--operation", "All", "--transactional-id", "*"]),
        ({"resource_type": "DELEGATION_TOKEN", "operation": "DESCRIBE"},
         ["--allow-principal", "User:app", "--operation", "Describe", "--delegation-token", "t"]),
        ({"resource_type": "USER", "operation": "CREATE_TOKENS", "resource_name": "User:x"},
         ["--allow-principal", "User:app", "--operation", "CreateTokens", "--user-principal", "User:x"]),
        ({"principal": f"User:{NASTY}", "resource_name": NASTY, "operation": "TWO_PHASE_COMMIT"},
         ["--allow-principal", f"User:{NASTY}", "--operation", "TwoPhaseCommit", "--topic", NASTY]),
    ],
)  # fmt: skip
def test_entries_are_added_and_removed(given_entry, options) -> None:
    known = ENTRY | given_entry
    missing = mended("access control entry", "User:app", "x", None, known=known)
    assert words(missing["mend"]) == ["kafka-acls.sh", "--add", *options]
    assert words(missing["undo"]) == ["kafka-acls.sh", "--remove", "--force", *options]
    more = mended("access control entry", "User:app", None, "x", known=known, kind="harmless")
    assert (more["mend"], more["undo"]) == (missing["undo"], missing["mend"])


@pytest.mark.parametrize(
    "given_entry",
    [
        {"resource_type": "UNKNOWN_9"},
        {"operation": "UNKNOWN_99"},
        {"permission": "UNKNOWN_3"},
        {"pattern_type": "UNKNOWN_7"},
        {"principal": "User:x "},
        {"resource_name": "\x01t"},
        {"resource_name": ""},
    ],
)
def test_an_entry_that_the_tool_cannot_name_is_said_in_words(given_entry) -> None:
    row = mended("access control entry", "User:app", "the entry", None, known=ENTRY | given_entry)
    assert (row["is_command"], row["undo"]) == (False, None)
    assert "the entry" in row["mend"]


def test_ends_of_which_one_checks_no_rights_have_no_command() -> None:
    assert not mended("access control entry", "authorizer", "x", "y")["is_command"]


QUOTA = {
    "user": None, "client_id": None, "ip": None, "defaults": [], "quota": "producer_byte_rate", "wanted": 12.5,
    "held": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("whose", "options"),
    [
        ({"user": NASTY}, ["--entity-type", "users", "--entity-name", NASTY]),
        ({"defaults": ["user"]}, ["--entity-type", "users", "--entity-default"]),
        ({"user": "u", "defaults": ["client_id"]},
         ["--entity-type", "users", "--entity-name", "u", "--entity-type", "clients", "--entity-default"]),
        ({"client_id": "<default>"}, ["--entity-type", "clients", "--entity-name", "<default>"]),
        ({"ip": "10.0.0.1"}, ["--entity-type", "ips", "--entity-name", "10.0.0.1"]),
    ],
)  # fmt: skip
def test_quotas(whose, options) -> None:
    alter = ["kafka-configs.sh", "--alter", *options]
    row = mended("quota", "x", "1", None, known=QUOTA | whose)
    assert words(row["mend"]) == [*alter, "--add-config", "producer_byte_rate=12.5"]
    assert words(row["undo"]) == [*alter, "--delete-config", "producer_byte_rate"]
    more = mended("quota", "x", None, "1", known=QUOTA | whose | {"wanted": None, "held": 1e6})
    assert words(more["mend"]) == [*alter, "--delete-config", "producer_byte_rate"]
    assert words(more["undo"]) == [*alter, "--add-config", "producer_byte_rate=1000000"]


def test_users_get_a_password_that_stands_in_no_command() -> None:
    known = {"user": NASTY, "mechanism": "SCRAM-SHA-512", "is_msk": False}
    row = mended("user", NASTY, "SCRAM-SHA-512", None, known=known)
    alter = ["kafka-configs.sh", "--alter", "--entity-type", "users", "--entity-name", NASTY]
    assert words(row["mend"]) == [*alter, "--add-config-file", "$PASSWORD_FILE"]
    assert words(row["undo"]) == [*alter, "--delete-config", "SCRAM-SHA-512"]
    on_msk = mended("user", NASTY, "SCRAM-SHA-512", None, known=known | {"is_msk": True})
    assert (on_msk["is_command"], "AWS Secrets Manager" in on_msk["mend"]) == (False, True)
    assert mended("user", "x", None, "SCRAM-SHA-512", known=known, kind="harmless")["mend"] is None
    assert not mended("user", "GSSAPI", "offered", None)["is_command"]
    assert not mended("user", "x", "PLAIN", None, known=known | {"mechanism": None})["is_command"]


def test_brokers() -> None:
    name, brokers = "message.max.bytes", ["--entity-type", "brokers", "--entity-default"]
    row = mended("broker configuration", name, "9", "8", known=SET)
    assert words(row["mend"]) == ["kafka-configs.sh", "--alter", *brokers, "--add-config", f"{name}=9"]
    assert words(row["undo"]) == ["kafka-configs.sh", "--alter", *brokers, "--add-config", f"{name}=8"]
    for given_name, flavour, said in (
        (name, "msk-standard", "MSK configuration"),
        ("group.max.size", "self-managed", "restart them one by one"),
    ):
        by_hand = mended("broker configuration", given_name, "9", "8", known=SET | {"flavour": flavour})
        assert (by_hand["is_command"], said in by_hand["mend"]) == (False, True)
    several = mended("broker configuration", name, "8, 9", "8", known=SET)
    assert not several["is_command"]
    unknown = mended("broker configuration", "x", "8", None, known=SET | {"is_known": False})
    assert not unknown["is_command"]


def test_schemas_have_no_command() -> None:
    assert not mended("schema", "t-value", "version 1", None)["is_command"]
    assert "deserialiser" in mended("schema", "ids", "1", "2", topic=None)["mend"]
    assert mended("schema", "t-value", "version 1", "version 2", kind="harmless")["mend"] is None


@pytest.mark.parametrize("kind", ["unknown", "MSK decides"])
def test_what_is_unknown_or_decided_by_msk_is_not_mended(kind: str) -> None:
    row = mended("configuration", "x.y", "1", "2", known=SET, kind=kind)
    assert (row["mend"], row["is_command"], row["undo"]) == (None, None, None)


def test_each_target_has_its_own_variable() -> None:
    row = dict.fromkeys(PARITY) | {
        "source": "a", "what": "configuration", "remote_topic": "t", "name": "x", "at_source": "1", "at_target": "2",
        "kind": "must fix", "entity": json.dumps(SET),
    }  # fmt: skip
    rows = pl.DataFrame([row | {"target": name} for name in ("cell-1", "cell_1")], schema=PARITY)
    shown = [command.split('"')[1] for command in parity_mends(rows)["mend"]]
    assert shown == ["$CELL_1", "$CELL_1_2"]
    named = parity_mends(rows, ends={"cell-1": "X", "cell_1": "Y"})
    assert [command.split('"')[1] for command in named["mend"]] == ["$X", "$Y"]


def test_no_difference_has_no_mend_and_pandas_stays_pandas() -> None:
    none = parity_mends(pl.DataFrame(schema=PARITY))
    assert none.columns == [*PARITY, "mend", "is_command", "undo"]
    assert type(parity_mends(pl.DataFrame(schema=PARITY).to_pandas())).__module__.startswith("pandas")


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1))
def test_no_name_is_more_than_a_word_to_a_shell(name: str) -> None:
    found = mended("quota", "x", "1", None, known=QUOTA | {"user": name})
    if name.isprintable():
        assert name in shlex.split(found["mend"])
    else:
        assert "\n" not in found["mend"] or name.endswith("\n")
        assert "\x1b" not in found["mend"]
