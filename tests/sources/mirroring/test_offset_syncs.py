from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.sources.mirroring.offset_syncs import read_offset_syncs
from kafka_analysis.sources.mirroring.records import Record

KEY = b"\x00\x06orders" + struct.pack(">i", 3)
VALUE = struct.pack(">qq", 100, 90)


def test_a_sync_is_read_from_its_bytes():
    (row,) = read_offset_syncs([Record(KEY, VALUE, 2_000)], peer="new").rows
    assert {name: row[name] for name in row if name != "written_at"} == {
        "peer": "new",
        "topic": "orders",
        "partition": 3,
        "upstream_offset": 100,
        "downstream_offset": 90,
    }
    assert row["written_at"].second == 2


def test_a_deleted_one_has_no_row():
    assert read_offset_syncs([Record(KEY, None)], peer="new") == read_offset_syncs([], peer="new")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (KEY, VALUE + b"x"),
        (KEY, VALUE[1:]),
        (KEY, struct.pack(">qq", -1, 0)),
        (b"", VALUE),
        (KEY + b"x", None),
    ],
)
def test_what_cannot_be_read_is_counted(key, value):
    read = read_offset_syncs([Record(key, value), Record(KEY, VALUE)], peer="new")
    assert (len(read.rows), read.unreadable) == (1, 1)


@given(st.binary(max_size=40), st.binary(max_size=40) | st.none())
def test_no_bytes_raise(key, value):
    read = read_offset_syncs([Record(key, value)], peer=None)
    assert len(read.rows) + read.unreadable <= 1
