from __future__ import annotations

import json
import struct
from types import SimpleNamespace

import pytest

from kafka_analysis.live.record import mirror_topics as room
from kafka_analysis.live.record.mirror_topics import (
    BUSY,
    LOOK_EVERY_S,
    NO_GROUPS_TOPIC,
    NOT_ALL_VISIBLE,
    MirrorTopics,
)
from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.model.tables import table_schema
from kafka_analysis.sources.kafka.internal_topics import NO_READ, TopicReading
from kafka_analysis.sources.mirroring.records import Record

CLUSTER = ClusterProfile(name="new", bootstrap_servers="127.0.0.1:1")
TABLES = {"mirror_positions", "checkpoints", "offset_syncs", "connectors"}


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


def position(topic="orders", offset=41):
    key = json.dumps(["MirrorSourceConnector", {"cluster": "old", "partition": 0, "topic": topic}])
    return Record(key.encode(), json.dumps({"offset": offset}).encode(), 1_767_225_600_000)


HELD = {
    "mm2-offsets.old.internal": [position()],
    "mm2-configs.old.internal": [Record(b"connector-M", b'{"properties": {"topics": "orders"}}')],
    "mm2-status.old.internal": [Record(b"status-task-M-0", b'{"state": "RUNNING"}')],
    "old.checkpoints.internal": [
        Record(text("g") + text("orders") + struct.pack(">i", 0), struct.pack(">hqqh", 0, 5, 4, 0), 1)
    ],
    "mm2-offset-syncs.far.internal": [
        Record(text("orders") + struct.pack(">i", 0), struct.pack(">qq", 5, 4), 1)
    ],
}


class Held:
    """Readings of topics that hold these records, and which topics each was asked for."""

    def __init__(self, records=HELD, **missing):
        self.records, self.missing, self.asked = records, missing, []

    def read(self, partitions, deadline):
        self.asked.append(sorted(partitions))
        return {
            t: TopicReading(tuple(self.records[t]), t not in self.missing, self.missing.get(t))
            for t in partitions
        }


@pytest.fixture
def mirror(monkeypatch):
    """Return a function that makes the question of a cluster with these topics, and the clock it looks at."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(room.time, "monotonic", lambda: clock.now)

    def make(held=None, topics=(*HELD, "orders", "heartbeats", "__consumer_offsets"), *, all_visible=True):
        listed = {name: SimpleNamespace(partitions={0: None}) for name in topics}
        monkeypatch.setattr(room, "visible_topics", lambda admin, timeout_s: listed)
        monkeypatch.setattr(room, "may_describe_topics", lambda admin, timeout_s: all_visible)
        return MirrorTopics(None, CLUSTER, 5, topics=held or Held()), clock, listed

    return make


def test_what_mirror_maker_stores_becomes_tables(mirror):
    question, _, _ = mirror()
    tables, missing = question.read()
    assert (set(tables), missing) == (TABLES, None)
    assert all(table_schema(name).is_valid(rows) for name, rows in tables.items())
    assert tables["mirror_positions"].select("cluster", "source", "topic", "position").rows() == [
        ("new", "old", "orders", 42)
    ]
    assert tables["checkpoints"].select("source", "downstream_offset").rows() == [("old", 4)]
    assert tables["offset_syncs"].select("peer", "upstream_offset").rows() == [("far", 5)]
    assert tables["connectors"].select("peer", "task", "name", "value").rows() == [
        ("old", None, "topics", "orders"),
        ("old", 0, "state", "RUNNING"),
    ]


def test_positions_are_read_each_time_and_the_rest_once_a_minute(mirror):
    held = Held()
    question, clock, listed = mirror(held)
    question.read()
    clock.now = LOOK_EVERY_S - 1
    assert set(question.read()[0]) == {"mirror_positions"}
    del listed["mm2-status.old.internal"]
    assert set(question.read()[0]) == {"mirror_positions"}
    clock.now = 2 * LOOK_EVERY_S
    assert set(question.read()[0]) == TABLES
    positions = ["mm2-offsets.old.internal"]
    assert held.asked == [sorted(HELD), positions, positions, sorted(set(HELD) - {"mm2-status.old.internal"})]


def test_a_cluster_without_a_mirror_has_no_tables_and_no_gap_until_one_is_there(mirror):
    question, _, listed = mirror(topics=("orders", "__consumer_offsets"))
    assert [question.read() for _ in range(3)] == [({}, None)] * 3
    listed["mm2-offsets.old.internal"] = SimpleNamespace(partitions={0: None})
    assert set(question.read()[0]) == {"mirror_positions"}


def test_topics_that_a_mirror_makes_one_by_one_are_read_as_soon_as_they_are_there(mirror):
    question, _, listed = mirror(topics=("mm2-configs.old.internal", "__consumer_offsets"))
    assert set(question.read()[0]) == {"connectors"}
    listed["mm2-offsets.old.internal"] = SimpleNamespace(partitions={0: None})
    assert set(question.read()[0]) == {"mirror_positions", "connectors"}
    assert set(question.read()[0]) == {"mirror_positions"}


def test_without_the_right_to_see_all_topics_what_is_not_visible_is_unknown(mirror):
    question, clock, _ = mirror(topics=("orders",), all_visible=False)
    assert question.read() == ({}, NOT_ALL_VISIBLE)
    clock.now = 1
    assert question.read() == ({}, NOT_ALL_VISIBLE)
    question, _, _ = mirror(topics=("mm2-offsets.old.internal", "__consumer_offsets"), all_visible=False)
    tables, missing = question.read()
    assert (set(tables), missing) == ({"mirror_positions"}, NOT_ALL_VISIBLE)


def test_a_topic_that_may_not_be_read_has_no_table_and_is_named(mirror):
    name = "mm2-offsets.old.internal"
    question, _, _ = mirror(Held({**HELD, name: []}, **{name: f"{name}: {NO_READ}"}))
    tables, missing = question.read()
    assert (set(tables), missing) == (TABLES - {"mirror_positions"}, f"{name}: {NO_READ}")


def test_a_record_that_is_not_understood_is_counted(mirror):
    name = "mm2-offsets.old.internal"
    question, _, _ = mirror(Held({**HELD, name: [position(), position("x", offset=-5), Record(b"?", b"?")]}))
    tables, missing = question.read()
    assert len(tables["mirror_positions"]) == 1
    assert missing == f"{name}: 2 records not understood"


def test_nothing_is_read_where_to_read_would_create_a_topic(mirror):
    held = Held()
    question, _, _ = mirror(held, topics=tuple(HELD))
    assert (question.read(), held.asked) == (({}, NO_GROUPS_TOPIC), [])


def test_two_questions_at_once_are_one_too_many(mirror):
    question, _, _ = mirror()
    with question._reading, pytest.raises(SourceError, match=BUSY):
        question.read()
    assert set(question.read()[0]) == TABLES
