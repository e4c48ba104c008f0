from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.flows.producers import acl_producers, producer_flows

TYPES = {
    "cluster": pl.String,
    "client": pl.String,
    "topic": pl.String,
    "bytes_per_s": pl.Float64,
    "evidence": pl.String,
}
ENTRY = {
    "cluster": "c", "principal": "User:a", "host": "*", "resource_type": "TOPIC", "resource_name": "orders.new",
    "pattern_type": "LITERAL", "operation": "WRITE", "permission": "ALLOW",
}  # fmt: skip
TOPICS = pl.DataFrame({"cluster": "c", "topic": ["orders.new", "orders.old", "clicks"]})


def said(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame([("c", *row) for row in rows], schema=TYPES, orient="row")


def written(value: float | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"cluster": ["c"], "topic": ["clicks"], "bytes_in_per_s": [value]},
        schema_overrides={"bytes_in_per_s": pl.Float64},
    )


def flows(*rows: tuple, value: float | None = 100.0, acls: pl.DataFrame | None = None) -> list[tuple]:
    answer = producer_flows(said(*rows), traffic=written(value), topics=TOPICS, acls=acls)
    return answer.select("client", "topic", "bytes_per_s", "evidence").rows()


def entries(*changes: dict) -> pl.DataFrame:
    return pl.DataFrame([ENTRY | change for change in changes])


def may_write(*changes: dict) -> list[tuple]:
    return acl_producers(entries(*changes), topics=TOPICS).select("client", "topic").rows()


def test_bytes_nobody_declared_are_shared_evenly_and_called_estimated():
    assert flows(("p", "clicks", None, "declared"), ("q", "clicks", None, "declared")) == [
        ("p", "clicks", 50.0, "estimated"),
        ("q", "clicks", 50.0, "estimated"),
    ]


def test_what_was_declared_stays_and_only_the_rest_is_shared():
    assert flows(("p", "clicks", 70.0, "declared"), ("q", "clicks", None, "declared")) == [
        ("p", "clicks", 70.0, "declared"),
        ("q", "clicks", 30.0, "estimated"),
    ]


def test_more_declared_than_measured_leaves_nothing_and_never_less():
    assert flows(("p", "clicks", 170.0, "declared"), ("q", "clicks", None, "declared"))[1] == (
        "q", "clicks", 0.0, "estimated",
    )  # fmt: skip


def test_bytes_of_a_topic_that_are_unknown_stay_unknown():
    assert flows(("p", "clicks", None, "declared"), value=None) == [("p", "clicks", None, "declared")]


def test_the_rights_count_only_where_nobody_declared():
    acls = entries({"resource_name": "clicks"}, {"principal": "User:b", "resource_name": "orders.new"})
    assert flows(("p", "clicks", 1.0, "declared"), acls=acls) == [
        ("User:b", "orders.new", None, "declared"),
        ("p", "clicks", 1.0, "declared"),
    ]
    assert flows(acls=acls)[0] == ("User:a", "clicks", 100.0, "estimated")


def test_an_entry_names_a_topic_or_a_beginning():
    assert may_write({}) == [("User:a", "orders.new")]
    assert may_write({"resource_name": "orders.", "pattern_type": "PREFIXED"}) == [
        ("User:a", "orders.new"),
        ("User:a", "orders.old"),
    ]
    assert may_write({"resource_name": "orders."}) == []


@pytest.mark.parametrize(
    "change",
    [
        {"operation": "READ"},
        {"resource_type": "GROUP"},
        {"permission": "DENY"},
        {"principal": "User:*"},
        {"resource_name": "*"},
        {"cluster": "other"},
    ],
)
def test_what_says_nothing_of_writing_makes_no_producer(change):
    assert may_write(change) == []


def test_a_beginning_is_that_of_a_topic_of_its_own_cluster():
    topics = pl.DataFrame({"cluster": ["c", "d"], "topic": ["clicks", "orders.new"]})
    prefix = entries({"resource_name": "orders.", "pattern_type": "PREFIXED"})
    assert acl_producers(prefix, topics=topics).is_empty()


@pytest.mark.parametrize("who", ["User:a", "User:*"])
def test_a_denial_is_of_its_own_cluster(who):
    topics = pl.DataFrame({"cluster": ["c", "d"], "topic": "orders.new"})
    rights = entries({}, {"permission": "DENY", "cluster": "d", "principal": who})
    assert acl_producers(rights, topics=topics).rows() == [("c", "User:a", "orders.new")]


def test_topics_of_one_name_in_two_clusters_are_two():
    declared = pl.concat([said(("p", "clicks", 70.0, "declared")), said(("q", "clicks", None, "declared"))])
    apart = declared.with_columns(cluster=pl.Series(["d", "c"]))
    answer = producer_flows(apart, traffic=written(100.0), topics=TOPICS)
    assert answer.select("cluster", "client", "bytes_per_s").rows() == [("c", "q", 100.0), ("d", "p", 70.0)]


def test_all_includes_writing():
    assert may_write({"operation": "ALL"}) == [("User:a", "orders.new")]


@pytest.mark.parametrize(
    ("denied", "left"),
    [
        ({}, 0),
        ({"principal": "User:*"}, 0),
        ({"resource_name": "*"}, 0),
        ({"resource_name": "ord", "pattern_type": "PREFIXED"}, 0),
        ({"resource_name": "*", "pattern_type": "PREFIXED"}, 1),  # of topics that begin with an asterisk
        ({"principal": "User:b"}, 1),
        ({"host": "10.0.0.1"}, 1),
        ({"resource_name": "clicks"}, 1),
    ],
)
def test_a_denial_from_every_host_takes_the_right_away(denied, left):
    assert len(may_write({}, {"permission": "DENY", **denied})) == left
