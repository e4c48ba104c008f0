"""Lines of lag over time: the groups of each cluster that were most behind, and what happened meanwhile."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import counted, format_duration, format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, shortened, styled
from kafka_analysis.plots.event_marks import mark_events, number_events, shade_windows
from kafka_analysis.plots.palette import GREY, INK, LINES
from kafka_analysis.plots.time_axes import mark_durations, utc_axis

_TITLES = {
    "lag_seconds": "How far behind {} are: the age of the record that each reads next",
    "lag_records": "Lag of {} in records",
}
_COLOURS = tuple(colour for colour, _ in LINES)
_MARKERS = ("o", "s", "^", "D", "v", "P")
_GREY_MARKERS = ("X", "*", "p", "<", ">", "h", "d", "8", "H", *_MARKERS)
MOST_GROUPS = 2 * len(_GREY_MARKERS)  # filled and hollow: as many grey lines of a panel as can be told apart
_DOTTED = (0, (1, 1.2))
_NAME = 26  # characters: names of two groups stand beside each other
_ACROSS = 2
_NUMBERS_IN, _GAP_IN, _ROW_IN = (
    0.24,
    0.08,
    0.19,
)  # above a panel: events' numbers, else a gap; a row of its legend


def lag_over_time(
    over_time: Any,
    *,
    groups: Sequence[str] | None = None,
    events: Any = None,
    windows: Sequence[tuple[str, datetime, datetime]] = (),
    clusters: Sequence[str] | None = None,
    top_n: int = 6,
    measure: str = "lag_seconds",
    of: str = "groups",
) -> Drawing:
    """Draw the lag of each cluster's groups over time, a line per group, all clusters on one scale.

    Parameters
    ----------
    over_time
        ``ts`` (UTC), ``cluster``, ``group``, the measure's column and ``is_at_least``: the seconds are a lower bound.
    groups
        Names of the groups considered; None = all.
    events
        The capture's ``events`` table; events of load are left out, those that happen together share a number.
    windows
        Stretches to shade: (``"before"``, ``"during"`` or ``"after"``, start, end).
    clusters
        Names in the order to draw them; None = by name. One without a known lag has no panel.
    top_n
        Groups drawn in each cluster: those with the highest lag, 30 at most.
    measure
        ``lag_seconds`` or ``lag_records``.
    of
        Who is behind, in words: ``groups``; ``flows`` of a replication, which have ``target`` and ``flow`` in place of
        ``cluster`` and ``group``.

    Returns
    -------
    Drawing
        A line is broken where the lag is unknown and dotted where it is a lower bound; the mark on it is its highest
        point, which stands beside the group's name. The six groups with the highest lag have a colour each, the same in
        all clusters; the others are grey, each with a mark of its own. The caption counts the groups left out.

    Examples
    --------
    >>> from datetime import UTC
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in (0, 1)]
    >>> rows = pl.DataFrame({"ts": t, "cluster": "c", "group": "g", "lag_seconds": [5.0, 90.0], "is_at_least": False})
    >>> drawing = lag_over_time(rows)
    >>> drawing.axes[0].lines[0].get_ydata().tolist(), drawing.axes[0].get_legend().get_texts()[0].get_text()
    ([5.0, 90.0], 'g: 1 min 30 s')
    """
    rows = _considered(over_time, groups, clusters, measure)
    ranked = _by_highest(rows)
    shown = {
        name: ranked.filter(pl.col("highest").is_not_null(), cluster=name).head(min(top_n, MOST_GROUPS))
        for name in clusters or sorted(set(rows["cluster"]))
    }
    panelled = {name: top for name, top in shown.items() if len(top)}
    if not panelled:
        return nothing("lag_over_time", f"no {of.removesuffix('s')} has a known lag")
    start, end = rows["ts"].min(), rows["ts"].max()
    marks = number_events(events, start, end)
    looks = _looks({name: top["group"].to_list() for name, top in panelled.items()}, ranked["group"])
    legends = [1 - (-len(top) // _ACROSS) for top in panelled.values()]
    with styled(WIDTH_IN, 1.2 + sum(1.4 + _ROW_IN * lines for lines in legends)) as figure:
        panels = figure.subplots(len(panelled), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        bounds = [
            _panel(axes, rows.filter(cluster=cluster), looks[cluster])
            for axes, cluster in zip(panels, panelled, strict=True)
        ]
        keys = [Line2D([], [], color=INK, linestyle=_DOTTED, label="at least")] if any(bounds) else []
        keys += shade_windows(panels, windows)
        mark_events(panels, marks)
        for axes, (cluster, top) in zip(panels, panelled.items(), strict=True):
            raised_in = _NUMBERS_IN if marks and axes is panels[0] else _GAP_IN
            _name_lines(
                axes, cluster, _labels(top, measure), list(looks[cluster].values()), raised_in=raised_in
            )
        _scale(panels, max(float(top["highest"].max()) for top in panelled.values()), measure)
        utc_axis(panels[-1], start, end)
        if keys:
            figure.legend(handles=keys, loc="outside upper left", ncols=len(keys))
    dotted = "Dotted: at least; the record was written before the capture began." if any(bounds) else ""
    happened = " ".join(f"{number}: {names}." for _, number, names in marks)
    highest = "; ".join(f"{name}: {_labels(top.head(1), measure)[0]}" for name, top in panelled.items())
    notes = " ".join(filter(None, [dotted, _grey(looks, of), _left_out(ranked, shown), happened]))
    return Drawing(
        figure,
        "lag_over_time",
        f"{_TITLES[measure].format(of)}, all on one scale, with the maximum beside each name. {notes}".strip(),
        f"Lines over time, a panel per cluster. Highest lag of {highest}. {notes}".strip(),
        has_many_hues=True,
    )


def _considered(
    over_time: Any, groups: Sequence[str] | None, clusters: Sequence[str] | None, measure: str
) -> pl.DataFrame:
    rows = to_polars(over_time)
    if "flow" in rows.columns:
        rows = rows.rename({"target": "cluster", "flow": "group"})
    lag = pl.col(measure).cast(pl.Float64).fill_nan(None)
    bound = (pl.col("is_at_least").cast(pl.Boolean) & lag.is_not_null()).fill_null(value=False)
    is_at_least = bound if measure == "lag_seconds" else pl.lit(value=False)
    rows = rows.select("ts", "cluster", "group", lag=lag, is_at_least=is_at_least)
    for column, wanted in (("cluster", clusters), ("group", groups)):
        if wanted is not None:
            rows = rows.filter(pl.col(column).is_in(list(wanted)))
    return rows.sort("cluster", "group", "ts")


def _by_highest(rows: pl.DataFrame) -> pl.DataFrame:
    """Return each group's highest lag and whether that is a lower bound, highest first."""
    at_highest = pl.col("is_at_least").sort_by("lag", descending=True, nulls_last=True).first()
    highest = rows.group_by("cluster", "group").agg(highest=pl.col("lag").max(), is_at_least=at_highest)
    return highest.sort(["highest", "cluster", "group"], descending=[True, False, False], nulls_last=True)


