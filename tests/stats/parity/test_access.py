from __future__ import annotations

import json

import polars as pl
import pytest

from kafka_analysis.stats import access_parity
from kafka_analysis.stats.parity.entries import Entry

BOTH = {("a", "acls"), ("b", "acls")}
READ = Entry("User:app", "*", "TOPIC", "orders.eu", "LITERAL", "READ", "ALLOW")
SCHEMA = dict.fromkeys(["cluster", *Entry._fields], pl.String)


def pairs(*names: str, alias: str = "") -> pl.DataFrame:
    return pl.DataFrame(
        {"source": "a", "source_topic": list(names), "target": "b", "topic": [alias + n for n in names]}
    )


def parity(*given: tuple[str, Entry], names=None, known=BOTH, **more):
    rows = pl.DataFrame([(cluster, *entry) for cluster, entry in given], schema=SCHEMA, orient="row")
    return access_parity(pairs("orders.eu") if names is None else names, acls=rows, known=known, **more)


def told(*given: tuple[str, Entry], **more) -> list[tuple[str, str | None, str | None, str]]:
    return parity(*given, **more).differences.select("name", "at_source", "at_target", "kind").rows()


def test_equal_entries_are_counted() -> None:
    found = parity(("a", READ), ("b", READ))
    assert found.differences.is_empty()
    assert found.compared.rows() == [("a", "b", "access control entry", 1, 1)]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (READ._replace(operation="WRITE"), "leaves ALLOW WRITE out"),
        (READ._replace(operation="ALL"), "makes ALLOW ALL an ALLOW READ"),
        (READ._replace(resource_name="orders.", pattern_type="PREFIXED"), "single topics only"),
        (READ._replace(resource_name="*"), "single topics only"),
        (READ._replace(operation="DESCRIBE_CONFIGS"), "It is refused at the target."),
    ],
)
def test_a_right_that_is_missing_is_refused_at_the_target(entry: Entry, words: str) -> None:
    found = parity(("a", entry))
    assert found.differences.select("name", "at_source", "at_target", "kind").rows() == [
        ("User:app", entry.words, None, "must fix")
    ]
    assert words in found.differences["why"].item()
    assert json.loads(found.differences["entity"].item()) == entry._asdict()


def test_all_that_became_read_still_lacks_the_rest() -> None:
    assert [row[1] for row in told(("a", READ._replace(operation="ALL")), ("b", READ))] == [
        READ._replace(operation="ALL").words
    ]


def test_what_is_granted_in_another_way_is_not_missing_though_more_may_be_there() -> None:
    wider = READ._replace(operation="ALL", resource_name="orders.", pattern_type="PREFIXED")
    rows = told(("a", READ), ("b", wider))
    assert rows == [("User:app", None, wider.words, "harmless")]
    narrower = [("b", READ._replace(resource_name=name)) for name in ("orders.eu", "orders.us")]
    prefix = READ._replace(resource_name="orders.", pattern_type="PREFIXED")
    of_both = pairs("orders.eu", "orders.us")
    assert told(("a", prefix), *narrower, names=of_both) == []
    assert [row[1] for row in told(("a", prefix), narrower[0], names=of_both)] == [prefix.words]


def test_refusals_are_compared_both_ways() -> None:
    deny = READ._replace(permission="DENY")
    (here,) = parity(("a", deny)).differences.iter_rows(named=True)
    assert (here["kind"], here["at_target"]) == ("must fix", None)
    assert "gains a right" in here["why"]
    (there,) = parity(("b", deny)).differences.iter_rows(named=True)
    assert (there["kind"], there["at_source"]) == ("must fix", None)
    assert "refused this at the target" in there["why"]


def test_entries_of_other_topics_are_left_out() -> None:
    assert parity(("a", READ._replace(resource_name="other"))).compared["compared"].to_list() == [0]
    assert told(("a", READ._replace(resource_name="other.", pattern_type="PREFIXED"))) == []


