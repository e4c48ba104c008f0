from __future__ import annotations

import json

import polars as pl
import pytest

from kafka_analysis.stats import broker_parity, open_to_all

PAIR = pl.DataFrame({"source": ["a"], "target": ["b"]})
BOTH = {("a", "broker_configs"), ("b", "broker_configs")}
OPEN = "allow.everyone.if.no.acl.found"
OWN = dict.fromkeys("ab", "self-managed")
SCHEMA = {
    "cluster": pl.String, "broker": pl.Int32, "name": pl.String, "value": pl.String, "is_default": pl.Boolean,
    "source": pl.String,
}  # fmt: skip


def row(cluster: str, name: str, value: str | None, *, broker: int = 1, source="STATIC_BROKER_CONFIG"):
    return (cluster, broker, name, value, source == "DEFAULT_CONFIG", source)


def parity(*given, known=BOTH, flavours=OWN):
    rows = pl.DataFrame(list(given), schema=SCHEMA, orient="row")
    return broker_parity(PAIR, broker_configs=rows, known=known, flavours=flavours)


def told(*given, **more):
    return parity(*given, **more).differences.select("name", "at_source", "at_target", "kind").rows()


def test_a_difference_is_judged_and_the_rest_is_equal() -> None:
    name = "message.max.bytes"
    found = parity(row("a", name, "9"), row("b", name, "8"), row("a", "num.partitions", "1"), row("b", "num.partitions", "1"))  # fmt: skip  # noqa: E501
    assert found.differences.select("name", "kind", "topic").rows() == [(name, "must fix", None)]
    assert found.compared.rows() == [
        ("a", "b", "broker configuration", 3, 2)
    ]  # with what holds without an entry


def test_a_cluster_s_own_operation_is_not_compared() -> None:
    assert told(row("a", "log.dirs", "/x"), row("b", "log.dirs", "/y"), row("a", "broker.id", "1")) == []


def test_brokers_of_one_cluster_that_differ_are_shown_and_the_worst_counts() -> None:
    name = "message.max.bytes"
    given = [row("a", name, "9"), row("a", name, "5", broker=2), row("b", name, "7")]
    assert told(*given) == [(name, "5, 9", "7", "must fix")]


def test_what_one_version_does_not_know_counts_where_it_is_set() -> None:
    assert told(row("a", "new.one", "1", source="DEFAULT_CONFIG")) == []
    assert told(row("a", "new.one", "1")) == [("new.one", "1", None, "must fix")]


def test_a_default_without_a_value_is_one() -> None:
    name = "replica.selector.class"
    rows = [row("a", name, "Rack"), row("b", name, None, source="DEFAULT_CONFIG")]
    assert told(*rows) == [(name, "Rack", "", "harmless")]
    assert told(row("a", name, None), row("b", name, None)) == []  # secret: not compared


@pytest.mark.parametrize(
    ("flavours", "given", "wanted"),
    [
        ({"a": "self-managed", "b": "msk"}, [], [(OPEN, "false", "true", "must fix")]),
        ({"a": "self-managed", "b": "msk-express"}, [row("b", OPEN, "false")], []),
        ({"a": "msk", "b": "msk"}, [], []),
        ({"a": "self-managed", "b": None}, [], [(OPEN, "false", None, "unknown")]),
        ({}, [row("a", OPEN, "true"), row("b", OPEN, "false")], [(OPEN, "true", "false", "must fix")]),
    ],
)
def test_what_is_open_without_an_entry_is_known_by_the_flavour_where_brokers_do_not_show_it(
    flavours, given, wanted
) -> None:
    assert told(*given, flavours=flavours) == wanted


def test_open_to_all_prefers_what_brokers_say() -> None:
    rows = pl.DataFrame([row("b", OPEN, "false")], schema=SCHEMA, orient="row")
    assert open_to_all(rows, {"a": "msk", "b": "msk"}) == {"a": True, "b": False}


def test_how_it_is_set_at_the_target_is_kept_for_the_way_back() -> None:
    name = "message.max.bytes"
    found = parity(row("a", name, "9"), row("b", name, "8", source="DYNAMIC_DEFAULT_BROKER_CONFIG"))
    assert json.loads(found.differences["entity"].item()) == {
        "is_set": True, "is_known": True, "flavour": "self-managed",
    }  # fmt: skip


def test_without_the_right_nothing_is_said_but_that() -> None:
    found = parity(row("a", "message.max.bytes", "9"), known={("a", "broker_configs")})
    assert found.differences["kind"].to_list() == ["unknown"]
    assert found.compared.is_empty()
