from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots import topic_ranking


def topics(n):
    return {"topic": [f"topic-{i}" for i in range(n)], "bytes_in_per_s": [float(i + 1) for i in range(n)]}


def test_largest_first_and_the_rest_in_one_bar(frame):
    drawing = topic_ranking(frame(topics(5)), top_n=2)
    assert [bar.get_width() for bar in drawing.axes[0].patches] == [5.0, 4.0, 6.0]
    labels = [label.get_text() for label in drawing.axes[0].get_yticklabels()]
    assert labels == ["topic-4", "topic-3", "3 other topics"]


def test_shares_are_of_all_topics(frame):
    drawing = topic_ranking(frame(topics(3)), top_n=1)
    assert [text.get_text() for text in drawing.axes[0].texts] == ["3 B/s  (50 %)", "3 B/s  (50 %)"]


def test_idle_and_unknown_topics_have_no_bar(frame):
    rows = {"topic": ["a", "b", "c"], "bytes_in_per_s": [1.0, 0.0, None]}
    assert len(topic_ranking(frame(rows)).axes[0].patches) == 1


@pytest.mark.parametrize("values", [[], [0.0], [None]])
def test_without_load_it_says_so(values):
    rows = pl.DataFrame(
        {"topic": ["a"] * len(values), "size_bytes": values},
        schema={"topic": pl.String, "size_bytes": pl.Float64},
    )
    assert topic_ranking(rows, value="size_bytes").caption.startswith("Nothing to show")


def test_long_and_strange_names_are_shown_whole(assert_whole):
    names = ["x" * 249, "$\\frac{1}{2}$", "<b>", "a_b^c.d"]
    assert_whole(topic_ranking(pl.DataFrame({"topic": names, "bytes_in_per_s": [1e12, 2.0, 3.0, 4.0]})))
