from __future__ import annotations

import pytest

from kafka_analysis.plots.drawing import nothing


def test_the_check_of_whole_figures_can_fail(assert_whole):
    drawing = nothing("f", "x")
    assert_whole(drawing)
    drawing.figure.text(0.98, 0.5, "reaches over the edge")
    with pytest.raises(AssertionError):
        assert_whole(drawing)
