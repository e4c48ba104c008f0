"""What each cell carries against its limits."""

from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES, words_of
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, shortened, styled
from kafka_analysis.plots.palette import BLUE, GREY, VERMILLION

MOST_CELLS = 40
_ORDER = ("bytes_in_per_s", "bytes_out_per_s", "size_bytes", "partitions")
_COLUMNS = 4


def cell_loads(loads: Any) -> Drawing:
    """Draw what each cell carries of each resource as a share of its limit, a panel per resource.

    Parameters
    ----------
    loads
        ``loads`` of ``plan.split_frames`` of one cluster: ``cell``, ``resource``, ``load``, ``limit`` (null: none),
        ``used``, ``share`` of all.

    Returns
    -------
    Drawing
        The red line is the limit; the amount stands at each bar. A resource without a limit has grey bars, which are
        shares of all that there is. Of more than 40 cells, those that are fullest are drawn.

    Examples
    --------
    >>> rows = pl.DataFrame({"cell": ["a", "b"], "resource": "partitions", "load": [30.0, 10.0], "limit": 40.0,
    ...     "used": [0.75, 0.25], "share": [0.75, 0.25]})
    >>> [float(bar.get_width()) for bar in cell_loads(rows).axes[0].patches]
    [0.75, 0.25]
    """
    rows = to_polars(loads)
    if rows.is_empty():
        return nothing("cell_loads", "the load of the cells is unknown")
    fullest = rows.group_by("cell").agg(
        pl.max_horizontal(pl.col("used").max().fill_null(0.0), pl.lit(0.0)).alias("top")
    )
    ranked = fullest.sort("top", "cell", descending=[True, False])["cell"]
    cells = ranked.head(MOST_CELLS).sort().to_list()
    present = rows["resource"].unique().sort().to_list()
    names = [name for name in _ORDER if name in present] + [name for name in present if name not in _ORDER]
    across = min(len(names), _COLUMNS)
    down = -(-len(names) // across)
    with styled(WIDTH_IN, 0.5 + down * (0.75 + 0.27 * len(cells))) as figure:
        panels = figure.subplots(down, across, sharey=True, squeeze=False).ravel()
        for axes, name in zip(panels, names, strict=False):
            _draw(axes, rows.filter(resource=name), name, cells)
        for axes in panels[len(names) :]:
            axes.axis("off")
        panels[0].set_ylim(len(cells) - 0.4, -0.6)
        keys = [axes.get_legend_handles_labels() for axes in panels]
        keyed = {
            label: handle for handles, labels in keys for handle, label in zip(handles, labels, strict=True)
        }
        figure.legend(keyed.values(), keyed.keys(), loc="outside lower left", ncols=3)
    text = _text(rows, len(ranked), len(cells))
    return Drawing(figure, "cell_loads", text, f"Bars of each cell, a panel per resource. {text}")


def _draw(axes: Axes, rows: pl.DataFrame, name: str, cells: list[str]) -> None:
    limited = rows["limit"].null_count() == 0
    by_cell = {row["cell"]: row for row in rows.iter_rows(named=True)}
    shares = [(by_cell[cell]["used"] if limited else by_cell[cell]["share"]) or 0.0 if cell in by_cell else 0.0
              for cell in cells]  # fmt: skip
    axes.barh(
        range(len(cells)),
        shares,
        height=0.7,
        color=BLUE if limited else GREY,
        label="load" if limited else "load, no limit",
    )
    if limited:
        axes.axvline(1.0, color=VERMILLION, linewidth=1.6, label="limit")
    right = max([*shares, 1.0])
    for place, (cell, share) in enumerate(zip(cells, shares, strict=True)):
        if cell in by_cell:
            inside = share > 0.62 * right
            amount = format_quantity(by_cell[cell]["load"], RESOURCES[name].unit if name in RESOURCES else "")
            axes.text(share - 0.03 * right if inside else share + 0.03 * right, place, amount, va="center", fontsize=8,
                      ha="right" if inside else "left", color="white" if inside and limited else "black")  # fmt: skip
    axes.set_xlim(0, 1.06 * right)
    axes.set_yticks(range(len(cells)), [shortened(cell, 20) for cell in cells])
    axes.set_title(words_of(name), fontsize=9.5)
    axes.set_xlabel("of the limit" if limited else "of total, no limit", fontsize=8.5)
    axes.set_xticks([0.5, 1])
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.grid(visible=True, axis="x")


def _text(rows: pl.DataFrame, cells: int, drawn: int) -> str:
    limited = rows.drop_nulls("used").sort("used", "cell", descending=[True, False])
    what = f"Load of each of {counted(cells, 'cell')}"
    more = f" The {drawn} fullest are drawn." if drawn < cells else ""
    if limited.is_empty():
        return f"{what}; there are no limits.{more}"
    top = limited.row(0, named=True)
    share = format_quantity(top["used"], "%")
    return f"{what}; fullest: {top['cell']}, {words_of(top['resource'])}, {share} of the limit.{more}"
