"""Stacked bars of what options cost a month, by item."""

from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from kafka_analysis.model.frames import to_polars
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, shortened, styled
from kafka_analysis.plots.palette import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    SLATE,
    VERMILLION,
    YELLOW,
    edge_of,
)

_COLOURS = {
    "brokers": BLUE, "cluster": GREY, "partitions": PURPLE, "storage": ORANGE, "tiered storage": YELLOW,
    "data in": GREEN, "data out": SLATE, "data between AZs": SKY, "provisioned throughput": VERMILLION,
}  # fmt: skip


def option_costs(costs: Any) -> Drawing:
    """Draw what the cheapest options of one cluster cost a month, a bar each, cheapest on top.

    Parameters
    ----------
    costs
        ``costs`` of ``plan.sizing_frames`` of one cluster: ``broker_type``, ``brokers``, ``item``, ``monthly_usd``.

    Returns
    -------
    Drawing
        Bars of the items; the sum stands at the end of each.

    Examples
    --------
    >>> rows = pl.DataFrame({"broker_type": "t", "brokers": 3, "item": ["brokers", "storage"],
    ...     "monthly_usd": [40.0, 2.0]})
    >>> option_costs(rows).axes[0].texts[0].get_text()
    ' 42 USD'
    """
    rows = to_polars(costs).with_columns(pl.col("brokers").cast(pl.Int64))
    if rows.is_empty():
        return nothing("option_costs", "no option fits, or none could be sized")
    names = rows.select("broker_type", "brokers").unique(maintain_order=True).reverse()
    items = [name for name in _COLOURS if name in set(rows["item"])]
    items += sorted(set(rows["item"]) - set(items))
    with styled(WIDTH_IN, 1.3 + 0.34 * len(names)) as figure:
        axes = figure.subplots()
        totals = _bars(axes, rows, names["broker_type"].to_list(), items)
        labels = [shortened(t if n is None else f"{n:,} × {t}") for t, n in names.iter_rows()]
        axes.set_yticks(range(len(labels)), labels)
        for place, total in enumerate(totals):
            axes.text(total, place, f" {total:,.0f} USD", va="center", fontsize=9)
        axes.set(xlim=(0, max(totals) * 1.16 or 1), xlabel="USD a month, list price")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.grid(visible=True, axis="x")
        figure.legend(loc="outside lower left", ncols=6)
    cheap, dear = f"{labels[-1]}, {totals[-1]:,.0f} USD", f"{labels[0]}, {totals[0]:,.0f} USD"
    text = f"Cheapest: {cheap}." if len(labels) == 1 else f"Cheapest: {cheap}; last shown: {dear}."
    caption = f"Cost per month of the cheapest options, by item. {text}"
    return Drawing(figure, "option_costs", caption, f"Stacked bars of {len(labels)} options. {text}")


def _bars(axes: Axes, rows: pl.DataFrame, types: list[str], items: list[str]) -> list[float]:
    ends = [0.0] * len(types)
    for item in items:
        costs = dict(rows.filter(item=item).select("broker_type", "monthly_usd").iter_rows())
        widths = [costs.get(name, 0.0) for name in types]
        colour = _COLOURS.get(item, FAINT)
        axes.barh(range(len(types)), widths, left=ends, color=colour, edgecolor=edge_of(colour), linewidth=0.8,
                  height=0.7, label=item)  # fmt: skip
        ends = [end + width for end, width in zip(ends, widths, strict=True)]
    return ends
