"""The batches of an execution over time."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import counted, format_duration, format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, name_rows, nothing, styled
from kafka_analysis.plots.palette import BLUE, INK, SLATE
from kafka_analysis.plots.time_axes import mark_durations

MOST_BATCHES = 60


def execution_gantt(batches: Any) -> Drawing:
    """Draw when each batch of an execution runs, how long it takes and how sure that is.

    Parameters
    ----------
    batches
        ``batches`` of an execution plan: ``batch``, ``kind``, ``partitions``, ``bytes_to_copy``, ``starts_after_s``,
        ``seconds_low``, ``seconds``, ``seconds_high``.

    Returns
    -------
    Drawing
        A bar is a batch that copies, a diamond one that only changes leaders or takes nothing; the whisker reaches from
        the earliest to the latest end of the batch, were all before it to take what is expected. Batches whose time is
        unknown are counted in the caption and not drawn; of many, the first are drawn.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"batch": [1], "kind": ["copy"], "partitions": [2], "bytes_to_copy": [6e9],
    ...     "starts_after_s": [0.0], "seconds_low": [50.0], "seconds": [60.0], "seconds_high": [90.0]})
    >>> float(execution_gantt(rows).axes[0].patches[0].get_width())
    60.0
    """
    rows = to_polars(batches).sort("batch")
    timed = rows.drop_nulls(["starts_after_s", "seconds_low", "seconds", "seconds_high"])
    if timed.is_empty():
        return nothing("execution_gantt", "no batch has a known duration" if len(rows) else "no batches")
    shown = timed.head(MOST_BATCHES)
    end = max(row["starts_after_s"] + row["seconds_high"] for row in shown.iter_rows(named=True))
    with styled(WIDTH_IN, 1.1 + 0.27 * len(shown)) as figure:
        axes = figure.subplots()
        for at, row in enumerate(shown.iter_rows(named=True)):
            _draw(axes, at, row, end)
        name_rows(axes, [f"batch {number}" for number in shown["batch"]])
        _time_axis(axes, end)
        still = Line2D([], [], color=SLATE, marker="D", linestyle="none", label="no copying")
        keys = [Patch(color=BLUE, label="copies replicas"), still]
        figure.legend(handles=keys, loc="outside upper left", ncols=2)
    ends = timed["starts_after_s"][-1] + timed["seconds"][-1]
    text = f"{counted(len(rows), 'batch', 'batches')}, {format_duration(ends)}"
    more = f" The first {MOST_BATCHES} are drawn." if len(timed) > MOST_BATCHES else ""
    unknown = len(rows) - len(timed)
    lacks = f" The duration of {counted(unknown, 'batch', 'batches')} is unknown." if unknown else ""
    caption = f"Batches of the plan: {text}; whiskers reach from the earliest to the latest end.{more}{lacks}"
    return Drawing(figure, "execution_gantt", caption, f"Gantt chart of batches over time. {text}.{lacks}")


def _draw(axes: Axes, at: int, row: dict[str, Any], end: float) -> None:
    """Draw a bar with its whisker, or a diamond, and a label on the side where there is room."""
    start, low, high = (row[name] for name in ("starts_after_s", "seconds_low", "seconds_high"))
    last = start + high
    if row["seconds"] > 0:
        axes.barh(at, row["seconds"], left=start, height=0.62, color=BLUE)
        axes.plot([start + low, last], [at, at], color=INK, linewidth=1.2, marker="|", markersize=7)
    else:
        axes.plot([start], [at], color=SLATE, marker="D", markersize=6, linestyle="none")
    partitions = counted(row["partitions"], "partition")
    size = f"{format_quantity(row['bytes_to_copy'], 'B')}, " if row["kind"] == "copy" else ""
    before = last > 0.6 * end and start > 0.4 * end
    axes.annotate(
        f"leaders of {partitions}" if row["kind"] == "leader" else f"{size}{partitions}",
        (start if before else last, at), xytext=(-8 if before else 8, 0), textcoords="offset points",
        ha="right" if before else "left", va="center", color=INK, fontsize=8.5,
    )  # fmt: skip


def _time_axis(axes: Axes, end: float) -> None:
    """Mark round times; leave room at the right for the label of a bar that ends late and begins early."""
    right = end * 1.42 if end > 0 else 60.0
    mark_durations(axes.xaxis, right)
    axes.set(xlim=(-0.01 * right, right), xlabel="Time after the start")
    axes.grid(visible=True, axis="x")
