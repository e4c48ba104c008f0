"""Lorenz curves: how far a distribution is from even, cluster beside cluster."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, shortened, styled
from kafka_analysis.plots.palette import INK, MANY_LINES

_ACROSS = 3


def lorenz(curves: Any, *, clusters: Sequence[str] | None = None, over: str = "brokers") -> Drawing:
    """Draw the Lorenz curves of each cluster's resources, a panel per cluster, all on one scale.

    Parameters
    ----------
    curves
        Result of ``stats.lorenz_by_cluster``: ``cluster``, ``resource``, ``share_of_keys``, ``share_of_load`` (ratios).
    clusters
        Names in the order to draw them; None = by name. One without curves carried nothing and is left out.
    over
        What carries the load, in the plural: ``"brokers"``, ``"topics"``, ``"partitions"`` …

    Returns
    -------
    Drawing
        On the diagonal all carry the same; the further a curve sags below it, the more uneven.

    Examples
    --------
    >>> curves = pl.DataFrame({"cluster": "c", "resource": "leaders", "share_of_keys": [0.0, 0.5, 1.0],
    ...     "share_of_load": [0.0, 0.25, 1.0]})
    >>> lorenz(curves).axes[0].lines[1].get_ydata().tolist()
    [0.0, 0.25, 1.0]
    """
    rows = to_polars(curves)
    present = set(rows["cluster"])
    shown = [name for name in clusters or sorted(present) if name in present]
    if not shown:
        return nothing("lorenz", f"none of the {over} carried any load")
    names = [name for name in RESOURCES if name in set(rows["resource"])]
    across = min(len(shown), _ACROSS)
    down = -(-len(shown) // across)
    with styled(WIDTH_IN if across > 1 else 6.4, 0.7 + 3.0 * down) as figure:
        panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
        for axes, cluster in zip(panels.flat, shown, strict=False):
            _panel(axes, rows.filter(cluster=cluster), names)
            axes.set_title(shortened(cluster))
        for axes in panels.flat[len(shown) :]:
            axes.axis("off")
        panels[-1, min(across, len(shown)) // 2].set_xlabel(f"{over.capitalize()}, from the emptiest")
        panels[0, 0].set_ylabel("Their share of the load")
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    text = ". ".join(f"{cluster}: {_text(rows, cluster, names)}" for cluster in shown)
    caption = f"Share of the load on the emptier half of the {over} (even: 50 %). {text}."
    return Drawing(figure, "lorenz", caption, f"Lorenz curves of the {over}. {text}.")


def _panel(axes: Axes, rows: pl.DataFrame, names: Sequence[str]) -> None:
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, label="even")
    for name, (colour, line) in zip(names, MANY_LINES, strict=False):
        curve = rows.filter(resource=name).sort("share_of_keys", "share_of_load")
        label = RESOURCES[name].words
        axes.plot(curve["share_of_keys"], curve["share_of_load"], color=colour, linestyle=line, label=label)
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=(0, 0.5, 1), yticks=(0, 0.25, 0.5, 0.75, 1))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.grid(visible=True)


def _text(rows: pl.DataFrame, cluster: str, names: Sequence[str]) -> str:
    of_cluster = rows.filter(cluster=cluster)
    present = [name for name in names if name in set(of_cluster["resource"])]
    return ", ".join(f"{RESOURCES[n].words} {_half(of_cluster, n) * 100:.0f} %" for n in present)


def _half(rows: pl.DataFrame, name: str) -> float:
    """Return the part of the load at half of the brokers, between two of them when their number is odd."""
    curve = rows.filter(resource=name).sort("share_of_keys")
    below = curve.filter(pl.col("share_of_keys") <= 0.5).tail(1)
    above = curve.filter(pl.col("share_of_keys") >= 0.5).head(1)
    width = above["share_of_keys"][0] - below["share_of_keys"][0]
    part = 0.0 if width == 0 else (0.5 - below["share_of_keys"][0]) / width
    return below["share_of_load"][0] + part * (above["share_of_load"][0] - below["share_of_load"][0])
