"""Areas of throughput over time with what happened meanwhile."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, shortened, styled
from kafka_analysis.plots.event_marks import mark_events, number_events, shade_windows
from kafka_analysis.plots.palette import KINDS
from kafka_analysis.plots.time_axes import utc_axis


def throughput_over_time(
    traffic: Any,
    *,
    flow: str = "bytes_in_per_s",
    windows: Sequence[tuple[str, datetime, datetime]] = (),
    events: Any = None,
    clusters: Sequence[str] | None = None,
) -> Drawing:
    """Draw the throughput of every cluster over time, business, migration and internal traffic stacked.

    Parameters
    ----------
    traffic
        Result of ``stats.traffic_over_time``: ``window_start`` (UTC), ``cluster``, ``kind``, the flow's column.
    windows
        Stretches to shade: (``"before"`` or ``"after"``, start, end).
    events
        The capture's ``events`` table; events of load are left out, those that happen together share a number.
    clusters
        Names in the order to draw them; None = by name.

    Returns
    -------
    Drawing
        A panel per cluster, all with the same scale; numbered lines are the events the caption lists.

    Examples
    --------
    >>> from datetime import UTC
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in (0, 1)]
    >>> rows = pl.DataFrame({"window_start": t, "cluster": "c", "kind": "business", "bytes_in_per_s": [1.0, 2.0]})
    >>> len(throughput_over_time(rows).axes)
    1
    """
    rows = to_polars(traffic).drop_nulls(flow)
    if rows.is_empty():
        return nothing("throughput_over_time", "no traffic was measured")
    names = rows["cluster"].unique().sort().to_list() if clusters is None else clusters
    start, end = rows["window_start"].min(), rows["window_start"].max()
    marks = number_events(events, start, end)
    with styled(WIDTH_IN, 0.8 + 1.55 * len(names)) as figure:
        panels = figure.subplots(len(names), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for axes, cluster in zip(panels, names, strict=True):
            _panel(axes, rows.filter(cluster=cluster), flow, cluster)
        shaded = shade_windows(panels, windows)
        mark_events(panels, marks)
        utc_axis(panels[-1], start, end)
        kinds = [kind for kind in KINDS if kind in set(rows["kind"])]
        keys = [*(Patch(color=KINDS[kind], label=kind) for kind in kinds), *shaded]
        figure.legend(handles=keys, loc="outside upper left", ncols=len(keys))
    listed = " ".join(f"{number}: {names}." for _, number, names in marks)
    peak = rows.group_by("window_start").agg(pl.col(flow).sum())[flow].max()
    text = f"Highest sum of all clusters: {format_quantity(peak, RESOURCES[flow].unit)}."
    caption = f"{RESOURCES[flow].title} of each cluster over time, all on one scale. {listed}".strip()
    return Drawing(
        figure,
        "throughput_over_time",
        caption,
        f"Areas over time, a panel per cluster. {text} {listed}".strip(),
    )


def _panel(axes: Axes, rows: pl.DataFrame, flow: str, cluster: str) -> None:
    wide = rows.pivot("kind", index="window_start", values=flow).sort("window_start").fill_null(0.0)
    kinds = [kind for kind in KINDS if kind in wide.columns]
    stacks = [wide[kind].to_list() for kind in kinds]
    axes.stackplot(
        wide["window_start"].to_list(),
        stacks,
        colors=[KINDS[kind] for kind in kinds],
        linewidth=0,
        step="post",
    )
    axes.set_title(shortened(cluster), fontsize=9.5)
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: format_quantity(value, RESOURCES[flow].unit))
    )
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, axis="y")
