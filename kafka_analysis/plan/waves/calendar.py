"""When a cut-over may be: within the hours and days allowed, and outside every freeze."""

from __future__ import annotations

from datetime import datetime, timedelta

from kafka_analysis.plan.waves.options import DAYS, WaveOptions

_ONE_DAY = timedelta(days=1)


def next_cutover(ready: datetime, options: WaveOptions) -> datetime:
    """Return the earliest moment, not before ``ready``, at which a cut-over may begin.

    Parameters
    ----------
    ready
        From when it could be, UTC.
    options
        ``cutover_s``, ``cutover_hours``, ``cutover_days``, ``freezes``.

    Examples
    --------
    >>> from kafka_analysis.plan.waves.options import WaveOptions
    >>> options = WaveOptions(start="2026-12-18T03:00Z", cutover_hours=(22, 2),
    ...     freezes=[("2026-12-19", "2027-01-04")])
    >>> str(next_cutover(options.start, options)), str(next_cutover(options.freezes[0][0], options))
    ('2026-12-18 22:00:00+00:00', '2027-01-04 00:00:00+00:00')
    """
    length = timedelta(seconds=options.cutover_s)
    moment = ready
    while True:
        open_from = _in_hours(moment, length, options)
        frozen = [end for start, end in options.freezes if start < open_from + length and open_from < end]
        if not frozen:
            return open_from
        moment = max(frozen)


def _in_hours(ready: datetime, length: timedelta, options: WaveOptions) -> datetime:
    """Return the earliest begin within the hours and days; a window is judged by the day on which its hours begin."""
    opens, closes = options.open_hours
    allowed = {DAYS.index(day) for day in options.cutover_days}
    if closes - opens == 24 and len(allowed) == len(DAYS):
        return ready
    midnight = ready.replace(hour=0, minute=0, second=0, microsecond=0) - _ONE_DAY
    while True:
        if midnight.weekday() in allowed:
            start = max(ready, midnight + timedelta(hours=opens))
            if start + length <= _closes(midnight, opens, closes, allowed):
                return start
        midnight += _ONE_DAY


def _closes(midnight: datetime, opens: float, closes: float, allowed: set[int]) -> datetime:
    """Return when the hours that begin on a day end; those of a whole day go over into the next day's."""
    end = midnight + timedelta(hours=closes)
    if closes - opens == 24:
        for _ in DAYS:
            if (midnight := midnight + _ONE_DAY).weekday() not in allowed:
                break
            end = midnight + timedelta(hours=closes)
    return end
