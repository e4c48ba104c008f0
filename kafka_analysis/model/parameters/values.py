"""How people write amounts, times and shares, and what they become."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?(?:e\d+)?)\s*(?:([kMGTP]?)B?(?:/s)?)?", re.ASCII)
_UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}
_NO_AMOUNT = "should be a number of bytes, or text such as '20 GB'"
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
    """Read an amount of bytes as people write it: a number, or text with a decimal unit.

    Raises
    ------
    ValueError
        A text is no amount.

    Examples
    --------
    >>> read_amount("20 GB"), read_amount("1.5MB/s")
    (20000000000.0, 1500000.0)
    """
    if not isinstance(value, str):
        return value
    found = _AMOUNT.fullmatch(value.strip())
    if found is None:
        raise ValueError(_NO_AMOUNT)
    return float(found[1]) * _UNITS[(found[2] or "").upper()]


Amount = Annotated[float, BeforeValidator(read_amount), Field(ge=0, allow_inf_nan=False)]
Moment = Annotated[datetime, BeforeValidator(read_moment)]
Ratio = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Multiple = Annotated[float, Field(ge=1, allow_inf_nan=False)]
