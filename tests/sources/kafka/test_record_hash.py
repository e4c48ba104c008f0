from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.sources.kafka.record_hash import hashes_of, key_hash, record_hash, size_of

nullable = st.none() | st.binary(max_size=3)
headers = st.lists(st.tuples(st.text(max_size=2), nullable), max_size=3)
records = st.tuples(nullable, nullable, headers)


def message(key, value, headers):
    def read_headers():
        if isinstance(headers, Exception):
            raise headers
        return headers

    return SimpleNamespace(key=lambda: key, value=lambda: value, headers=read_headers)


@given(records, records)
def test_two_records_have_the_same_hash_only_if_they_are_the_same(one, other):
    assert (record_hash(*one) == record_hash(*other)) == (one == other)


def test_what_could_run_together_does_not():
    hashes = {
        record_hash(b"ab", b"c", None),
        record_hash(b"a", b"bc", None),
        record_hash(b"", b"abc", None),
        record_hash(None, b"abc", None),
        record_hash(None, None, [("abc", None)]),
        record_hash(None, None, [("abc", b"")]),
        record_hash(None, None, [("a", b"bc")]),
        record_hash(None, None, [("a", b"b"), ("c", None)]),
        record_hash(None, None, [("c", None), ("a", b"b")]),
    }
    assert len(hashes) == 9
    assert {len(text) for text in hashes} == {32}


def test_a_key_s_hash_is_the_first_half_of_its_sha_256():
    assert key_hash(b"abc") == "ba7816bf8f01cfea414140de5dae2223"
    assert key_hash(None) is None


def test_the_hashes_of_a_message():
    assert hashes_of(message(b"k", None, None)) == (key_hash(b"k"), record_hash(b"k", None, []))
    assert size_of(message(b"k", None, [("é", b"x"), ("n", None)])) == 1 + 2 + 1 + 1


def test_headers_that_cannot_be_read_are_not_no_headers():
    broken = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
    key, whole = hashes_of(message(b"k", b"v", broken))
    assert key == key_hash(b"k")
    assert whole not in {record_hash(b"k", b"v", []), record_hash(b"k", b"v", [("", None)])}
    assert size_of(message(b"k", b"v", broken)) == 2
