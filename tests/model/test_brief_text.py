from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.brief_text import brief


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("orders.eu", "orders.eu"),
        ("a\nb\rc\x1b[31m", r"a\nb\rc\x1b[31m"),
        ("\0" * 413, r"\x00(413 times)"),
        ("\0\0\0x", r"\x00\x00\x00x"),
        ("\u202egnp", r"\u202egnp"),
        ("Zürich", "Zürich"),
        ("", ""),
    ],
)
def test_control_characters_are_escaped_and_counted(text, shown):
    assert brief(text) == shown


def test_what_is_long_ends_with_a_sign():
    assert brief("a" * 500, most=10) == "a" * 9 + "…"
    assert brief("\0" * 100_000).endswith("…")


@given(st.text(max_size=3000), st.integers(min_value=1, max_value=300))
def test_it_is_one_line_and_never_longer(text, most):
    shown = brief(text, most)
    assert len(shown) <= most
    assert shown.isprintable()
