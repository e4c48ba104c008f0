from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.plan.routing.diff import routing_diff
from kafka_analysis.plan.routing.moves import move_groups, move_topics
from kafka_analysis.plan.routing.table import RoutedCell, RoutedSource, TopicRoute, renewed


def rows(before, after, *, leaving_out_version: bool = True) -> list[tuple]:
    found = routing_diff(before, after)
    if leaving_out_version:
        found = found.filter(found["subject"] != "table")
    return found.select("subject", "name", "topic", "change", "from", "to", "step").rows()


def with_topic(table, name, **changes):
    topics = tuple(r.model_copy(update=changes) if r.topic == name else r for r in table.topics)
    return renewed(table, topics=topics)


def whys(before, after) -> list[str]:
    found = routing_diff(before, after)
    return found.filter(found["step"] == "jump")["why"].to_list()


def test_a_cut_over_in_order_has_no_jump(table):
    versions = [table]
    for step in (
        lambda t: move_topics(t, ["payments"], paused=True),
        lambda t: move_topics(t, ["payments"], state="target"),
        lambda t: move_topics(t, ["payments"], paused=False),
        lambda t: move_groups(t, ["billing"], topics=["payments"], state="dual"),
        lambda t: move_groups(t, ["billing"], paused=True),
        lambda t: move_groups(t, ["billing"], topics=["payments"], state="target", paused=False),
    ):
        versions.append(step(versions[-1]))
    pairs = list(itertools.pairwise(versions))
    assert [why for pair in pairs for why in whys(*pair)] == []
    assert [rows(*pair) for pair in pairs] == [
        [("topic", "payments", None, "paused", "false", "true", "neutral")],
        [
            ("topic", "payments", None, "state", "dual on monolith", "target on cell-2", "forward"),
            ("producer", "till", "payments", "state", "dual", "target", "forward"),
        ],
        [("topic", "payments", None, "paused", "true", "false", "neutral")],
        [("group", "billing", "payments", "state", "source", "dual", "forward")],
        [("group", "billing", None, "paused", "false", "true", "neutral")],
        [
            ("group", "billing", None, "paused", "true", "false", "neutral"),
            ("group", "billing", "payments", "state", "dual", "target", "forward"),
        ],
    ]


def test_the_way_back_is_a_rollback(table):
    paused = move_topics(table, ["orders"], paused=True)
    assert ("topic", "orders", None, "state", "target on cell-1", "dual on monolith", "rollback") in rows(
        paused, move_topics(paused, ["orders"], state="dual")
    )
    assert rows(table, move_topics(table, ["payments"], state="source")) == [
        ("topic", "payments", None, "state", "dual on monolith", "source on monolith", "rollback"),
        ("producer", "till", "payments", "state", "dual", "source", "rollback"),
    ]


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (
            lambda t: move_topics(t, ["payments"], state="target"),
            "the writers change clusters without a pause",
        ),
        (lambda t: move_topics(t, ["orders"], state="source"), "the writers change clusters without a pause"),
        (lambda t: with_topic(t, "payments", cell="cell-1"), "the topic already has a replica in its cell"),
        (lambda t: renewed(t, topics=t.topics[:1]), "has left the source; bring it back"),
        (
            lambda t: renewed(t, source=RoutedSource(cluster="other", bootstrap_servers="o:1")),
            "the source is a different cluster; start a new table",
        ),
        (
            lambda t: move_groups(t, ["billing"], topics=["payments"], state="target"),
            "skips dual: it has not left the source",
        ),
        (lambda t: t.model_copy(update={"topics": ()}), "the version must be above 7"),
        (lambda t: renewed(t).model_copy(update={"version": 6}), "the version must be above 7"),
    ],
)
def test_jumps_say_why(table, step, why):
    assert why in "; ".join(whys(table, step(table)))


def test_no_way_back_is_a_jump(table):
    closed = with_topic(table, "orders", rollback=None, paused=True)
    assert whys(closed, move_topics(closed, ["orders"], state="dual")) == [
        "goes back to the source, and the way back is none"
    ]


def test_skipping_dual_is_a_jump(table):
    back = with_topic(table, "payments", state="source")
    assert whys(back, with_topic(back, "payments", state="target")) == [
        "skips dual: nothing has been replicated"
    ]


def test_what_came_and_what_changed_beside_states(table):
    after = renewed(
        table,
        topics=(*table.topics, TopicRoute(topic="new")),
        cells={**table.cells, "cell-2": RoutedCell(bootstrap_servers="zwei:9092"), "cell-3": RoutedCell()},
        clients=(
            table.clients[0].model_copy(
                update={"principal": "User:b", "topics": table.clients[0].topics[:1]}
            ),
            *table.clients[1:],
        ),
    )
    assert rows(table, after) == [
        ("cluster", "cell-2", None, "address", "two:9092", "zwei:9092", "neutral"),
        ("cluster", "cell-3", None, "added", None, None, "neutral"),
        ("topic", "new", None, "added", None, None, "neutral"),
        ("group", "billing", None, "principal", None, "User:b", "neutral"),
        ("group", "billing", "payments", "removed", "source", None, "neutral"),
    ]


@given(data=st.data())
def test_a_table_does_not_differ_from_itself(valid, data):
    table = data.draw(valid)
    assert routing_diff(table, table).is_empty()
    assert rows(table, renewed(table), leaving_out_version=False) == [
        ("table", "version", None, "version", str(table.version), str(table.version + 1), "neutral")
    ]
