"""The filter of an autoregression, held against sums written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from kafka_analysis.stats.change_points.whiten import Filter, fitted_weights, short_run, without_bias

GAPS = np.array([True, True, False, True, True, True, True, True])


def test_a_row_needs_all_the_samples_that_the_filter_reads():
    assert Filter(np.array([1.0, -0.5, 0.1]), GAPS).rows.tolist() == [False] * 5 + [True] * 3


@pytest.mark.parametrize("weights", [[1.0, 0.0], [1.0, -0.6], [1.0, -0.9, 0.2]])
def test_running_sums_are_inner_products(weights):
    white = Filter(np.array(weights), GAPS)
    values = white.whitened(np.random.default_rng(1).normal(size=len(GAPS)))
    steps = [white.step(at) for at in range(len(GAPS))]
    np.testing.assert_allclose(white.along_steps(values), [values @ step for step in steps])
    np.testing.assert_allclose(white.step_norms, [step @ step for step in steps])


def test_a_fit_finds_the_weights_that_made_the_noise():
    rng = np.random.default_rng(2)
    noise = lfilter([1.0], [1.0, -0.5, -0.3], rng.normal(size=20_000))
    weights, left = fitted_weights(noise, 2, np.arange(len(noise)) > 1)
    np.testing.assert_allclose(weights, [1.0, -0.5, -0.3], atol=0.03)
    assert left == pytest.approx(1.0, abs=0.05)


def test_a_longer_memory_is_seen_where_there_is_one():
    rng = np.random.default_rng(3)
    once = [len(short_run(lfilter([1.0], [1.0, -0.7], rng.normal(size=600)))) for _ in range(20)]
    assert np.mean(np.array(once) > 1) <= 0.1
    longer = short_run(lfilter([1.0], np.convolve([1.0, -0.8], [1.0, 0.5]), rng.normal(size=600)))
    np.testing.assert_allclose(longer, [1.0, 0.5], atol=0.15)


def test_bias_is_taken_back_up_to_what_still_returns():
    assert without_bias(0.5, 100) == pytest.approx(0.525)
    assert without_bias(0.99, 20) == 0.99
