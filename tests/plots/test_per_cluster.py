from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots import per_cluster, topic_ranking

ROWS = {"cluster": ["b", "a"], "topic": ["t", "t"], "bytes_in_per_s": [1.0, 2.0]}


def test_each_cluster_is_drawn_in_the_order_given(frame):
    drawn = per_cluster(topic_ranking, frame(ROWS), clusters=["a", "b", "c"])
    assert [one.caption.split(":")[0] for one in drawn.drawings] == ["a", "b", "c"]
    assert "Nothing to show" in drawn.drawings[2].caption


def test_without_an_order_they_come_as_they_are(frame):
    assert repr(per_cluster(topic_ranking, frame(ROWS))).splitlines()[0].startswith("b: ")


def test_options_are_handed_on():
    drawn = per_cluster(topic_ranking, pl.DataFrame(ROWS).with_columns(size_bytes=5.0), value="size_bytes")
    assert "Bytes stored" in drawn.drawings[0].caption


@pytest.mark.parametrize("clusters", [None, []])
def test_without_a_cluster_one_drawing_says_so(clusters):
    drawn = per_cluster(topic_ranking, pl.DataFrame(ROWS).clear(), clusters=clusters)
    assert [drawing.caption for drawing in drawn.drawings] == ["Nothing to show: no cluster has data."]
    assert drawn._repr_html_().count("<figure ") == 1
