"""How people write amounts, durations, times and shares, and what they become."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic.fields import FieldInfo

from kafka_analysis.model.units import seconds_of

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?(?:e\+?\d+)?)\s*(?:([kMGTP]?)(i?)B?(?:/s)?)?", re.ASCII)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5}
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)", re.ASCII)
_NO_AMOUNT = "should be a number of bytes, or text such as '20 GB'"
_NO_SHARE = "should be a share such as 0.05, or text such as '5%'"
_NO_TIME = "should be a time such as '2026-01-31T12:00:00Z'"


def read_moment(value: object) -> object:
    """Read a time as people write it (ISO 8601, UTC unless it says otherwise); what is no time stays as it is.

    Raises
    ------
    ValueError
        A text is no time.

    Examples
    --------
    >>> read_moment("2026-01-31")
    datetime.datetime(2026, 1, 31, 0, 0, tzinfo=datetime.timezone.utc)
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(_NO_TIME) from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime):
        try:
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        except OverflowError:  # the year 1 and a zone east of Greenwich
            raise ValueError(_NO_TIME) from None
    return value


def read_amount(value: object) -> object:
    """Read an amount of bytes as people write it: a number, or text with a decimal or binary unit.

    Raises
    ------
    ValueError
        A text is no amount.

    Examples
    --------
    >>> read_amount("20 GB"), read_amount("1.5MB/s"), read_amount("1 GiB")
    (20000000000.0, 1500000.0, 1073741824.0)
    """
    if not isinstance(value, str):
        return value
    match = _AMOUNT.fullmatch(value.strip())
    if match is None or (match[3] and not match[2]):
        raise ValueError(_NO_AMOUNT)
    return float(match[1]) * (1024.0 if match[3] else 1000.0) ** _POWERS[(match[2] or "").upper()]


def read_share(value: object) -> object:
    """Read a share as people write it: a number from 0 on, or text with a percent sign.

    Raises
    ------
    ValueError
        A text is no share.

    Examples
    --------
    >>> read_share("5%"), read_share("0.05"), read_share(0.05)
    (0.05, 0.05, 0.05)
    """
    if not isinstance(value, str):
        return value
    match = _SHARE.fullmatch(value.strip())
    if match is None:
        raise ValueError(_NO_SHARE)
    return float(match[1]) / (100 if match[2] else 1)


def _read_duration(unit_s: float) -> Callable[[object], object]:
    """Read a duration: a number of the unit, or text with a unit of its own, such as ``"30s"``."""

    def read(value: object) -> object:
        if not isinstance(value, str):
            return value
        text = value.strip()
        return float(text) if text.replace(".", "", 1).isdigit() else seconds_of(text) / unit_s

    return read


Amount = Annotated[float, BeforeValidator(read_amount), Field(ge=0, allow_inf_nan=False)]
Moment = Annotated[datetime, BeforeValidator(read_moment)]
Ratio = Annotated[float, BeforeValidator(read_share), Field(ge=0, le=1, allow_inf_nan=False)]
Share = Annotated[float, BeforeValidator(read_share), Field(gt=0, le=1, allow_inf_nan=False)]
Multiple = Annotated[float, Field(ge=1, allow_inf_nan=False)]
Seconds = Annotated[float, BeforeValidator(_read_duration(1.0)), Field(ge=0, allow_inf_nan=False)]
Hours = Annotated[float, BeforeValidator(_read_duration(3600.0)), Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Rows = Annotated[int, Field(ge=1, le=1000)]


def option(default: Any, description: str, *flags: str, is_input: bool = False) -> FieldInfo:
    """Define an option once: its default, what it means, and further flags of the command line.

    Parameters
    ----------
    default
        The default; a list or dict is copied for each model.
    description
        What the parameters cell of the notebook, ``--help`` and the docstring say.
    *flags
        Flags besides the one made of the name (``max_moved_bytes``: ``--max-moved-bytes``).
    is_input
        Whether it names a file given in place of a capture: the notebook's parameters cell leaves it out.

    Examples
    --------
    >>> option(None, "at most so many replicas").description
    'at most so many replicas'
    """
    extra = {"flags": list(flags), "is_input": is_input}
    if isinstance(default, list | dict):
        return Field(default_factory=default.copy, description=description, json_schema_extra=extra)
    return Field(default, description=description, json_schema_extra=extra)
