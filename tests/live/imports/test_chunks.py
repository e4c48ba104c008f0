from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.live.imports.chunks import FIRST_MS, MOST_POINTS, MOST_SAMPLES, ChunkLength


def test_the_first_question_is_short_and_the_rest_as_long_as_may_be():
    length = ChunkLength(series=3, step_ms=60_000)
    assert length.next_ms() == FIRST_MS
    length.learn(FIRST_MS, points=10)
    assert length.next_ms() == MOST_POINTS * 60_000


def test_denser_series_than_expected_make_shorter_stretches():
    length = ChunkLength(series=3, step_ms=60_000)
    length.learn(FIRST_MS, points=40)
    assert length.next_ms() == MOST_POINTS * 15_000


def test_no_samples_teach_nothing():
    length = ChunkLength(series=3, step_ms=60_000)
    length.learn(FIRST_MS, points=0)
    assert length.next_ms() == MOST_POINTS * 60_000


@pytest.mark.parametrize(("series", "points"), [(10, 10_000), (4_000, 25), (10**6, 1), (0, 10_000)])
def test_many_series_make_shorter_stretches(series, points):
    length = ChunkLength(series=series, step_ms=60_000, spacing_ms=60_000)
    assert length.next_ms() == points * 60_000


def test_what_was_too_large_is_halved_down_to_a_step():
    length = ChunkLength(series=3, step_ms=60_000, spacing_ms=60_000)
    assert length.halve(480_000)
    assert length.next_ms() == 240_000
    assert length.halve(120_000)
    assert length.next_ms() == 60_000
    assert not length.halve(60_000)


@given(st.integers(0, 10**6), st.integers(1_000, 3_600_000), st.lists(st.integers(0, 20_000), max_size=5))
def test_every_length_is_whole_steps_and_no_answer_is_too_large(series, step_ms, seen):
    length = ChunkLength(series=series, step_ms=step_ms)
    for points in seen:
        length.learn(length.next_ms(), points=points)
    asked = length.next_ms()
    assert asked >= step_ms
    assert asked % step_ms == 0
    assert asked // step_ms <= MOST_POINTS
    assert asked == step_ms or series * asked // step_ms <= MOST_SAMPLES
