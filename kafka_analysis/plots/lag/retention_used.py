"""Bars of the share of the retention that groups have used up: at 100 % records are deleted unread."""

import math
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from kafka_analysis.model.findings import Light
from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import counted, format_quantity, listed
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, name_rows, nothing, shortened, styled
from kafka_analysis.plots.palette import INK, LIGHTS

AMBER_FROM, RED_FROM = 0.5, 0.8
_LONGEST = 1.25  # of the retention: longer bars end here, with their value beside them
_LABEL_ROOM = 0.5
_MOST_NAMES = 5
_KEYS = {Light.GREEN: "below 50 %", Light.AMBER: "from 50 %", Light.RED: "from 80 %, or records lost"}


def retention_used(groups: Any, *, top_n: int = 12) -> Drawing:
    """Draw which share of the retention the oldest unread record of each group has used up, for one cluster.

    Parameters
    ----------
    groups
        Groups of one cluster: ``group``, ``retention_used`` (share of the retention, can exceed 1), ``lost_records``.
    top_n
        Groups with a bar: those that lost records first, then those that have used up most.

    Returns
    -------
    Drawing
        At 100 % the record is old enough to be deleted. A group whose share is unknown is named in the caption.

    Examples
    --------
    >>> rows = pl.DataFrame({"group": ["a", "b"], "retention_used": [0.25, 0.9], "lost_records": [0, 0]})
    >>> drawing = retention_used(rows)
    >>> [float(bar.get_width()) for bar in drawing.axes[0].patches]
    [0.9, 0.25]
    """
    rows = to_polars(groups).with_columns(
        pl.col("retention_used").cast(pl.Float64).fill_nan(None),
        pl.col("lost_records").cast(pl.Int64).fill_null(0),
    )
    order = [pl.col("lost_records") > 0, pl.col("retention_used"), pl.col("group")]
    ranked = rows.sort(order, descending=[True, True, False], nulls_last=True)
    known = ranked.drop_nulls("retention_used")
    late = known.filter((pl.col("retention_used") > 0) | (pl.col("lost_records") > 0))
    unknown = _unknown(ranked.filter(pl.col("retention_used").is_null()))
    if known.is_empty():
        return nothing("retention_used", f"the share of retention used is unknown. {unknown}".strip(" ."))
    if late.is_empty():
        return nothing("retention_used", f"no group has used any of its retention. {unknown}".strip(" ."))
    top = late.head(top_n)
    shares = top["retention_used"].to_list()
    lights = [_light(share, lost) for share, lost in top.select("retention_used", "lost_records").iter_rows()]
    with styled(WIDTH_IN, 1.1 + 0.29 * len(top)) as figure:
        axes = figure.subplots()
        widths = [min(share, _LONGEST) for share in shares]
        bars = axes.barh(range(len(top)), widths, color=[LIGHTS[light] for light in lights], height=0.7)
        labels = [
            f"{light.symbol} {_share(share)}{_lost(lost)}"
            for light, share, lost in zip(lights, shares, top["lost_records"], strict=True)
        ]
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.bar_label(bars, labels, padding=4, color=INK, fontsize=9.5, bbox=box)
        name_rows(axes, top["group"].to_list())
        _share_axis(axes)
        keys = [Patch(color=LIGHTS[light], label=f"{light.symbol} {words}") for light, words in _KEYS.items()]
        figure.legend(handles=keys, loc="outside upper left", ncols=len(keys))
    red, amber = (lights.count(light) for light in (Light.RED, Light.AMBER))
    fullest = f"{top['group'][0]} {_share(shares[0])}{_lost(top['lost_records'][0])}"
    text = f"Most used: {fullest}. Of {counted(len(top), 'group')} drawn, {red} red and {amber} amber."
    more = f"{counted(len(known) - len(top), 'group')} with less not shown." if len(known) > len(top) else ""
    cut = f"Bars end at {_share(_LONGEST)}." if max(shares) > _LONGEST else ""
    notes = " ".join(filter(None, [text, cut, more, unknown]))
    return Drawing(
        figure,
        "retention_used",
        f"Age of the oldest unread record as a share of retention; at 100 % it may be deleted. {notes}",
        f"Bars of the share of retention used, per group. {notes}",
    )


def _light(share: float, lost: int) -> Light:
    if lost > 0 or share >= RED_FROM:
        return Light.RED
    return Light.AMBER if share >= AMBER_FROM else Light.GREEN


def _share(share: float) -> str:
    """Write whole percents, rounded down, so that a share below a limit is not written as the limit."""
    percent = math.floor(share * 100 + 1e-9)
    return "under 1 %" if share > 0 and percent == 0 else f"{percent:,} %"


def _lost(records: int) -> str:
    return f", {format_quantity(records, 'records')} lost" if records > 0 else ""


def _share_axis(axes: Axes) -> None:
    axes.set(xlim=(0, _LONGEST + _LABEL_ROOM), xlabel="Share of the retention", xticks=(0, 0.5, 0.8, 1.0))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %", decimals=0))
    for share in (AMBER_FROM, RED_FROM):
        axes.axvline(share, color=INK, linewidth=1, linestyle=(0, (4, 2)), zorder=3)
    axes.axvline(1.0, color=INK, linewidth=1, zorder=0)


def _unknown(groups: pl.DataFrame) -> str:
    """Name the groups whose share is unknown, those that lost records first."""
    if groups.is_empty():
        return ""
    names = [
        f"{shortened(group)}{_lost(lost)}"
        for group, lost in groups.select("group", "lost_records").iter_rows()
    ]
    return f"Unknown for {listed(names, _MOST_NAMES, separator='; ')}."
