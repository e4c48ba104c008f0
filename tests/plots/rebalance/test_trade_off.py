from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots import trade_off

STEPS = {
    "kind": ["now", "leaders", "budget", "plan"],
    "bytes_to_move": [0.0, 0.0, 2e9, 8e9],
    "worst": [3.0, 2.0, 1.5, 1.1],
    "worst_resource": ["bytes_out_per_s", "size_bytes", "size_bytes", "leaders"],
    "lower_bound_bytes": [7e9] * 4,
}


def test_the_curve_its_marks_and_the_bound(frame):
    drawing = trade_off(frame(STEPS))
    axes = drawing.axes[0]
    curve, now, leaders, plan, bound = axes.lines
    assert list(zip(curve.get_xdata(), curve.get_ydata(), strict=True)) == [
        (0.0, 3.0), (0.0, 2.0), (2e9, 1.5), (8e9, 1.1),
    ]  # fmt: skip
    assert [(m.get_xdata()[0], m.get_ydata()[0]) for m in (now, leaders, plan)] == [
        (0, 3.0),
        (0, 2.0),
        (8e9, 1.1),
    ]
    assert bound.get_xdata()[0] == 7e9
    assert [text.get_text() for text in axes.texts] == [
        "bytes out with replication",
        "bytes stored",
        "leaders",
    ]
    assert "now: 3.00; leaders only: 2.00; 2 GB: 1.50; the plan, 8 GB: 1.10." in drawing.caption
    assert "No plan meets every goal with less than 7 GB." in drawing.caption


def test_the_strip_is_as_high_as_the_tolerance():
    strip = trade_off(pl.DataFrame(STEPS), tolerance=0.2).axes[0].patches[0]
    assert (strip.get_y(), strip.get_height()) == (1, pytest.approx(0.2))


def test_without_a_bound_there_is_no_line(frame):
    rows = frame(
        STEPS | {"lower_bound_bytes": [None] * 4}, schema_overrides={"lower_bound_bytes": pl.Float64}
    )
    drawing = trade_off(rows)
    assert len(drawing.axes[0].lines) == 4
    assert "No plan" not in drawing.caption


def test_where_no_plan_copies_anything_the_numbers_are_said():
    rows = pl.DataFrame(STEPS).with_columns(bytes_to_move=pl.lit(0.0)).filter(pl.col("kind") != "budget")
    assert trade_off(rows).caption == (
        "Nothing to show: no replica moves. Fullest broker ÷ its share: now: 3.00; leaders only: 2.00; the plan: 1.10."
    )


def test_without_a_plan_it_says_so():
    assert trade_off(pl.DataFrame(STEPS).clear()).caption == "Nothing to show: no plan."


@pytest.mark.parametrize("scale", [1.0, 1e-3, 5e5])
def test_it_is_shown_whole(assert_whole, scale):
    rows = pl.DataFrame(STEPS).with_columns(pl.col("bytes_to_move", "lower_bound_bytes") * scale)
    assert_whole(trade_off(rows))
    assert_whole(trade_off(rows.with_columns(bytes_to_move=pl.lit(0.0))))
