from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.flows.clients import (
    client_flows,
    group_flows,
    mean_record_bytes,
    unknown_producers,
    unknown_topics,
)

PROGRESS = {"cluster": pl.String, "group": pl.String, "topic": pl.String, "partition": pl.Int32}
PROGRESS_TYPES = {**PROGRESS, "records_per_s": pl.Float64}


def progress(*rows: tuple[str, str, int, float | None]) -> dict[str, list]:
    return {
        "cluster": ["c"] * len(rows),
        "group": [r[0] for r in rows],
        "topic": [r[1] for r in rows],
        "partition": [r[2] for r in rows],
        "records_per_s": [r[3] for r in rows],
    }


def topics(**bytes_in: float) -> dict[str, list]:
    return {
        "cluster": ["c"] * len(bytes_in),
        "topic": list(bytes_in),
        "bytes_in_per_s": list(bytes_in.values()),
        "messages_in_per_s": [1.0] * len(bytes_in),
    }


def appended(**records: float) -> dict[str, list]:
    return {
        "cluster": ["c"] * len(records),
        "topic": list(records),
        "partition": [0] * len(records),
        "records_per_s": list(records.values()),
    }


def test_a_record_weighs_bytes_in_by_records_appended(frame, rows):
    records = {**appended(t=4.0), "partition": [0]}
    more = {**appended(t=1.0), "partition": [1]}
    both = {name: records[name] + more[name] for name in records}
    answer = mean_record_bytes(frame(topics(t=500.0)), records=frame(both))
    assert rows(answer) == [("c", "t", 100.0)]


def test_without_offsets_messages_in_take_their_place(frame, rows):
    answer = mean_record_bytes(frame(topics(t=500.0)), records=frame(appended(other=1.0)))
    assert rows(answer) == [("c", "t", 500.0)]


def test_nothing_appended_tells_no_weight(frame, rows):
    answer = mean_record_bytes(frame(topics(t=0.0)), records=frame(appended(t=0.0)))
    assert rows(answer) == [("c", "t", None)]


def test_groups_sum_their_partitions(frame, rows):
    moved = frame(
        progress(("g", "t", 0, 3.0), ("g", "t", 1, 2.0), ("h", "t", 0, None)), schema=PROGRESS_TYPES
    )
    sizes = frame({"cluster": ["c"], "topic": ["t"], "record_bytes": [100.0]})
    assert rows(group_flows(moved, record_bytes=sizes)) == [
        ("c", "g", "group", "t", 500.0, "measured"),
        ("c", "h", "group", "t", None, "measured"),
    ]


def test_idle_is_0_even_where_no_record_tells_a_weight(frame, rows):
    moved = frame(progress(("idle", "t", 0, 0.0), ("behind", "t", 0, 2.0)))
    sizes = frame(
        {"cluster": ["c"], "topic": ["t"], "record_bytes": [None]},
        schema_overrides={"record_bytes": pl.Float64},
    )
    assert rows(group_flows(moved, record_bytes=sizes), "client", "bytes_per_s") == [
        ("behind", None),
        ("idle", 0.0),
    ]


def test_a_group_that_was_assigned_a_topic_and_never_committed_is_unknown_not_idle():
    moved = pl.DataFrame(progress(("g", "t", 0, 1.0)))
    sizes = pl.DataFrame({"cluster": ["c"], "topic": ["t"], "record_bytes": [10.0]})
    members = pl.DataFrame(
        {"cluster": "c", "group": ["g", "k"], "assignments": [["t-0"], ["a-b-3", "a-b-12"]]}
    )
    answer = group_flows(moved, record_bytes=sizes, members=members)
    assert answer.select("client", "topic", "bytes_per_s").rows() == [("g", "t", 10.0), ("k", "a-b", None)]


def test_members_are_those_of_their_own_group_and_may_have_no_partition():
    moved = pl.DataFrame(progress(("g", "t", 0, 1.0)))
    sizes = pl.DataFrame({"cluster": ["c"], "topic": ["t"], "record_bytes": [10.0]})
    members = pl.DataFrame(
        {"cluster": "c", "group": ["k", "idle", "old"], "assignments": [["t-0"], [], None]}
    )
    answer = group_flows(moved, record_bytes=sizes, members=members)
    assert answer.select("client", "topic", "bytes_per_s").rows() == [("g", "t", 10.0), ("k", "t", None)]


def flows(moved=(), *, written=None, **options):
    traffic = pl.DataFrame(topics(**(written or {"t": 100.0, "u": 40.0})))
    records = pl.DataFrame(appended(**dict.fromkeys(traffic["topic"], 10.0)))
    table = pl.DataFrame(progress(*moved), schema=PROGRESS_TYPES)
    chosen = options.pop("topics", traffic)
    return client_flows(table, traffic=traffic, records=records, topics=chosen, **options)


def declared(*rows: tuple) -> pl.DataFrame:
    names = {"client": pl.String, "kind": pl.String, "topic": pl.String, "bytes_per_s": pl.Float64}
    return pl.DataFrame(rows, schema=names, orient="row")


def test_only_chosen_topics_are_looked_at():
    chosen = pl.DataFrame({"cluster": ["c"], "topic": ["u"]})
    answer = flows(
        [("g", "t", 0, 1.0), ("g", "u", 0, 1.0)],
        topics=chosen,
        declared=declared(("p", "producer", "t", 1.0)),
    )
    assert answer.select("client", "topic").rows() == [("g", "u")]


