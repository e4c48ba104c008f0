"""Children of recordings, forked from one process that has loaded what they need.

A child that is started anew, as outside of tests, loads for more than a second before it asks anything.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any


class Forked:
    """What ``kafka_analysis.live.record.children`` starts its processes with."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["kafka_analysis.live.record.targets", __name__])

    def Pipe(self) -> tuple[Connection, Connection]:  # noqa: N802  as multiprocessing calls it
        return self._context.Pipe()

    def Process(self, *, target: Callable[..., None], args: tuple[Any, ...], daemon: bool) -> BaseProcess:  # noqa: N802
        return self._context.Process(target=_run, args=(dict(os.environ), target, args), daemon=daemon)


def _run(environment: dict[str, str], target: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Run as a process started now would: the one that forks has the environment of the first test."""
    os.environ.clear()
    os.environ.update(environment)
    target(*args)
