from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats import schema_parity

PAIR = pl.DataFrame({"source": ["a"], "source_topic": "t", "target": "b", "topic": "t"})
BOTH = {("a", "schemas"), ("b", "schemas")}
SCHEMA = {
    "cluster": pl.String, "subject": pl.String, "version": pl.Int32, "id": pl.Int64, "compatibility": pl.String,
    "fingerprint": pl.String,
}  # fmt: skip


def schema(cluster: str, fingerprint: str, *, subject="t-value", version=1, id=1, compatibility="BACKWARD"):  # noqa: A002
    return (cluster, subject, version, id, compatibility, fingerprint)


def parity(*given, known=BOTH):
    return schema_parity(PAIR, schemas=pl.DataFrame(list(given), schema=SCHEMA, orient="row"), known=known)


def told(*given):
    return parity(*given).differences.select("topic", "name", "at_source", "at_target", "kind").rows()


def test_equal_registries() -> None:
    found = parity(schema("a", "x"), schema("b", "x"))
    assert found.differences.is_empty()
    assert found.compared.rows() == [("a", "b", "schema", 2, 2)]  # the schema, and its compatibility


def test_a_schema_that_is_missing() -> None:
    assert told(schema("a", "x"), schema("a", "y", version=2), schema("b", "x")) == [
        ("t", "t-value", "version 2", None, "must fix")
    ]
    assert told(schema("a", "x"), schema("b", "x"), schema("b", "y", version=2)) == [
        ("t", "t-value", None, "version 2", "harmless")
    ]


def test_another_version_of_the_same_schema_is_harmless() -> None:
    assert told(schema("a", "x", version=3), schema("b", "x")) == [
        ("t", "t-value", "version 3", "version 1", "harmless")
    ]


@pytest.mark.parametrize(("there", "count"), [("BACKWARD", 0), ("BACKWARD_ALL", 1), ("FULL", 1), (None, 1)])
def test_compatibility(there: str | None, count: int) -> None:
    assert len(told(schema("a", "x"), schema("b", "x", compatibility=there))) == count


def test_glue_calls_transitive_all() -> None:
    rows = [schema("a", "x", compatibility="FULL_TRANSITIVE"), schema("b", "x", compatibility="FULL_ALL")]
    assert told(*rows) == []


@pytest.mark.parametrize(("other", "text"), [(2, "2"), (None, "none")])
def test_ids_do_not_carry_over(other: int | None, text: str) -> None:
    rows = told(schema("a", "x"), schema("b", "x", id=other))
    assert rows == [(None, "ids", "1", text, "must fix")]


def test_only_the_first_ids_are_shown() -> None:
    rows = [schema(c, "x", subject=f"s{n}", id=n + (10 if c == "b" else 0)) for c in "ab" for n in range(7)]
    (row,) = told(*rows)
    assert row[2:4] == ("0, 1, 2, 3, 4 …", "10, 11, 12, 13, 14 …")


def test_subjects_of_other_strategies_are_of_no_topic() -> None:
    rows = [
        schema("a", "x", subject="shop.Order"),
        schema("a", "x", subject="u-key"),
        schema("b", "z", subject="t-key"),
    ]
    assert [row[0] for row in told(*rows)] == [None, "t", None]


def test_where_nobody_read_a_registry_nothing_is_said() -> None:
    found = parity()
    assert found.differences.is_empty()
    assert found.compared.is_empty()


@pytest.mark.parametrize("known", [BOTH, {("a", "schemas")}, set()])
def test_one_registry_alone_says_nothing_of_the_other(known) -> None:
    found = parity(schema("a", "x"), known=known)
    assert found.differences["kind"].to_list() == ["unknown"]
    assert found.compared.is_empty()
