"""Candidates of noise: what they count, and that they are the covariances they say."""

from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.stats.effect.noise import (
    DAY,
    ONE_MEMORY,
    Memory,
    constants_of,
    correlation,
    memories,
    whitened,
)

AT = np.arange(10)


@pytest.mark.parametrize("day", [None, 12.0])
def test_what_candidates_count_beforehand_adds_up_to_one(day):
    found = memories(84.0, day=day)
    assert sum(np.exp(m.log_prior).sum() for m in found) == pytest.approx(1.0)
    assert sum(np.exp(m.log_prior).sum() for m in found if m.slow is None) == pytest.approx(ONE_MEMORY)
    assert any(m.slow == DAY for m in found) == (day is not None)


def test_of_mixtures_those_with_a_slower_part_count_more():
    mixed = [m for m in memories(64.0, day=None) if m.slow is not None and m.fast == 0.0]
    counts = [np.exp(m.log_prior).sum() for m in sorted(mixed, key=lambda m: m.slow)]
    assert counts == sorted(counts)
    assert counts[-1] > 2 * counts[-2]


def test_no_memory_is_longer_than_the_window():
    assert max(c for c in constants_of(memories(50.0, day=None))) == 50.0


@pytest.mark.parametrize("memory", [0.3, 2.0, 40.0])
def test_an_ar_of_blocks_is_that_of_the_means_of_its_steps(memory):
    """By hand: average the covariance of the steps."""
    steps, n = 4, 6
    step = np.arange(n * steps)
    of_steps = np.exp(-np.abs(step[:, None] - step) / (memory * steps))
    means = np.kron(np.eye(n), np.full((1, steps), 1 / steps))
    covariance = means @ of_steps @ means.T
    assert correlation(memory, np.arange(n), steps=steps, days=AT[:n]) == pytest.approx(
        covariance / covariance[0, 0]
    )


def test_gaps_in_time_are_respected():
    apart = correlation(5.0, np.array([0, 1, 50]), steps=1, days=AT[:3])
    assert apart[0, 2] == pytest.approx(np.exp(-10))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_what_is_whitened_has_the_variance_of_the_mixture(share):
    parts = [correlation(1.0, AT, steps=1, days=AT), correlation(DAY, AT, steps=1, days=AT // 5)]
    matrix, second, half = whitened(parts, first=0, second=1)
    mixture = (1 - share) * parts[0] + share * parts[1]
    variance = (1 - share) + share * second
    assert matrix @ mixture @ matrix.T == pytest.approx(np.diag(variance), abs=1e-9)
    assert 2 * half + np.log(variance).sum() == pytest.approx(np.linalg.slogdet(mixture)[1])


def test_one_part_alone_needs_no_second():
    matrix, second, _ = whitened([correlation(3.0, AT, steps=1, days=AT)], first=0, second=None)
    assert second.tolist() == [1.0] * len(AT)
    assert matrix @ correlation(3.0, AT, steps=1, days=AT) @ matrix.T == pytest.approx(
        np.eye(len(AT)), abs=1e-9
    )


def test_constants_are_listed_once():
    some = [Memory(0.0, None, (0.0,), (0.0,)), Memory(0.0, DAY, (0.5,), (0.0,))]
    assert list(constants_of(some)) == [0.0, DAY]
