"""Moments and durations as people write them: 2026-01-31, 2026-01-31T12:00:00Z; 15s, 10m, 2h."""

from datetime import datetime

import typer
from pydantic import TypeAdapter, ValidationError

from kafka_analysis.model.parameters import Moment
from kafka_analysis.model.units import seconds_of

_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


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


def parse_time(text: str) -> datetime:
    """Return a moment, UTC unless it says otherwise.

    Examples
    --------
    >>> parse_time("2026-01-31"), parse_time("2026-01-31T13:00:00+01:00")
    (datetime.datetime(2026, 1, 31, 0, 0, tzinfo=datetime.timezone.utc), datetime.datetime(2026, 1, 31, 12, 0, ...))
    """
    try:
        return _MOMENT.validate_python(text)
    except ValidationError:
        message = f"{text!r} is not a time; write 2026-01-31 or 2026-01-31T12:00:00Z"
        raise typer.BadParameter(message) from None
