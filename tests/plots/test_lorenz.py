from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots import lorenz

EMPTY = {"resource": pl.String, "share_of_keys": pl.Float64, "share_of_load": pl.Float64}


def curve(resource, *points):
    return [(resource, keys, load) for keys, load in points]


def test_each_resource_has_a_line_below_the_diagonal(frame):
    points = curve("leaders", (0.0, 0.0), (0.5, 0.2), (1.0, 1.0)) + curve("replicas", (0.0, 0.0), (1.0, 1.0))
    drawing = lorenz(frame(points, schema=EMPTY, orient="row"))
    assert [line.get_label() for line in drawing.axes[0].lines] == ["even", "leaders", "replicas"]
    assert "leaders 20 %" in drawing.caption


def test_half_of_an_odd_number_lies_between_two_brokers():
    points = curve("leaders", (0.0, 0.0), (1 / 3, 0.1), (2 / 3, 0.4), (1.0, 1.0))
    assert "leaders 25 %" in lorenz(pl.DataFrame(points, schema=EMPTY, orient="row")).caption


def test_without_load_it_says_so(assert_whole):
    drawing = lorenz(pl.DataFrame(schema=EMPTY))
    assert drawing.caption == "Nothing to show: no broker carried anything."
    assert_whole(drawing)


@pytest.mark.parametrize("name", ["bytes_in_per_s", "size_bytes"])
def test_it_is_shown_whole(name, assert_whole):
    assert_whole(lorenz(pl.DataFrame(curve(name, (0.0, 0.0), (1.0, 1.0)), schema=EMPTY, orient="row")))
