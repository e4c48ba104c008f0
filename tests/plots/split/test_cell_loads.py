from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis import plots

LOADS = {
    "cell": ["a", "b", "a", "b"],
    "resource": ["partitions", "partitions", "bytes_in_per_s", "bytes_in_per_s"],
    "load": [30.0, 20.0, 2e6, 1e6],
    "limit": [40.0, 40.0, None, None],
    "used": [0.75, 0.5, None, None],
    "share": [0.6, 0.4, 2 / 3, 1 / 3],
}


def test_bars_are_shares_of_the_limit_or_of_all(frame):
    free, limited = plots.cell_loads(frame(LOADS)).axes
    assert [bar.get_width() for bar in limited.patches] == [0.75, 0.5]
    assert [bar.get_width() for bar in free.patches] == pytest.approx([2 / 3, 1 / 3])
    assert limited.lines[0].get_xdata() == [1.0, 1.0]
    assert len(free.lines) == 0
    assert [text.get_text() for text in limited.texts] == ["30", "20"]
    assert [text.get_text() for text in free.texts] == ["2 MB/s", "1 MB/s"]
    assert (free.get_xlabel(), limited.get_xlabel()) == ("of total, no limit", "of the limit")


def test_the_fullest_is_told():
    drawing = plots.cell_loads(pl.DataFrame(LOADS))
    assert drawing.caption == "Load of each of 2 cells; fullest: a, partitions, 75 % of the limit."
    free = pl.DataFrame(LOADS).filter(resource="bytes_in_per_s")
    assert plots.cell_loads(free).caption == "Load of each of 2 cells; there are no limits."


def test_of_many_cells_the_fullest_are_drawn():
    rows = pl.DataFrame({"cell": [f"c{n:02d}" for n in range(50)], "resource": "partitions", "load": range(50),
                         "limit": 50.0, "used": [n / 50 for n in range(50)], "share": 0.02})  # fmt: skip
    drawing = plots.cell_loads(rows)
    assert len(drawing.axes[0].patches) == 40
    assert drawing.axes[0].get_yticklabels()[0].get_text() == "c10"
    assert drawing.caption.endswith("The 40 fullest are drawn.")


def test_nothing_is_said():
    assert "nothing to show" in plots.cell_loads(pl.DataFrame(LOADS).clear()).alt


@pytest.mark.parametrize("resources", [1, 2, 4, 5])
def test_it_is_shown_whole(assert_whole, resources):
    rows = pl.DataFrame(
        {"cell": ["a", "b"] * resources, "resource": [f"resource_{n // 2}" for n in range(2 * resources)],
         "load": 3.2, "limit": 4.0, "used": 0.8, "share": 0.5}
    )  # fmt: skip
    assert_whole(plots.cell_loads(rows))
