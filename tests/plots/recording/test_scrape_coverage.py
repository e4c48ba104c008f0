from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from kafka_analysis.plots import scrape_coverage
from kafka_analysis.plots.recording.scrape_coverage import MOST_TARGETS

T0 = datetime(2026, 1, 1, tzinfo=UTC)
GAPS = {
    "cluster": pl.String, "target": pl.String, "start": pl.Datetime("ms", "UTC"), "end": pl.Datetime("ms", "UTC"),
}  # fmt: skip


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def drawn(targets, gaps):
    return scrape_coverage(
        pl.DataFrame(targets, schema=["cluster", "target"], orient="row"),
        gaps=pl.DataFrame(gaps, schema=GAPS, orient="row"),
        start=at(0),
        end=at(60),
    )


def widths(drawing):
    minutes = 24 * 60
    boxes = [path.get_extents() for strip in drawing.axes[0].collections for path in strip.get_paths()]
    return [round(box.width * minutes, 3) for box in boxes]


def test_each_target_is_a_strip_and_each_gap_a_piece_of_it():
    drawing = drawn(
        [("c", "jmx of broker 1"), ("c", "jmx of broker 2")], [("c", "jmx of broker 2", at(10), at(15))]
    )
    assert widths(drawing) == [60, 60, 5]
    assert "2 targets, 1 of them with gaps" in drawing.caption


def test_a_gap_is_cut_at_the_edges_of_the_recording():
    assert widths(drawn([("c", "t")], [("c", "t", at(-5), at(5)), ("c", "t", at(50), at(99))])) == [60, 5, 10]


def test_of_many_targets_those_with_gaps_are_drawn():
    targets = [("c", f"jmx of broker {i}") for i in range(MOST_TARGETS + 30)]
    drawing = drawn(targets, [("c", targets[-1][1], at(1), at(2))])
    labels = [label.get_text() for label in drawing.axes[0].get_yticklabels()]
    assert len(labels) == MOST_TARGETS
    assert labels[0] == f"c: {targets[-1][1]}"
    assert f"The {MOST_TARGETS} with the most gaps are drawn." in drawing.caption


def test_without_targets_it_says_so():
    empty = pl.DataFrame(schema={"cluster": pl.String, "target": pl.String})
    drawing = scrape_coverage(empty, gaps=pl.DataFrame(schema=GAPS), start=at(0), end=at(1))
    assert drawing.caption == "Nothing to show: the manifest names no targets."


def test_it_is_shown_whole(assert_whole):
    assert_whole(drawn([("c" * 60, "jmx at http://" + "h" * 90)], []))
