"""Bars of the topics that carry or hold most."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, name_rows, nothing, quantity_axis, styled
from kafka_analysis.plots.palette import BLUE, GREY, INK


def topic_ranking(topics: Any, *, value: str = "bytes_in_per_s", top_n: int = 15) -> Drawing:
    """Draw the topics of one cluster by what they carry, the rest summed up.

    Parameters
    ----------
    topics
        Result of ``stats.topic_inventory`` of one cluster: ``topic`` and the value's column.
    value
        ``bytes_in_per_s``, ``bytes_out_per_s``, ``messages_in_per_s`` or ``size_bytes``.
    top_n
        Topics with a bar of their own.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": ["a", "b", "c"], "bytes_in_per_s": [5.0, 2.0, 1.0]})
    >>> [float(bar.get_width()) for bar in topic_ranking(rows, top_n=2).axes[0].patches]
    [5.0, 2.0, 1.0]
    """
    ranked = to_polars(topics).filter(pl.col(value) > 0).sort([value, "topic"], descending=[True, False])
    title, unit = RESOURCES[value].title, RESOURCES[value].unit
    if ranked.is_empty():
        return nothing("topic_ranking", f"no topic has {title.lower()}")
    top, rest = ranked.head(top_n), ranked.slice(top_n)
    names = top["topic"].to_list()
    values = [float(v) for v in top[value]]
    if len(rest):
        names.append("1 other topic" if len(rest) == 1 else f"{len(rest)} other topics")
        values.append(float(rest[value].sum()))
    total = float(ranked[value].sum())
    with styled(WIDTH_IN, 0.8 + 0.29 * len(values)) as figure:
        axes = figure.subplots()
        bars = axes.barh(range(len(values)), values, color=[BLUE] * len(top) + [GREY], height=0.74)
        labels = [f"{format_quantity(v, unit)}  ({v / total:.0%})".replace("%", " %") for v in values]
        axes.bar_label(bars, labels, padding=4, color=INK, fontsize=9)
        name_rows(axes, names)
        quantity_axis(axes, unit, max(values) * 1.22, label=title)
    first = ranked.row(0, named=True)
    largest = f"{first['topic']} has {format_quantity(first[value], unit)} of {format_quantity(total, unit)}"
    caption = f"{title} by topic: {largest}."
    return Drawing(
        figure, "topic_ranking", caption, f"Bars of {title.lower()} of {len(ranked)} topics: {largest}."
    )
