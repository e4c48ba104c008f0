from __future__ import annotations

import polars as pl

from kafka_analysis.plots import partition_records

SCHEMA = {"topic": pl.String, "partition": pl.Int32, "records_per_s": pl.Float64}


def places(drawing):
    return {(round(x, 6), int(y)) for x, y in drawing.axes[0].collections[0].get_offsets().tolist()}


def test_dots_are_parts_of_the_topic_busiest_first(frame):
    rows = {"topic": ["a", "a", "b", "b"], "partition": [0, 1, 0, 1], "records_per_s": [1.0, 3.0, 9.0, 1.0]}
    drawing = partition_records(frame(rows))
    assert places(drawing) == {(0.9, 0), (0.1, 0), (0.25, 1), (0.75, 1)}
    assert "partition 0 of b takes 90 %, 1.80 × its even share" in drawing.caption


def test_idle_partitions_count_for_the_even_part():
    rows = pl.DataFrame(
        [("a", 0, 4.0), ("a", 1, 0.0), ("a", 2, None), ("a", 3, 0.0)], schema=SCHEMA, orient="row"
    )
    drawing = partition_records(rows)
    assert drawing.axes[0].collections[1].get_offsets()[0][0] == 0.25
    assert "4 × its even share" in drawing.caption


def test_only_the_busiest_topics_are_drawn(assert_whole):
    rows = pl.DataFrame([(f"t{i}" * 60, 0, float(i)) for i in range(30)], schema=SCHEMA, orient="row")
    drawing = partition_records(rows, top_n=5)
    assert len(drawing.axes[0].get_yticks()) == 5
    assert_whole(drawing)


def test_without_records_it_says_so():
    assert partition_records(pl.DataFrame(schema=SCHEMA)).caption == "Nothing to show: no record was written."
