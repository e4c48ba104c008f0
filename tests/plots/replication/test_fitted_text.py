from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.plots.replication.fitted_text import fitted, width_of
from tests.examples import examples

NAMES = st.text("abWil.-_$\\{}^ö", min_size=1, max_size=249)


@examples(60)
@given(NAMES, st.floats(0.6, 3.0), st.sampled_from(["normal", "bold"]))
def test_it_fits_and_keeps_both_ends(name, width, weight):
    text = fitted(name, width, size=9.0, weight=weight)
    assert width_of(text, size=9.0, weight=weight) <= width
    if text != name:
        head, _, tail = text.partition("…")
        assert name.startswith(head)
        assert name.endswith(tail)
        assert len(head) == len(tail) > 0


def test_what_fits_is_not_cut_and_as_much_as_fits_is_kept():
    assert fitted("orders", width_of("orders", size=9.0), size=9.0) == "orders"
    text = fitted("i" * 200, 1.0, size=9.0)
    assert width_of(text + "ii", size=9.0) > 1.0


def test_bold_letters_are_wider():
    assert width_of("orders", size=9.0, weight="bold") > width_of("orders", size=9.0)
    assert width_of("orders" * 2, size=9.0) == pytest.approx(2 * width_of("orders", size=9.0), rel=0.1)
