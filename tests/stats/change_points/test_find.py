"""Series with planted changes and with none, made by code that shares nothing with the search."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.signal import lfilter

from kafka_analysis.stats import find_changes

T0, HOUR = datetime(2026, 1, 5, 7, tzinfo=UTC), timedelta(hours=1)
RUNS = 20


def ar(rng, n, phi, tails=None):
    e = rng.normal(size=n + 300) if tails is None else rng.standard_t(tails, n + 300) * np.sqrt(1 - 2 / tails)
    return lfilter([np.sqrt(1 - phi**2)], [1.0, -phi], e)[300:]


def day(n):
    return 3 * np.sin(2 * np.pi * np.arange(n) / 24)


def found(values, *, step=HOUR, **options):
    times = [T0 + i * step for i in range(len(values))]
    return find_changes(pl.DataFrame({"ts": times, "value": np.asarray(values, float)}), step=step, **options)


def places(changes):
    return [round((change.time - T0) / changes.step) for change in changes.changes]


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_a_change_of_three_sd_is_found_within_two_samples(phi):
    rng, near, covered = np.random.default_rng(17), 0, 0
    for _ in range(RUNS):
        at = int(rng.integers(70, 270))
        changes = found(ar(rng, 336, phi) + day(336) + 3 * (np.arange(336) >= at))
        near += any(abs(place - at) <= 2 for place in places(changes))
        covered += any(change.low <= T0 + at * HOUR <= change.high for change in changes.changes)
    assert near >= RUNS - 2
    assert covered >= RUNS - 2


@pytest.mark.parametrize(("phi", "tails"), [(0.0, None), (0.8, None), (0.8, 5)])
def test_nothing_is_found_where_there_is_nothing(phi, tails):
    rng = np.random.default_rng(18)
    assert sum(bool(found(ar(rng, 336, phi, tails) + day(336)).changes) for _ in range(RUNS)) <= 3


def test_sizes_are_ratios_where_values_are_above_0_and_differences_elsewhere():
    noise = ar(np.random.default_rng(19), 300, 0.3)
    step = np.arange(300) >= 120
    ratio, difference = found(np.exp(5 + 0.05 * noise + np.log(1.5) * step)), found(noise + 5 * step)
    assert (ratio.is_ratio, difference.is_ratio) == (True, False)
    assert (places(ratio), places(difference)) == ([120], [120])
    assert ratio.changes[0].size == pytest.approx(1.5, abs=0.03)
    assert difference.changes[0].size == pytest.approx(5, abs=0.4)
    assert ratio.changes[0].after == pytest.approx(1.5 * np.exp(5), rel=0.05)


def test_weeks_do_not_hide_a_change_nor_pretend_one():
    weekend = (np.arange(672) + 7) // 24 % 7 >= 5
    pretended = 0
    for seed in range(20, 25):
        values = 20 + ar(np.random.default_rng(seed), 672, 0.3) + day(672) - 4 * weekend
        pretended += bool(found(values).changes)
        assert any(abs(place - 400) <= 2 for place in places(found(values + 4 * (np.arange(672) >= 400))))
    assert pretended <= 1


def noise(seed=21, n=200):
    return np.random.default_rng(seed).normal(size=n)


@pytest.mark.parametrize(
    "values",
    [
        noise() + 0.1 * np.arange(200),
        noise() + 0.2 * np.maximum(np.arange(200) - 100, 0),
        np.exp(0.02 * np.arange(200) + 0.05 * noise()),
        noise() + 40 * (np.arange(200) == 90),
        noise() + 10 * ((np.arange(200) >= 90) & (np.arange(200) < 95)),
        np.cumsum(noise()),
        0.9 * np.sin(np.arange(200) / 9) + 0.1 * noise(),
        noise() * np.where(np.arange(200) < 100, 1, 2),
    ],
    ids=["slope", "bend", "growth", "outlier", "burst", "random walk", "wave", "variance"],
)
def test_what_is_no_change_of_level(values):
    assert found(values, step=timedelta(days=1)).changes == ()


def test_what_is_set_aside_is_counted():
    at = np.arange(200)
    assert found(noise() + 40 * (at == 90)).outliers == 1
    assert found(noise() + 10 * ((at >= 90) & (at < 95))).outliers == pytest.approx(5, abs=1)


def test_several_changes():
    values = np.concatenate([level + noise(22 + i, 70) for i, level in enumerate([0, 5, -2, 5])])
    assert places(found(values, step=timedelta(days=365))) == pytest.approx([70, 140, 210], abs=2)


def test_fifteen_samples_are_enough_for_a_clear_change():
    values = noise(23, 15)
    assert found(values, step=timedelta(days=365)).changes == ()
    assert places(found(values + 9 * (np.arange(15) >= 7), step=timedelta(days=365))) == [7]


def test_missing_values_and_a_change_in_a_gap():
    values = noise() + 5 * (np.arange(200) >= 100)
    values[95:105] = np.nan
    values[np.random.default_rng(24).random(200) < 0.15] = np.nan
    changes = found(values)
    assert len(changes.changes) == 1
    assert changes.changes[0].low <= T0 + 100 * HOUR <= changes.changes[0].high
    assert changes.missing == np.isnan(values).sum()


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([1.0, 2.0, 3.0], "too short: 3 known samples, 12 are needed"),
        ([7.0] * 30, "constant: every known sample is 7"),
        ([1.0, 2.0] * 8 + [None] * 30 + [1.0], "mostly missing: 17 of 47 samples are known, half are needed"),
        ([1.0, None, 2.0] * 6 + [None, 3.0] * 2, "too many gaps"),
        ([], "too short: 0 known samples, 12 are needed"),
    ],
)
def test_it_says_why_it_cannot_tell(values, why):
    changes = found(np.array(values, float))
    assert changes.cannot_tell.startswith(why)
    assert changes.changes == ()
    assert changes.rejects_no_change is None


def test_a_clean_step_without_noise_is_found():
    assert places(found([0.0] * 30 + [1.0] * 40)) == [30]


@pytest.mark.parametrize("factor", [1e-6, 1e9])
def test_units_do_not_matter(factor):
    values = 50 + noise() + 4 * (np.arange(200) >= 80)
    assert places(found(factor * values)) == places(found(values))


def test_the_season_can_be_declared_absent():
    changes = found(noise(n=24 * 8), season=False)
    assert (changes.season, changes.season_reason) == ("none", "declared absent")


def test_pandas_gives_the_same_answer():
    rows = pl.DataFrame(
        {"ts": [T0 + i * HOUR for i in range(200)], "value": noise() + 5 * (np.arange(200) >= 100)}
    )
    assert find_changes(rows.to_pandas(), step=HOUR) == find_changes(rows, step=HOUR)
