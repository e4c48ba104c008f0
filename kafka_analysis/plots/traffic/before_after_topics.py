"""Two dots per topic: before and after."""

from typing import Any

import polars as pl
from matplotlib.lines import Line2D

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, name_rows, nothing, quantity_axis, styled
from kafka_analysis.plots.palette import AFTER, BEFORE, GREY, INK


def before_after_topics(topics: Any, *, flow: str = "bytes_in_per_s", top_n: int = 30) -> Drawing:
    """Draw each topic's traffic before and after, largest first.

    Parameters
    ----------
    topics
        Result of ``stats.compare_topics``: ``flow``, ``topic``, ``before``, ``after`` (per second), ``change``.
    flow
        ``bytes_in_per_s``, ``bytes_out_per_s`` or ``messages_in_per_s``.
    top_n
        Topics drawn.

    Examples
    --------
    >>> rows = pl.DataFrame({"flow": "bytes_in_per_s", "topic": ["t"], "before": [1.0], "after": [2.0],
    ...     "change": [1.0]})
    >>> [dots.get_offsets()[0][0].item() for dots in before_after_topics(rows).axes[0].collections[-2:]]
    [1.0, 2.0]
    """
    title, unit = RESOURCES[flow].title, RESOURCES[flow].unit
    both = to_polars(topics).filter((pl.col("before") > 0) | (pl.col("after") > 0), flow=flow)
    if both.is_empty():
        return nothing("before_after_topics", f"no topic has {title.lower()} in either window")
    size = pl.max_horizontal("before", "after")
    rows = both.sort([size, "topic"], descending=[True, False]).head(top_n)
    widest = float(rows.select(size.max()).item())
    places = list(range(len(rows)))
    with styled(WIDTH_IN, 1.1 + 0.27 * len(rows)) as figure:
        axes = figure.subplots()
        axes.hlines(
            places, rows["before"].fill_null(0.0), rows["after"].fill_null(0.0), color=GREY, linewidth=2.5
        )
        axes.scatter(rows["before"], places, s=62, color=BEFORE, marker="o", zorder=3)
        axes.scatter(rows["after"], places, s=44, color=AFTER, marker="D", zorder=4)
        for place, row in zip(places, rows.iter_rows(named=True), strict=True):
            end = max(row["before"] or 0.0, row["after"] or 0.0)
            axes.text(end + widest * 0.02, place, _change(row), va="center", fontsize=9, color=INK)
        name_rows(axes, rows["topic"].to_list())
        quantity_axis(axes, unit, widest * 1.13, left=-widest * 0.01, label=title)
        keys = [
            Line2D([], [], marker=marker, color=colour, linestyle="", markersize=7, label=label)
            for label, colour, marker in (("before", BEFORE, "o"), ("after", AFTER, "D"))
        ]
        figure.legend(handles=keys, loc="outside upper left", ncols=2)
    text = _text(rows, unit)
    return Drawing(
        figure,
        "before_after_topics",
        f"{title} of each topic before and after. {text}",
        f"Two dots per topic. {text}",
    )


def _change(row: dict[str, Any]) -> str:
    unknown = next((name for name in ("before", "after") if row[name] is None), None)
    if unknown:
        return f"unknown {unknown}"
    if row["change"] is None:
        return "new" if not row["before"] else ""
    return f"{row['change']:+.0%}".replace("%", " %")


def _text(rows: pl.DataFrame, unit: str) -> str:
    changed = rows.drop_nulls("change")
    if changed.is_empty():
        return "No topic has a known change."
    moved = (pl.col("after") - pl.col("before")).abs()
    most = changed.sort(moved, "topic", descending=[True, False]).row(0, named=True)
    amounts = f"{format_quantity(most['before'], unit)} to {format_quantity(most['after'], unit)}"
    return f"Largest change: {most['topic']}, {amounts} ({most['change']:+.0%}).".replace("%", " %")
