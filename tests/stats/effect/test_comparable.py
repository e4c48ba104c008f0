"""What of two windows can be compared, on which scale, and what is missing."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from kafka_analysis.stats.effect.comparable import EVEN, Comparable, Lacking, Terms, comparable
from kafka_analysis.stats.scope.windows import Window
from tests.stats.effect.series import MONDAY

WINDOWS = (
    Window(MONDAY, MONDAY + timedelta(seconds=200)),
    Window(MONDAY + timedelta(seconds=200), MONDAY + timedelta(seconds=400)),
)
TERMS = Terms(10.0, seasonal=False)


def looked_at(before, after, terms=TERMS):
    steps = [
        (first + np.arange(len(values)), np.array(values, float), 20)
        for first, values in ((0, before), (20, after))
    ]
    return comparable(tuple(steps), WINDOWS, terms)


def test_values_above_0_are_compared_by_their_logarithms():
    found = looked_at([1.0, 2.0] * 10, [3.0, 4.0] * 10)
    assert isinstance(found, Comparable)
    assert (found.scale, found.margin) == ("log", pytest.approx(0.05))
    assert found.blocks.value[:2] == pytest.approx(np.log([1.0, 2.0]))
    assert found.blocks.after.sum() == (~found.blocks.after).sum() == 20


def test_a_value_of_0_makes_it_a_difference_and_the_margin_one_of_the_unit():
    found = looked_at([0.0, 2.0] * 10, [3.0, 4.0] * 10)
    assert (found.scale, found.margin) == ("additive", pytest.approx(0.05))
    assert looked_at([10.0, 30.0] * 10, [0.0, 4.0] * 10).margin == pytest.approx(1.0)


def test_an_amount_that_does_not_matter_counts_where_it_is_larger():
    found = looked_at([10.0, 30.0] * 10, [3.0, 4.0] * 10, Terms(10.0, seasonal=False, same_up_to=5.0))
    assert found.margin == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ([], [1.0] * 20, "no value in the window before"),
        ([1.0] * 20, [], "no value in the window after"),
        ([1.0, 2.0] * 5, [1.0, 2.0] * 10, "10 values before and 20 after: 12 are needed on each side"),
        ([1.0] * 20, [2.0] * 20, EVEN),
    ],
)
def test_what_is_missing_is_said(before, after, reason):
    found = looked_at(before, after)
    assert isinstance(found, Lacking)
    assert found.reason == reason
    assert found.hours.before == pytest.approx(len(before) / 360)


def test_hours_of_the_week_need_a_week():
    hours = (np.arange(30), np.ones(30), 30), (np.arange(30, 60), np.ones(30), 30)
    found = comparable(hours, WINDOWS, Terms(3600.0, seasonal=True))
    assert "of 7 days" in found.reason
