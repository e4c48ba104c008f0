"""Find the windows a capture's events speak of: steady phases, before and after a migration."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from kafka_analysis.model.errors import WindowError
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.moments import in_utc
from kafka_analysis.model.units import format_time

_EDGE = r":(start|end)$"


@dataclass(frozen=True)
class Window:
    """A stretch of time [start, end) with the reason it was chosen; ``guessed``: nothing said to choose it.

    Times without a time zone are UTC.
    """

    start: datetime
    end: datetime
    name: str = ""
    guessed: bool = False

    def __post_init__(self) -> None:
        """Take times without a time zone as UTC."""
        object.__setattr__(self, "start", in_utc(self.start))
        object.__setattr__(self, "end", in_utc(self.end))

    @property
    def seconds(self) -> float:
        """Return the length in seconds."""
        return (self.end - self.start).total_seconds()

    def __str__(self) -> str:
        """Return name, start and end as text."""
        prefix = f"{self.name}: " if self.name else ""
        return f"{prefix}{format_time(self.start)} to {format_time(self.end)}"


@same_kind
def phases(events: Frame) -> Frame:
    """List the steady-load phases marked by pairs of ``load`` events ``<phase>:start`` and ``<phase>:end``.

    Parameters
    ----------
    events
        The capture's ``events`` table.

    Returns
    -------
    frame of the kind given
        ``phase``, ``start``, ``end`` (UTC), in order of time; a start without an end is left out.

    Examples
    --------
    >>> from datetime import UTC
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in (0, 5)]
    >>> rows = pl.DataFrame({"ts": t, "kind": "load", "name": ["baseline:start", "baseline:end"]})
    >>> phases(rows)["phase"].to_list()
    ['baseline']
    """
    marks = events.filter((pl.col("kind") == "load") & pl.col("name").str.contains(_EDGE)).select(
        "ts", phase=pl.col("name").str.replace(_EDGE, ""), edge=pl.col("name").str.extract(_EDGE)
    )
    following = marks.sort("ts").with_columns(
        end=pl.col("ts").shift(-1).over("phase"), next_edge=pl.col("edge").shift(-1).over("phase")
    )
    pairs = following.filter((pl.col("edge") == "start") & (pl.col("next_edge") == "end"))
    return (
        pairs.filter(pl.col("end") > pl.col("ts"))
        .select("phase", start="ts", end="end")
        .sort("start", "phase")
    )


@same_kind
def choose_window(
    events: Frame,
    *,
    start: datetime | None,
    end: datetime | None,
    capture_start: datetime,
    capture_end: datetime,
) -> Window:
    """Choose the window to analyse: what was asked for, else the first steady phase, else the whole capture.

    Raises
    ------
    WindowError
        When the window is empty or does not overlap the capture.

    Examples
    --------
    >>> t0, t1 = datetime(2026, 1, 1), datetime(2026, 1, 2)
    >>> none = pl.DataFrame(schema={"ts": pl.Datetime, "kind": pl.String, "name": pl.String})
    >>> choose_window(none, start=None, end=None, capture_start=t0, capture_end=t1).name
    'whole capture'
    """
    if start is None and end is None:
        steady_phases = phases(events)
        if len(steady_phases):
            return steady(steady_phases.row(0, named=True))
        return Window(capture_start, capture_end, "whole capture")
    return check_window(
        Window(start or capture_start, end or capture_end, "as requested"), capture_start, capture_end
    )


def check_window(window: Window, capture_start: datetime, capture_end: datetime) -> Window:
    """Return the window, or say in one line why it cannot be analysed.

    Raises
    ------
    WindowError
        When it is empty or lies outside the capture.

    Examples
    --------
    >>> t0, t1 = datetime(2026, 1, 1), datetime(2026, 1, 2)
    >>> check_window(Window(t0, t1), t0, t1).seconds
    86400.0
    """
    if window.start >= window.end:
        message = f"start {format_time(window.start)} is not before end {format_time(window.end)}; swap them"
        raise WindowError(message)
    if window.end <= in_utc(capture_start) or window.start >= in_utc(capture_end):
        raise WindowError(
            f"window {format_time(window.start)} to {format_time(window.end)} lies outside the capture, "
            f"which holds {format_time(capture_start)} to {format_time(capture_end)}"
        )
    return window


@same_kind
def before_and_after(
    events: Frame,
    *,
    before: tuple[datetime | None, datetime | None] = (None, None),
    after: tuple[datetime | None, datetime | None] = (None, None),
    capture_start: datetime,
    capture_end: datetime,
) -> tuple[Window, Window]:
    """Choose the windows before and after a migration.

    In this order: the times given; the steady phases ``baseline`` and ``after``; the first and the last steady phase;
    up to the first and from the last ``cutover`` event. When nothing says it, the halves of the capture, ``guessed``:
    to look at, not to judge by.

    Raises
    ------
    WindowError
        When only one window is given and no event says which the other is, or one given lies outside the capture.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> t0 = datetime(2026, 1, 1, tzinfo=UTC)
    >>> rows = pl.DataFrame({"ts": [t0 + timedelta(hours=1)], "kind": ["cutover"], "name": ["wave-1"]})
    >>> b, a = before_and_after(rows, capture_start=t0, capture_end=t0 + timedelta(hours=3))
    >>> b.seconds, a.seconds
    (3600.0, 7200.0)
    """
    default = _from_events(events, capture_start, capture_end)
    if default == (None, None) and before == after == (None, None):
        middle = capture_start + (capture_end - capture_start) / 2
        reason = "no event marks before and after"
        return (
            Window(capture_start, middle, f"first half, {reason}", guessed=True),
            Window(middle, capture_end, f"second half, {reason}", guessed=True),
        )
    chosen = []
    for name, given, fallback in (("before", before, default[0]), ("after", after, default[1])):
        if given == (None, None) and fallback is None:
            raise WindowError(
                f"the capture's events do not mark the window '{name}'; "
                f"give {name}_start and {name}_end (UTC), or record load or cutover events"
            )
        if given == (None, None):
            chosen.append(fallback)
            continue
        window = Window(given[0] or capture_start, given[1] or capture_end, "as requested")
        chosen.append(check_window(window, capture_start, capture_end))
    return chosen[0], chosen[1]


def _from_events(
    events: Frame, capture_start: datetime, capture_end: datetime
) -> tuple[Window | None, Window | None]:
    steady_phases = [steady(row) for row in phases(events).iter_rows(named=True)]
    if len(steady_phases) >= 2:
        first = next((w for w in steady_phases if w.name == _steady_name("baseline")), steady_phases[0])
        last = next(
            (w for w in reversed(steady_phases) if w.name == _steady_name("after")), steady_phases[-1]
        )
        if first.start < last.start:
            return first, last
    cutovers = [in_utc(ts) for ts in events.filter(pl.col("kind") == "cutover")["ts"].sort()]
    if cutovers and in_utc(capture_start) < cutovers[0] and cutovers[-1] < in_utc(capture_end):
        return (
            Window(capture_start, cutovers[0], "up to the first cutover"),
            Window(cutovers[-1], capture_end, "from the last cutover"),
        )
    return None, None


def steady(phase: Mapping[str, Any]) -> Window:
    """Return the window of a row of :func:`phases`.

    Examples
    --------
    >>> steady({"phase": "after", "start": datetime(2026, 1, 1), "end": datetime(2026, 1, 2)}).name
    "steady phase 'after'"
    """
    return Window(phase["start"], phase["end"], _steady_name(phase["phase"]))


def _steady_name(phase: str) -> str:
    return f"steady phase {phase!r}"
