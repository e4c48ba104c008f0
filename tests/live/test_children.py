from __future__ import annotations

import os
import signal
import time

import pytest

from kafka_analysis.live.children import ChildProcesses
from kafka_analysis.model.errors import SourceError


def test_an_answer_comes_from_another_process() -> None:
    with ChildProcesses(1) as children:
        assert children.ask(30, os.getpid) != os.getpid()


def test_a_process_that_aborts_costs_one_question_only() -> None:
    with ChildProcesses(1) as children:
        with pytest.raises(SourceError, match="ended its process"):
            children.ask(30, os.abort)
        assert children.ask(30, abs, -1) == 1


def test_what_takes_too_long_is_given_up() -> None:
    with ChildProcesses(1) as children:
        children.ask(30, abs, -1)
        with pytest.raises(SourceError, match=r"no full answer within 0\.1 s"):
            children.ask(0.1, time.sleep, 1.0)


def test_ctrl_c_is_left_to_the_parent() -> None:
    with ChildProcesses(1) as children:
        child = children.ask(30, os.getpid)
        os.kill(child, signal.SIGINT)
        assert children.ask(30, os.getpid) == child
