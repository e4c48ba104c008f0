"""What each task of a replication carries now, and after a better division of topics."""

from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, shortened, styled
from kafka_analysis.plots.palette import AFTER, BEFORE, INK
from kafka_analysis.plots.replication.fitted_text import fitted, width_of

MOST_FLOWS = 6
_DIVISIONS = {"now": ("now", BEFORE), "better": ("better division", AFTER)}
_LOAD, _MOST_BARS = "load_records_per_s", 200
_TITLE, _BOLD = 4.1, {"size": 10.5, "weight": "bold"}  # inches above a panel; its font


def task_load(tasks: Any) -> Drawing:
    r"""Draw the load of each task of a flow, the heaviest first, now and after the better division.

    Parameters
    ----------
    tasks
        A row per task: ``flow``, ``task``, ``division`` (now, better), ``load_records_per_s`` (null: unknown).

    Returns
    -------
    Drawing
        A row of panels per flow, a bar per task, a line at the mean. A title has the heaviest task ÷ the mean: at 1 all
        carry the same, and lag grows first in a task far above it. Of more than 6 flows, those that are least even now
        are drawn.

    Examples
    --------
    >>> rows = pl.DataFrame({"flow": "a → b", "task": [0, 1, 0, 1], "division": ["now", "now", "better", "better"],
    ...     "load_records_per_s": [3.0, 1.0, 2.0, 2.0]})
    >>> [axes.get_title(loc="left") for axes in task_load(rows).axes]
    ['a → b, now\nmax ÷ mean 1.50', 'a → b, better division\nmax ÷ mean 1.00']
    """
    rows = to_polars(tasks).with_columns(pl.col(_LOAD).cast(pl.Float64))
    known = rows.drop_nulls(_LOAD)
    if known.is_empty():
        return nothing("task_load", "the load of every task is unknown")
    flows = _ranked(known)
    drawn = flows[:MOST_FLOWS]
    shown = [name for name in _DIVISIONS if name in set(rows["division"])]
    with styled(WIDTH_IN, 0.3 + 2.0 * len(drawn)) as figure:
        panels = figure.subplots(len(drawn), len(shown), sharey="row", squeeze=False)
        for flow, row in zip(drawn, panels, strict=True):
            for axes, division in zip(row, shown, strict=True):
                _panel(axes, rows.filter(flow=flow, division=division), flow, division)
            row[0].set_ylabel("Records per second")
    text = "; ".join(f"{shortened(flow)}: {_change(known.filter(flow=flow), shown)}" for flow in drawn)
    more = (
        f" Of {len(flows)} flows, the {len(drawn)} least balanced are drawn."
        if len(flows) > len(drawn)
        else ""
    )
    unknown = rows[_LOAD].null_count()
    lacks = f" The load of {counted(unknown, 'task')} is unknown." if unknown else ""
    words = f"Max ÷ mean: {text}.{more}{lacks}"
    return Drawing(
        figure,
        "task_load",
        f"Load of each task, the heaviest first; the line is the mean. {words}",
        f"Bars of the load per task. {words}",
    )


def _over_mean(rows: pl.DataFrame) -> float | None:
    """Return the heaviest load ÷ the mean; None without any load."""
    loads = rows[_LOAD].drop_nulls()
    return float(loads.max() / loads.mean()) if len(loads) and loads.sum() > 0 else None


def _ranked(known: pl.DataFrame) -> list[str]:
    """Return the flows, those first whose tasks are least even now."""
    flows = known["flow"].unique().sort().to_list()
    ratios = {flow: _over_mean(known.filter(flow=flow, division="now")) or 0.0 for flow in flows}
    return sorted(flows, key=lambda flow: -ratios[flow])


def _panel(axes: Axes, rows: pl.DataFrame, flow: str, division: str) -> None:
    words, colour = _DIVISIONS[division]
    loads = rows[_LOAD].drop_nulls().sort(descending=True)
    ratio = _over_mean(rows)
    name = fitted(flow, _TITLE - width_of(f", {words}", **_BOLD), **_BOLD)
    axes.set_title(f"{name}, {words}\nmax ÷ mean {_ratio(ratio)}")
    if len(loads):
        _bars(axes, loads.to_list(), colour)
        axes.axhline(float(loads.mean()), color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
    else:
        axes.text(0.02, 0.5, "unknown", transform=axes.transAxes, style="italic", fontsize=9.5)
    axes.set_xticks([])
    axes.set_xlabel(counted(len(rows), "task"))
    axes.grid(visible=True, axis="y")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(4, min_n_ticks=2))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: format_quantity(value, "records").removesuffix("records").rstrip())
    )


def _bars(axes: Axes, loads: list[float], colour: str) -> None:
    """Draw a bar per load; of very many one outline, which is drawn in an instant."""
    if len(loads) <= _MOST_BARS:
        axes.bar(range(len(loads)), loads, width=0.8, color=colour)
    else:
        axes.stairs(loads, fill=True, color=colour)


def _ratio(ratio: float | None) -> str:
    return "unknown" if ratio is None else f"{ratio:.2f}"


def _change(rows: pl.DataFrame, shown: list[str]) -> str:
    return " → ".join(_ratio(_over_mean(rows.filter(division=division))) for division in shown)
