"""What every figure must do: be readable, drawn whole, and take Polars and pandas frames."""

from __future__ import annotations

import polars as pl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg


@pytest.fixture(params=["polars", "pandas"])
def frame(request):
    """Return a constructor of frames of one engine."""

    def make(columns, **options):
        made = pl.DataFrame(columns, **options)
        return made if request.param == "polars" else made.to_pandas()

    return make


@pytest.fixture
def assert_whole():
    """Return a check that no text of a drawing reaches over the figure's edge."""

    def check(drawing):
        canvas = FigureCanvasAgg(drawing.figure)
        drawing.figure.draw_without_rendering()  # lays the figure out
        box = drawing.figure.get_tightbbox(canvas.get_renderer())
        width, height = drawing.figure.get_size_inches()
        assert min(box.x0, box.y0) >= -0.01, box
        assert box.x1 <= width + 0.01, box
        assert box.y1 <= height + 0.01, box

    return check
