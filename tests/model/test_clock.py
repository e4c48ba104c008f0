from __future__ import annotations

import time

import pytest

from kafka_analysis.model import clock


@pytest.fixture(autouse=True)
def begun():
    clock.begin_clock()
    yield
    clock.begin_clock()


@pytest.mark.parametrize("jump_s", [-3600.0, 86_400.0])
def test_a_machine_s_clock_that_is_set_does_not_move_a_recording_s(monkeypatch, jump_s):
    before, real = clock.now(), time.time
    monkeypatch.setattr(clock.time, "time", lambda: real() + jump_s)
    after = clock.now()
    assert 0 <= (after - before).total_seconds() < 5
    assert clock.clock_set_s() == pytest.approx(jump_s, abs=5)
    assert after.microsecond % 1000 == 0


def test_a_recording_begins_with_the_machine_s_clock(monkeypatch):
    real = time.time
    monkeypatch.setattr(clock.time, "time", lambda: real() + 3600)
    clock.begin_clock()
    assert clock.clock_set_s() == pytest.approx(0, abs=1)
    assert clock.now().timestamp() == pytest.approx(real() + 3600, abs=5)
