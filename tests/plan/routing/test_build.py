from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.routing.build import build_routing
from kafka_analysis.plan.routing.validate import validate_routing

CELLS = {"topic": ["orders", "payments", "audit"], "cell": ["cell-1", "cell-2", None]}
CLIENTS = {"client": ["billing", "shop", "shop"], "kind": ["group", "producer", "group"]}
FLOWS = {
    "client": ["billing", "billing", "shop", "shop", "shop"],
    "kind": ["group", "group", "producer", "group", "group"],
    "topic": ["payments", "orders", "orders", "audit", "audit"],
}
WAVES = {"topic": ["orders", "payments"], "wave": [1, 2]}
BOOTSTRAP = {"monolith": "old:9092", "cell-1": "one:9092"}


def built(frame: type = pl.DataFrame, **changes: object):
    given = {"cells": CELLS, "clients": CLIENTS, "flows": FLOWS, "waves": WAVES, **changes}
    plain = ("addresses", "security")
    frames = {n: frame(v) if isinstance(v, dict) and n not in plain else v for n, v in given.items()}
    places = [frames.pop(name) for name in ("cells", "clients", "flows")]
    frames["bootstrap"] = frames.pop("addresses", BOOTSTRAP)
    return build_routing(*places, source="monolith", **frames)


@pytest.mark.parametrize("frame", [pl.DataFrame, pd.DataFrame])
def test_everything_begins_on_the_source_with_its_way_planned(frame):
    table = built(frame)
    assert [(r.topic, r.cell, r.wave, r.state, r.rollback) for r in table.topics] == [
        ("audit", None, None, "source", "source"),
        ("orders", "cell-1", 1, "source", "source"),
        ("payments", "cell-2", 2, "source", "source"),
    ]
    assert [(c.client, c.kind, c.wave, [p.topic for p in c.topics]) for c in table.clients] == [
        ("billing", "group", 2, ["orders", "payments"]),
        ("shop", "group", None, ["audit"]),
        ("shop", "producer", 1, ["orders"]),
    ]
    assert table.cells["cell-2"].bootstrap_servers is None  # not there yet
    assert validate_routing(table, topics=pl.DataFrame(CELLS), flows=pl.DataFrame(FLOWS)) == []


def test_without_waves_none_is_planned():
    table = built(waves=None)
    assert {r.wave for r in table.topics} | {c.wave for c in table.clients} == {None}
    assert validate_routing(table) == []


def test_principals_transactions_and_listeners_are_taken_over():
    table = built(
        principals={"client": ["shop"], "kind": ["producer"], "principal": ["User:shop"]},
        transactional={"client": ["shop"], "kind": ["producer"]},
        security={"cell-1": {"protocol": "SASL_SSL", "mechanism": "AWS_MSK_IAM"}},
        version=3,
    )
    assert [(c.principal, c.transactional) for c in table.clients] == [
        (None, False), (None, False), ("User:shop", True),
    ]  # fmt: skip
    assert table.cells["cell-1"].security.mechanism == "AWS_MSK_IAM"
    assert table.version == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cells": {"topic": ["t"]}}, "cells: the column 'cell' is missing; give topic, cell"),
        ({"cells": {"topic": ["t", "t"], "cell": ["a", "b"]}}, "cells: t is listed twice"),
        ({"clients": {"client": ["a"] * 2, "kind": ["group"] * 2}}, "clients: group a is listed twice"),
        ({"waves": {"topic": ["orders"], "wave": [1]}}, "payments has no wave"),
        (
            {"waves": {"topic": ["orders", "payments", "audit"], "wave": [1, 2, 3]}},
            "audit has a wave and no cell",
        ),
        ({"flows": {**FLOWS, "topic": ["clicks"] * 5}}, "clicks is in flows, but not in cells"),
        ({"flows": {**FLOWS, "client": ["x"] * 5}}, "x is in flows, but not in clients"),
        (
            {"clients": {"client": [*CLIENTS["client"], "idle"], "kind": [*CLIENTS["kind"], "group"]}},
            "group idle has no flow",
        ),
        (
            {"principals": {"client": ["shop"], "kind": ["consumer"], "principal": ["p"]}},
            "consumer shop has a principal, but is not in clients",
        ),
        (
            {"transactional": {"client": ["x"], "kind": ["producer"]}},
            "producer x is in transactional, but not in clients",
        ),
        (
            {"addresses": {"cell-1": "one:9092"}},
            "the source 'monolith' has no bootstrap servers",
        ),
        (
            {"addresses": {**BOOTSTRAP, "cell-3": "x:1"}},
            "unknown cluster of bootstrap 'cell-3'; did you mean",
        ),
        ({"addresses": {"monolith": "old"}}, "source.bootstrap_servers: String should match"),
        ({"security": {"cell-1": {"password": "x"}}}, "cells.cell-1.security.password: is not a field"),
    ],
)
def test_wrong_input_is_named(changes, message):
    with pytest.raises(InputError) as caught:
        built(**changes)
    assert message in str(caught.value)
