"""What happened meanwhile, in figures over time: numbered events and shaded windows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from kafka_analysis.model.frames import to_polars
from kafka_analysis.plots.palette import AFTER, BEFORE, INK

SHOWN_EVENTS = ("plan", "replication", "cutover", "rollback", "fault", "recovery")
_NEAR = 0.026
_WINDOW_COLOURS = {"before": BEFORE, "after": AFTER}


def number_events(events: Any, start: datetime, end: datetime) -> list[tuple[datetime, int, str]]:
    """Give the events shown numbers; those nearer than the figure can tell apart share a number.

    Parameters
    ----------
    events
        The capture's ``events`` table, or None; events of load and those outside of [start, end] are left out.
    start, end
        The time drawn.

    Returns
    -------
    list
        (moment, number, names of the events).

    Examples
    --------
    >>> from datetime import UTC
    >>> t = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (0, 1, 2)]
    >>> rows = pl.DataFrame({"ts": t, "kind": ["load", "fault", "recovery"], "name": ["x", "killed", "back"]})
    >>> [(number, names) for _, number, names in number_events(rows, t[0], t[2])]
    [(1, 'killed'), (2, 'back')]
    """
    if events is None:
        return []
    rows = to_polars(events)
    shown = rows.filter(pl.col("kind").is_in(SHOWN_EVENTS) & pl.col("ts").is_between(start, end)).sort("ts")
    near = (end - start) * _NEAR
    groups: list[tuple[datetime, list[str]]] = []
    for row in shown.iter_rows(named=True):
        name = row["name"]
        if groups and row["ts"] - groups[-1][0] < near:
            groups[-1][1].append(name)
        else:
            groups.append((row["ts"], [name]))
    return [(moment, i, ", ".join(dict.fromkeys(names))) for i, (moment, names) in enumerate(groups, start=1)]


def mark_events(panels: Sequence[Axes], marks: Sequence[tuple[datetime, int, str]]) -> None:
    """Draw a line in each panel for each of the numbered events, with its number above the first panel.

    Examples
    --------
    >>> from datetime import UTC
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> mark_events([axes], [(datetime(2026, 1, 1, tzinfo=UTC), 1, "killed")])
    >>> [text.get_text() for text in axes.texts]
    ['1']
    """
    for moment, number, _ in marks:
        for axes in panels:
            axes.axvline(moment, color=INK, linewidth=0.8, linestyle=(0, (2, 2)))
        panels[0].annotate(
            str(number), (moment, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2), textcoords="offset points",
            ha="center", va="bottom", fontsize=8.5, color=INK, annotation_clip=False,
        )  # fmt: skip


def shade_windows(panels: Sequence[Axes], windows: Sequence[tuple[str, datetime, datetime]]) -> list[Patch]:
    """Shade windows, (name, start, end), in each panel; return their keys for a legend.

    Examples
    --------
    >>> from datetime import UTC
    >>> from matplotlib.figure import Figure
    >>> t = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (0, 1)]
    >>> [key.get_label() for key in shade_windows([Figure().subplots()], [("before", *t)])]
    ['window before']
    """
    colours = [_WINDOW_COLOURS.get(name, INK) for name, _, _ in windows]
    for (_, start, end), colour in zip(windows, colours, strict=True):
        for axes in panels:
            axes.axvspan(start, end, color=colour, alpha=0.14, linewidth=0)
    return [
        Patch(color=colour, alpha=0.3, label=f"window {name}")
        for (name, _, _), colour in zip(windows, colours, strict=True)
    ]