@pytest.mark.parametrize(
    ("kind", "name"),
    [("GROUP", "app"), ("TRANSACTIONAL_ID", "tx-"), ("CLUSTER", "kafka-cluster"), ("DELEGATION_TOKEN", "t")],
)
def test_other_entries_are_compared_for_who_uses_the_topics(kind: str, name: str) -> None:
    entry = READ._replace(resource_type=kind, resource_name=name)
    both = [("a", READ), ("b", READ)]
    found = parity(*both, ("a", entry))
    assert found.differences["at_source"].to_list() == [entry.words]
    assert "carries entries of topics only" in found.differences["why"].item()
    assert found.differences["topic"].to_list() == [None]
    stranger = entry._replace(principal="User:stranger")
    assert told(*both, ("a", stranger)) == []
    assert len(told(*both, ("a", entry._replace(principal="User:*")))) == 1


def test_a_copy_of_another_name_needs_rights_to_read() -> None:
    renamed = pairs("orders.eu", alias="a.")
    copied = READ._replace(resource_name="a.orders.eu")
    assert told(("a", READ), ("b", copied), names=renamed) == []
    assert told(("a", READ._replace(operation="WRITE")), names=renamed) == []
    (row,) = parity(("a", READ), names=renamed).differences.iter_rows(named=True)
    assert (row["topic"], row["remote_topic"]) == ("orders.eu", "a.orders.eu")
    assert json.loads(row["entity"])["resource_name"] == "a.orders.eu"


def test_an_open_target_lets_others_in_too() -> None:
    (row,) = parity(("a", READ), open_to_all={"b": True}).differences.iter_rows(named=True)
    assert row["kind"] == "must fix"
    assert "allows everyone" in row["why"]
    other = READ._replace(principal="User:other")
    shut = parity(("a", READ), ("a", other), ("b", other), open_to_all={"b": True})
    assert shut.differences["why"].to_list() == ["It is refused at the target."]


def test_the_first_entry_of_a_topic_shuts_others_out() -> None:
    found = parity(("b", READ), open_to_all={"a": True, "b": True})
    assert found.differences["kind"].to_list() == ["must fix"]
    assert "locks out all others" in found.differences["why"].item()


@pytest.mark.parametrize(
    ("authorizers", "values", "words"),
    [
        ({"a": True, "b": False}, ("rights are checked", "no rights are checked"), "everyone may read"),
        ({"a": False, "b": True}, ("no rights are checked", "rights are checked"), "are refused"),
        ({"a": False, "b": None}, None, ""),
    ],
)
def test_ends_of_which_one_checks_no_rights(authorizers, values, words) -> None:
    found = parity(
        ("a", READ), known=set() if None in authorizers.values() else BOTH, authorizers=authorizers
    )
    (row,) = found.differences.iter_rows(named=True)
    if values is None:
        assert row["kind"] == "unknown"
        return
    assert (row["at_source"], row["at_target"]) == values
    assert row["kind"] == "must fix"
    assert words in row["why"]


def test_ends_that_both_check_no_rights_are_equal() -> None:
    found = parity(known=set(), authorizers={"a": False, "b": False})
    assert found.differences.is_empty()


def test_without_the_right_no_entry_is_missing() -> None:
    many = [("a", READ._replace(principal=f"User:{n}")) for n in range(300)]
    found = parity(*many, known={("a", "acls")})
    assert found.differences["kind"].to_list() == ["unknown"]
    assert found.compared.is_empty()


def test_hostile_names_stay_as_they_are() -> None:
    entry = READ._replace(
        principal="User:CN='$(id)' [x]\n<b>", resource_type="GROUP", resource_name="-rf\x1b[2J"
    )
    user = READ._replace(principal=entry.principal)
    (row,) = parity(("a", user), ("b", user), ("a", entry)).differences.iter_rows(named=True)
    assert row["name"] == entry.principal
    assert Entry(**json.loads(row["entity"])) == entry
