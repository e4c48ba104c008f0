from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots import cell_blast
from kafka_analysis.plots.blast.cell_blast import MOST_CELLS

ROWS = {
    "cell": ["a", "a", "b", "b"],
    "what": ["clients", "bytes"] * 2,
    "share": [0.25, 0.4, 0.8, None],
}


def test_the_cluster_before_comes_first_and_then_the_worst_cell(frame):
    axes = cell_blast(frame(ROWS), accepted=0.3).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["one cluster, before", "b", "a"]
    assert [bar.get_width() for bar in axes.patches] == [1.0, 0.8, 0.25, 0.4]
    assert axes.lines[0].get_xdata()[0] == 0.3


def test_the_caption_names_the_worst(frame):
    assert "The worst of 2 cells is b: 80 % of clients." in cell_blast(frame(ROWS)).caption


def test_without_clients_it_says_so():
    assert cell_blast(pl.DataFrame(ROWS).clear()).caption == "Nothing to show: no client of a cell is known."


@pytest.mark.parametrize("count", [1, 8, MOST_CELLS + 5])
def test_it_is_shown_whole(assert_whole, count):
    rows = pl.DataFrame({"cell": [f"cell-{n}" for n in range(count)], "what": "clients", "share": 1 / count})
    drawing = cell_blast(rows)
    assert len(drawing.axes[0].get_yticklabels()) == min(count, MOST_CELLS) + 1
    assert_whole(drawing)
