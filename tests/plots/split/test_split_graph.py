from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from matplotlib.collections import EllipseCollection, LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle

from kafka_analysis import plots
from kafka_analysis.plots.palette import GREY, darker
from kafka_analysis.plots.split.split_graph import MOST_LINES, MOST_TOPICS

GRAPH = {
    "what": ["topic", "topic", "topic", "client", "client", "client", "link"],
    "name": ["orders", "clicks", "logs", "shop", "lake", "site", "lake"],
    "kind": [None, None, None, "producer", "group", "both", None],
    "cell": ["cell-1", "cell-2", "cell-2", "cell-1", "cell-1", "cell-2", "cell-1"],
    "other_cell": [None, None, None, None, None, None, "cell-2"],
    "bytes_per_s": [4e6, 1e6, None, 3e6, 2e6, None, 5e5],
}


def big(cells, topics, clients, links):
    rows = [
        ("topic", f"topic-{n}", None, f"cell-{n % cells:02d}", None, 1e6 / (n + 1)) for n in range(topics)
    ]
    rows += [("client", f"c-{n}", "group", f"cell-{n % cells:02d}", None, 1.0) for n in range(clients)]
    rows += [
        (
            "link",
            f"c-{n % clients}",
            None,
            f"cell-{n % cells:02d}",
            f"cell-{(n + 1 + n // cells) % cells:02d}",
            1.0 + n,
        )
        for n in range(links)
    ]
    return pl.DataFrame(rows, schema=pl.DataFrame(GRAPH).schema, orient="row")


def of_kind(drawing, kind):
    return [one for one in drawing.axes[0].collections if type(one) is kind]


def texts(drawing):
    return [text.get_text() for text in drawing.axes[0].texts]


def test_a_disc_per_cell_with_what_is_in_it(frame):
    drawing = plots.split_graph(frame(GRAPH))
    discs = [patch for patch in drawing.axes[0].patches if isinstance(patch, Circle)]
    assert len(discs) == 2
    assert "cell-1\n1 topic, 2 clients at home" in texts(drawing)
    assert "cell-2\n2 topics, 1 client at home" in texts(drawing)
    assert len({disc.get_edgecolor() for disc in discs}) == 2
    dots = of_kind(drawing, EllipseCollection)
    assert [len(one.get_offsets()) for one in dots] == [1, 2]
    assert drawing.caption == (
        "3 topics and 3 clients in 2 cells; 1 client uses more than one (1 line, the widest line is 500 kB/s). "
        "All are drawn."
    )


def test_of_more_than_eight_cells_the_others_are_grey_and_counted():
    drawing = plots.split_graph(big(11, 110, 22, 4))
    edges = [patch.get_edgecolor() for patch in drawing.axes[0].patches if isinstance(patch, Circle)]
    assert edges.count(to_rgba(darker(GREY))) == 3
    assert len(set(edges)) == 9
    assert "Grey: 3 cells besides the 8 with most bytes." in drawing.caption
    assert "Grey" not in plots.split_graph(big(8, 80, 16, 4)).caption


def test_labels_of_very_many_cells_are_names_alone():
    shown = texts(plots.split_graph(big(40, 80, 40, 0)))
    assert "cell-39" in shown
    assert not any("topic" in text and text.startswith("cell-") for text in shown)


def test_a_line_leads_from_the_client_to_the_other_cell(frame):
    drawing = plots.split_graph(frame(GRAPH))
    (lines,) = of_kind(drawing, LineCollection)
    (path,) = lines.get_segments()
    discs = [patch for patch in drawing.axes[0].patches if isinstance(patch, Circle)]
    rim = np.hypot(*(path[-1] - discs[1].center))
    assert rim == pytest.approx(discs[1].radius)
    start = np.hypot(*(path[0] - discs[0].center))
    assert discs[0].radius < start < discs[0].radius + 0.2
    assert lines.get_zorder() > 1
    assert "lake" in texts(drawing)


def test_marks_are_as_many_as_clients():
    drawing = plots.split_graph(pl.DataFrame(GRAPH))
    assert sum(len(one.get_offsets()) for one in of_kind(drawing, PathCollection)) == 3
    keys = [text.get_text() for text in drawing.figure.legends[0].get_texts()]
    assert keys[1:4] == ["producer", "consumer group", "both"]


def test_without_lines_it_says_that_no_client_uses_two():
    drawing = plots.split_graph(pl.DataFrame(GRAPH).head(6))
    assert (
        drawing.caption == "3 topics and 3 clients in 2 cells; no client uses more than one. All are drawn."
    )
    assert len(drawing.figure.legends[0].get_texts()) == 4


def test_too_much_is_drawn_together_or_left_out_and_said():
    drawing = plots.split_graph(big(30, 30 * (MOST_TOPICS + 1), 300, 800))
    assert sum(len(one.get_offsets()) for one in of_kind(drawing, EllipseCollection)) == 30 * MOST_TOPICS
    (lines,) = of_kind(drawing, LineCollection)
    assert len(lines.get_segments()) == MOST_LINES
    assert "Lines between the same two cells are drawn as one." in drawing.caption
    assert "30 topics beyond the 120 largest of a cell" in drawing.caption
    assert "lines with the fewest bytes between" in drawing.caption


def test_clients_for_whom_a_rim_has_no_room_are_counted():
    drawing = plots.split_graph(big(2, 2, 2000, 0))
    marks = sum(len(one.get_offsets()) for one in of_kind(drawing, PathCollection))
    assert f"{2000 - marks:,} clients for which the rim has no room" in drawing.caption


def test_names_are_text_not_mathematics():
    rows = pl.DataFrame(GRAPH).with_columns(pl.col("name").replace({"lake": "$lake$", "orders": "$o$"}))
    drawing = plots.split_graph(rows)
    (name,) = [text for text in drawing.axes[0].texts if text.get_text() == "$lake$"]
    assert not name.get_parse_math()


def test_nothing_is_said():
    assert "nothing to show" in plots.split_graph(pl.DataFrame(GRAPH).clear()).alt


@pytest.mark.parametrize(
    ("cells", "topics"), [(1, 5), (2, 20), (3, 9), (4, 40), (6, 30), (12, 200), (30, 600), (50, 600)]
)
def test_it_is_shown_whole(assert_whole, cells, topics):
    links = 0 if cells == 1 else 2 * cells
    assert_whole(plots.split_graph(big(cells, topics, 4 * cells, links)))


def test_the_same_input_gives_the_same_picture():
    rows = big(3, 20, 12, 6)
    assert plots.split_graph(rows).webp() == plots.split_graph(rows).webp()
