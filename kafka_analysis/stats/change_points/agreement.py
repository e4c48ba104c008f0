"""Whether the changes that were found agree with what is said to have happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.moments import in_utc
from kafka_analysis.model.units import counted, format_duration, format_time
from kafka_analysis.stats.change_points.results import Change, Changes

WITHIN, EARLIER, LATER = "within interval", "earlier", "later"
NONE_FOUND, SEVERAL, NO_EVENT, CANNOT_TELL = "none found", "several", "no event", "cannot tell"


@dataclass(frozen=True)
class Match:
    """One event and the change nearest to it.

    Attributes
    ----------
    verdict
        ``within interval``; ``earlier`` or ``later``: the level changed before, or after, what the interval allows;
        ``none found``; ``cannot tell``.
    off
        Time of the change less that of the event; null without a change.

    Examples
    --------
    >>> Match("cut-over", datetime(2026, 1, 1), "none found").off is None
    True
    """

    event: str
    at: datetime
    verdict: str
    change: Change | None = None
    off: timedelta | None = None


@dataclass(frozen=True)
class Agreement:
    """Whether found changes agree with stated events.

    Attributes
    ----------
    verdict
        ``within interval``: each event has a change, and each change an event. ``earlier``, ``later``: the one change
        found is not the event's. ``several``: changes were found besides those of events. ``none found``. ``no event``:
        nothing was stated. ``cannot tell``: the series does not answer.
    sentence
        The same in words.
    matches
        Each event with the change nearest to it.
    unexplained
        Changes within whose interval no event lies.

    Examples
    --------
    >>> Agreement("none found", "No level change was found.", (), ()).verdict
    'none found'
    """

    verdict: str
    sentence: str
    matches: tuple[Match, ...]
    unexplained: tuple[Change, ...]


def agreement(changes: Changes, events: Frame) -> Agreement:
    """Say whether the changes of a series agree with stated events: within the interval, earlier, later, none, several.

    An event lies within the interval of a change if it falls into the samples from one before the earliest place of the
    change to its last: a sample stands for a stretch of time, and may hold an event anywhere in it.

    Parameters
    ----------
    changes
        Result of :func:`~kafka_analysis.stats.change_points.find.find_changes`.
    events
        ``ts``, ``name`` of what is said to have changed the level, such as cut-overs.

    Examples
    --------
    >>> from datetime import UTC
    >>> import polars as pl
    >>> t = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(24)]
    >>> change = Change(t[12], t[11], t[13], before=1.0, after=2.0, size=2.0, p_value=0.001)
    >>> hour = timedelta(hours=1)
    >>> changes = Changes((change,), None, 0.001, True, "log", 0.0, 0.1, "none", "", "none", hour, 24, 0, 0)
    >>> agreement(changes, pl.DataFrame({"ts": [t[12]], "name": ["cut-over"]})).verdict
    'within interval'
    >>> agreement(changes, pl.DataFrame({"ts": [t[4]], "name": ["cut-over"]})).sentence
    'The level changed at 2026-01-01 12:00:00 UTC, 8 h 0 min later than cut-over.'
    """
    rows = to_polars(events).select("ts", "name").drop_nulls("ts").sort("ts").iter_rows()
    matches = tuple(_match(changes, str(name), in_utc(at)) for at, name in rows)
    explained = {match.change for match in matches if match.verdict == WITHIN}
    unexplained = tuple(change for change in changes.changes if change not in explained)
    verdict = _verdict(changes, matches, unexplained)
    return Agreement(verdict, _sentence(verdict, changes, matches, unexplained), matches, unexplained)


def _match(changes: Changes, name: str, at: datetime) -> Match:
    if changes.cannot_tell or not changes.changes:
        return Match(name, at, CANNOT_TELL if changes.cannot_tell else NONE_FOUND)
    within = [change for change in changes.changes if _holds(change, at, changes.step)]
    nearest = min(within or changes.changes, key=lambda change: abs(change.time - at))
    off = nearest.time - at
    verdict = WITHIN if within else EARLIER if nearest.time < at else LATER
    return Match(name, at, verdict, nearest, off)


def _holds(change: Change, at: datetime, step: timedelta) -> bool:
    return change.low - step <= at < change.high + step


def _verdict(changes: Changes, matches: tuple[Match, ...], unexplained: tuple[Change, ...]) -> str:
    if changes.cannot_tell:
        return CANNOT_TELL
    if not changes.changes:
        return NONE_FOUND
    if not matches:
        return NO_EVENT
    if unexplained and len(changes.changes) > 1:
        return SEVERAL
    missed = [match for match in matches if match.verdict != WITHIN]
    return missed[0].verdict if missed else WITHIN


def _sentence(
    verdict: str, changes: Changes, matches: tuple[Match, ...], unexplained: tuple[Change, ...]
) -> str:
    if verdict == CANNOT_TELL:
        return f"Whether the level changed is unknown: {changes.cannot_tell}."
    if verdict == NONE_FOUND:
        return "No level change was found."
    found = ", ".join(format_time(change.time) for change in changes.changes)
    if verdict == SEVERAL:
        beside = counted(len(unexplained), "change")
        return f"The level changed at {found}; {beside} of these cannot be explained by a stated event."
    if verdict == WITHIN:
        return f"The level changed at {found}, when {', '.join(match.event for match in matches)} happened."
    if verdict == NO_EVENT:
        return f"The level changed at {found}; no event was stated."
    match = next(match for match in matches if match.verdict == verdict)
    off = format_duration(abs(match.off.total_seconds()))
    return f"The level changed at {format_time(match.change.time)}, {off} {verdict} than {match.event}."
