"""What smaller cells cost, and how much smaller an outage becomes."""

from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, styled
from kafka_analysis.plots.palette import BLUE, INK, ORANGE, VERMILLION


def blast_curve(curve: Any, *, accepted: float | None = None) -> Drawing:
    """Draw the share of clients that the loss of the worst cell reaches against what all cells cost a month.

    Parameters
    ----------
    curve
        ``curve`` of ``plan.split_frames`` of one cluster: ``cells``, ``worst_client_share``, ``monthly_usd``,
        ``accounts``, ``chosen``, ``impossible`` (why there is no split, else null).
    accepted
        Share of the clients that one accepts to lose: a line.

    Returns
    -------
    Drawing
        A point per number of cells, which stands beside it; the star is the plan. Lower is a smaller outage, further
        left is cheaper. Where the quota of brokers of an account asks for one more, the label says so. If costs are not
        known, the number of cells takes their place.

    Examples
    --------
    >>> rows = pl.DataFrame({"cells": [1, 2], "worst_client_share": [1.0, 0.5], "monthly_usd": [500.0, 900.0],
    ...     "accounts": 1, "chosen": [False, True], "impossible": None})
    >>> [text.get_text() for text in blast_curve(rows).axes[0].texts]
    ['1 cell', '2 cells']
    """
    rows = to_polars(curve)
    splits = rows.drop_nulls("worst_client_share").sort("cells")
    if splits.is_empty():
        return nothing("blast_curve", "no other number of cells was tried, or none was possible")
    dollars = splits["monthly_usd"].null_count() == 0
    across = "monthly_usd" if dollars else "cells"
    with styled(WIDTH_IN, 3.7) as figure:
        axes = figure.subplots()
        axes.plot(
            splits[across], splits["worst_client_share"], color=BLUE, marker="o", markersize=6, linewidth=1.4
        )
        chosen = splits.filter(pl.col("chosen"))
        axes.plot(chosen[across], chosen["worst_client_share"], marker="*", color=ORANGE, markersize=17, zorder=4,
                  markeredgecolor="white", linestyle="none", label="this plan")  # fmt: skip
        if accepted is not None:
            axes.axhline(accepted, color=VERMILLION, linestyle="--", linewidth=1.4, label="accepted")
        _name(axes, splits, across)
        _scale(axes, splits, across)
        figure.legend(loc="outside lower left", ncols=3)
    text = _text(splits, rows.filter(pl.col("impossible").is_not_null()))
    return Drawing(figure, "blast_curve", text, f"Blast radius against cost. {text}")


def _name(axes: Axes, splits: pl.DataFrame, across: str) -> None:
    before = None
    for row in splits.iter_rows(named=True):
        accounts = row["accounts"]
        stepped = accounts is not None and accounts > (before or 1)
        words = counted(row["cells"], "cell") + (f", {counted(accounts, 'account')}" if stepped else "")
        axes.annotate(words, (row[across], row["worst_client_share"]), xytext=(8, 7), textcoords="offset points",
                      fontsize=9, color=INK)  # fmt: skip
        before = accounts if accounts is not None else before


def _scale(axes: Axes, splits: pl.DataFrame, across: str) -> None:
    left, right = float(splits[across].min()), float(splits[across].max())
    wide = (right - left) or right or 1.0
    axes.set(xlim=(left - 0.06 * wide, right + 0.2 * wide), ylim=(0, 1.14), yticks=[0, 0.25, 0.5, 0.75, 1.0])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=across == "cells"))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    label = "USD a month, all cells" if across == "monthly_usd" else "Cells"
    axes.set(xlabel=label, ylabel="Clients affected by the\nloss of the worst cell")
    axes.grid(visible=True)


def _text(splits: pl.DataFrame, impossible: pl.DataFrame) -> str:
    points = "; ".join(
        f"{counted(row['cells'], 'cell')}{' (this plan)' if row['chosen'] else ''}: "
        f"{format_quantity(row['worst_client_share'], '%')} of the clients"
        + ("" if row["monthly_usd"] is None else f", {row['monthly_usd']:,.0f} USD a month")
        for row in splits.iter_rows(named=True)
    )
    quota = "".join(
        f" From {counted(cells, 'cell')} on, the broker quota requires more than one account."
        for cells in splits.filter(pl.col("accounts") > 1)["cells"].head(1)
    )
    none = ", ".join(f"{count:,}" for count in impossible["cells"].sort())
    missing = f" No split was found for {none} cells." if none else ""
    return f"Worst cell's share of the clients, and cost. {points}.{quota}{missing}"
