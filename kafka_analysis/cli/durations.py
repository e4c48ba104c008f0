"""Durations as people write them: 15s, 10m, 2h."""

from __future__ import annotations

import typer

from kafka_analysis.model.units import seconds_of


def parse_duration(text: str) -> float:
    """Return a duration in seconds.

    Examples
    --------
    >>> parse_duration("15s"), parse_duration("2h")
    (15.0, 7200.0)
    """
    try:
        return seconds_of(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
