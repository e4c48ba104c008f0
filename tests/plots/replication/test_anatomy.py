from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import polars as pl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from kafka_analysis import plots
from kafka_analysis.plots.palette import GREEN, GREY, VERMILLION

COLUMNS = ("flow", "source", "target", "kind", "name", "on", "state", "detail")
CONNECTORS = ("MirrorSourceConnector", "MirrorCheckpointConnector", "MirrorHeartbeatConnector")
LONG = "$x^2$" + "W" * 120 + "ö" * 124


def deployment(source="monolith", target="cell-a", *, tasks=4, failed=0, name=None, prefix=""):
    """Return the parts of a flow; the last tasks of the source connector failed."""
    flow = name or f"{source} → {target}"
    rows = []
    for connector in CONNECTORS:
        rows.append(("connector", prefix + connector, None, "RUNNING", None))
        count = tasks if "Source" in connector else 1
        rows += [
            ("task", f"{prefix}{connector}-{n}", None, "FAILED" if count - n <= failed and count > 1 else "RUNNING",
             "12 partitions, 340 records/s")
            for n in range(count)
        ]  # fmt: skip
    rows.append(("topic", f"mm2-offset-syncs.{target}.internal", source, None, "RF 1"))
    rows.append(("group", "billing", source, "STABLE", None))
    for topic in (f"{source}.checkpoints.internal", "heartbeats", "mm2-configs", "mm2-offsets", "mm2-status"):
        rows.append(("topic", topic, target, None, "RF 3"))
    return [(flow, source, target, *row) for row in rows]


def drawn(*flows):
    return plots.replication_anatomy(frame_of(*flows))


def frame_of(*flows):
    rows = [row for flow in flows for row in flow]
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def many(count=20, **options):
    return [deployment(target=f"cell-{n:02d}", **options) for n in range(count)]


def texts(drawing):
    return [text.get_text() for text in drawing.axes[0].texts]


def shapes(drawing, kind):
    return [patch for patch in drawing.axes[0].patches if isinstance(patch, kind)]


def squares(drawing, colour):
    marks = [line for line in drawing.axes[0].lines if line.get_marker() == "s" and line.get_markersize() > 7]
    return [line for line in marks if line.get_markerfacecolor() == colour]


def test_three_boxes_a_flow_with_what_is_in_them(frame):
    rows = deployment()
    columns = {name: [row[n] for row in rows] for n, name in enumerate(COLUMNS)}
    drawing = plots.replication_anatomy(frame(columns))
    assert len(shapes(drawing, FancyBboxPatch)) == 3
    shown = texts(drawing)
    for text in (
        "source: monolith",
        "worker",
        "target: cell-a",
        "4 tasks",
        "heartbeats  RF 3",
        "billing  STABLE",
    ):
        assert text in shown
    assert drawing.caption == "MirrorMaker 2, flow by flow. 1 flow, 6 tasks."


def test_arrows_carry_records_offsets_and_heartbeats():
    drawing = drawn(deployment())
    words = [text for text in texts(drawing) if text in {"records", "offset syncs", "offsets", "checkpoints",
                                                        "heartbeats"}]  # fmt: skip
    assert words == ["records", "records", "offset syncs", "offsets", "checkpoints", "heartbeats"]
    ends = [arrow._posA_posB for arrow in shapes(drawing, FancyArrowPatch)]
    assert [start[0] < end[0] for start, end in ends] == [True, True, False, True, True, True]
    without = frame_of(deployment()).filter(~pl.col("name").str.starts_with("MirrorHeartbeat"))
    assert len(shapes(plots.replication_anatomy(without), FancyArrowPatch)) == 5


def test_arrows_of_what_does_not_run_are_dashed_and_of_the_unknown_grey():
    styles = {arrow.get_linestyle() for arrow in shapes(drawn(deployment()), FancyArrowPatch)}
    assert styles == {"-"}
    broken = shapes(drawn(deployment(failed=1)), FancyArrowPatch)
    assert [arrow.get_linestyle() == "-" for arrow in broken] == [False, False, False, True, True, True]
    unknown = frame_of(deployment()).with_columns(state=None)
    arrows = shapes(plots.replication_anatomy(unknown), FancyArrowPatch)
    assert {arrow.get_edgecolor() for arrow in arrows} == {to_rgba(GREY)}