def test_members_and_rights_tell_of_clients_that_nobody_declared():
    members = pl.DataFrame({"cluster": ["c"], "group": ["k"], "assignments": [["u-0"]]})
    acls = pl.DataFrame({
        "cluster": ["c"], "principal": "User:p", "host": "*", "resource_type": "TOPIC", "resource_name": "t",
        "pattern_type": "LITERAL", "operation": "WRITE", "permission": "ALLOW",
    })  # fmt: skip
    answer = flows(members=members, acls=acls)
    assert answer.select("client", "kind", "topic", "bytes_per_s").rows() == [
        ("User:p", "producer", "t", 100.0), ("k", "group", "u", None),
    ]  # fmt: skip


def test_what_was_measured_counts_before_what_was_declared():
    said = declared(("g", "group", "t", 7.0), ("h", "group", "t", 8.0), ("n", "group", "u", None))
    answer = flows([("g", "t", 0, 5.0), ("h", "t", 0, None)], declared=said)
    assert answer.select("client", "topic", "bytes_per_s", "evidence").rows() == [
        ("g", "t", 50.0, "measured"),
        ("h", "t", 8.0, "declared"),
        ("n", "u", None, "declared"),
    ]


def test_the_users_word_counts_before_the_recorded_one():
    recorded = declared(("p", "producer", "t", 5.0), ("q", "producer", "t", 6.0)).with_columns(
        cluster=pl.lit("c"), evidence=pl.lit("measured")
    )
    answer = flows(declared=declared(("p", "producer", "t", 9.0)), recorded=recorded)
    assert answer.select("client", "bytes_per_s", "evidence").rows() == [
        ("p", 9.0, "declared"),
        ("q", 6.0, "measured"),
    ]


def test_declarations_of_another_cluster_are_not_this_ones():
    recorded = declared(("p", "producer", "t", 5.0)).with_columns(cluster=pl.lit("other"))
    assert flows(recorded=recorded).is_empty()


def test_owners_and_transactions_that_were_declared_stay():
    said = declared(("p", "producer", "t", 5.0)).with_columns(
        team=pl.lit("a"), transactional_id=pl.lit("p-1")
    )
    assert flows(declared=said).select("team", "transactional_id").rows() == [("a", "p-1")]


def test_a_topic_without_a_known_producer_gets_none_and_is_listed(frame, rows):
    known = frame({"cluster": ["c"], "client": ["g"], "kind": ["group"], "topic": ["t"]})
    answer = unknown_producers(known, traffic=frame(topics(t=1.0, u=2.0, idle=0.0)))
    assert rows(answer) == [("c", "u", 2.0), ("c", "t", 1.0)]


def test_flows_of_unknown_topics_are_told(frame, rows):
    said = frame({"client": ["p", "p"], "kind": ["producer"] * 2, "topic": ["t", "typo"]})
    assert rows(unknown_topics(said, topics=frame({"cluster": ["c"], "topic": ["t"]}))) == [
        ("p", "producer", "typo")
    ]


def test_a_topic_of_another_cluster_is_unknown(frame, rows):
    said = frame({"cluster": ["c", "d"], "client": ["p", "p"], "kind": ["group"] * 2, "topic": ["t", "t"]})
    assert rows(unknown_topics(said, topics=frame({"cluster": ["c"], "topic": ["t"]}))) == [
        ("p", "group", "t")
    ]


MOVED = st.lists(
    st.tuples(
        st.sampled_from("gh"),
        st.sampled_from("tu"),
        st.integers(0, 3),
        st.one_of(st.none(), st.floats(0, 10)),
    ),
    max_size=8,
    unique_by=lambda row: row[:3],
)
SAID = st.lists(
    st.tuples(
        st.sampled_from("pqrs"),
        st.just("producer"),
        st.sampled_from("tux"),
        st.one_of(st.none(), st.floats(0, 80)),
    ),
    max_size=6,
    unique_by=lambda row: row[:3],
)


@given(moved=MOVED, said=SAID)
def test_groups_read_what_they_moved_on_by_and_producers_write_the_topics_bytes(moved, said):
    answer = flows(moved, declared=declared(*said))
    assert answer.select("cluster", "client", "kind", "topic").is_unique().all()
    assert (answer["bytes_per_s"].drop_nulls() >= 0).all()
    read = answer.filter(pl.col("kind") == "group")
    weight = {"t": 10.0, "u": 4.0}  # bytes in by 10 records a second
    assert read["bytes_per_s"].sum() == pytest.approx(sum(weight[t] * (r or 0) for _, t, _, r in moved))
    assert set(read.select("client", "topic").rows()) == {(g, t) for g, t, _, _ in moved}
    for topic, whole in (("t", 100.0), ("u", 40.0)):
        writers = [row for row in said if row[2] == topic]
        written = answer.filter(pl.col("kind") == "producer", pl.col("topic") == topic)["bytes_per_s"].sum()
        told = sum(row[3] or 0.0 for row in writers)
        shares = any(row[3] is None for row in writers)
        assert written == pytest.approx(max(whole, told) if shares else told)
