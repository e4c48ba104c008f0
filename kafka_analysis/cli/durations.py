"""Durations as people write them: 15s, 10m, 2h."""

from __future__ import annotations

import re

import typer

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|m|h|d|)", re.ASCII)


def parse_duration(text: str) -> float:
    """Return a duration in seconds.

    Examples
    --------
    >>> parse_duration("15s"), parse_duration("1.5m"), parse_duration("2h")
    (15.0, 90.0, 7200.0)
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        message = f"{text!r} is not a duration; write 15s, 10m, 2h or 1d"
        raise typer.BadParameter(message)
    return float(found[1]) * _UNITS[found[2]]
