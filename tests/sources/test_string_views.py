from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.sources.string_views import MARGIN, text_column, views_of, words_at


def page_of(text: bytes) -> np.ndarray:
    return np.frombuffer(text + bytes(MARGIN), dtype=np.uint8)


@given(st.lists(st.text(max_size=30), max_size=20))
def test_spans_come_out_as_the_text_they_cover(texts):
    raw = [text.encode("utf-8", errors="replace") for text in texts]
    ends = np.cumsum([len(one) for one in raw], dtype=np.int64)
    starts = ends - np.array([len(one) for one in raw], dtype=np.int64)
    page = page_of(b"".join(raw))
    assert text_column(page, views_of(page, starts, ends)).to_list() == [one.decode() for one in raw]


def test_what_is_not_valid_is_null():
    page = page_of(b"abc")
    views = views_of(page, np.array([0, 0]), np.array([3, 3]))
    assert text_column(page, views, valid=np.array([True, False])).to_list() == ["abc", None]


def test_the_column_keeps_its_page_and_can_be_worked_with():
    page = page_of(b"a text of more than twelve bytes")
    column = text_column(page, views_of(page, np.array([0]), np.array([32])))
    del page
    assert column.dtype == pl.String
    assert column.str.to_uppercase().to_list() == ["A TEXT OF MORE THAN TWELVE BYTES"]


def test_bytes_beyond_the_length_do_not_count():
    page = page_of(b"abcdefgh")
    same = words_at(page, np.array([0, 0]), np.array([2, 8]))
    assert same.tolist() == [int.from_bytes(b"ab", "little"), int.from_bytes(b"abcdefgh", "little")]
    assert words_at(page, np.array([3]), np.array([-1])).tolist() == [0]
