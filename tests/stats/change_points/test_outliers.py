"""Single outliers are set aside; changes are not."""

from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.stats.change_points.outliers import outliers

NOISE = np.random.default_rng(13).normal(size=100)


@pytest.mark.parametrize("samples", [[40], [40, 41]])
@pytest.mark.parametrize("far", [20.0, -20.0])
def test_one_or_two_far_samples_are_set_aside(samples, far):
    values = NOISE.copy()
    values[samples] += far
    assert np.flatnonzero(outliers(values)).tolist() == samples


def test_a_change_of_level_and_three_samples_are_kept():
    three = NOISE.copy()
    three[40:43] += 20
    assert not outliers(NOISE + 20 * (np.arange(100) >= 50)).any()
    assert not outliers(three).any()


def test_gaps_are_passed_over():
    values = NOISE.copy()
    values[[39, 41]] = np.nan
    values[40] += 20
    assert np.flatnonzero(outliers(values)).tolist() == [40]


def test_a_short_series_is_left_alone():
    assert not outliers(np.array([0.0, 1.0, 90.0, 0.0, 1.0])).any()