def _looks(shown: Mapping[str, Sequence[str]], highest_first: pl.Series) -> dict[str, dict[str, int]]:
    """Give each group of a cluster its own look: a colour to those with the highest lag of all, grey to the others.

    A group keeps its look in all clusters where that is free; a colour always is.
    """
    drawn = {group for groups in shown.values() for group in groups}
    order = [group for group in highest_first.unique(maintain_order=True) if group in drawn]
    first = {group: number for number, group in enumerate(order[: len(_COLOURS)])}
    looks: dict[str, dict[str, int]] = {}
    for cluster, groups in shown.items():
        own: dict[str, int] = {}
        for group in sorted(groups, key=lambda name: name not in first):
            taken = set(own.values())
            kept = first.get(group)
            grey = next(i for i in count(len(_COLOURS)) if i not in taken)
            own[group] = grey if kept is None or kept in taken else kept
            first.setdefault(group, own[group])
        looks[cluster] = {group: own[group] for group in groups}
    return looks


def _look(number: int) -> dict[str, Any]:
    """Return colour and mark of a look: six have a colour, further ones are grey with other marks, filled or hollow."""
    if number < len(_COLOURS):
        return {"color": _COLOURS[number], "marker": _MARKERS[number], "markersize": 6}
    turn, place = divmod(number - len(_COLOURS), len(_GREY_MARKERS))
    face = "white" if turn else GREY
    return {"color": GREY, "marker": _GREY_MARKERS[place], "markersize": 6, "markerfacecolor": face}


