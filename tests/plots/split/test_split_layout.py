from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from kafka_analysis.plots.drawing import WIDTH_IN
from kafka_analysis.plots.palette import GREY
from kafka_analysis.plots.split.split_layout import lay_out


def topics(cells, each=3):
    rows = [(f"t{c}-{k}", f"cell-{c:02d}", 100.0 / (k + 1)) for c in range(cells) for k in range(each)]
    return pl.DataFrame(rows, schema=["name", "cell", "bytes_per_s"], orient="row")


@pytest.mark.parametrize("cells", [1, 2, 3, 4, 5, 12, 30])
def test_discs_lie_within_the_page_and_apart(cells):
    discs, (width, height) = lay_out(topics(cells), most_topics=50)
    assert width == WIDTH_IN
    assert height <= 9.5
    for number, one in enumerate(discs):
        reach = one.radius + one.rim
        assert reach <= one.middle[0] <= width - reach
        assert reach <= one.middle[1] <= height - reach
        assert all(
            np.hypot(*(one.middle - other.middle)) > reach + other.radius + other.rim
            for other in discs[:number]
        )
        assert (np.hypot(*one.dots.T) + one.sizes <= one.radius + 1e-9).all()


def test_areas_are_on_one_scale_and_the_smallest_can_be_seen():
    rows = pl.DataFrame(
        {"name": ["a", "b", "c", "d"], "cell": ["x", "x", "y", "y"], "bytes_per_s": [16.0, 4.0, 1.0, None]}
    )
    one, other = lay_out(rows, most_topics=9)[0]
    largest = one.sizes[0]
    assert one.sizes.tolist() == pytest.approx([largest, largest / 2])
    assert other.sizes.tolist() == pytest.approx([largest / 4, 0.13 * largest])


def test_the_cells_with_most_bytes_have_a_colour_and_the_others_are_grey():
    rows = topics(12).with_columns(bytes_per_s=pl.col("cell").str.slice(5).cast(pl.Float64))
    discs, _ = lay_out(rows, most_topics=9)
    assert [disc.name for disc in discs if disc.colour == GREY] == [f"cell-{c:02d}" for c in range(4)]
    assert len({disc.colour for disc in discs}) == 9


def test_the_largest_topics_of_a_cell_are_kept():
    (disc,) = lay_out(topics(1, each=9), most_topics=2)[0]
    assert disc.topics["name"].to_list() == ["t0-0", "t0-1"]


def test_nothing_flows_and_all_dots_are_alike():
    (disc,) = lay_out(topics(1).with_columns(bytes_per_s=pl.lit(0.0)), most_topics=9)[0]
    assert len(set(disc.sizes)) == 1
