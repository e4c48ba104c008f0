from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.causes import CAUSES
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.plots import skew_causes
from kafka_analysis.plots.palette import CAUSES as COLOURS

SCHEMA = {"resource": pl.String, "cause": pl.String, "share": pl.Float64, "of_total": pl.Float64}


def causes(*rows):
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


MIXED = causes(
    ("bytes_in_per_s", "replicas", 0.8, 0.4),
    ("bytes_in_per_s", "leaders", 0.4, 0.2),
    ("bytes_in_per_s", "mixture", -0.2, -0.1),
    ("leaders", "leaders", 1.0, 0.01),
    ("leaders", "racks", 0.0, 0.0),
)


def bars(drawing):
    return [(round(b.get_x(), 3), round(b.get_width(), 3)) for b in drawing.axes[0].patches]


def test_segments_add_up_to_the_excess_and_what_works_against_it_lies_left(frame):
    drawing = skew_causes(frame(MIXED.to_dict(as_series=False)))
    assert bars(drawing) == [(0, 0.4), (0.4, 0.2), (0, -0.1), (0, 0.01)]
    assert [label.get_text() for label in drawing.axes[0].get_yticklabels()] == ["Bytes in", "Leaders"]


def test_segments_wide_enough_say_their_share_of_the_excess():
    assert [text.get_text() for text in skew_causes(MIXED).axes[0].texts] == ["80 %", "40 %", "-20 %"]


def test_the_legend_names_the_causes_there_are_in_their_colours():
    (legend,) = skew_causes(MIXED).figure.legends
    words = ["unbalanced replicas", "unbalanced leaders", "mixture of topics and partitions"]
    assert [text.get_text() for text in legend.get_texts()] == words
    shown = [COLOURS[name] for name in ("replicas", "leaders", "mixture")]
    assert [patch.get_facecolor() for patch in legend.get_patches()] == [
        pytest.approx(_rgba(c)) for c in shown
    ]


def _rgba(colour):
    return (*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)), 1.0)


def test_the_caption_names_the_largest_cause_of_each_resource():
    assert (
        "bytes in: unbalanced replicas (80 %); leaders: unbalanced leaders (100 %)"
        in skew_causes(MIXED).caption
    )


def test_an_even_cluster_has_nothing_to_show(assert_whole):
    drawing = skew_causes(causes(("leaders", "racks", 0.0, 0.0)))
    assert drawing.caption.startswith("Nothing to show: the load is even")
    assert_whole(drawing)


def test_all_causes_of_all_resources_are_shown_whole(assert_whole):
    rows = [(r, c, 1 / len(CAUSES), 0.9 / len(CAUSES)) for r in RESOURCES for c in CAUSES]
    assert_whole(skew_causes(causes(*rows)))
    assert_whole(skew_causes(causes(("leaders", "mixture", 1.0, 0.001))))
