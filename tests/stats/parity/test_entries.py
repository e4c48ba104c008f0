from __future__ import annotations

import pytest

from kafka_analysis.stats.parity.entries import Entry, expected, held_of, names_of

READ = Entry("User:app", "10.0.0.1", "TOPIC", "orders.eu", "LITERAL", "READ", "ALLOW")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"host": "*"},
        {"principal": "User:*"},
        {"operation": "ALL"},
        {"resource_name": "*"},
        {"resource_name": "orders.", "pattern_type": "PREFIXED"},
        {"resource_name": "orders.eu", "pattern_type": "PREFIXED"},
        {"resource_name": "", "pattern_type": "PREFIXED"},
        {"resource_name": "*", "host": "*", "principal": "User:*", "operation": "ALL"},
    ],
)
def test_an_entry_covers_what_it_says_in_whatever_way(given) -> None:
    assert held_of([READ._replace(**given)]).covers(READ)


@pytest.mark.parametrize(
    "given",
    [
        {"host": "10.0.0.2"},
        {"principal": "User:other"},
        {"principal": "Group:app"},
        {"operation": "WRITE"},
        {"operation": "DESCRIBE"},
        {"resource_name": "orders"},
        {"resource_name": "orders_", "pattern_type": "PREFIXED"},
        {"resource_name": "orders.eu.x", "pattern_type": "PREFIXED"},
        {"resource_name": "*", "pattern_type": "PREFIXED"},
        {"resource_type": "GROUP"},
        {"permission": "DENY"},
    ],
)
def test_an_entry_that_says_something_else_does_not(given) -> None:
    assert not held_of([READ._replace(**given)]).covers(READ)


def test_some_rights_hold_others_and_no_refusal_does() -> None:
    describe = READ._replace(operation="DESCRIBE")
    assert held_of([READ]).covers(describe)
    configs = READ._replace(operation="DESCRIBE_CONFIGS")
    assert held_of([READ._replace(operation="ALTER_CONFIGS")]).covers(configs)
    assert not held_of([READ._replace(permission="DENY")]).covers(describe._replace(permission="DENY"))


def test_a_pattern_is_covered_by_a_wider_one_only() -> None:
    prefix = READ._replace(resource_name="orders.", pattern_type="PREFIXED")
    everything = READ._replace(resource_name="*")
    assert held_of([prefix._replace(resource_name="ord")]).covers(prefix)
    assert held_of([everything]).covers(prefix)
    assert not held_of([prefix._replace(resource_name="orders.eu")]).covers(prefix)
    assert not held_of([prefix]).covers(everything)


def test_names_are_found_by_what_an_entry_says() -> None:
    names = names_of({name: name for name in ("a", "ab", "abc", "b")})
    about = names.about
    assert about(READ._replace(resource_name="ab", pattern_type="PREFIXED")) == ["ab", "abc"]
    assert about(READ._replace(resource_name="", pattern_type="PREFIXED")) == ["a", "ab", "abc", "b"]
    assert about(READ._replace(resource_name="*")) == ["a", "ab", "abc", "b"]
    assert about(READ._replace(resource_name="ab")) == ["ab"]
    assert about(READ._replace(resource_name="x")) == []


def meant(entry: Entry, remote: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(e.resource_name, e.pattern_type, e.operation) for e in expected(entry, names_of(remote))]


def test_nobody_is_meant_to_write_to_a_copy_of_another_name() -> None:
    remote = {"orders.eu": "a.orders.eu"}
    assert meant(READ, remote) == [("a.orders.eu", "LITERAL", "READ")]
    assert meant(READ._replace(operation="ALL"), remote) == [("a.orders.eu", "LITERAL", "READ")]
    assert meant(READ._replace(operation="WRITE"), remote) == []
    denied = READ._replace(operation="WRITE", permission="DENY")
    assert meant(denied, remote) == [("a.orders.eu", "LITERAL", "WRITE")]


def test_names_that_do_not_change_leave_an_entry_as_it_is() -> None:
    assert meant(READ._replace(operation="WRITE"), {"orders.eu": "orders.eu"}) == [
        ("orders.eu", "LITERAL", "WRITE")
    ]


def test_a_prefix_stays_one_if_all_names_change_alike() -> None:
    prefix = READ._replace(resource_name="orders.", pattern_type="PREFIXED")
    alike = {"orders.eu": "a.orders.eu", "orders.us": "a.orders.us", "x": "y"}
    assert meant(prefix, alike) == [("a.orders.", "PREFIXED", "READ")]
    mixed = {"orders.eu": "a.orders.eu", "orders.us": "orders.us"}
    assert meant(prefix, mixed) == [
        ("a.orders.eu", "LITERAL", "READ"),
        ("orders.us", "LITERAL", "READ"),
    ]
    assert meant(READ._replace(resource_name="*"), mixed) == [("*", "LITERAL", "READ")]


def test_whether_a_resource_has_any_entry() -> None:
    held = held_of([READ._replace(resource_name="orders.", pattern_type="PREFIXED")])
    assert held.has_any_of(READ._replace(principal="User:x", operation="WRITE"))
    assert not held.has_any_of(READ._replace(resource_name="payments"))
