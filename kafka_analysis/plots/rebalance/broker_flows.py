"""What moves from which broker to which."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, styled
from kafka_analysis.plots.palette import BLUE, INK

MOST_WRITTEN = 14
_SHADES = LinearSegmentedColormap.from_list("amount", ["#eaf2f8", BLUE])
_NOWHERE = "none"


def broker_flows(flows: Any) -> Drawing:
    """Draw how many bytes every broker of one cluster gives to every other; without any, how many leaderships.

    Parameters
    ----------
    flows
        ``flows`` of ``plan.plan_frames``: ``kind``, ``from``, ``to`` (null: a copy that is new, or only goes),
        ``changes``, ``bytes``.

    Returns
    -------
    Drawing
        A row gives, a column takes, and the darker a field the more; an empty one is nothing. Up to 14 brokers the
        amounts are written into the fields.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"kind": "replica", "from": [1], "to": [2], "changes": [3], "bytes": [5e9]})
    >>> [text.get_text() for text in broker_flows(rows).axes[0].texts]
    ['5 GB']
    """
    rows = to_polars(flows)
    copies = rows.filter(kind="replica")
    column, unit = ("bytes", "B") if len(copies) else ("changes", "")
    shown = copies if len(copies) else rows
    if shown.is_empty():
        return nothing("broker_flows", "nothing moves")
    gives, takes = (shown[name].unique().sort(nulls_last=True).to_list() for name in ("from", "to"))
    amounts = np.full((len(gives), len(takes)), np.nan)
    for row in shown.iter_rows(named=True):
        amounts[gives.index(row["from"]), takes.index(row["to"])] = row[column]
    is_small = max(len(gives), len(takes)) <= MOST_WRITTEN
    step = 0.42 if is_small else 0.24
    width = min(2.4 + (0.95 if is_small else 0.24) * len(takes), WIDTH_IN)
    with styled(width, 1.1 + step * len(gives)) as figure:
        axes = figure.subplots()
        _draw(axes, amounts, unit, is_written=is_small)
        _label(axes, gives, takes, "replicas" if len(copies) else "leaderships")
    what = counted(int(shown["changes"].sum()), "replica" if len(copies) else "leadership")
    size = f", {format_quantity(float(copies['bytes'].sum()), 'B')}" if len(copies) else ""
    top = shown.sort(column, "from", "to", descending=[True, False, False], nulls_last=True).row(
        0, named=True
    )
    most = f"most from broker {_name(top['from'])} to broker {_name(top['to'])}: {format_quantity(top[column], unit)}"
    caption = f"What moves where: {what}{size}; {most}. Rows send, columns receive."
    return Drawing(
        figure, "broker_flows", caption, f"Matrix of what brokers send each other. {what}{size}; {most}."
    )


def _name(broker: int | None) -> str:
    return _NOWHERE if broker is None else str(broker)


def _draw(axes: Axes, amounts: np.ndarray, unit: str, *, is_written: bool) -> None:
    most = float(np.nanmax(amounts)) or 1.0
    image = axes.imshow(amounts, cmap=_SHADES, vmin=0, vmax=most, aspect="auto")
    if is_written:
        for (row, column), value in np.ndenumerate(amounts):
            if not np.isnan(value):
                colour = "white" if value > 0.6 * most else INK
                text = format_quantity(float(value), unit)
                axes.text(column, row, text, ha="center", va="center", fontsize=8.5, color=colour)
        return
    bar = axes.figure.colorbar(image, ax=axes, pad=0.02)
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_quantity(value, unit)))


def _label(axes: Axes, gives: list[int | None], takes: list[int | None], what: str) -> None:
    axes.set_yticks(range(len(gives)), [f"broker {_name(broker)}" for broker in gives])
    few = len(takes) <= MOST_WRITTEN
    axes.set_xticks(
        range(len(takes)), [f"broker {_name(broker)}" if few else _name(broker) for broker in takes]
    )
    axes.set_xlabel(f"receives {what}")
    axes.set_ylabel("gives")
    axes.set_xticks(np.arange(len(takes) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(gives) + 1) - 0.5, minor=True)
    axes.grid(visible=True, which="minor")
    axes.tick_params(which="minor", length=0)
    if len(takes) > MOST_WRITTEN:
        axes.tick_params(axis="x", labelsize=8)
