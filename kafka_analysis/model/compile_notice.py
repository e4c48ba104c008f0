"""Say that compiling takes a while: once in a process, only where it does, and never on the page of a notebook."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress

AFTER_S = 1.0
COMPILING = "Compiling the planner"
KEPT = f"{COMPILING}: once on this machine, about 20 seconds"
NOT_KEPT = f"{COMPILING}: about 20 seconds, each time; set NUMBA_CACHE_DIR to a folder that can be written"
PLANNER = "kafka_analysis.plan."


class CompileNotice:
    """Adds up the seconds that go into compiling the planner, and says so as soon as they are many.

    Parameters
    ----------
    say
        Called with one sentence, once.
    after_s
        Seconds from which it is worth a sentence.
    clock
        Returns seconds.

    Examples
    --------
    >>> notice = CompileNotice(print, clock=iter([0.0, 0.5, 2.0]).__next__)
    >>> notice.begin("kafka_analysis.plan.split.annealing", kept=True)
    >>> notice.look()
    >>> notice.look()
    Compiling the planner: once on this machine, about 20 seconds
    """

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        after_s: float = AFTER_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._say, self._after_s, self._clock = say, after_s, clock
        self._depth, self._spent_s, self._begun, self._sentence = 0, 0.0, 0.0, ""

    def begin(self, module: str, *, kept: bool) -> None:
        """Begin with a function of a module; ``kept``: whether its machine code can be kept on disk.

        Those that it calls are compiled within, and end before it does.
        """
        if self._depth == 0:
            self._begun = self._clock()
            self._sentence = (KEPT if kept else NOT_KEPT) if module.startswith(PLANNER) else ""
        self._depth += 1

    def look(self) -> None:
        """Say it, if it is time."""
        if self._depth and self._sentence and self._spent_s + self._clock() - self._begun >= self._after_s:
            self._say(self._sentence)
            self._after_s = float("inf")

    def end(self) -> None:
        """End with the function that was begun last."""
        self._depth -= 1
        if self._depth == 0 and self._sentence:
            self._spent_s += self._clock() - self._begun


def say_beside(sentence: str) -> None:
    """Write a line to standard error: in a notebook that somebody has open below its cell, else beside the page.

    The kernel of a notebook that is executed unattended (papermill, ``report``) would put it on the page for good.
    """
    unattended = type(sys.stderr).__module__.startswith("ipykernel") and "JPY_SESSION_NAME" not in os.environ
    with suppress(OSError):  # nobody is there to read it
        if unattended:
            os.write(_own_descriptor(), f"{sentence}\n".encode())
        else:
            sys.stderr.write(f"{sentence}\n")
            sys.stderr.flush()


def _own_descriptor() -> int:
    """Return where a kernel's process was told to write errors; its stream knows where the kernel listens there."""
    try:
        return sys.stderr.fileno()
    except OSError:
        return 2
