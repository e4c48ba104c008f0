"""Ask in child processes what may end its process: librdkafka aborts when a coordinator is lost at the wrong moment.

Known of librdkafka up to 2.16 (its issue 4605, pull request 5397): describing consumer groups and listing their
offsets ends the whole process when the connection to a coordinator breaks, as it does in every rolling restart.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.http.deadline import Deadline

P = ParamSpec("P")
T = TypeVar("T")
_SPAWN = multiprocessing.get_context("spawn")


class ChildError(Exception):
    """An error in a child process that is not of its source; the child's traceback is its note."""


class ChildProcesses:
    """A few child processes, for a ``with``; one that dies or takes too long costs its question, and is replaced."""

    def __init__(self, workers: int) -> None:
        self._free: SimpleQueue[_Child | None] = SimpleQueue()
        self._children: set[_Child] = set()
        for _ in range(workers):
            self._free.put(None)  # a place; its process is started when it is first needed

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes, whatever they are at: they only read."""
        for child in self._children.copy():
            self._end(child)

    def ask(self, timeout_s: float, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of a module in a child process; arguments and result must be picklable.

        Raises
        ------
        SourceError
            The process died or did not answer in time, or the function raised it.
        ChildError
            The function raised anything else.
        """
        deadline = Deadline.after(timeout_s)
        try:
            child = self._free.get(timeout=timeout_s)
        except Empty:
            raise deadline.passed() from None
        healthy = False
        try:
            child = child or self._started()
            answer = child.ask(deadline, (function, args, kwargs))
            healthy = True
        finally:
            if child is not None and not healthy:
                self._end(child)
            self._free.put(child if healthy else None)
        return _opened(answer)

    def _started(self) -> _Child:
        child = _Child()
        self._children.add(child)
        return child

    def _end(self, child: _Child) -> None:
        self._children.discard(child)
        child.end()


class _Child:
    """One process, and the pipe to it; who asks and who ends it may be two threads."""

    def __init__(self) -> None:
        self._at_the_pipe = threading.Lock()
        self._pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, deadline: Deadline, question: tuple[Any, ...]) -> tuple[str, Any]:
        try:
            with self._at_the_pipe:
                self._pipe.send(question)
                if not self._pipe.poll(deadline.left):
                    raise deadline.passed()
                return self._pipe.recv()
        except (EOFError, OSError):
            raise SourceError(
                "the Kafka client crashed when a broker was lost; retried with the next scrape"
            ) from None

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        with self._at_the_pipe:  # who waits for an answer sees at once that none will come
            if not self._pipe.closed:
                self._pipe.close()


def _opened(answer: tuple[str, Any]) -> Any:
    kind, content = answer
    if kind == "result":
        return content
    if kind == "source":
        raise SourceError(content)
    name, trace = content
    error = ChildError(name)
    error.add_note(trace)
    raise error


def _serve(pipe: Connection) -> None:
    """Answer questions until there are no more; leave Ctrl-C to the parent, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except EOFError:
            return
        pipe.send_bytes(_answered(function, args, kwargs))


def _answered(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    """Call a function and pack what came of it; what cannot be packed is an error too."""
    try:
        return pickle.dumps(("result", function(*args, **kwargs)))
    except SourceError as error:
        return pickle.dumps(("source", str(error)))
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - it costs this question, never the process
        return pickle.dumps(("error", (type(error).__name__, traceback.format_exc())))