def _grey(looks: Mapping[str, Mapping[str, int]], of: str) -> str:
    """Say which groups have no colour of their own."""
    grey = {group for own in looks.values() for group, number in own.items() if number >= len(_COLOURS)}
    return f"Grey: {of} with a lower lag than the {len(_COLOURS)} in colour." if grey else ""


def _panel(axes: Axes, rows: pl.DataFrame, looks: Mapping[str, int]) -> bool:
    """Draw the groups that have a look; return whether a part of a line is a lower bound."""
    bounds = [_line(axes, rows.filter(group=group), _look(number)) for group, number in looks.items()]
    axes.grid(visible=True, axis="y")
    return any(bounds)


def _line(axes: Axes, series: pl.DataFrame, look: Mapping[str, Any]) -> bool:
    """Draw a group: solid where its lag is known, dotted from and to where it is a lower bound."""
    times = series["ts"].to_list()
    lag = series["lag"].fill_null(float("nan")).to_numpy()
    bound = series["is_at_least"].to_numpy()
    axes.plot(times, np.where(bound, np.nan, lag), color=look["color"], linewidth=1.8)
    if bound.any():
        dotted = np.where(_with_neighbours(bound), lag, np.nan)
        axes.plot(times, dotted, color=look["color"], linewidth=1.8, linestyle=_DOTTED)
    known = np.isfinite(lag)
    alone = known & ~_with_neighbours(known, itself=False)
    marked = [i for i in range(len(lag)) if alone[i] or i == np.nanargmax(lag)]
    axes.plot([times[i] for i in marked], lag[marked], linestyle="none", zorder=3, clip_on=False, **look)
    return bool(bound.any())


def _with_neighbours(flags: np.ndarray, *, itself: bool = True) -> np.ndarray:
    """Return which places have a neighbour that is flagged, or are flagged themselves."""
    padded = np.concatenate([[False], flags, [False]])
    beside = padded[:-2] | padded[2:]
    return beside | flags if itself else beside


def _labels(top: pl.DataFrame, measure: str) -> list[str]:
    def write(lag: float) -> str:
        return format_duration(lag) if measure == "lag_seconds" else format_quantity(lag, "records")

    return [
        f"{shortened(group, _NAME)}: {'at least ' if is_at_least else ''}{write(lag)}"
        for group, lag, is_at_least in top.select("group", "highest", "is_at_least").iter_rows()
    ]


def _name_lines(
    axes: Axes, cluster: str, labels: Sequence[str], looks: Sequence[int], *, raised_in: float
) -> None:
    """Name the cluster and its lines above the panel, and above the numbers of events where there are some."""
    handles = [Line2D([], [], linewidth=1.8, **_look(number)) for number in looks]
    raised = ScaledTranslation(0, raised_in, axes.figure.dpi_scale_trans)
    legend = axes.legend(
        handles, [""] * len(labels), title=shortened(cluster), alignment="left", loc="lower left",
        bbox_to_anchor=(0, 1), bbox_transform=axes.transAxes + raised, ncols=_ACROSS, borderaxespad=0, borderpad=0,
        labelspacing=0.25, columnspacing=1.5, title_fontproperties={"weight": "bold", "size": 10},
    )  # fmt: skip
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set_text(label)  # a label that begins with _ is left out of a legend


def _scale(panels: Sequence[Axes], highest: float, measure: str) -> None:
    top = max(highest * 1.06, 1.0)
    for axes in panels:
        if measure == "lag_seconds":
            mark_durations(axes.yaxis, top, most_ticks=4)
        else:
            axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_quantity(value, "records")))
    panels[0].set_ylim(0, top)


def _left_out(ranked: pl.DataFrame, shown: Mapping[str, pl.DataFrame]) -> str:
    """Count the groups that have no line, cluster by cluster."""
    parts = []
    for cluster, top in shown.items():
        groups = ranked.filter(cluster=cluster)
        unknown = groups["highest"].null_count()
        lower = len(groups) - unknown - len(top)
        parts += [f"{counted(lower, 'group')} of {cluster} with a lower lag"] if lower else []
        parts += [f"{counted(unknown, 'group')} of {cluster} with unknown lag"] if unknown else []
        parts += [f"{cluster} without known groups"] if groups.is_empty() else []
    return f"Left out: {'; '.join(parts)}." if parts else ""
