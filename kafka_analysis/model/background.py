"""Call functions in threads that nothing waits for: one that hangs does not hold up the end of the process."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def in_background(function: Callable[[], T]) -> Future[T]:
    """Call a function in a daemon thread of its own, and return the future of its result.

    A ThreadPoolExecutor waits for its threads where it is left and where the interpreter ends.

    Examples
    --------
    >>> in_background(lambda: 1 + 1).result(timeout=5)
    2
    """
    future: Future[T] = Future()
    Thread(target=_run, args=(future, function), daemon=True, name="background").start()
    return future


def _run(future: Future[T], function: Callable[[], T]) -> None:
    try:
        future.set_result(function())
    except BaseException as error:  # noqa: BLE001 - it belongs to the one who asks for the result
        future.set_exception(error)
    finally:
        del future, function  # an error holds this frame, which would hold the error
