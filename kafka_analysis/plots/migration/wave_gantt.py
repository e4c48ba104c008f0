"""The waves of a migration over time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import counted, format_time
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, name_rows, nothing, styled
from kafka_analysis.plots.palette import BLUE, FAINT, GREY, INK, ORANGE, SKY

MOST_WAVES = 40
_PHASES = {"backfill": (BLUE, 0.5), "catch-up": (SKY, 0.22), "cut-over": (ORANGE, 0.78), "soak": (GREY, 0.22)}
_STEPS_DAYS = (1 / 288, 1 / 96, 1 / 24, 1 / 8, 1 / 4, 1 / 2, 1, 2, 7, 14, 28, 91, 364)
_MOST_TICKS = 7
_LEAST_WIDTH = 0.004  # of the whole time: a cut-over of an hour must be seen in a plan of months


def wave_gantt(steps: Any, *, freezes: Sequence[tuple[datetime, datetime]] = ()) -> Drawing:
    """Draw when each wave is copied, cut over and watched.

    Parameters
    ----------
    steps
        ``steps`` of a plan of waves: ``wave``, ``phase`` (``backfill``, ``catch-up``, ``cut-over``, ``soak``),
        ``start``, ``end``, ``end_low``, ``end_high``.
    freezes
        [start, end) in which no cut-over may be; shaded.

    Returns
    -------
    Drawing
        A row per wave. The whisker reaches from the earliest to the latest end of its copy. Cut-overs are drawn wide
        enough to be seen. A wave without a bar for its copy has one of unknown duration; of many waves, the first are
        drawn.

    Examples
    --------
    >>> from datetime import UTC
    >>> times = [datetime(2026, 1, 5, hour, tzinfo=UTC) for hour in (0, 6, 8)]
    >>> rows = pl.DataFrame({"wave": 1, "phase": ["cut-over", "soak"], "start": times[:2], "end": times[1:],
    ...     "end_low": None, "end_high": None})
    >>> len(wave_gantt(rows).axes[0].patches)
    2
    """
    rows = to_polars(steps).sort("wave", "start", maintain_order=True)
    if rows.is_empty():
        return nothing("wave_gantt", "no waves")
    numbers = rows["wave"].unique().sort()
    shown = rows.filter(pl.col("wave").is_in(numbers.head(MOST_WAVES).implode()))
    first, last = shown["start"].min(), shown["end"].max()
    with styled(WIDTH_IN, 1.2 + 0.27 * min(len(numbers), MOST_WAVES)) as figure:
        axes = figure.subplots()
        _shade(axes, freezes, first, last)
        places = {wave: at for at, wave in enumerate(numbers.head(MOST_WAVES))}
        for row in shown.iter_rows(named=True):
            _draw(axes, places[row["wave"]], row, _LEAST_WIDTH * (last - first))
        name_rows(axes, [f"wave {wave}" for wave in places])
        _time_axis(axes, first, last)
        keys = [Patch(color=colour, label=name) for name, (colour, _) in _PHASES.items()]
        keys += [Patch(color=FAINT, label="freeze")] if freezes else []
        figure.legend(handles=keys, loc="outside upper left", ncols=len(keys))
    text = _text(rows, len(numbers), freezes)
    return Drawing(
        figure, "wave_gantt", f"Waves over time (UTC): {text}", f"Gantt chart of waves over time. {text}"
    )


def _text(rows: pl.DataFrame, waves: int, freezes: Sequence[tuple[datetime, datetime]]) -> str:
    cutovers = rows.filter(phase="cut-over")["start"]
    unknown = waves - rows.filter(phase="backfill")["wave"].n_unique()
    ends = f"the first cut-over begins {format_time(cutovers.min())}, the last {format_time(cutovers.max())}"
    parts = [
        f"{counted(waves, 'wave')}; {ends}.",
        f"Shaded: {counted(len(freezes), 'freeze')} without cut-overs." if freezes else "",
        f"How long the copy of {counted(unknown, 'wave')} takes is unknown." if unknown else "",
        f"The first {MOST_WAVES} are drawn." if waves > MOST_WAVES else "",
    ]
    return " ".join(part for part in parts if part)


def _draw(axes: Axes, at: int, row: dict[str, Any], least: timedelta) -> None:
    colour, height = _PHASES[row["phase"]]
    width = row["end"] - row["start"]
    front = row["phase"] == "cut-over"
    axes.barh(
        at, max(width, least) if front else width, left=row["start"], height=height, color=colour,
        zorder=3 if front else 2,
    )  # fmt: skip
    if row["end_low"] is not None and row["end_high"] is not None:
        axes.plot([row["end_low"], row["end_high"]], [at, at], color=INK, linewidth=1.2, marker="|", markersize=7,
                  zorder=4)  # fmt: skip


def _shade(axes: Axes, freezes: Sequence[tuple[datetime, datetime]], first: datetime, last: datetime) -> None:
    """Shade what of the freezes lies in the time shown."""
    for start, end in freezes:
        if start < last and end > first:
            axes.axvspan(max(start, first), min(end, last), color=FAINT, zorder=0)


def _time_axis(axes: Axes, first: datetime, last: datetime) -> None:
    margin = 0.01 * (last - first) or timedelta(minutes=1)
    axes.set_xlim(first - margin, last + margin)
    days = (last - first) / timedelta(days=1)
    step = next((step for step in _STEPS_DAYS if days / step <= _MOST_TICKS), days / _MOST_TICKS)
    axes.xaxis.set_major_locator(MultipleLocator(step))
    axes.xaxis.set_major_formatter(DateFormatter("%Y-%m-%d" if step >= 1 else "%m-%d %H:%M"))
    axes.grid(visible=True, axis="x")
