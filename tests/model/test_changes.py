from __future__ import annotations

import pytest

from kafka_analysis.model.changes import change_word


@pytest.mark.parametrize(
    ("before", "now", "better", "word"),
    [
        (100.0, 95.0, "lower", "better"),
        (100.0, 95.1, "lower", "about the same"),
        (95.0, 100.0, "lower", "worse"),
        (100.0, 95.0, "higher", "worse"),
        (0.0, 0.0, "lower", "about the same"),
        (0.0, 1.0, "lower", "worse"),
        (100.0, 1.0, "neither", ""),
        (None, 1.0, "lower", ""),
        (1.0, None, "higher", ""),
    ],
)
def test_a_change_is_better_or_worse_from_5_percent_of_the_larger_on(before, now, better, word) -> None:
    assert change_word(before, now, better) == word
