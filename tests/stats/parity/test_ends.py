from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.tables import empty_table
from kafka_analysis.stats import PARITY_TABLES, Parity, measure_parity
from kafka_analysis.stats.parity.rows import COMPARED, PARITY, TABLE_OF, WHATS

TOPICS = ("orders.eu", "orders", "it's $(x) [y]")
PAIRS = pl.DataFrame({"source": "a", "source_topic": TOPICS, "target": "b", "topic": TOPICS})
KNOWN = {(cluster, table) for cluster in "ab" for table in PARITY_TABLES}
OWN = {"a": "self-managed", "b": "self-managed"}
NASTY = st.sampled_from(
    ["orders.eu", "orders", "ord", "*", "", "-x", "it's $(x) [y]", "\u00fc\n\x1b[2J", "a,b=c"]
)
VALUES = st.sampled_from(
    ["-1", "0", "1000", "9223372036854775807", "true", "false", "compact,delete", "delete", "[x]"]
)


def optional(strategy):
    return st.none() | strategy


ROWS = {
    "partitions": st.tuples(
        st.sampled_from(TOPICS), st.integers(0, 3), st.just(1),
        st.lists(st.integers(0, 3), min_size=1, max_size=3), st.just([1]),
    ),
    "topic_configs": st.tuples(
        st.sampled_from(TOPICS),
        st.sampled_from(["retention.ms", "cleanup.policy", "leader.replication.throttled.replicas", "new"]),
        optional(VALUES), st.booleans(), st.sampled_from(["DYNAMIC_TOPIC_CONFIG", "DEFAULT_CONFIG"]),
    ),
    "broker_configs": st.tuples(
        st.integers(0, 2),
        st.sampled_from(["message.max.bytes", "log.dirs", "new", "allow.everyone.if.no.acl.found",
                         "sasl.enabled.mechanisms"]),
        optional(VALUES), st.booleans(), st.sampled_from(["STATIC_BROKER_CONFIG", "DEFAULT_CONFIG"]),
    ),
    "acls": st.tuples(
        st.sampled_from(["User:app", "User:*", "User:\u00fc [x]"]), st.sampled_from(["*", "h"]),
        st.sampled_from(["TOPIC", "GROUP", "CLUSTER"]), NASTY, st.sampled_from(["LITERAL", "PREFIXED"]),
        st.sampled_from(["READ", "WRITE", "DESCRIBE", "ALL"]), st.sampled_from(["ALLOW", "DENY"]),
    ),
    "quotas": st.tuples(
        optional(NASTY), optional(NASTY), st.none(), st.sampled_from([[], ["user"], ["client_id"]]),
        st.sampled_from(["producer_byte_rate", "controller_mutation_rate"]), st.sampled_from([1.0, 2.5, 1e9]),
    ),
    "users": st.tuples(NASTY, st.sampled_from(["SCRAM-SHA-256", "SCRAM-SHA-512"])),
    "schemas": st.tuples(
        st.just("r"), st.sampled_from(["orders-value", "x"]), st.integers(1, 2), optional(st.integers(1, 2)),
        st.just("AVRO"), optional(st.sampled_from(["FULL", "NONE"])), st.sampled_from("xy"), st.just("{}"),
    ),
    "brokers": st.tuples(
        st.integers(0, 3), st.just("h"), st.just(1), st.none(), st.none(), st.none(), st.none()
    ),
}  # fmt: skip
# What a cluster cannot say twice: the columns that name a row of it.
KEYS = {
    "partitions": ["topic", "partition"], "topic_configs": ["topic", "name"], "broker_configs": ["broker", "name"],
    "quotas": ["user", "client_id", "ip", "defaults", "name"], "brokers": ["broker"],
    "schemas": ["subject", "version"],
}  # fmt: skip


def table(name: str, cluster: str, rows: list) -> pl.DataFrame:
    empty = empty_table(name).drop("ts")
    made = pl.DataFrame([(cluster, *row) for row in rows], schema=empty.schema, orient="row")
    made = made.unique(KEYS.get(name), keep="first", maintain_order=True)
    if name == "quotas":  # a default has no name
        given = [pl.col("defaults").list.contains(column) for column in ("user", "client_id", "ip")]
        made = made.with_columns(
            pl.when(~is_default).then(pl.col(column)).alias(column)
            for column, is_default in zip(("user", "client_id", "ip"), given, strict=True)
        ).unique(KEYS[name], keep="first", maintain_order=True)
    return made


ENDS = st.fixed_dictionaries({name: st.lists(rows, max_size=6) for name, rows in ROWS.items()})


