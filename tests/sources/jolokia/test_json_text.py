from __future__ import annotations

import pytest

from kafka_analysis.model.errors import SourceError, TooLargeError
from kafka_analysis.model.page_limits import PageLimits
from kafka_analysis.sources.jolokia.json_text import check_size, first_document


@pytest.mark.parametrize(("size", "limits"), [(100, {"most_bytes": 400}), (100, {"most_bytes": 403})])
def test_json_may_have_a_quarter_of_the_bytes_of_a_page(size, limits):
    check_size(b" " * size, PageLimits(**limits))
    with pytest.raises(TooLargeError):
        check_size(b" " * (size + 1), PageLimits(**limits))


@pytest.mark.parametrize("mark", [b",", b":", b"[", b"{"])
def test_json_may_have_two_values_for_each_line_of_a_page(mark):
    check_size(mark * 20, PageLimits(most_lines=10))
    with pytest.raises(TooLargeError):
        check_size(mark * 21, PageLimits(most_lines=10))


def test_documents_follow_each_other():
    value, end = first_document('{"a": 1} [2]')
    assert (value, end) == ({"a": 1.0}, 8)
    assert first_document('{"a": 1} [2]', 9) == ([2.0], 12)


@pytest.mark.parametrize("text", ["", "{", "nothing", "[" * 100_000])
def test_what_is_no_json_is_said(text):
    with pytest.raises(SourceError):
        first_document(text)
