from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats import access_failures, partition_failures, unmirrored_failures
from kafka_analysis.stats.mirror.not_replicated import WANTED

SAME = pl.DataFrame({"source": ["a"], "target": "b", "topic": "orders.eu", "remote_topic": "orders.eu"})
RENAMED = SAME.with_columns(remote_topic=pl.lit("a.orders.eu"))


def counts(at_source: int, at_target: int, *, remote: str = "orders.eu") -> pl.DataFrame:
    rows = [("a", "orders.eu", n) for n in range(at_source)] + [("b", remote, n) for n in range(at_target)]
    schema = {"cluster": pl.String, "topic": pl.String, "partition": pl.Int32}
    return pl.DataFrame(rows, schema=schema, orient="row")


@pytest.mark.parametrize(
    ("at_source", "at_target", "count"), [(4, 2, 1), (2, 2, 0), (2, 4, 0), (4, 0, 0), (0, 4, 0)]
)
def test_fewer_partitions_at_the_target(at_source: int, at_target: int, count: int) -> None:
    assert len(partition_failures(SAME, counts(at_source, at_target))) == count
    assert len(partition_failures(RENAMED, counts(at_source, at_target, remote="a.orders.eu"))) == count
    assert partition_failures(RENAMED, counts(at_source, at_target)).is_empty()


def unmirrored(
    *ends: tuple[int | None, int], cluster: str = "a", what: str = "topic", reason: str = WANTED
) -> list[int]:
    rows = pl.DataFrame({"source": ["a"], "target": "b", "what": what, "name": "t", "reason": reason})
    log = [
        {"cluster": cluster, "topic": "t", "log_start_offset": start, "log_end_offset": end}
        for start, end in ends
    ]
    schema = {"log_start_offset": pl.Int64, "log_end_offset": pl.Int64}
    return unmirrored_failures(rows, pl.DataFrame(log, schema_overrides=schema))["records"].to_list()


def test_a_topic_that_is_wanted_and_holds_records_is_missed() -> None:
    assert unmirrored((2, 9), (0, 3)) == [10]
    assert unmirrored((None, 9)) == [9]


def test_a_topic_that_is_empty_or_left_out_is_not() -> None:
    assert unmirrored((9, 9), (0, 0)) == []
    assert unmirrored((2, 9), cluster="c") == []
    assert unmirrored((2, 9), reason="not among topics") == unmirrored((2, 9), what="group") == []


def acl(
    cluster: str, operation: str, name: str = "orders.eu", pattern: str = "LITERAL", **more: str
) -> dict[str, str]:
    row = {"cluster": cluster, "principal": "User:app", "host": "*", "resource_type": "TOPIC", "resource_name": name,
           "pattern_type": pattern, "operation": operation, "permission": "ALLOW"}  # fmt: skip
    return row | more


def lost(*rows: dict[str, str], remote: pl.DataFrame = SAME, known=("a", "b")) -> list[str]:
    schema = dict.fromkeys(acl("a", "READ"), pl.String)
    return access_failures(remote, pl.DataFrame(list(rows), schema=schema), known=known)["detail"].to_list()


def said(what: str, who: str = "User:app") -> list[str]:
    return [f"{who} may {what} at the source, and not at the target"]


def test_what_mirror_maker_does_not_carry() -> None:
    assert lost(acl("a", "WRITE")) == said("WRITE")
    assert lost(acl("a", "ALL"), acl("b", "READ")) == said("WRITE")
    assert lost(acl("a", "READ", "orders", "PREFIXED")) == said("READ")
    assert lost(acl("a", "ALL", "*")) == said("READ and WRITE")


@pytest.mark.parametrize(
    "entry",
    [
        acl("b", "WRITE"),
        acl("b", "ALL"),
        acl("b", "WRITE", "*"),
        acl("b", "WRITE", "orders.", "PREFIXED"),
        acl("b", "WRITE", principal="User:*"),
    ],
)
def test_what_is_granted_in_whatever_way_is_carried(entry) -> None:
    assert lost(acl("a", "WRITE"), entry) == []


@pytest.mark.parametrize(
    "entry",
    [
        acl("b", "READ"),
        acl("b", "WRITE", "orders"),
        acl("b", "WRITE", "orders_", "PREFIXED"),
        acl("b", "WRITE", principal="User:other"),
        acl("b", "WRITE", permission="DENY"),
        acl("b", "WRITE", resource_type="GROUP"),
        acl("c", "WRITE"),
    ],
)
def test_what_grants_something_else_is_not(entry) -> None:
    assert lost(acl("a", "WRITE"), entry) == said("WRITE")


def test_nobody_writes_to_a_copy_that_has_another_name() -> None:
    assert lost(acl("a", "ALL"), acl("b", "READ", "a.orders.eu"), remote=RENAMED) == []
    assert lost(acl("a", "READ", "orders", "PREFIXED"), remote=RENAMED) == said("READ")


def test_an_answer_without_the_right_to_see_is_not_none() -> None:
    assert lost(acl("a", "WRITE"), known=["a"]) == []
    assert (
        lost(acl("a", "DESCRIBE"), acl("a", "WRITE", "other"), acl("a", "READ", resource_type="GROUP")) == []
    )
    assert lost() == []


def test_each_principal_is_named_once() -> None:
    other = acl("a", "WRITE", principal="User:ü=[x]")
    assert lost(acl("a", "READ"), acl("a", "WRITE"), acl("a", "WRITE", host="h"), other) == [
        *said("READ and WRITE"), *said("WRITE", "User:ü=[x]"),
    ]  # fmt: skip
