from __future__ import annotations

import os
import signal
import threading
import time
from unittest.mock import Mock

import pytest

from kafka_analysis.live.record import children
from kafka_analysis.live.record.children import ChildProcesses
from kafka_analysis.model.errors import SourceError


@pytest.fixture(autouse=True)
def started_anew(forked_children, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_SPAWN", forked_children)


def test_an_answer_comes_from_another_process() -> None:
    with ChildProcesses(1) as pool:
        assert pool.ask(30, os.getpid) != os.getpid()


def test_a_process_that_aborts_costs_one_question_only() -> None:
    with ChildProcesses(1) as pool:
        with pytest.raises(SourceError, match="crashed"):
            pool.ask(30, os.abort)
        assert pool.ask(30, abs, -1) == 1


def test_what_takes_too_long_is_given_up() -> None:
    with ChildProcesses(1) as pool:
        pool.ask(30, abs, -1)
        with pytest.raises(SourceError, match=r"no full answer within 0\.1 s"):
            pool.ask(0.1, time.sleep, 1.0)


def test_ctrl_c_is_left_to_the_parent() -> None:
    with ChildProcesses(1) as pool:
        child = pool.ask(30, os.getpid)
        os.kill(child, signal.SIGINT)
        assert pool.ask(30, os.getpid) == child


def test_a_child_that_two_threads_end_is_closed_once():
    entered, second = [], threading.Event()

    class Pipe:
        closed = False

        def close(self):
            entered.append(1)
            second.wait(0.3) if len(entered) == 1 else second.set()
            self.closed = True

    child = object.__new__(children._Child)
    child._at_the_pipe, child._pipe, child._process = threading.Lock(), Pipe(), Mock()
    threads = [threading.Thread(target=child.end) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert entered == [1]


def test_a_question_under_way_ends_with_the_processes():
    with ChildProcesses(1) as pool:
        pool.ask(60, abs, 1)
        failed = []
        asker = threading.Thread(target=lambda: failed.append(why(pool, time.sleep, 60)))
        asker.start()
        while pool._free.qsize():
            pass
    asker.join(30)
    assert failed
    assert "crashed" in failed[0]


def why(pool, function, *words):
    with pytest.raises(SourceError) as caught:
        pool.ask(60, function, *words)
    return str(caught.value)
