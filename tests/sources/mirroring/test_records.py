from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kafka_analysis.sources.mirroring.records import (
    LARGEST_INT32,
    MOST_KEY_BYTES,
    MOST_VALUE_BYTES,
    Read,
    Record,
    json_of,
    read_each,
    text_of,
    whole_number,
)


def test_a_time_that_cannot_be_is_none():
    assert Record(b"", b"", 1_767_225_600_123).at == datetime(2026, 1, 1, 0, 0, 0, 123_000, tzinfo=UTC)
    assert [Record(b"", b"", ms).at for ms in (None, -1, 0, 2**62)] == [None] * 4


def test_a_record_larger_than_any_of_connect_is_counted_and_not_looked_at():
    large = [Record(b"k" * (MOST_KEY_BYTES + 1), b""), Record(b"k", b"v" * (MOST_VALUE_BYTES + 1))]
    assert read_each(large, lambda _: [{}]) == Read((), 2)


@pytest.mark.parametrize("data", [b"", None, b"\xff", b"{", b"[" * 100_000, b"9" * 5_000])
def test_what_is_no_json_is_a_value_error(data):
    with pytest.raises(ValueError):
        json_of(data)


@pytest.mark.parametrize("value", [True, -1, 2**31, 1.0, "1", None])
def test_what_is_no_whole_number_of_the_size_is_a_value_error(value):
    with pytest.raises(ValueError):
        whole_number(value, most=LARGEST_INT32)


@pytest.mark.parametrize("value", [None, 1, "a\udc00"])
def test_what_cannot_be_stored_as_text_is_a_value_error(value):
    with pytest.raises(ValueError):
        text_of(value)
