"""What outages took along: predicted bars beside measured points, before the split and after it."""

from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, name_rows, nothing, shortened, styled
from kafka_analysis.plots.palette import AFTER, BEFORE, INK

SUBJECTS = {
    "producers": "Producers",
    "starved_groups": "Groups without\nnew records",
    "partitions": "Partitions",
    "bytes_in_per_s": "Bytes in",
}
_POINT = {
    "marker": "D",
    "markersize": 7,
    "markerfacecolor": "white",
    "markeredgecolor": INK,
    "linestyle": "none",
}
_COLOURS = {"before": BEFORE, "after": AFTER}
_MOST_OUTAGES = 8


def blast_radius(outages: Any, *, effect: str = "loses_service") -> Drawing:
    """Draw for each outage which share of clients, partitions and bytes was hit: predicted and measured.

    Parameters
    ----------
    outages
        Result of ``stats.compare_outages``: ``outage``, ``cluster``, ``name``, ``split``, ``effect``, ``what``,
        ``predicted``, ``measured`` (shares).
    effect
        ``loses_service``, ``unavailable``, ``not_writable`` or ``interrupted``.

    Returns
    -------
    Drawing
        A panel per outage, at most 8. A bar is what was predicted, a diamond what was measured; an outage of the source
        has another colour than one of a cell. What could not be measured has the word ``unknown``.

    Examples
    --------
    >>> rows = pl.DataFrame({"outage": 1, "cluster": "c", "name": "broker killed", "split": "before",
    ...     "effect": "loses_service", "what": ["producers", "partitions"], "predicted": [0.25, 0.1],
    ...     "measured": [0.25, None]})
    >>> blast_radius(rows).axes[0].get_title(loc="left")
    'c: broker killed'
    """
    rows = to_polars(outages).filter(pl.col("what").is_in(list(SUBJECTS)), effect=effect)
    if rows.is_empty():
        return nothing("blast_radius", "no outage was recorded")
    numbers = rows["outage"].unique().sort().to_list()[:_MOST_OUTAGES]
    with styled(WIDTH_IN, 0.9 + 1.75 * len(numbers)) as figure:
        panels = figure.subplots(len(numbers), 1, sharex=True, squeeze=False)[:, 0]
        for axes, number in zip(panels, numbers, strict=True):
            _panel(axes, rows.filter(outage=number))
        panels[-1].xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        panels[-1].set_xlabel("share of total")
        figure.legend(handles=_keys(), loc="outside upper left", ncols=3)
    text = " ".join(_text(rows.filter(outage=number)) for number in numbers)
    words = effect.replace("_", " ")
    caption = f"What each outage affected ({words}): predicted and measured. {text}"
    return Drawing(figure, "blast_radius", caption, f"Bars and points per outage ({words}). {text}")


def _panel(axes: Axes, rows: pl.DataFrame) -> None:
    first = rows.row(0, named=True)
    by_subject = {row["what"]: row for row in rows.iter_rows(named=True)}
    names = [name for name in SUBJECTS if name in by_subject]
    for place, name in enumerate(names):
        row = by_subject[name]
        if row["predicted"] is not None:
            axes.barh(place, row["predicted"], height=0.6, color=_COLOURS.get(first["split"], AFTER))
        if row["measured"] is None:
            axes.text(0.01, place, "unknown", va="center", fontsize=8.5, style="italic")
        else:
            axes.plot([row["measured"]], [place], clip_on=False, zorder=4, **_POINT)
    name_rows(axes, [SUBJECTS[name] for name in names], margin=0.5)
    axes.set_xlim(-0.01, 1)
    axes.set_title(f"{shortened(first['cluster'])}: {shortened(first['name'])}")
    axes.grid(visible=True, axis="x")


def _keys() -> list[Line2D | Patch]:
    bars = [Patch(color=colour, label=f"predicted, {split} the split") for split, colour in _COLOURS.items()]
    return [*bars, Line2D([], [], label="measured", **_POINT)]


def _text(rows: pl.DataFrame) -> str:
    first = rows.row(0, named=True)
    of = rows.filter(what="producers")
    row = of.row(0, named=True) if len(of) else first
    shares = [format_quantity(row[name], "%") for name in ("predicted", "measured")]
    return f"{first['name']} ({first['cluster']}): {row['what']} {shares[0]} predicted, {shares[1]} measured."
