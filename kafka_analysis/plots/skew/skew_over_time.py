"""Lines of skew over time: the fullest broker against the mean, resource by resource."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, shortened, styled
from kafka_analysis.plots.palette import INK, MANY_LINES
from kafka_analysis.plots.time_axes import utc_axis

SHOWN = ("bytes_in_per_s", "bytes_out_per_s", "size_bytes", "leaders", "replicas")


def skew_over_time(
    series: Any, *, clusters: Sequence[str] | None = None, resources: Sequence[str] = SHOWN
) -> Drawing:
    """Draw max ÷ mean of every cluster's brokers over time, a line per resource, all clusters on one scale.

    Parameters
    ----------
    series
        Result of ``stats.skew_over_time``: ``window_start`` (UTC), ``cluster``, ``resource``, ``max_over_mean``,
        ``complete``.
    clusters
        Names in the order to draw them; None = by name. One without series is left out.
    resources
        Those drawn, if they are there.

    Returns
    -------
    Drawing
        1 is even. A line is broken where a broker that was there did not answer.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, h, tzinfo=UTC) for h in (0, 1)]
    >>> rows = pl.DataFrame({"window_start": t, "cluster": "c", "resource": "leaders", "max_over_mean": [1.5, 1.2],
    ...     "complete": True})
    >>> skew_over_time(rows).axes[0].lines[1].get_ydata().tolist()
    [1.5, 1.2]
    """
    rows = to_polars(series).filter(pl.col("resource").is_in(resources))
    complete = rows.filter(pl.col("complete") & pl.col("max_over_mean").is_not_null())
    present = set(complete["cluster"])
    shown = [name for name in clusters or sorted(present) if name in present]
    if not shown:
        return nothing("skew_over_time", "no load was measured over time")
    names = [name for name in RESOURCES if name in set(complete["resource"])]
    with styled(WIDTH_IN, 0.9 + 1.7 * len(shown)) as figure:
        panels = figure.subplots(len(shown), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for axes, cluster in zip(panels, shown, strict=True):
            _panel(axes, rows.filter(cluster=cluster), names)
            axes.set_title(shortened(cluster), fontsize=9.5)
        panels[0].set_ylim(bottom=0.9, top=float(complete["max_over_mean"].max()) * 1.05 + 0.05)
        panels[0].yaxis.set_major_locator(MaxNLocator(4))
        utc_axis(panels[-1])
        panels[len(shown) // 2].set_ylabel("max ÷ mean")
        handles = {h.get_label(): h for axes in panels for h in axes.get_lines() if h.get_label()[0] != "_"}
        figure.legend(handles=list(handles.values()), loc="outside upper left", ncols=len(handles))
    text = ". ".join(f"{cluster}: {_text(complete, cluster, names)}" for cluster in shown)
    caption = f"Fullest broker ÷ mean over time; 1 is even; gaps are times when a broker did not answer. Range: {text}."
    return Drawing(figure, "skew_over_time", caption, f"Lines of max ÷ mean over time. Range: {text}.")


def _panel(axes: Axes, rows: pl.DataFrame, names: Sequence[str]) -> None:
    axes.axhline(1.0, color=INK, linewidth=1, label="_even", zorder=0)
    for name, (colour, line) in zip(names, MANY_LINES, strict=False):
        series = rows.filter(resource=name).sort("window_start")
        if series.is_empty():
            continue
        ratio = series.select(pl.when("complete").then("max_over_mean").fill_null(float("nan"))).to_series()
        times = series["window_start"].to_list()
        axes.plot(times, ratio.to_numpy(), color=colour, linestyle=line, label=RESOURCES[name].words)
    axes.grid(visible=True, axis="y")


def _text(complete: pl.DataFrame, cluster: str, names: Sequence[str]) -> str:
    series = complete.filter(cluster=cluster)
    ratios = {name: series.filter(resource=name)["max_over_mean"] for name in names}
    return ", ".join(
        f"{RESOURCES[name].words} {format_quantity(r.min())} to {format_quantity(r.max())}"
        for name, r in ratios.items()
        if len(r)
    )
