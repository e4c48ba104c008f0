from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis.model.errors import CaptureError
from kafka_analysis.model.tables import EVENT_KINDS, TABLES, empty_table, table_schema

T0 = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_a_time_and_a_cluster(name):
    empty = empty_table(name)
    assert empty.columns[:2] == ["ts", "cluster"]
    assert empty.schema["ts"] == pl.Datetime("ms", "UTC")
    assert table_schema(name).is_valid(empty)


@pytest.mark.parametrize("name", TABLES)
def test_numbers_of_bytes_and_offsets_are_whole(name):
    for column, kind in empty_table(name).schema.items():
        if column.endswith(("_bytes", "_offset")):
            assert kind == pl.Int64, column


def test_an_unknown_table_gets_the_nearest():
    with pytest.raises(CaptureError, match="did you mean 'partitions'"):
        table_schema("partition")


def row(table, **values):
    columns = empty_table(table).schema
    return pl.DataFrame([dict.fromkeys(columns) | {"ts": T0, "cluster": "c"} | values], schema=columns)


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_events_are_of_the_kinds_known(kind):
    assert table_schema("events").is_valid(row("events", name="n", kind=kind))


def test_and_of_no_other():
    assert not table_schema("events").is_valid(row("events", name="n", kind="party"))
    assert not table_schema("flows").is_valid(
        row("flows", client="c", kind="printer", topic="t", evidence="measured")
    )
    assert not table_schema("flows").is_valid(
        row("flows", client="c", kind="group", topic="t", evidence="guessed")
    )


def test_a_partition_without_leader_is_valid_and_one_without_replicas_is_not():
    known = {"topic": "t", "partition": 0, "isr": []}
    assert table_schema("partitions").is_valid(row("partitions", **known, leader=-1, replicas=[1]))
    assert not table_schema("partitions").is_valid(row("partitions", **known, leader=1, replicas=None))
    assert not table_schema("partitions").is_valid(row("partitions", **known, leader=None, replicas=[1]))


def test_an_offset_may_be_unknown_but_not_a_commit():
    assert table_schema("offsets").is_valid(row("offsets", topic="t", partition=0))
    assert not table_schema("group_offsets").is_valid(row("group_offsets", group="g", topic="t", partition=0))
