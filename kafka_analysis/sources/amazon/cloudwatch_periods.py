"""Choose the finest period CloudWatch still keeps for each part of a window: data thin out as they age."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kafka_analysis.model.errors import InputError, WindowError

# How long data of each period live (Amazon CloudWatch API Reference, GetMetricData).
LIVES = {60: timedelta(days=15), 300: timedelta(days=63), 3600: timedelta(days=455)}
_HOUR_S = 3600


@dataclass(frozen=True)
class Part:
    """A stretch of the window [start, end), UTC, read with one period."""

    start: datetime
    end: datetime
    period_s: int

    @property
    def points(self) -> int:
        """Return how many periods it has."""
        return int((self.end - self.start).total_seconds()) // self.period_s


@dataclass(frozen=True)
class Plan:
    """Parts of a window in order of time, and what a reader must know of them."""

    parts: tuple[Part, ...]
    expired: Part | None
    notes: tuple[str, ...]


def plan_periods(start: datetime, end: datetime, *, now: datetime, period_s: int = 60) -> Plan:
    """Divide a window by the age of its data.

    Parameters
    ----------
    start, end
        The window [start, end); only whole periods inside it are read. What lies after ``now`` is left out.
    now
        The present: ages are counted from here.
    period_s
        The finest period wanted in seconds: 60, 300 or 3600.

    Returns
    -------
    Plan
        ``expired`` is the stretch older than CloudWatch keeps anything of; it has no part.

    Raises
    ------
    InputError
        When the period is none of the three.
    WindowError
        When no whole period of the window is kept.

    Notes
    -----
    1-minute data live 15 days, 5-minute data 63 days, 1-hour data 455 days: Amazon CloudWatch API Reference,
    GetMetricData. Parts meet on whole hours, so that no period straddles two of them.

    Examples
    --------
    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> for part in plan_periods(datetime(2026, 2, 1, tzinfo=UTC), now, now=now).parts:
    ...     print(part.start.date(), part.end.date(), part.period_s, part.points)
    2026-02-01 2026-02-14 300 3744
    2026-02-14 2026-03-01 60 21600
    """
    if period_s not in LIVES:
        raise InputError(f"CloudWatch keeps no periods of {period_s} s; give 60s, 5m or 1h")
    if start >= end:
        raise WindowError(f"start {start} is not before end {end}; swap them")
    last = min(end, now)
    parts = tuple(_parts(start, last, now, period_s))
    oldest = _oldest(now, _HOUR_S)
    if not parts:
        message = f"CloudWatch keeps no complete period between {start} and {last}; its oldest data are from {oldest}"
        raise WindowError(message)
    expired = Part(start, min(oldest, last), _HOUR_S) if start < oldest else None
    return Plan(parts, expired, tuple(_notes(parts, expired, period_s)))


def _parts(start: datetime, end: datetime, now: datetime, finest_s: int) -> Iterator[Part]:
    """Yield the parts, oldest first."""
    periods = [period for period in sorted(LIVES, reverse=True) if period >= finest_s]
    upper = [_oldest(now, finer) for finer in periods[1:]] + [end]
    for period, limit in zip(periods, upper, strict=True):
        low = _ceiled(max(start, _oldest(now, period)), period)
        high = _floored(min(end, limit), period)
        if low < high:
            yield Part(low, high, period)


def _oldest(now: datetime, period_s: int) -> datetime:
    """Return the first whole hour of which data of a period are kept."""
    return _ceiled(now - LIVES[period_s], _HOUR_S)


def _floored(moment: datetime, period_s: int) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // period_s * period_s, UTC)


def _ceiled(moment: datetime, period_s: int) -> datetime:
    return datetime.fromtimestamp(-(-moment.timestamp() // period_s) * period_s, UTC)


def _notes(parts: tuple[Part, ...], expired: Part | None, finest_s: int) -> Iterator[str]:
    if expired is not None:
        yield (
            f"CloudWatch keeps no data from before {expired.end:%Y-%m-%d %H:%M} UTC (455 days): "
            f"{expired.start:%Y-%m-%d %H:%M} to {expired.end:%Y-%m-%d %H:%M} UTC is unknown."
        )
    for part in parts:
        if part.period_s > finest_s:
            span = f"{part.start:%Y-%m-%d %H:%M} to {part.end:%Y-%m-%d %H:%M} UTC"
            yield (
                f"{span} was read in periods of {part.period_s} s; "
                "CloudWatch keeps 1-minute data for 15 days, 5-minute data 63 days and 1-hour data 455 days."
            )
