"""Which moments a capture can be of, and in which time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

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


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; without a time zone it is taken as UTC.

    Examples
    --------
    >>> in_utc(datetime(2026, 1, 1)).isoformat()
    '2026-01-01T00:00:00+00:00'
    """
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def as_time(moment: datetime, times: pl.DataType) -> pl.Expr:
    """Return a moment as a literal that compares with a column of times; without a time zone it is taken as UTC.

    Parameters
    ----------
    times
        Type of the column. One without a time zone holds UTC too.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"ts": [datetime(2026, 1, 1)]})
    >>> rows.select(pl.col("ts") == as_time(datetime(2026, 1, 1, tzinfo=UTC), rows.schema["ts"])).item()
    True
    """
    import polars as pl  # the command line reads times without it

    naive = pl.lit(in_utc(moment).replace(tzinfo=None))
    zone = times.time_zone if isinstance(times, pl.Datetime) else None
    return naive.dt.replace_time_zone("UTC").dt.convert_time_zone(zone) if zone else naive
