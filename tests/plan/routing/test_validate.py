from __future__ import annotations

import pandas as pd
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.routing.table import ClientRoute, ClientTopic, RoutedCell, RoutingTable, TopicRoute
from kafka_analysis.plan.routing.validate import validate_routing


def errors(table: RoutingTable, **known: object) -> set[tuple[str, str]]:
    return {(p.rule, p.subject) for p in validate_routing(table, **known) if p.severity == "error"}


def with_topic(table: RoutingTable, name: str, **changes: object) -> RoutingTable:
    topics = tuple(r.model_copy(update=changes) if r.topic == name else r for r in table.topics)
    return table.model_copy(update={"topics": topics})


def with_client(table: RoutingTable, name: str, **changes: object) -> RoutingTable:
    clients = tuple(c.model_copy(update=changes) if c.client == name else c for c in table.clients)
    return table.model_copy(update={"clients": clients})


def test_the_table_of_the_example_is_valid(table):
    assert validate_routing(table) == []


@given(data=st.data())
def test_valid_tables_have_no_error(valid, data):
    table = data.draw(valid)
    flows = pl.DataFrame(
        [(c.client, c.kind, part.topic) for c in table.clients for part in c.topics],
        schema=["client", "kind", "topic"],
        orient="row",
    ).cast(pl.String)
    assert errors(table, topics=[r.topic for r in table.topics], flows=flows) == set()


def add(table: RoutingTable, **more: object) -> RoutingTable:
    return table.model_copy(update={key: (*getattr(table, key), value) for key, value in more.items()})


@pytest.mark.parametrize(
    ("rule", "subject", "breaking"),
    [
        ("topic_twice", "topic orders", lambda t: add(t, topics=t.topics[1])),
        ("client_twice", "group billing", lambda t: add(t, clients=t.clients[0])),
        ("client_twice", "producer shop", lambda t: with_client(t, "shop", topics=t.clients[1].topics * 2)),
        (
            "name",
            "cell source",
            lambda t: t.model_copy(update={"cells": {**t.cells, "source": RoutedCell()}}),
        ),
        (
            "name",
            "cell monolith",
            lambda t: t.model_copy(update={"cells": {**t.cells, "monolith": RoutedCell()}}),
        ),
        ("name", "topic ..", lambda t: add(t, topics=TopicRoute(topic=".."))),
        ("unknown_cell", "topic payments", lambda t: with_topic(t, "payments", cell="cell-9")),
        ("no_cell", "topic audit", lambda t: with_topic(t, "audit", state="dual")),
        (
            "no_address",
            "topic orders",
            lambda t: t.model_copy(update={"cells": {**t.cells, "cell-1": RoutedCell()}}),
        ),
        ("rollback", "topic payments", lambda t: with_topic(t, "payments", rollback=None)),
        ("rollback", "topic payments", lambda t: with_topic(t, "payments", rollback="cell-2")),
        ("rollback", "topic audit", lambda t: with_topic(t, "audit", rollback="nowhere")),
        ("no_path", "producer shop", lambda t: with_client(t, "shop", topics=(), wave=None)),
        (
            "no_path",
            "group audit",
            lambda t: add(
                t, clients=ClientRoute(client="audit", kind="group", topics=(ClientTopic(topic="gone"),))
            ),
        ),
        (
            "two_clusters",
            "producer shop",
            lambda t: with_client(t, "shop", topics=(ClientTopic(topic="orders", state="dual"),)),
        ),
        (
            "two_clusters",
            "producer shop",
            lambda t: with_client(
                t, "shop", transactional=True, topics=(*t.clients[1].topics, ClientTopic(topic="audit"))
            ),
        ),
        (
            "group_ahead",
            "group billing",
            lambda t: with_client(
                t, "billing", wave=2, topics=(ClientTopic(topic="payments", state="dual"),)
            ),
        ),
        ("wave", "topic audit", lambda t: with_topic(t, "audit", wave=1)),
        ("wave", "producer till", lambda t: with_client(t, "till", wave=1)),
        ("wave", "producer shop", lambda t: with_client(t, "shop", wave=None)),
        (
            "wave",
            "topic orders",
            lambda t: with_client(with_topic(t, "orders", wave=None), "shop", wave=None),
        ),
    ],
)
def test_each_broken_rule_is_found_and_nothing_else(table, rule, subject, breaking):
    assert errors(breaking(table)) == {(rule, subject)}


@given(data=st.data())
def test_a_producer_moved_without_its_topic_is_found_in_any_table(valid, data):
    table = data.draw(valid)
    producers = [c for c in table.clients if c.kind == "producer"]
    assume(producers)
    one = data.draw(st.sampled_from(producers))
    part = one.topics[0]
    other = data.draw(st.sampled_from([s for s in ("source", "dual", "target") if s != part.state]))
    moved = (ClientTopic(topic=part.topic, state=other), *one.topics[1:])
    clients = tuple(c.model_copy(update={"topics": moved}) if c is one else c for c in table.clients)
    broken = table.model_copy(update={"clients": clients})
    assert ("two_clusters", f"producer {one.client}") in errors(broken)


@given(data=st.data())
def test_a_topic_that_goes_missing_is_found_in_any_table(valid, data):
    table = data.draw(valid)
    gone = data.draw(st.sampled_from(table.topics)).topic
    rest = table.model_copy(update={"topics": tuple(r for r in table.topics if r.topic != gone)})
    found = errors(rest, topics=[route.topic for route in table.topics])
    assert ("incomplete", f"topic {gone}") in found
    users = {f"{c.kind} {c.client}" for c in table.clients if gone in {p.topic for p in c.topics}}
    assert {subject for rule, subject in found if rule == "no_path"} == users


def test_the_cells_of_a_topic_in_two_are_named(table):
    first = validate_routing(add(table, topics=table.topics[1].model_copy(update={"cell": "cell-2"})))[0]
    assert (
        str(first) == "error: topic orders: is listed twice (in cell-1, cell-2); list it once, with one cell"
    )


def test_a_later_wave_ahead_of_an_earlier_one_is_a_warning(table):
    back = with_topic(table, "orders", state="dual")
    ahead = with_topic(back, "payments", state="target")
    (problem,) = [p for p in validate_routing(ahead) if p.severity == "warning"]
    assert problem.subject == "topic payments"
    assert "has moved in wave 2, but orders of wave 1 has not" in problem.message
    assert validate_routing(ahead)[-1] == problem  # errors first


def test_a_producer_on_two_clusters_without_transactions_is_a_warning(table):
    both = with_client(table, "shop", topics=(*table.clients[1].topics, ClientTopic(topic="audit")))
    (problem,) = validate_routing(both)
    assert (problem.rule, problem.severity) == ("two_clusters", "warning")
    assert "writes to cell-1 and monolith" in problem.message


@pytest.mark.parametrize("frame", [pl.DataFrame, pd.DataFrame])
def test_what_is_known_of_the_clusters_must_be_in_the_table(table, frame):
    flows = frame(
        {
            "client": ["billing", "billing", "new"],
            "kind": ["group", "group", "producer"],
            "topic": ["orders", "audit", "audit"],
        }
    )
    assert errors(table, topics=frame({"topic": ["orders", "clicks"]}), flows=flows) == {
        ("incomplete", "topic clicks"),
        ("incomplete", "group billing"),
        ("incomplete", "producer new"),
    }


def test_a_frame_without_its_columns_is_told(table):
    with pytest.raises(InputError, match="flows: the column 'kind' is missing; give client, kind, topic"):
        validate_routing(table, flows=pl.DataFrame({"client": ["a"], "topic": ["t"]}))
