from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots import topic_effects
from kafka_analysis.plots.palette import BLUE, GREY, VERMILLION

SCHEMA = {
    "flow": pl.String, "topic": pl.String, "verdict": pl.String, "is_share": pl.Boolean,
    **dict.fromkeys(("effect", "low", "high", "share"), pl.Float64),
}  # fmt: skip


def effects(*rows):
    return pl.DataFrame([("bytes_in_per_s", *row) for row in rows], schema=SCHEMA, orient="row")


ROWS = (
    ("large", "same", True, 0.01, -0.02, 0.04, 0.6),
    ("risen", "rose", True, 0.5, 0.25, 1.0, 0.1),
    ("fallen", "fell", True, -0.5, -0.6, -0.4, 0.1),
    ("unsure", "cannot tell", True, 0.2, -0.2, 0.8, 0.2),
)


def names(drawing):
    return [label.get_text() for label in drawing.axes[0].get_yticklabels()]


def test_a_mark_and_an_interval_each_those_that_changed_most_first(frame):
    rows = effects(*ROWS)
    drawing = topic_effects(frame(rows.to_dict(as_series=False), schema=SCHEMA))
    axes = drawing.axes[0]
    assert names(drawing) == ["fallen", "risen", "large", "unsure"]
    marks = [dots.get_offsets()[0].tolist() for dots in axes.collections[-4:]]
    assert marks == [[0.5, 0.0], [1.5, 1.0], [1.01, 2.0], [1.2, 3.0]]
    intervals = {round(line.get_ydata()[0]): line for line in axes.lines if len(set(line.get_ydata())) == 1}
    assert list(intervals[0].get_xdata()) == pytest.approx([0.4, 0.6])
    assert [intervals[n].get_color() for n in (0, 1, 3)] == [VERMILLION, BLUE, GREY]
    assert axes.get_xscale() == "log"
    assert "2 topics changed beyond chance. Largest: fallen, -50 % (-60 % to -40 %)" in drawing.caption


def test_no_change_is_marked_and_the_axis_is_even_around_it():
    axes = topic_effects(effects(*ROWS)).axes[0]
    left, right = axes.get_xlim()
    assert left * right == pytest.approx(1.0)
    assert 1 in axes.get_xticks()
    assert "no change" in [axes.xaxis.get_major_formatter()(tick, 0) for tick in axes.get_xticks()]


def test_topics_without_a_ratio_are_not_drawn_and_of_many_the_rest_is_counted():
    rows = effects(
        *ROWS,
        ("gone", "only before", None, None, None, None, 0.1),
        ("zeros", "fell", False, -9.0, -10.0, -8.0, 0.1),
    )
    drawing = topic_effects(rows, top_n=3)
    assert names(drawing) == ["fallen", "risen", "large"]
    assert "1 more topic not drawn" in drawing.caption


def test_where_nothing_changed_or_was_compared_it_says_so():
    assert "No topic changed beyond chance" in topic_effects(effects(ROWS[0])).caption
    gone = effects(("gone", "only before", None, None, None, None, 0.1))
    assert "of no topic is there an interval" in topic_effects(gone).caption


def test_it_is_shown_whole(assert_whole):
    rows = [(f"{n}" * 90, "rose", True, 30.0, 5.0, 200.0, 0.01) for n in range(1, 40)]
    assert_whole(topic_effects(effects(*rows)))
