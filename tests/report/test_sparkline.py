from __future__ import annotations

import math

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.report.sparkline import HEIGHT, WIDTH, sparkline


def drawn(*values: float | None) -> BeautifulSoup:
    return BeautifulSoup(sparkline(values, label="Skew <b>"), "html.parser")


def lines(*values: float | None) -> list[list[tuple[float, float]]]:
    return [
        [tuple(map(float, point.split(","))) for point in line["points"].split()]
        for line in drawn(*values).select("polyline")
    ]


def test_more_is_higher_and_later_is_further_right() -> None:
    [[first, second, third]] = lines(1, 3, 2)
    assert first[0] < second[0] < third[0]
    assert second[1] < third[1] < first[1]  # y goes down


def test_a_gap_where_a_value_is_unknown() -> None:
    left, right = lines(1, 2, None, 2, 1)
    assert (len(left), len(right)) == (2, 2)
    assert left[-1][0] + 2 * (left[1][0] - left[0][0]) == pytest.approx(right[0][0], abs=0.2)


def test_a_single_value_between_gaps_is_a_point_and_the_last_has_a_dot() -> None:
    assert lines(None, 1, None) == []
    assert len(drawn(None, 1, None).select("circle")) == 1
    assert len(drawn(1, 2).select("circle")) == 1
    assert len(drawn(1, 2, None).select("circle")) == 0


def test_the_drawing_is_named_for_who_cannot_see_it() -> None:
    svg = drawn(1, 2).svg
    assert (svg["role"], svg["aria-label"], svg.title.get_text()) == ("img", "Skew <b>", "Skew <b>")
    assert svg.b is None


@given(st.lists(st.none() | st.floats(), max_size=40))
def test_it_stays_within_its_box_whatever_the_values(values: list[float | None]) -> None:
    soup = drawn(*values)
    known = [value for value in values if value is not None and math.isfinite(value)]
    points = sum(len(line) for line in lines(*values))
    dots = [(float(dot["cx"]), float(dot["cy"])) for dot in soup.select("circle")]
    places = [place for line in lines(*values) for place in line] + dots
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert points <= len(known) <= len(places)
