from __future__ import annotations

import polars as pl
import pytest
from matplotlib.colors import to_hex

from kafka_analysis.plots import blast_radius
from kafka_analysis.plots.palette import AFTER, BEFORE

ROWS = {
    "outage": [1, 1, 2, 2],
    "cluster": ["monolith"] * 2 + ["cell-b"] * 2,
    "name": ["broker killed"] * 2 + ["cell stopped"] * 2,
    "split": ["before"] * 2 + ["after"] * 2,
    "effect": "loses_service",
    "what": ["partitions", "producers"] * 2,
    "predicted": [0.1, 0.25, 0.5, 0.5],
    "measured": [0.1, 0.3, 0.5, None],
}


def test_each_outage_has_a_panel_with_bars_and_points(frame):
    first, second = blast_radius(frame(ROWS)).axes
    assert [axes.get_title(loc="left") for axes in (first, second)] == [
        "monolith: broker killed",
        "cell-b: cell stopped",
    ]
    assert [bar.get_width() for bar in first.patches] == [0.25, 0.1]
    assert [line.get_xdata()[0] for line in first.lines] == [0.3, 0.1]
    assert {to_hex(bar.get_facecolor()) for bar in first.patches} == {BEFORE.lower()}
    assert {to_hex(bar.get_facecolor()) for bar in second.patches} == {AFTER.lower()}
    assert [label.get_text() for label in first.get_yticklabels()] == ["Producers", "Partitions"]


def test_what_could_not_be_measured_is_a_word_and_not_a_point(frame):
    drawing = blast_radius(frame(ROWS))
    second = drawing.axes[1]
    assert [line.get_xdata()[0] for line in second.lines] == [0.5]
    assert [text.get_text() for text in second.texts] == ["unknown"]
    assert "cell stopped (cell-b): producers 50 % predicted, unknown measured." in drawing.caption


def test_another_effect_is_drawn_when_asked_for(frame):
    assert (
        blast_radius(frame(ROWS), effect="interrupted").caption == "Nothing to show: no outage was recorded."
    )


@pytest.mark.parametrize("count", [1, 3, 12])
def test_it_is_shown_whole(assert_whole, count):
    one = pl.DataFrame(ROWS).head(2).with_columns(cluster=pl.lit("a-cluster-with-a-long-$name$" * 2))
    every = ("producers", "starved_groups", "partitions", "bytes_in_per_s")
    rows = pl.concat([one.head(1).with_columns(what=pl.lit(what)) for what in every])
    drawing = blast_radius(pl.concat([rows.with_columns(outage=pl.lit(n)) for n in range(count)]))
    assert len(drawing.axes) == min(count, 8)
    assert_whole(drawing)
