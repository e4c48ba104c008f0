"""Bars of why brokers carry more than the mean: each cause at its part of the excess."""

from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from kafka_analysis.model.causes import CAUSES
from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import format_share
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, name_rows, nothing, styled
from kafka_analysis.plots.palette import CAUSES as COLOURS
from kafka_analysis.plots.palette import INK, edge_of

_LEAST_AXIS = 0.2
_LEAST_LABEL = 0.055  # of the axis: narrower segments are not labelled


def skew_causes(causes: Any) -> Drawing:
    r"""Draw what one cluster's overloaded brokers carry above the mean, cause by cause, a bar per resource.

    Parameters
    ----------
    causes
        Result of ``stats.skew_causes`` of one cluster: ``resource``, ``cause``, ``share`` (of the excess), ``of_total``
        (of the cluster's load), both ratios.

    Returns
    -------
    Drawing
        A bar is as long as the excess is large: its part of the cluster's load, which is the least that must move. Each
        segment is a cause, labelled with its share of the excess. A part that works against the others lies left of 0.

    Examples
    --------
    >>> rows = pl.DataFrame({"resource": "leaders", "cause": ["replicas", "leaders"], "share": [0.25, 0.75],
    ...     "of_total": [0.1, 0.3]})
    >>> [float(round(bar.get_width(), 2)) for bar in skew_causes(rows).axes[0].patches]
    [0.1, 0.3]
    """
    rows = to_polars(causes).filter(pl.col("of_total") != 0)
    if rows.is_empty():
        return nothing("skew_causes", "the load is even, or its placement is unknown")
    names = [name for name in RESOURCES if name in set(rows["resource"])]
    shown = [cause for cause in CAUSES if cause in set(rows["cause"])]
    with styled(WIDTH_IN, 1.35 + 0.44 * len(names)) as figure:
        axes = figure.subplots()
        low, high = _limits(rows)
        for place, name in enumerate(names):
            _bar(axes, rows.filter(resource=name), place, wide=high - low)
        axes.axvline(0, color=INK, linewidth=1)
        name_rows(axes, [RESOURCES[name].title for name in names], margin=0.5)
        axes.set(xlim=(low, high), xlabel="Load above the mean, share of the cluster's load")
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %", decimals=0))
        axes.grid(visible=True, axis="x")
        keys = [
            Patch(facecolor=COLOURS[cause], edgecolor=edge_of(COLOURS[cause]), label=CAUSES[cause].words)
            for cause in shown
        ]
        figure.legend(handles=keys, loc="outside lower left", ncols=min(len(keys), 4))
    text = "; ".join(_text(rows.filter(resource=name), name) for name in names)
    caption = (
        "What brokers carry above the mean, and why; the numbers are shares of that excess. "
        f"Largest causes: {text}."
    )
    return Drawing(figure, "skew_causes", caption, f"Bars of the causes of the excess. Largest: {text}.")


def _limits(rows: pl.DataFrame) -> tuple[float, float]:
    part = pl.col("of_total")
    sums = rows.group_by("resource").agg(right=part.filter(part > 0).sum(), left=part.filter(part < 0).sum())
    return min(float(sums["left"].min()), 0.0) * 1.08, max(float(sums["right"].max()) * 1.04, _LEAST_AXIS)


def _bar(axes: Axes, rows: pl.DataFrame, place: int, *, wide: float) -> None:
    """Draw the segments of a resource: parts above 0 to the right, those against them to the left."""
    ends = {True: 0.0, False: 0.0}
    for cause in (name for name in CAUSES if name in set(rows["cause"])):
        row = rows.filter(cause=cause).row(0, named=True)
        width, is_right = row["of_total"], row["of_total"] > 0
        axes.barh(
            place,
            width,
            left=ends[is_right],
            height=0.66,
            color=COLOURS[cause],
            edgecolor=edge_of(COLOURS[cause], otherwise="white"),
            linewidth=0.8,
        )
        if abs(width) >= _LEAST_LABEL * wide:
            axes.text(
                ends[is_right] + width / 2, place, format_share(row["share"]), ha="center",
                va="center", fontsize=8.5, color=INK, clip_on=True,
                bbox={"facecolor": "white", "alpha": 0.72, "edgecolor": "none", "pad": 1.2},
            )  # fmt: skip
        ends[is_right] += width


def _text(rows: pl.DataFrame, name: str) -> str:
    top = rows.sort("share", descending=True, maintain_order=True).row(0, named=True)
    return f"{RESOURCES[name].words}: {CAUSES[top['cause']].words} ({format_share(top['share'])})"
