from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.routing import text
from kafka_analysis.plan.routing.text import parse_routing, routing_json, routing_yaml

SMALL = "source: {cluster: old, bootstrap_servers: 'old:9092'}\ncells: {}\ntopics: [{topic: t}]\n"


@given(data=st.data())
def test_a_table_comes_back_as_it_was_from_json_and_yaml(valid, data):
    table = data.draw(valid)
    assert parse_routing(routing_json(table)) == table
    assert parse_routing(routing_yaml(table).encode()) == table


@given(data=st.data())
def test_the_order_of_rows_does_not_matter_to_what_is_written(valid, data):
    table = data.draw(valid)
    shuffled = table.model_copy(
        update={
            "topics": tuple(data.draw(st.permutations(table.topics))),
            "clients": tuple(data.draw(st.permutations(table.clients))),
            "cells": dict(data.draw(st.permutations(list(table.cells.items())))),
        }
    )
    assert routing_json(shuffled) == routing_json(table)
    assert routing_yaml(shuffled) == routing_yaml(table)


def test_json_has_a_topic_and_a_client_a_line(table):
    lines = routing_json(table).splitlines()
    assert (
        '  {"topic": "orders", "cell": "cell-1", "wave": 1, "state": "target", "paused": false, '
        '"rollback": "source"},' in lines
    )
    assert sum('"kind"' in line for line in lines) == 3


def test_what_yaml_would_take_for_something_else_stays_a_name():
    table = parse_routing(SMALL.replace("topic: t", "topic: '2024-01-01'"))
    assert parse_routing(routing_yaml(table)).topics[0].topic == "2024-01-01"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "is not a mapping"),
        ("- a\n- b", "is not a mapping"),
        ("{", "cannot be read as JSON or YAML: Expecting property name"),
        (
            "a: b: c",
            "cannot be read as JSON or YAML: mapping values are not allowed in this context in line 1",
        ),
        (b"\xff\xfe", "cannot be read"),
        ("!!python/object/apply:os.system ['true']", "could not determine a constructor"),
        (SMALL + "x: &a [1]\ny: *a\n", "it has an alias"),
        (SMALL + "topics: []\n", "the key 'topics' is given twice"),
        ('{"cells": {}, "cells": {}}', "the key 'cells' is given twice"),
        ("[" * 5000, "nested deeper than 20"),
        ('{"a":' * 100_000, "it is nested too deeply"),
        ("schema_version: " + "1" * 5000, "a number has more than 64 bits"),
        ("schema_version: 0x" + "f" * 5000, "a number has more than 64 bits"),
        ('{"schema_version": ' + "1" * 5000 + "}", "a number has more than 64 bits"),
        (SMALL + "schema_version: 2\n", "schema_version is not 1; write it with this version"),
        (
            SMALL + "password: hush\n",
            "password: is not a field of a routing table; see docs/routing.schema.json",
        ),
        (
            SMALL.replace("topic: t", "topic: t, state: hush"),
            "topics.0.state: Input should be 'source', 'dual' or",
        ),
        ("cells: {}\ntopics: []\n", "source: Field required"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(written, message):
    with pytest.raises(InputError) as caught:
        parse_routing(written, name="routes.yaml")
    assert str(caught.value).startswith("routes.yaml: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_file_that_is_too_long_is_not_parsed(monkeypatch):
    monkeypatch.setattr(text, "MOST_BYTES", 10)
    with pytest.raises(InputError, match="a routing table may have at most 10"):
        parse_routing(SMALL)


def test_it_is_plain_yaml(table):
    assert yaml.safe_load(routing_yaml(table))["version"] == 7
