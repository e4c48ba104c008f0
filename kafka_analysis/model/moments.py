"""Which moments a capture can be of."""

from __future__ import annotations

from datetime import UTC, datetime

EARLIEST = datetime(2001, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def is_plausible(moment: datetime) -> bool:
    """Return whether a moment has a time zone and lies between 2001 and 2100.

    Seconds taken for milliseconds lie in January 1970, and milliseconds taken for seconds far after 2100.

    Examples
    --------
    >>> is_plausible(datetime(2026, 1, 1, tzinfo=UTC)), is_plausible(datetime(9999, 12, 31, tzinfo=UTC))
    (True, False)
    """
    return moment.tzinfo is not None and EARLIEST <= moment <= LATEST
