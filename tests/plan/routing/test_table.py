from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

from kafka_analysis.plan.routing.table import (
    ClientRoute,
    ListenerHints,
    RoutedCell,
    TopicRoute,
    renewed,
    routing_schema,
)
from kafka_analysis.plan.routing.text import routing_json

PUBLISHED = Path(__file__).parents[3] / "docs" / "routing.schema.json"


def test_the_published_schema_is_in_step():
    assert PUBLISHED.read_text(encoding="utf-8") == routing_schema()


def test_a_table_fits_the_published_schema(table):
    document = json.loads(routing_json(table))
    jsonschema.validate(document, json.loads(PUBLISHED.read_text(encoding="utf-8")))
    assert document["clients"][0]["topics"][0] == {"topic": "orders", "state": "target"}


def test_topics_clients_and_addresses_are_found(table):
    assert table.topic("orders").cell == "cell-1"
    assert table.topic("nobody") is None
    assert table.client("billing", "group").wave == 2
    assert table.client("billing", "producer") is None
    assert table.address("monolith").bootstrap_servers == "old:9092"
    assert table.address("cell-2").bootstrap_servers == "two:9092"


def test_the_next_version_changes_what_is_asked_for_and_nothing_else(table):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    after = renewed(table, topics=(), created_at=now)
    assert (after.version, after.created_at, after.topics) == (8, now, ())
    assert after.clients == table.clients
    assert table.version == 7


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (RoutedCell, {"bootstrap_servers": "user:secret@old:9092"}),
        (RoutedCell, {"bootstrap_servers": "old"}),
        (RoutedCell, {"bootstrap_servers": "old:9092, new:9092"}),
        (ListenerHints, {"password": "secret"}),
        (ListenerHints, {"username": "me"}),
        (TopicRoute, {"topic": "a b"}),
        (TopicRoute, {"topic": "t", "state": "moved"}),
        (TopicRoute, {"topic": "t", "cell": "../c"}),
        (TopicRoute, {"topic": "t", "wave": 0}),
        (ClientRoute, {"client": "a\nb", "kind": "group"}),
        (ClientRoute, {"client": "a", "kind": "consumer"}),
    ],
)
def test_what_is_no_name_address_or_state_is_refused_and_not_repeated(model, fields):
    with pytest.raises(ValidationError) as caught:
        model.model_validate(fields)
    assert "secret" not in str(caught.value)
