from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.sources.mirroring.records import Record
from kafka_analysis.sources.mirroring.source_offsets import read_positions

PLACE = {"cluster": "old", "partition": 3, "topic": "orders"}


def record(place=PLACE, value=None, connector="MirrorSourceConnector"):
    return Record(
        json.dumps([connector, place]).encode(),
        json.dumps(value or {"offset": 41}).encode(),
        1_767_225_600_000,
    )


def test_the_position_is_the_offset_read_next():
    read = read_positions([record()])
    assert read.rows == (
        {
            "connector": "MirrorSourceConnector",
            "source": "old",
            "topic": "orders",
            "partition": 3,
            "position": 42,
            "committed_at": datetime(2026, 1, 1, tzinfo=UTC),
        },
    )


@pytest.mark.parametrize(
    "place",
    [
        {"group": "g", "topic": "orders", "partition": 0},  # MirrorCheckpointConnector
        {"sourceClusterAlias": "old", "targetClusterAlias": "new"},  # MirrorHeartbeatConnector
        {"filename": "x"},
        {"topic": "orders", "partition": 0},
        "old",
    ],
)
def test_offsets_of_other_connectors_are_no_positions_and_not_unreadable(place):
    assert read_positions([record(place)]) == read_positions([])


def test_a_deleted_offset_has_no_row():
    key = record().key
    assert read_positions([Record(key, None), Record(key, b"null")]) == read_positions([])


@pytest.mark.parametrize(
    "broken",
    [
        Record(None, b"{}"),
        Record(b"[]", b"{}"),
        Record(record().key, b"{}"),
        Record(record().key, b"[5]"),
        Record(record().key, b'{"offset": 9223372036854775807}'),
        Record(record().key, b'{"offset": -1}'),
        record({**PLACE, "partition": 2**31}),
        record({**PLACE, "topic": "\ud800"}),
        record(connector=5),
    ],
)
def test_what_cannot_be_read_is_counted_and_costs_no_other(broken):
    read = read_positions([record(), broken])
    assert (len(read.rows), read.unreadable) == (1, 1)


@given(st.binary(max_size=60), st.binary(max_size=60) | st.none())
def test_no_bytes_raise(key, value):
    read = read_positions([Record(key, value)])
    assert len(read.rows) + read.unreadable <= 1
