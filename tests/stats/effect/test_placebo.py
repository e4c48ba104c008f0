"""The placebo compares halves between which nothing happened, by matched hours where there are some."""

from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.stats.effect.fit import fit_change
from kafka_analysis.stats.effect.hours import blocks_of
from kafka_analysis.stats.effect.placebo import placebo_layout
from tests.simulated_series import season


def placebo(days, *, shift_late=0.0, after=0.0):
    hours, rng = 24 * days, np.random.default_rng(1)
    values = season(2 * hours) + 0.01 * rng.normal(size=2 * hours)
    values[hours // 2 : hours] += shift_late
    values[hours:] += after
    sides = tuple((490_992 + s + np.arange(hours), values[s : s + hours], hours) for s in (0, hours))
    made, layout = placebo_layout(blocks_of(sides, step_s=3600.0, seasonal=True))
    fit = fit_change(made[:, None], layout)
    return float((fit.weight * fit.change).sum()), layout


@pytest.mark.parametrize("days", [7, 14, 28])
def test_a_shift_between_the_halves_is_found_and_the_change_itself_is_not(days):
    assert placebo(days, after=0.7)[0] == pytest.approx(0.0, abs=0.02)
    assert placebo(days, after=0.7, shift_late=0.3)[0] == pytest.approx(0.3, abs=0.02)


def test_two_weeks_before_need_nothing_of_the_window_after():
    assert not any(placebo(14)[1].level)
    assert any(placebo(7)[1].level)


def test_a_window_too_short_to_be_halved_has_none():
    sides = tuple((np.arange(s, s + 12), np.zeros(12), 12) for s in (0, 12))
    assert placebo_layout(blocks_of(sides, step_s=10.0, seasonal=False)) is None
