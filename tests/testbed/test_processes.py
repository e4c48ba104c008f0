from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from testbed import processes

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-uc",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(60)",
]


def test_started_process_is_entered_and_stopped(tmp_path: Path) -> None:
    child = processes.start("sleeper", SLEEP, run_dir=tmp_path, log=tmp_path / "log")
    assert processes.running(tmp_path) == [child]
    assert processes.find(tmp_path, "sleeper") == child
    processes.stop([child])
    assert not child.alive()
    assert processes.running(tmp_path) == []
    assert processes.entered(tmp_path) == [child]


def test_a_process_that_ignores_requests_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = processes.start("stubborn", STUBBORN, run_dir=tmp_path, log=log)
    processes.wait_for(lambda: "ready" in log.read_text(), "the start", within_s=20)
    processes.stop([child], patience_s=0.5)
    assert not child.alive()


def test_a_pid_given_to_another_process_is_left_alone(tmp_path: Path) -> None:
    child = processes.start("sleeper", SLEEP, run_dir=tmp_path, log=tmp_path / "log")
    stranger = replace(child, started="1")
    assert not stranger.alive()
    processes.kill(stranger, signal.SIGKILL)
    processes.stop([stranger])
    assert child.alive()
    processes.stop([child])


def test_start_time_tells_processes_apart() -> None:
    assert processes.start_time(os.getpid()) == processes.start_time(os.getpid()) != processes.start_time(1)


def test_an_empty_run_folder_runs_nothing(tmp_path: Path) -> None:
    assert processes.running(tmp_path / "nothing") == []
