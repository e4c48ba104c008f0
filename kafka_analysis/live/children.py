"""Ask in child processes what may end its process: librdkafka aborts when a coordinator is lost at the wrong moment.

Known of librdkafka up to 2.16 (its issue 4605, pull request 5397): describing consumer groups and listing their
offsets ends the whole process when the connection to a coordinator breaks, as it does in every rolling restart.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from kafka_analysis.model.errors import SourceError

P = ParamSpec("P")
T = TypeVar("T")


class ChildProcesses:
    """A few child processes; one that dies costs the question it was at, and is replaced. Use it in a ``with``."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Return itself; processes are started when they are first needed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes once they are done with what they are at."""
        self._drop(self._pool)

    def ask(self, timeout_s: float, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of a module in a child process; arguments and result must be picklable.

        Raises
        ------
        SourceError
            The process died or did not answer in time, or the function raised it.
        """
        pool = self._running()
        try:
            return pool.submit(function, *args, **kwargs).result(timeout=timeout_s)
        except BrokenProcessPool:
            self._drop(pool)
            raise SourceError(
                "the Kafka client ended its process while a broker was lost; asked again next time"
            ) from None
        except FutureTimeoutError:
            message = f"no answer within {timeout_s:g} s"
            raise SourceError(message) from None

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=_settle)
            return self._pool

    def _drop(self, pool: ProcessPoolExecutor | None) -> None:
        with self._lock:
            if pool is not None and pool is self._pool:
                self._pool = None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


def _settle() -> None:
    """Leave Ctrl-C to the parent, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()