def test_a_square_per_task_crossed_where_it_failed():
    drawing = drawn(deployment(tasks=24, failed=3))
    assert len(squares(drawing, GREEN)) == 21 + 2
    assert len(squares(drawing, VERMILLION)) == 3
    assert len([line for line in drawing.axes[0].lines if line.get_marker() == "x"]) == 3
    assert "3 FAILED" in texts(drawing)


def test_more_than_24_tasks_are_counted():
    drawing = drawn(deployment(tasks=500, failed=20))
    assert {"500 tasks", "480 RUNNING", "20 FAILED"} <= set(texts(drawing))
    assert len(squares(drawing, GREEN)) == 1 + 2
    assert drawing.caption == "MirrorMaker 2, flow by flow. 1 flow, 502 tasks, 20 FAILED."


def test_of_twenty_flows_six_are_drawn_the_failed_first_and_the_rest_is_named():
    flows = many(20)
    flows[13] = deployment(target="cell-13", failed=1)
    drawing = drawn(*flows)
    assert len(shapes(drawing, FancyBboxPatch)) == 3 * 6
    assert texts(drawing)[0] == "monolith → cell-13"
    (rest,) = [text for text in texts(drawing) if text.startswith("and 14 more flows: ")]
    assert "monolith → cell-05" in rest
    assert drawing.caption == (
        "MirrorMaker 2, flow by flow. 20 flows, 120 tasks, 1 FAILED. monolith → cell-13: 6 tasks, 1 FAILED. "
        "The first 6 are drawn."
    )
    assert "120 tasks, 1 FAILED" in drawing.alt


CASES = {
    "one": [deployment(tasks=1)],
    "three": many(3, tasks=24, failed=2),
    "twenty": many(20, tasks=500, failed=20),
    "long names": [deployment(LONG, f"{LONG}b", prefix=LONG, tasks=30, failed=9), deployment("$s$", LONG, name=LONG)],
    "many long names": [deployment(LONG, f"{LONG}{n}", prefix=LONG) for n in range(9)],
}  # fmt: skip


def too_close(one, other):
    """Return whether two texts run into each other; lines may touch by the tails of their letters."""
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    down = min(one.y1, other.y1) - max(one.y0, other.y0)
    return across > 1 and down > 0.25 * min(one.height, other.height)


@lru_cache
def drawing_of(case):
    return drawn(*CASES[case])


@pytest.mark.parametrize("case", CASES)
def test_it_is_shown_whole_and_each_text_stays_in_its_box(assert_whole, case):
    drawing = drawing_of(case)
    assert_whole(drawing)
    canvas = FigureCanvasAgg(drawing.figure)
    drawing.figure.set_dpi(120)
    canvas.draw()
    boxes = [box.get_window_extent() for box in shapes(drawing, FancyBboxPatch)]
    extents = [text.get_window_extent(canvas.get_renderer()) for text in drawing.axes[0].texts]
    assert not [pair for pair in combinations(extents, 2) if too_close(*pair)]
    for text, extent in zip(drawing.axes[0].texts, extents, strict=True):
        inside = [box for box in boxes if box.x0 <= extent.x0 <= box.x1 and box.y0 <= extent.y0 <= box.y1]
        assert all(extent.x1 <= box.x1 for box in inside), text.get_text()
        assert text.get_fontsize() >= 9


@pytest.mark.parametrize("case", CASES)
def test_it_fits_on_a_page(case):
    width, height = drawing_of(case).figure.get_size_inches()
    assert height / width < 10.35 / 7.09  # of A4, in inches, without margins


def test_names_are_text_not_mathematics():
    drawing = drawn(deployment("$s$"))
    assert not any(text.get_parse_math() for text in drawing.axes[0].texts)


def test_nothing_is_said():
    assert "nothing to show" in plots.replication_anatomy(frame_of()).alt


def test_the_same_input_gives_the_same_picture():
    assert drawn(deployment()).webp() == drawn(deployment()).webp()
