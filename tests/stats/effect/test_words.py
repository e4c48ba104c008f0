"""The noise that is named is the one that was planted."""

from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.stats.effect.fit import fit_change
from kafka_analysis.stats.effect.hours import blocks_of
from kafka_analysis.stats.effect.words import describe_noise, plain_duration, wanders
from tests.simulated_series import NOISES, days_differ, logarithms, mixture, one_ar


def fitted(noise, *, days, runs=1, seed=2):
    series = logarithms(noise, days=days, runs=runs, effect=0.0, seed=seed)
    hours = 24 * days
    sides = tuple((490_992 + start + np.arange(hours), series[0, :hours], hours) for start in (0, hours))
    blocks = blocks_of(sides, step_s=3600.0, seasonal=True)
    return fit_change(
        series.reshape(runs, -1, blocks.steps).mean(axis=2).T, blocks.layout(blocks.after)
    ), blocks


@pytest.mark.parametrize(
    ("noise", "words"),
    [
        (NOISES["AR(1), φ 0"], "no memory from one block to the next"),
        (NOISES["AR(1), φ 0.95"], "AR(1), φ 0.9"),
        (days_differ(0.6), "days differ by more than hours explain"),
        (mixture(0.0, 0.99, 0.5), "and a slow component with a memory of about"),
    ],
)
def test_the_noise_planted_is_named(noise, words):
    fit, blocks = fitted(noise, days=28)
    assert words in describe_noise(fit, block_s=blocks.block_s, step_s=3600.0)


def test_a_walk_as_slow_as_the_windows_wanders_and_an_hour_s_memory_does_not():
    walks, _ = fitted(one_ar(0.998), days=14, runs=40)
    assert wanders(walks).mean() > 0.5
    quick, _ = fitted(one_ar(0.8), days=14, runs=40)
    assert not wanders(quick).any()


def test_durations_have_no_parts_that_are_0():
    assert [plain_duration(s) for s in (7200, 5400, 90, 604_800)] == [
        "2 h",
        "1 h 30 min",
        "1 min 30 s",
        "7 days",
    ]
