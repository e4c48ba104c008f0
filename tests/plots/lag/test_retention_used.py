from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Light
from kafka_analysis.plots import per_cluster, retention_used
from kafka_analysis.plots.palette import LIGHTS

SCHEMA = {"group": pl.String, "retention_used": pl.Float64, "lost_records": pl.Int64}


def groups(*rows):
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def bars(drawing):
    return [bar.get_width() for bar in drawing.axes[0].patches]


def labels(drawing):
    return [text.get_text() for text in drawing.axes[0].texts]


def drawn(drawing):
    return [label.get_text() for label in drawing.axes[0].get_yticklabels()]


def test_those_that_lost_records_come_first_then_those_that_used_most(frame):
    rows = {"group": ["a", "b", "c"], "retention_used": [0.2, 0.9, 0.1], "lost_records": [0, 0, 7]}
    drawing = retention_used(frame(rows))
    assert drawn(drawing) == ["c", "b", "a"]
    assert bars(drawing) == [0.1, 0.9, 0.2]
    assert labels(drawing) == ["✖ 10 %, 7 records lost", "✖ 90 %", "✔ 20 %"]


def test_groups_that_have_read_everything_get_no_bar():
    rows = pl.DataFrame({"group": ["a", "b"], "retention_used": [0.0, 0.1], "lost_records": [0, 0]})
    drawing = retention_used(rows)
    assert [bar.get_width() for bar in drawing.axes[0].patches] == [0.1]
    assert "1 group with less not shown." in drawing.caption
    assert "no group has used any of its retention" in retention_used(rows.head(1)).caption


@pytest.mark.parametrize(
    ("share", "lost", "light", "label"),
    [
        (0.004, 0, Light.GREEN, "✔ under 1 %"),
        (0.499, 0, Light.GREEN, "✔ 49 %"),
        (0.5, 0, Light.AMBER, "▲ 50 %"),
        (0.57, 0, Light.AMBER, "▲ 57 %"),
        (0.799, None, Light.AMBER, "▲ 79 %"),
        (0.8, 0, Light.RED, "✖ 80 %"),
        (0.0, 1_234_567, Light.RED, "✖ 0 %, 1.23 M records lost"),
    ],
)
def test_colour_symbol_and_number_agree(share, lost, light, label):
    drawing = retention_used(groups(("g", share, lost)))
    assert labels(drawing) == [label]
    assert light.chip().startswith("<span")
    assert [bar.get_facecolor()[:3] for bar in drawing.axes[0].patches] == [rgb(LIGHTS[light])]


def rgb(colour):
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))


def test_limits_have_lines_and_ticks():
    axes = retention_used(groups(("g", 0.3, 0))).axes[0]
    assert [line.get_xdata()[0] for line in axes.lines] == [0.5, 0.8, 1.0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0 %", "50 %", "80 %", "100 %"]


def test_a_long_bar_ends_with_its_value_beside_it():
    drawing = retention_used(groups(("g", 34.0, 0)))
    assert bars(drawing) == [1.25]
    assert labels(drawing) == ["✖ 3,400 %"]
    assert "Bars end at 125 %." in drawing.caption


def test_a_group_whose_share_is_unknown_is_named_and_not_drawn(frame):
    rows = {"group": ["a", "b", "c"], "retention_used": [None, 0.5, None], "lost_records": [0, 0, 9]}
    drawing = retention_used(frame(rows))
    assert drawn(drawing) == ["b"]
    assert drawing.caption.endswith("Unknown for c, 9 records lost; a.")
    assert drawing.alt.endswith("Unknown for c, 9 records lost; a.")


def test_of_many_unknown_groups_the_first_are_named():
    drawing = retention_used(groups(("k", 0.1, 0), *((f"u{i}", None, 0) for i in range(8))))
    assert drawing.caption.endswith("Unknown for u0; u1; u2; u3; u4 and 3 more.")


def test_of_two_thousand_groups_twelve_are_drawn(assert_whole):
    drawing = retention_used(groups(*((f"g{i:04}", i / 2000, 0) for i in range(2000))))
    assert len(bars(drawing)) == 12
    assert drawn(drawing)[0] == "g1999"
    assert "1,988 groups with less not shown." in drawing.caption
    assert_whole(drawing)


def test_without_groups_it_says_so():
    assert retention_used(groups()).caption == "Nothing to show: the share of retention used is unknown."


def test_without_a_known_share_it_says_for_whom():
    rows = pl.DataFrame({"group": ["a"], "retention_used": [None], "lost_records": [None]})
    assert retention_used(rows).caption == (
        "Nothing to show: the share of retention used is unknown. Unknown for a."
    )


def test_it_is_drawn_per_cluster():
    rows = groups(("a", 0.1, 0), ("b", 0.9, 0)).with_columns(cluster=pl.Series(["x", "y"]))
    assert [one.caption.split(":")[0] for one in per_cluster(retention_used, rows).drawings] == ["x", "y"]


def test_long_and_strange_names_are_shown_whole(assert_whole):
    strange = [("x" * 249, 9.0, 1_234_567_890), ("a$b$c<script>", 0.99, 123), ("_internal", 0.79, 0)]
    drawing = retention_used(groups(*strange))
    assert_whole(drawing)
    assert drawn(drawing)[1:] == ["a$b$c<script>", "_internal"]
    assert "<script>" not in drawing._repr_html_()
