from __future__ import annotations

import polars as pl

from kafka_analysis.capture.redact_acls import with_topics_of_prefixes

TOPICS = pl.DataFrame(
    {"cluster": ["c", "c", "c", "d"], "topic": ["orders.a", "orders.b", "clicks", "orders.a"]}
)


def acls(*rows):
    shared = {"cluster": "c", "principal": "User:p", "resource_type": "TOPIC", "operation": "WRITE"}
    return pl.DataFrame([shared | {"pattern_type": "PREFIXED", "permission": "ALLOW"} | row for row in rows])


def added(*rows):
    given = acls(*rows)
    result = with_topics_of_prefixes(given, TOPICS)
    assert result.head(len(given)).equals(given)
    return sorted(
        result.tail(len(result) - len(given)).select("cluster", "resource_name", "pattern_type").rows()
    )


def test_a_right_to_write_to_a_prefix_is_one_to_each_topic_of_its_cluster():
    assert added({"resource_name": "orders."}) == [("c", "orders.a", "LITERAL"), ("c", "orders.b", "LITERAL")]
    assert added({"resource_name": "orders.", "operation": "ALL", "permission": "DENY", "cluster": "d"}) == [
        ("d", "orders.a", "LITERAL")
    ]


def test_other_rights_stay_alone():
    assert (
        added(
            {"resource_name": "orders.", "operation": "READ"},
            {"resource_name": "orders.", "resource_type": "GROUP"},
            {"resource_name": "clicks", "pattern_type": "LITERAL"},
            {"resource_name": "no.such.prefix"},
        )
        == []
    )


def test_what_pattern_languages_know_is_taken_as_it_is_written():
    assert added({"resource_name": "orders?"}, {"resource_name": "order[s]"}, {"resource_name": "^o.*"}) == []
