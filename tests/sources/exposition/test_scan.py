from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.sources.exposition.scan import is_utf8


def as_python_says(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@given(
    st.binary(max_size=6) | st.text(max_size=4).map(lambda text: text.encode("utf-8", errors="surrogatepass"))
)
def test_utf8_is_what_python_says_it_is(raw):
    page = np.frombuffer(b"." + raw + b".", np.uint8)
    assert is_utf8(page, 1, 1 + len(raw)) == as_python_says(raw)


def test_utf8_of_every_pair_and_of_the_edges_of_longer_ones():
    pairs = [
        bytes([first, second]) for first in range(128, 256) for second in (0, 0x7F, 0x80, 0xBF, 0xC0, 0xFF)
    ]
    edges = ["\x80", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff"]
    wrong = [
        b"\xe0\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xf0\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82",
        b"\xf0\x9f\x98",
    ]
    for raw in [*pairs, *(edge.encode() for edge in edges), *wrong]:
        assert is_utf8(np.frombuffer(raw, np.uint8), 0, len(raw)) == as_python_says(raw), raw
