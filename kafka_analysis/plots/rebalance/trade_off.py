"""How even a cluster becomes for how many bytes moved."""

from typing import Any

import polars as pl
from matplotlib.axes import Axes

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import PLANNED_RESOURCES, TOLERANCE
from kafka_analysis.model.units import format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, quantity_axis, styled
from kafka_analysis.plots.palette import BLUE, FAINT, GREEN, INK, ORANGE, SLATE, VERMILLION

_MARKS = {
    "now": ("o", ORANGE, "now"),
    "leaders": ("D", SLATE, "leaders only"),
    "plan": ("*", GREEN, "the plan"),
}


def trade_off(steps: Any, *, tolerance: float = TOLERANCE) -> Drawing:
    """Draw the fullest broker ÷ its share against the bytes that a plan may move.

    Parameters
    ----------
    steps
        Result of ``plan.trade_off``: ``kind``, ``bytes_to_move``, ``worst``, ``worst_resource``, ``lower_bound_bytes``.
    tolerance
        Fraction of its share by which a broker may carry more; the shaded strip.

    Returns
    -------
    Drawing
        Each point is a plan, good until the next is paid for; its label names the resource that is worst then. The star
        is the plan proposed; left of the dotted line no plan can meet every goal.

    Examples
    --------
    >>> rows = pl.DataFrame({"kind": ["now", "budget", "plan"], "bytes_to_move": [0.0, 1e9, 4e9],
    ...     "worst": [2.0, 1.5, 1.1], "worst_resource": "leaders", "lower_bound_bytes": 3.5e9})
    >>> trade_off(rows).axes[0].lines[0].get_ydata().tolist()
    [2.0, 1.5, 1.1]
    """
    rows = to_polars(steps).drop_nulls("worst")
    if rows.is_empty():
        return nothing("trade_off", "no plan")
    text = "; ".join(_text(row) for row in rows.iter_rows(named=True))
    if not rows["bytes_to_move"].max():
        return nothing("trade_off", f"no replica moves. Fullest broker ÷ its share: {text}")
    bound = rows["lower_bound_bytes"].max()
    with styled(WIDTH_IN, 3.5) as figure:
        axes = figure.subplots()
        line = {"color": BLUE, "linewidth": 1.6, "marker": ".", "markersize": 8}
        axes.plot(rows["bytes_to_move"], rows["worst"], drawstyle="steps-post", **line)
        _mark(axes, rows)
        strip = f"at most {format_quantity(tolerance, '%')} above"
        axes.axhspan(1, 1 + tolerance, color=FAINT, zorder=0, label=strip)
        if bound:
            label = f"at least {format_quantity(bound, 'B')} to meet every goal"
            axes.axvline(bound, color=VERMILLION, linestyle=":", linewidth=1.8, label=label)
        _name(axes, rows)
        _scale(axes, rows, bound or 0.0)
        figure.legend(loc="outside lower left", ncols=5)
    least = f" No plan meets every goal with less than {format_quantity(bound, 'B')}." if bound else ""
    caption = f"Fullest broker ÷ its share of the worst resource, as more bytes are moved: {text}.{least}"
    return Drawing(figure, "trade_off", caption, f"Balance against bytes moved: {text}.{least}")


def _text(row: dict[str, Any]) -> str:
    size = format_quantity(row["bytes_to_move"], "B") if row["bytes_to_move"] else ""
    name = _MARKS[row["kind"]][2] if row["kind"] in _MARKS else ""
    return f"{', '.join(part for part in (name, size) if part)}: {row['worst']:.2f}"


def _mark(axes: Axes, rows: pl.DataFrame) -> None:
    for kind, (marker, colour, label) in _MARKS.items():
        marked = rows.filter(kind=kind)
        size = 15 if kind == "plan" else 9
        axes.plot(marked["bytes_to_move"], marked["worst"], marker=marker, color=colour, markersize=size,
                  markeredgecolor="white", linestyle="none", label=label if len(marked) else "", zorder=4)  # fmt: skip


def _name(axes: Axes, rows: pl.DataFrame) -> None:
    """Write the worst resource beside each point where it becomes another one."""
    before = None
    for row in rows.iter_rows(named=True):
        if row["worst_resource"] != before:
            resource = PLANNED_RESOURCES.get(row["worst_resource"])
            words = resource.words if resource else row["worst_resource"]
            axes.annotate(words, (row["bytes_to_move"], row["worst"]), xytext=(9, 6), textcoords="offset points",
                          fontsize=8.5, color=INK)  # fmt: skip
        before = row["worst_resource"]


def _scale(axes: Axes, rows: pl.DataFrame, bound: float) -> None:
    right = max(float(rows["bytes_to_move"].max()), bound) or 1.0
    top = max(float(rows["worst"].max()), 1.2)
    axes.set(ylim=(1 - 0.04 * (top - 1), top + 0.14 * (top - 1)), ylabel="Fullest broker ÷ its share")
    quantity_axis(axes, "B", 1.16 * right, left=-0.02 * right, label="Bytes moved", ticks=6)
    axes.grid(visible=True)
