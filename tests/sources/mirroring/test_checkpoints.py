from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.sources.mirroring.checkpoints import read_checkpoints
from kafka_analysis.sources.mirroring.records import Record


def text(value):
    return struct.pack(">h", len(value.encode())) + value.encode()


KEY = text("größe") + text("old.orders") + struct.pack(">i", 3)
VALUE = struct.pack(">hqq", 0, 100, 90) + text("")


def test_a_checkpoint_is_read_from_its_bytes():
    read = read_checkpoints([Record(KEY, VALUE, 1_000)], source="old")
    (row,) = read.rows
    assert (row["source"], row["group"], row["topic"], row["partition"]) == ("old", "größe", "old.orders", 3)
    assert (row["upstream_offset"], row["downstream_offset"], row["written_at"].second) == (100, 90, 1)


def test_a_deleted_one_has_no_row():
    assert read_checkpoints([Record(KEY, None)], source="old") == read_checkpoints([], source="old")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (KEY, struct.pack(">hqq", 1, 100, 90) + text("")),  # a version that is not known
        (KEY, VALUE + b"x"),
        (KEY, VALUE[:-1]),
        (KEY, struct.pack(">hqq", 0, -2, 90) + text("")),
        (KEY + b"x", VALUE),
        (KEY[:-1], VALUE),
        (KEY[:-4] + b"\xff\xff\xff\xff", VALUE),
        (None, VALUE),
    ],
)
def test_what_cannot_be_read_is_counted(key, value):
    read = read_checkpoints([Record(key, value), Record(KEY, VALUE)], source="old")
    assert (len(read.rows), read.unreadable) == (1, 1)


@given(st.binary(max_size=60), st.binary(max_size=60) | st.none())
def test_no_bytes_raise(key, value):
    read = read_checkpoints([Record(key, value)], source=None)
    assert len(read.rows) + read.unreadable <= 1
