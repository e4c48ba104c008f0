from __future__ import annotations

from threading import Event, current_thread

import pytest

from kafka_analysis.model.background import in_background


def test_the_future_holds_the_result_or_the_error():
    assert in_background(lambda: 7).result(timeout=30) == 7
    with pytest.raises(ZeroDivisionError):
        in_background(lambda: 1 / 0).result(timeout=30)


def test_an_end_of_the_program_in_it_is_told_to_the_one_who_asks():
    def leave():
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        in_background(leave).result(timeout=30)


def test_nothing_waits_for_a_thread_that_hangs():
    release = Event()
    thread = in_background(lambda: current_thread()).result(timeout=30)
    hanging = in_background(release.wait)
    assert thread.daemon
    assert not hanging.done()
    release.set()
    assert hanging.result(timeout=30) is True
