"""The clock of a recording: it begins with the machine's, and never jumps."""

import time
from datetime import UTC, datetime, timedelta

_KIND = getattr(time, "CLOCK_BOOTTIME", None)  # goes on while the machine sleeps, where the system has it


def _wall() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _elapsed_s() -> float:
    return time.monotonic() if _KIND is None else time.clock_gettime(_KIND)


_begun = [(_wall(), _elapsed_s())]


def begin_clock() -> None:
    """Set the clock by the machine's; for the begin of a recording.

    Examples
    --------
    >>> begin_clock()
    >>> abs(clock_set_s()) < 1
    True
    """
    _begun[:] = [(_wall(), _elapsed_s())]


def now() -> datetime:
    """Return the time in UTC, in whole milliseconds as captures keep it.

    It is the machine's time when the recording began, and what has passed since. A machine's clock that is set back
    or forward while a recording runs neither folds two stretches of time into one nor tears a hole.

    Examples
    --------
    >>> first = now()
    >>> now() >= first
    True
    """
    at, elapsed_s = _begun[0]
    moment = at + timedelta(seconds=_elapsed_s() - elapsed_s)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def clock_set_s() -> float:
    """Return by how many seconds the machine's clock was set forward (back: negative) since the recording began.

    Examples
    --------
    >>> abs(clock_set_s()) < 3600
    True
    """
    return (_wall() - now()).total_seconds()
