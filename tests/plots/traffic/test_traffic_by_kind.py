from __future__ import annotations

import polars as pl

from kafka_analysis.plots import traffic_by_kind

SCHEMA = {"window": pl.String, "cluster": pl.String, "kind": pl.String, "bytes_in_per_s": pl.Float64}
ROWS = [
    ("before", "old", "business", 10.0),
    ("after", "old", "business", 2.0),
    ("after", "old", "internal", 1.0),
    ("after", "new", "business", 8.0),
    ("after", "new", "migration", 4.0),
]


def test_kinds_are_stacked_in_one_order(frame):
    drawing = traffic_by_kind(frame(ROWS, schema=SCHEMA, orient="row"), clusters=["old", "new"])
    bars = [(bar.get_x(), bar.get_width()) for bar in drawing.axes[0].patches]
    assert bars[:4] == [(0, 10), (0, 2), (0, 0), (0, 8)]  # business
    assert bars[4:8] == [(10, 0), (2, 0), (0, 0), (8, 4)]  # migration
    assert bars[8:] == [(10, 0), (2, 1), (0, 0), (12, 0)]  # internal


def test_the_caption_tells_the_business(frame):
    drawing = traffic_by_kind(frame(ROWS, schema=SCHEMA, orient="row"), clusters=["old", "new"])
    assert "old before 10 B/s; old after 2 B/s; new before none; new after 8 B/s" in drawing.caption


def test_without_traffic_it_says_so(assert_whole):
    drawing = traffic_by_kind(pl.DataFrame(schema=SCHEMA))
    assert drawing.caption.startswith("Nothing to show")
    assert_whole(drawing)


def test_it_is_shown_whole(assert_whole):
    rows = [(w, "c" * 90 + str(i), "business", 1e9) for i in range(6) for w in ("before", "after")]
    assert_whole(traffic_by_kind(pl.DataFrame(rows, schema=SCHEMA, orient="row")))
