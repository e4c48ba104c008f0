from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.sources.mirroring.connectors import (
    MOST_SETTINGS,
    read_connector_configs,
    read_connector_states,
)
from kafka_analysis.sources.mirroring.records import Record


def record(key, value):
    return Record(key.encode(), None if value is None else json.dumps(value).encode())


def rows(read):
    return [(r["connector"], r["task"], r["name"], r["value"], r["kind"]) for r in read.rows]


def test_settings_of_connectors_and_tasks_are_rows_and_secrets_are_none():
    read = read_connector_configs(
        [
            record("connector-M-1", {"properties": {"topics": "a,b", "sasl.jaas.config": "secret"}}),
            record("task-M-1-0", {"properties": {"task.assigned.partitions": "a-0", "none": None}}),
            record("commit-M-1", {"tasks": 2}),
            record("target-state-M-1", {"state": "PAUSED", "state.v2": "STOPPED"}),
            record("target-state-N", {"state": "STARTED"}),
        ],
        peer="old",
    )
    assert rows(read) == [
        ("M-1", None, "topics", "a,b", "config"),
        ("M-1", None, "sasl.jaas.config", None, "config"),
        ("M-1", 0, "task.assigned.partitions", "a-0", "config"),
        ("M-1", 0, "none", None, "config"),
        ("M-1", None, "tasks", "2", "state"),
        ("M-1", None, "target_state", "STOPPED", "state"),
        ("N", None, "target_state", "STARTED", "state"),
    ]
    assert {row["peer"] for row in read.rows} == {"old"}


def test_states_have_the_first_line_of_their_trace_without_logins():
    trace = "KafkaException: ann:secret@h:9092 refused\n\tat x\n"
    read = read_connector_states(
        [
            record(
                "status-connector-M",
                {"state": "RUNNING", "worker_id": "w:8083", "trace": None, "generation": 1},
            ),
            record("status-task-M-12", {"state": "FAILED", "worker_id": "w:8083", "trace": trace}),
        ],
        peer=None,
    )
    assert rows(read) == [
        ("M", None, "state", "RUNNING", "state"),
        ("M", None, "worker_id", "w:8083", "state"),
        ("M", 12, "state", "FAILED", "state"),
        ("M", 12, "worker_id", "w:8083", "state"),
        ("M", 12, "trace", "KafkaException: …@h:9092 refused", "state"),
    ]


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (["A: x"], "A: x"),
        (
            ["A: x", "\tat a", "Caused by: B: y", "\tat b", "Caused by: C: z", "\tat c"],
            "A: x; Caused by: C: z",
        ),
        (["A: Caused by: x", "\tCaused by: y"], "A: Caused by: x"),
        (["Caused by: x"], "Caused by: x; Caused by: x"),
        (["A: x", "Caused by: B: " + "y" * 2_000], "A: x; Caused by: B: " + "y" * 986),
        (["A: " + "x" * 2_000], "A: " + "x" * 997),
        (["A: x", "y" * 70_000, "Caused by: B"], "A: x"),
        ([""], ""),
    ],
)
def test_of_a_trace_the_first_line_and_the_last_cause_stay(lines: list[str], shown: str) -> None:
    value = {"state": "FAILED", "trace": "\n".join(lines)}
    assert rows(read_connector_states([record("status-task-M-0", value)], peer=None))[-1][3] == shown


def test_a_trace_that_names_a_secret_is_not_shown():
    value = {"state": "FAILED", "trace": "password=hunter2"}
    assert rows(read_connector_states([record("status-connector-M", value)], peer=None))[1][3] is None


@pytest.mark.parametrize(
    "key", ["session-key-v2", "restart-connector-M", "tasks-fencing-M", "logger-cluster-x"]
)
def test_other_keys_of_connect_are_left_out_and_not_looked_at(key):
    assert read_connector_configs([record(key, {"key": "secret"})], peer=None) == read_connector_configs(
        [], peer=None
    )


def test_deleted_records_and_topics_of_connectors_have_no_rows():
    assert read_connector_configs([record("connector-M", None)], peer=None).rows == ()
    deleted = [record("status-task-M-0", None), record("status-topic-orders:connector-M", {"topic": {}})]
    assert read_connector_states(deleted, peer=None) == read_connector_states([], peer=None)


@pytest.mark.parametrize(
    ("read", "key", "value"),
    [
        (read_connector_configs, "connector-M", []),
        (read_connector_configs, "connector-M", {"properties": []}),
        (read_connector_configs, "connector-M", {"properties": {"a": 5}}),
        (
            read_connector_configs,
            "connector-M",
            {"properties": {f"a{n}": "" for n in range(MOST_SETTINGS + 1)}},
        ),
        (read_connector_configs, "commit-M", {"tasks": "two"}),
        (read_connector_configs, "target-state-M", {}),
        (read_connector_states, "status-connector-M", {"worker_id": "w"}),
        (read_connector_states, "status-task-M-0", {"state": "RUNNING", "trace": 5}),
    ],
)
def test_what_cannot_be_read_is_counted(read, key, value):
    assert (read([record(key, value)], peer=None).rows, read([record(key, value)], peer=None).unreadable) == (
        (),
        1,
    )


@given(
    st.sampled_from([b"connector-", b"task-", b"status-task-", b""]),
    st.binary(max_size=30),
    st.binary(max_size=60),
)
def test_no_bytes_raise(prefix, key, value):
    for read in (read_connector_configs, read_connector_states):
        assert read([Record(prefix + key, value)], peer=None).unreadable <= 1
