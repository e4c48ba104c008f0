from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.plots import skew_over_time

T0 = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = {
    "window_start": pl.Datetime("ms", "UTC"),
    "cluster": pl.String,
    "resource": pl.String,
    "max_over_mean": pl.Float64,
    "complete": pl.Boolean,
}


def series(*ratios, cluster="old", resource="leaders", missing=()):
    rows = [(T0 + timedelta(hours=i), cluster, resource, r, i not in missing) for i, r in enumerate(ratios)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def labels(axes):
    return [line.get_label() for line in axes.lines if not line.get_label().startswith("_")]


def test_each_cluster_has_a_panel_and_each_resource_a_line(frame):
    rows = pl.concat(
        [series(1.5, 1.2), series(1.1, 1.3, resource="size_bytes"), series(2.0, 2.0, cluster="new")]
    )
    drawing = skew_over_time(frame(rows.to_dict(as_series=False)), clusters=["old", "silent", "new"])
    assert [axes.get_title(loc="left") for axes in drawing.axes] == ["old", "new"]
    assert labels(drawing.axes[0]) == ["bytes stored", "leaders"]
    assert drawing.axes[0].lines[-1].get_ydata().tolist() == [1.5, 1.2]
    assert "old: bytes stored 1.10 to 1.30, leaders 1.20 to 1.50" in drawing.caption


def test_a_line_is_broken_where_a_bucket_is_not_complete():
    (line,) = [
        one
        for one in skew_over_time(series(1.5, 9.0, 1.2, missing=[1])).axes[0].lines
        if one.get_label() == "leaders"
    ]
    assert [math.isnan(value) for value in line.get_ydata()] == [False, True, False]


def test_only_the_resources_asked_for_are_drawn():
    rows = pl.concat([series(1.5, 1.2), series(1.1, 1.3, resource="messages_in_per_s")])
    assert labels(skew_over_time(rows).axes[0]) == ["leaders"]
    assert labels(skew_over_time(rows, resources=["messages_in_per_s"]).axes[0]) == ["messages in"]


def test_even_is_a_line_at_one():
    assert list(skew_over_time(series(1.5, 1.2)).axes[0].lines[0].get_ydata()) == [1.0, 1.0]


@pytest.mark.parametrize("rows", [series(), series(1.5, missing=[0]), series(None)])
def test_without_complete_buckets_it_says_so(rows, assert_whole):
    drawing = skew_over_time(rows)
    assert drawing.caption.startswith("Nothing to show")
    assert_whole(drawing)


@pytest.mark.parametrize("n", [1, 3, 6])
@pytest.mark.parametrize("length", [1, 200])
def test_it_is_shown_whole(n, length, assert_whole):
    names = ("bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s", "size_bytes", "leaders", "replicas")
    rows = [series(*[1.5 + i / 100 for i in range(length)], cluster=f"a cluster with a long name {c}", resource=name)
            for c in range(n) for name in names]  # fmt: skip
    assert_whole(skew_over_time(pl.concat(rows)))
