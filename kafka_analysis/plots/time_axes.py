"""Axes of time: moments in UTC, and durations in round units."""

from datetime import datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import FuncFormatter, MultipleLocator

from kafka_analysis.model.units import format_duration

_STEPS_S = (1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400)
_AROUND_ONE_MOMENT = timedelta(seconds=30)


def utc_axis(axes: Axes, start: datetime | None = None, end: datetime | None = None) -> None:
    """Let the x axis show moments in UTC, from ``start`` to ``end`` where they are given.

    Examples
    --------
    >>> from datetime import UTC
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> utc_axis(axes, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    >>> axes.get_xlabel(), float(axes.get_xlim()[1] - axes.get_xlim()[0])
    ('UTC', 1.0)
    """
    axes.xaxis.set_major_locator(AutoDateLocator(tz="UTC"))
    axes.xaxis.set_major_formatter(ConciseDateFormatter(AutoDateLocator(tz="UTC"), tz="UTC"))
    axes.set_xlabel("UTC")
    if start is not None and end is not None:
        margin = timedelta(0) if end > start else _AROUND_ONE_MOMENT
        axes.set_xlim(start - margin, end + margin)


def mark_durations(axis: Axis, longest_s: float, *, most_ticks: int = 7) -> None:
    """Mark round durations on an axis of seconds.

    Parameters
    ----------
    axis
        The x or y axis.
    longest_s
        Seconds that the axis reaches to.
    most_ticks
        Steps between ticks at most.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> axes.set_ylim(0, 700)
    (0.0, 700.0)
    >>> mark_durations(axes.yaxis, 700, most_ticks=4)
    >>> [label.get_text() for label in axes.get_yticklabels()][1:4]
    ['0 s', '5 min', '10 min']
    """
    fits = (step for step in _STEPS_S if longest_s / step <= most_ticks)
    axis.set_major_locator(MultipleLocator(next(fits, 86400 * max(round(longest_s / 86400 / most_ticks), 1))))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _round_duration(value)))


def _round_duration(seconds: float) -> str:
    """Write a round duration without the unit that is 0."""
    whole = round(seconds)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if whole and whole % length == 0:
            return f"{whole // length} {unit}"
    return format_duration(seconds)
