"""What came of asking: an answer, or why there is none; nothing that a target does ends a recording."""

import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from kafka_analysis.model.background import in_background
from kafka_analysis.model.errors import CaptureError, InputError, SourceError, StoppedError

T = TypeVar("T")
GRACE_S = 0.5  # an answer that keeps to its deadline is there by then
LOOK_EVERY_S = 0.1
SEE_LOG = "; see errors.log"


@dataclass(frozen=True)
class Failure:
    """Why there is no answer; ``trace`` is the traceback where this program was at fault, not the target."""

    reason: str
    trace: str | None = None


def failure_of(error: BaseException) -> Failure:
    """Say of an error what a gap's reason is.

    Errors of this program are named by their kind only: their words may hold anything.

    Raises
    ------
    KeyboardInterrupt, SystemExit
        The error is one of them: those end the process.

    Examples
    --------
    >>> failure_of(SourceError("HTTP status 500"))
    Failure(reason='HTTP status 500', trace=None)
    >>> failure_of(MemoryError()).reason
    'out of memory while reading the answer (MemoryError); see errors.log'
    """
    if isinstance(error, KeyboardInterrupt | SystemExit):
        raise error
    if isinstance(error, SourceError | InputError) and not isinstance(error, CaptureError):
        return Failure(str(error))
    what = "out of memory while reading" if isinstance(error, MemoryError) else "internal error while reading"
    reason = f"{what} the answer ({type(error).__name__}){SEE_LOG}"
    return Failure(reason, "".join(traceback.format_exception(error)))


def outcome_of(ask: Callable[[], T]) -> T | Failure:
    """Ask once.

    Examples
    --------
    >>> outcome_of(lambda: 1), outcome_of(lambda: 1 / 0).reason
    (1, 'internal error while reading the answer (ZeroDivisionError); see errors.log')
    """
    try:
        return ask()
    except BaseException as error:  # noqa: BLE001 - whatever it is (Polars' panics are no Exception), it is a gap
        return failure_of(error)


def begun(ask: Callable[[], T]) -> Future[T | Failure]:
    """Begin to ask, in a thread that nothing waits for.

    Examples
    --------
    >>> begun(lambda: 1).result(timeout=5)
    1
    """
    try:
        return in_background(lambda: outcome_of(ask))
    except RuntimeError as error:  # no more threads can be started
        failed: Future[T | Failure] = Future()
        failed.set_result(failure_of(error))
        return failed


def too_late(deadline_s: float) -> Failure:
    """Return what is said of an answer that is waited for no longer.

    Examples
    --------
    >>> too_late(10).reason
    'no full answer within 10 s'
    """
    return Failure(f"no full answer within {deadline_s:g} s")


def all_outcomes(asks: Sequence[tuple[Callable[[], T], float]], stop: Event) -> list[T | Failure]:
    """Ask all at once; return what came of each within its deadline.

    Parameters
    ----------
    asks
        What asks, and its deadline in seconds.
    stop
        Ends the waiting.

    Raises
    ------
    StoppedError
        ``stop`` was set before all had answered.

    Examples
    --------
    >>> all_outcomes([(lambda: 1, 5), (lambda: 1 / 0, 5)], Event())[0]
    1
    """
    began = time.monotonic()
    futures = [begun(ask) for ask, _ in asks]
    left = list(zip(futures, (began + deadline_s + GRACE_S for _, deadline_s in asks), strict=True))
    while left:
        if stop.is_set():
            raise StoppedError("stopped before anything was recorded: nothing was written")
        wait([future for future, _ in left], timeout=LOOK_EVERY_S)
        now = time.monotonic()
        left = [(future, until) for future, until in left if not future.done() and now < until]
    return [
        future.result() if future.done() else too_late(deadline_s)
        for future, (_, deadline_s) in zip(futures, asks, strict=True)
    ]
