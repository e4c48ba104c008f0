from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots import lorenz

EMPTY = {
    "cluster": pl.String,
    "resource": pl.String,
    "share_of_keys": pl.Float64,
    "share_of_load": pl.Float64,
}


def curve(resource, *points, cluster="old"):
    return [(cluster, resource, keys, load) for keys, load in points]


def curves(points):
    return pl.DataFrame(points, schema=EMPTY, orient="row")


def test_each_resource_has_a_line_below_the_diagonal(frame):
    points = curve("leaders", (0.0, 0.0), (0.5, 0.2), (1.0, 1.0)) + curve("replicas", (0.0, 0.0), (1.0, 1.0))
    drawing = lorenz(frame(points, schema=EMPTY, orient="row"))
    assert [line.get_label() for line in drawing.axes[0].lines] == ["even", "leaders", "replicas"]
    assert drawing.axes[0].lines[1].get_ydata().tolist() == [0.0, 0.2, 1.0]
    assert "old: leaders 20 %, replicas 50 %." in drawing.caption


def test_each_cluster_has_a_panel_in_the_order_asked_for():
    points = [
        point for c in "ab" for point in curve("leaders", (0.0, 0.0), (0.5, 0.1), (1.0, 1.0), cluster=c)
    ]
    drawing = lorenz(curves(points), clusters=["b", "silent", "a"])
    assert [axes.get_title(loc="left") for axes in drawing.axes] == ["b", "a"]


def test_half_of_an_odd_number_lies_between_two_brokers():
    points = curve("leaders", (0.0, 0.0), (1 / 3, 0.1), (2 / 3, 0.4), (1.0, 1.0))
    assert "leaders 25 %" in lorenz(curves(points)).caption


def test_other_levels_are_called_by_their_names():
    drawing = lorenz(curves(curve("size_bytes", (0.0, 0.0), (0.5, 0.2), (1.0, 1.0))), over="partitions")
    assert drawing.axes[0].get_xlabel() == "Partitions, from the emptiest"
    assert "emptier half of the partitions" in drawing.caption


@pytest.mark.parametrize("clusters", [None, ["old"]])
def test_without_load_it_says_so(clusters, assert_whole):
    drawing = lorenz(curves([]), clusters=clusters)
    assert drawing.caption == "Nothing to show: none of the brokers carried any load."
    assert_whole(drawing)


@pytest.mark.parametrize("number", [1, 2, 3, 5])
@pytest.mark.parametrize("name", ["bytes_in_per_s", "size_bytes"])
def test_it_is_shown_whole(name, number, assert_whole):
    each = (
        curve(name, (0.0, 0.0), (1.0, 1.0), cluster=f"a cluster with a long name {n}") for n in range(number)
    )
    assert_whole(lorenz(curves([point for one in each for point in one])))
