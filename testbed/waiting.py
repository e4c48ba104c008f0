"""Wait for a condition, never for a length of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from testbed.errors import TestbedError


def wait_for(
    condition: Callable[[], bool],
    what: str,
    *,
    within_s: float,
    every_s: float = 0.3,
    where: Path | str = "the logs",
) -> float:
    """Call `condition` until it is true and return the seconds that took.

    Raises
    ------
    TestbedError
        If it is still false after `within_s`; `what` names it, `where` says what to read.

    Examples
    --------
    >>> wait_for(lambda: True, "nothing", within_s=1) < 1
    True
    """
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > within_s:
            raise TestbedError.gave_up(what, within_s, where)
        time.sleep(every_s)
    return time.monotonic() - began
