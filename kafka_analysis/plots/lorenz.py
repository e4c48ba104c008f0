"""Lorenz curves: how far a distribution is from even."""

from __future__ import annotations

from typing import Any

import polars as pl
from matplotlib.ticker import PercentFormatter

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.plots.drawing import Drawing, nothing, styled
from kafka_analysis.plots.palette import BLUE, GREEN, INK, ORANGE, PURPLE, SKY

_LINES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":"), (SKY, (0, (6, 1, 1, 1))))


def lorenz(curves: Any) -> Drawing:
    """Draw the Lorenz curves of one cluster's resources.

    Parameters
    ----------
    curves
        Result of ``stats.lorenz_by_cluster``: ``resource``, ``share_of_keys``, ``share_of_load`` (ratios).

    Returns
    -------
    Drawing
        On the diagonal all brokers carry the same; the further a curve sags below it, the more uneven.

    Examples
    --------
    >>> curves = pl.DataFrame({"resource": "leaders", "share_of_keys": [0.0, 0.5, 1.0],
    ...     "share_of_load": [0.0, 0.25, 1.0]})
    >>> lorenz(curves).axes[0].lines[1].get_ydata().tolist()
    [0.0, 0.25, 1.0]
    """
    rows = to_polars(curves)
    if rows.is_empty():
        return nothing("lorenz", "no broker carried anything")
    names = [name for name in RESOURCES if name in set(rows["resource"])]
    with styled(7.4, 4.4) as figure:
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=INK, linewidth=1, label="even")
        for name, (colour, line) in zip(names, _LINES * len(names), strict=False):
            curve = rows.filter(pl.col("resource") == name).sort("share_of_keys", "share_of_load")
            label = RESOURCES[name].words
            axes.plot(
                curve["share_of_keys"], curve["share_of_load"], color=colour, linestyle=line, label=label
            )
        axes.set(
            xlabel="Brokers, from the emptiest", ylabel="Their part of the load", xlim=(0, 1), ylim=(0, 1)
        )
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.grid(visible=True)
        figure.legend(loc="outside right center")
    told = ", ".join(f"{RESOURCES[n].words} {_half(rows, n):.0%}" for n in names)
    caption = f"Part of the load that the emptier half of the brokers carries (even: 50 %): {told}."
    return Drawing(
        figure, "lorenz", caption.replace("%", " %").replace("50  %", "50 %"), f"Lorenz curves. {told}."
    )


def _half(rows: pl.DataFrame, name: str) -> float:
    """Return the part of the load at half of the brokers, between two of them when their number is odd."""
    curve = rows.filter(pl.col("resource") == name).sort("share_of_keys")
    below = curve.filter(pl.col("share_of_keys") <= 0.5).tail(1)
    above = curve.filter(pl.col("share_of_keys") >= 0.5).head(1)
    width = above["share_of_keys"][0] - below["share_of_keys"][0]
    part = 0.0 if width == 0 else (0.5 - below["share_of_keys"][0]) / width
    return below["share_of_load"][0] + part * (above["share_of_load"][0] - below["share_of_load"][0])