def tables(source: dict[str, list], target: dict[str, list]) -> dict[str, pl.DataFrame]:
    return {
        name: pl.concat([table(name, "a", source[name]), table(name, "b", target[name])])
        for name in PARITY_TABLES
    }


def parity(source: dict[str, list], target: dict[str, list], **more) -> Parity:
    return measure_parity(PAIRS, tables(source, target), **{"known": KNOWN, "flavours": OWN, **more})


@given(ENDS)
def test_a_cluster_equals_itself(rows) -> None:
    found = parity(rows, rows)
    # a topic that is at neither end is no parity
    assert found.differences.filter(
        pl.col("at_source").is_not_null() | pl.col("at_target").is_not_null()
    ).is_empty()
    assert found.differences.filter(pl.col("what") != "topic").is_empty()
    others = found.compared.filter(pl.col("what") != "topic")
    assert others["compared"].to_list() == others["equal"].to_list()


@given(ENDS, ENDS)
def test_swapping_the_ends_swaps_the_values(source, target) -> None:
    there, back = parity(source, target), parity(target, source)
    place = ["what", "topic", "remote_topic", "name"]
    as_seen = there.differences.select(*place, "at_source", "at_target")
    swapped = back.differences.select(*place, at_source="at_target", at_target="at_source")
    assert sorted(as_seen.rows(), key=str) == sorted(swapped.rows(), key=str)
    assert there.compared.rows() == back.compared.rows()


@given(ENDS, ENDS)
def test_what_is_counted_equal_does_not_differ(source, target) -> None:
    found = parity(source, target)
    assert found.differences.schema == PARITY
    assert found.compared.schema == COMPARED
    assert found.compared.filter((pl.col("equal") < 0) | (pl.col("equal") > pl.col("compared"))).is_empty()
    said = found.differences.filter(pl.col("kind") != "unknown")
    assert said.filter(pl.col("why").is_null() | pl.col("fact_source").is_null()).is_empty()
    differing = {what for what in said["what"] if what not in ("schema", "access control entry")}
    less = set(found.compared.filter(pl.col("equal") < pl.col("compared"))["what"])
    assert differing <= less


@given(ENDS, st.sets(st.sampled_from(sorted(KNOWN))))
def test_what_was_not_seen_is_never_missing(rows, known) -> None:
    nothing = {name: [] for name in rows}
    found = parity(rows, nothing, known=known)
    hidden = [what for what in WHATS if ("b", TABLE_OF[what]) not in known]
    of_hidden = found.differences.filter(pl.col("what").is_in(hidden))
    assert set(of_hidden["kind"]) <= {"unknown"}
    assert of_hidden.group_by("what").len().filter(pl.col("len") > 1).is_empty()
    assert found.compared.filter(pl.col("what").is_in(hidden), pl.col("compared") > 0).is_empty()


def test_flavours_and_users_reach_what_they_are_for() -> None:
    nothing = {name: [] for name in ROWS}
    source = nothing | {"users": [("x", "SCRAM-SHA-512"), ("y", "SCRAM-SHA-512")]}
    found = parity(source, nothing, flavours={"a": "self-managed", "b": "msk"}, users=["x"])
    rows = found.differences.filter(pl.col("what").is_in(["user", "broker configuration"]))
    assert sorted(rows.select("what", "name").rows()) == [
        ("broker configuration", "allow.everyone.if.no.acl.found"),
        ("user", "x"),
    ]


@pytest.mark.parametrize("side", ["source", "target"])
def test_an_end_that_is_in_no_table_is_named_once_for_each_subject(side: str) -> None:
    rows = {name: [] for name in ROWS} | {"users": [("x", "SCRAM-SHA-512")]}
    pairs = PAIRS.with_columns(pl.lit("gone").alias(side))
    found = measure_parity(pairs, tables(rows, rows), known=KNOWN, flavours=OWN).differences
    assert found.filter(pl.col("kind") != "unknown").is_empty()
    assert found.filter(pl.col("why").str.contains("gone"))["what"].n_unique() == len(found)


def test_frames_of_pandas_are_taken() -> None:
    rows = {name: [] for name in ROWS} | {"users": [("x", "SCRAM-SHA-512")]}
    given_frames = {
        name: frame.to_pandas() if name == "users" else frame for name, frame in tables(rows, rows).items()
    }
    found = measure_parity(PAIRS.to_pandas(), given_frames, known=KNOWN, flavours=OWN)
    assert found.compared.filter(what="user")["equal"].to_list() == [1]
