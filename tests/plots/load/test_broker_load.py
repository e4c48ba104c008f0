from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots import broker_load

SCHEMA = {"broker": pl.Int32, "rack": pl.String, "leaders": pl.Int64, "bytes_in_per_s": pl.Float64}


def load(*rows):
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


def titles(drawing):
    return [axes.get_title(loc="left") for axes in drawing.axes]


def test_a_panel_per_resource_with_the_fullest_against_the_mean(frame):
    rows = frame({"broker": [1, 2], "rack": ["a", "b"], "leaders": [6, 2], "bytes_in_per_s": [5e6, 5e6]})
    drawing = broker_load(rows)
    assert titles(drawing) == ["Bytes in\n1 × mean", "Leaders\n1.50 × mean"]
    assert [bar.get_width() for bar in drawing.axes[1].patches] == [2, 6]  # broker 1 on top
    assert "leaders broker 1, 1.50 × mean" in drawing.caption


def test_the_mean_is_a_line(frame):
    drawing = broker_load(frame({"broker": [1, 2], "rack": "a", "leaders": [6, 2]}))
    assert drawing.axes[0].lines[0].get_xdata() == [4.0, 4.0]


def test_unknown_is_a_word_and_not_part_of_the_mean():
    drawing = broker_load(load((1, "a", 4, None), (2, "a", 2, 10.0)), resources=["bytes_in_per_s"])
    assert [text.get_text().strip() for text in drawing.axes[0].texts] == ["unknown"]
    assert drawing.axes[0].lines[0].get_xdata() == [10.0, 10.0]


@pytest.mark.parametrize("rows", [(), ((1, "a", 0, 0.0), (2, "a", 0, 0.0))])
def test_without_brokers_or_load_it_says_so(rows):
    assert broker_load(load(*rows)).caption.startswith("Nothing to show")


def test_without_any_known_value_nothing_is_claimed():
    drawing = broker_load(load((1, "a", 1, None), (2, "a", 1, None)), resources=["bytes_in_per_s"])
    assert "no traffic" in drawing.caption


@pytest.mark.parametrize("n", [1, 3, 15, 60, 300])
def test_few_or_many_brokers_are_labelled_whole(n, assert_whole):
    rows = [(i, f"rack-{i % 3}", i, 1e9 * i) for i in range(1, n + 1)]
    drawing = broker_load(load(*rows))
    assert 1 <= len(drawing.axes[0].get_yticks()) <= 40
    assert_whole(drawing)


def test_racks_instead_of_brokers(frame):
    drawing = broker_load(frame({"rack": ["a", None], "leaders": [6, 2]}), by="rack")
    labels = [label.get_text() for label in drawing.axes[0].get_yticklabels()]
    assert sorted(labels) == ["rack a", "rack unknown"]
    assert "rack a, 1.50 × mean" in drawing.caption


def test_racks_that_outnumber_the_colours_have_one_and_no_legend():
    rows = [(i, f"rack-{i}", i, 1e9) for i in range(1, 10)]
    few, many = (broker_load(load(*some), resources=["leaders"]) for some in (rows[:8], rows))
    assert (
        len({bar.get_facecolor() for bar in few.axes[0].patches})
        == len(few.figure.legends[0].get_texts())
        == 8
    )
    assert len({bar.get_facecolor() for bar in many.axes[0].patches}) == 1
    assert many.figure.legends == []
    assert many.caption.endswith("Of more than 8 racks, all bars have one colour.")
