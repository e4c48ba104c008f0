from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots import execution_gantt
from kafka_analysis.plots.rebalance.execution_gantt import MOST_BATCHES

BATCHES = {
    "batch": [1, 2, 3],
    "kind": ["leader", "copy", "copy"],
    "partitions": [4, 2, 1],
    "bytes_to_copy": [0.0, 6e9, 3e9],
    "starts_after_s": [0.0, 60.0, 240.0],
    "seconds_low": [0.0, 100.0, 50.0],
    "seconds": [0.0, 120.0, 60.0],
    "seconds_high": [0.0, 200.0, 90.0],
}


def many(count, length=100.0):
    rows = {"batch": range(1, count + 1), "kind": "copy", "partitions": 1, "bytes_to_copy": 1e9}
    starts = [n * length for n in range(count)]
    times = {
        "starts_after_s": starts,
        "seconds_low": length * 0.8,
        "seconds": length * 0.9,
        "seconds_high": length,
    }
    return pl.DataFrame(rows | times)


def test_bars_start_and_end_when_batches_do(frame):
    axes = execution_gantt(frame(BATCHES)).axes[0]
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(60.0, 120.0), (240.0, 60.0)]
    assert [list(line.get_xdata()) for line in axes.lines] == [[0.0], [160.0, 260.0], [290.0, 330.0]]
    assert [text.get_text() for text in axes.texts] == [
        "leaders of 4 partitions", "6 GB, 2 partitions", "3 GB, 1 partition",
    ]  # fmt: skip


def test_the_first_batch_is_on_top_and_time_in_readable_units(frame):
    axes = execution_gantt(frame(BATCHES)).axes[0]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["batch 1", "batch 2", "batch 3"]
    left, right = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if left <= tick <= right]
    assert [axes.xaxis.get_major_formatter()(tick) for tick in ticks] == ["0 s", "2 min", "4 min", "6 min"]


@pytest.mark.parametrize("length", [0.5, 40.0, 3000.0, 90_000.0, 4e6])
def test_there_are_few_ticks_however_long_it_takes(length):
    axes = execution_gantt(many(3, length)).axes[0]
    assert 2 <= len([tick for tick in axes.get_xticks() if 0 <= tick <= axes.get_xlim()[1]]) <= 9


def test_what_is_unknown_is_counted_and_not_drawn(frame):
    rows = BATCHES | {"seconds": [0.0, None, None], "seconds_high": [0.0, None, None]}
    rows |= {"starts_after_s": [0.0, 60.0, None]}
    drawing = execution_gantt(frame(rows))
    assert len(drawing.axes[0].patches) == 0
    assert drawing.caption.endswith("The duration of 2 batches is unknown.")


def test_of_many_batches_the_first_are_drawn():
    drawing = execution_gantt(many(MOST_BATCHES + 5))
    assert len(drawing.axes[0].patches) == MOST_BATCHES
    assert f"The first {MOST_BATCHES} are drawn." in drawing.caption


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (many(0), "no batches"),
        (many(1).with_columns(seconds=pl.lit(None, pl.Float64)), "no batch has a known duration"),
    ],
)
def test_without_anything_to_draw_it_says_so(rows, words):
    assert execution_gantt(rows).caption == f"Nothing to show: {words}."


@pytest.mark.parametrize("count", [1, 2, 30])
def test_it_is_shown_whole(assert_whole, count):
    assert_whole(execution_gantt(many(count)))
    late = pl.DataFrame(BATCHES).with_columns(
        seconds_high=pl.Series([0.0, 200.0, 9000.0]), partitions=pl.lit(12345)
    )
    assert_whole(execution_gantt(late))
