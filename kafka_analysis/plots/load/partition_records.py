"""Dots of each partition's part of its topic's records: hot partitions stand out."""

from typing import Any

import polars as pl
from matplotlib.ticker import PercentFormatter

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, name_rows, nothing, shortened, styled
from kafka_analysis.plots.palette import BLUE, INK


def partition_records(partitions: Any, *, top_n: int = 10) -> Drawing:
    """Draw how each of the busiest topics spreads its records over its partitions.

    Parameters
    ----------
    partitions
        Result of ``stats.partition_load`` of one cluster: ``topic``, ``partition``, ``records_per_s``.
    top_n
        Topics drawn, by records per second.

    Returns
    -------
    Drawing
        A dot per partition at its part of the topic's records, an upright mark at the even part. A dot far right of
        the mark is a hot partition.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": "t", "partition": [0, 1], "records_per_s": [3.0, 1.0]})
    >>> partition_records(rows).axes[0].collections[0].get_offsets()[:, 0].tolist()
    [0.75, 0.25]
    """
    rows = to_polars(partitions).filter(pl.col("records_per_s") > 0)
    if rows.is_empty():
        return nothing("partition_records", "no record was written")
    rate = pl.col("records_per_s")
    totals = (
        to_polars(partitions)
        .group_by("topic")
        .agg(total=rate.sum(), n=pl.len())
        .filter(pl.col("total") > 0)
        .sort(["total", "topic"], descending=[True, False])
        .head(top_n)
        .with_row_index("place")
    )
    dots = rows.join(totals, on="topic").with_columns(share=rate / pl.col("total"), even=1 / pl.col("n"))
    dots = dots.sort("place", "partition")
    with styled(WIDTH_IN, 1.0 + 0.36 * len(totals)) as figure:
        axes = figure.subplots()
        axes.scatter(dots["share"], dots["place"], s=46, color=BLUE, alpha=0.75, linewidths=0, zorder=3)
        axes.scatter(1 / totals["n"], totals["place"], s=150, color=INK, marker="|", linewidths=1.8, zorder=4)
        names = [f"{shortened(r['topic'])}  ({r['n']})" for r in totals.iter_rows(named=True)]
        name_rows(axes, names, margin=0.5, limit=50)
        right = max(float(dots["share"].max()) * 1.08, 0.1)
        axes.set(xlim=(-0.01, right), xlabel="Share of the topic's records; mark: even share")
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.grid(visible=True, axis="both")
    hottest = dots.sort(pl.col("share") * pl.col("n"), descending=True).row(0, named=True)
    text = (
        f"partition {hottest['partition']} of {hottest['topic']} takes {format_quantity(hottest['share'], '%')}, "
        f"{format_quantity(hottest['share'] * hottest['n'])} × its even share"
    )
    drawn = f"Partitions (dots) of the {len(totals)} busiest topics, number of partitions in brackets."
    caption = f"{drawn} Hottest: {text}."
    return Drawing(figure, "partition_records", caption, f"Dots of partitions by topic. Hottest: {text}.")
