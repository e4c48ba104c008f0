from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots import before_after_topics

SCHEMA = {"flow": pl.String, "topic": pl.String, **dict.fromkeys(("before", "after", "change"), pl.Float64)}


def topics(*rows):
    return pl.DataFrame([("bytes_in_per_s", *row) for row in rows], schema=SCHEMA, orient="row")


def written(drawing):
    return [text.get_text() for text in drawing.axes[0].texts]


def test_dots_before_and_after_largest_first(frame):
    rows = [("bytes_in_per_s", "a", 1.0, 2.0, 1.0), ("bytes_in_per_s", "b", 9.0, 3.0, -2 / 3)]
    drawing = before_after_topics(frame(rows, schema=SCHEMA, orient="row"))
    before, after = drawing.axes[0].collections[-2:]
    assert before.get_offsets()[:, 0].tolist() == [9.0, 1.0]
    assert after.get_offsets()[:, 0].tolist() == [3.0, 2.0]
    assert written(drawing) == ["-67 %", "+100 %"]
    assert "Largest change: b, 9 B/s to 3 B/s (-67 %)" in drawing.caption


def test_new_ended_and_unknown_are_told_apart():
    rows = topics(("new", 0.0, 4.0, None), ("unseen", None, 3.0, None), ("lost", 2.0, None, None))
    assert written(before_after_topics(rows)) == ["new", "unknown before", "unknown after"]


def test_other_flows_and_idle_topics_are_left_out():
    rows = topics(("a", 1.0, 1.0, 0.0), ("idle", 0.0, 0.0, None))
    other = rows.with_columns(flow=pl.lit("bytes_out_per_s"))
    assert len(before_after_topics(pl.concat([rows, other])).axes[0].get_yticks()) == 1


@pytest.mark.parametrize("flow", ["bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s"])
def test_without_traffic_it_says_so(flow):
    assert "in either window" in before_after_topics(topics(), flow=flow).caption


def test_it_is_shown_whole(assert_whole):
    assert_whole(
        before_after_topics(topics(*[(f"{i}" * 90, 1e9 * i, 5e8, -0.5) for i in range(1, 40)]), top_n=30)
    )
