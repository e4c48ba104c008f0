"""What the name of a saved page says: when it was taken, and of which broker."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePath

from kafka_analysis.model.errors import InputError

_CLOCK = r"(?P<H>\d\d)(?P<by>[-:.]?)(?P<M>\d\d)(?P=by)(?P<S>\d\d)(?:[.,](?P<f>\d{3}))?+Z?+(?!\d|[+]\d)"
_TIMES = (
    re.compile(rf"(?<!\d)(?P<Y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)[T_ -]{_CLOCK}"),
    re.compile(rf"(?<!\d)(?P<Y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)[T_-]?{_CLOCK}"),
)
_EPOCH = re.compile(r"(?<!\d)[12]\d{9}(?P<ms>\d{3})?(?!\d)")
_BROKER = re.compile(
    r"(?<![a-z0-9])(?:(?:broker|kafka)[-_.=]?|b[-_])(\d{1,9})(?!\d|\.\d|-\d\d-\d\d)", re.IGNORECASE
)


def time_in_name(name: str) -> datetime | None:
    """Return the time a file name tells, UTC; None when it tells none.

    Understood: ``2026-01-31T12-00-00Z`` (also ``_``, a blank or ``-`` for T; ``:``, ``.`` or nothing between hours,
    minutes and seconds; milliseconds after a dot), ``20260131T120000Z``, ``20260131-120000``, ``20260131120000``, and
    seconds or milliseconds since 1970. A time with an offset from UTC is not.

    Examples
    --------
    >>> print(time_in_name("broker-1.20260131T120000Z.prom"), time_in_name("b-1.1769860800.prom.gz"))
    2026-01-31 12:00:00+00:00 2026-01-31 12:00:00+00:00
    >>> time_in_name("kafka-3.prom") is None
    True
    """
    return next((moment for moment, _ in _times(name)), None)


def _times(name: str) -> Iterator[tuple[datetime, re.Match[str]]]:
    for pattern in _TIMES:
        for match in pattern.finditer(name):
            parts = [int(match[part]) for part in "YmdHMS"]
            try:
                yield datetime(*parts, int(match["f"] or 0) * 1000, tzinfo=UTC), match
            except ValueError:
                continue
    for match in _EPOCH.finditer(name):
        yield (
            datetime.fromtimestamp(int(match[0][:10]), UTC).replace(microsecond=int(match["ms"] or 0) * 1000),
            match,
        )


def broker_in_name(path: PurePath, *, pattern: re.Pattern[str] | None = None) -> int | None:
    """Return the broker a file's name tells, else the nearest folder's that tells one; None when none does.

    Parameters
    ----------
    pattern
        Its group is the broker's id; without it ``broker-3``, ``kafka-3`` and ``b-3`` are understood (also with ``_``).

    Examples
    --------
    >>> broker_in_name(PurePath("kafka-3/metrics-20260131T120000Z.prom")), broker_in_name(PurePath("metrics.prom"))
    (3, None)
    """
    for name in reversed(path.parts):
        rest = name
        for _, time in _times(name):
            rest = rest.replace(time[0], "~")
        match = (pattern or _BROKER).search(rest if pattern is None else name)
        if match is not None and re.fullmatch(r"\d{1,9}", match[1] or "", re.ASCII):
            return int(match[1])
    return None


def broker_pattern(text: str) -> re.Pattern[str]:
    r"""Return a user's pattern, compiled.

    Raises
    ------
    InputError
        It is no regular expression, or has not exactly one group.

    Examples
    --------
    >>> broker_in_name(PurePath("node07.prom"), pattern=broker_pattern(r"node(\d+)"))
    7
    """
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise InputError(f"broker pattern {text!r} is not a valid regular expression: {error}") from None
    if pattern.groups != 1:
        message = f"broker pattern {text!r} has {pattern.groups} groups; give one, around the id: node(\\d+)"
        raise InputError(message)
    return pattern
