"""Which scale makes the noise more even."""

from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.stats.change_points.scale import choose_scale
from kafka_analysis.stats.change_points.season import NO_SEASON

SEASONS = {"log": NO_SEASON, "value": NO_SEASON}
NOISE = np.random.default_rng(16).normal(size=300)


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (np.exp(NOISE), "log"),
        (1000 + NOISE, "log"),  # both do: ratios are what one wants
        (4 + NOISE, "value"),
        (np.exp(NOISE) - 0.5, "value"),  # not all above 0
        (np.exp(NOISE) * np.where(np.arange(300) < 150, 1.0, 50.0), "log"),
    ],
)
def test_scale(values, scale):
    assert choose_scale(values, SEASONS) == scale
