"""Stacked bars: where business, migration and internal traffic flows, before and after."""

from collections.abc import Sequence
from typing import Any

from matplotlib.patches import Patch

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import format_quantity
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, quantity_axis, shortened, styled
from kafka_analysis.plots.palette import AFTER, BEFORE, INK, KINDS


def traffic_by_kind(
    traffic: Any, *, flow: str = "bytes_in_per_s", clusters: Sequence[str] | None = None
) -> Drawing:
    """Draw one flow of each cluster by kind, in both windows.

    Parameters
    ----------
    traffic
        Result of ``stats.both_windows``: ``window`` (before, after), ``cluster``, ``kind``, the flow's column (per
        second).
    flow
        ``bytes_in_per_s``, ``bytes_out_per_s`` or ``messages_in_per_s``.
    clusters
        Names in the order to draw them; None = by name.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"window": ["before", "after"], "cluster": "c", "kind": "business",
    ...     "bytes_in_per_s": [1.0, 2.0]})
    >>> [float(bar.get_width()) for bar in traffic_by_kind(rows).axes[0].patches]
    [1.0, 2.0]
    """
    title, unit = RESOURCES[flow].title, RESOURCES[flow].unit
    rows = to_polars(traffic).drop_nulls(flow)
    if rows.is_empty():
        return nothing("traffic_by_kind", "no traffic was measured in either window")
    names = rows["cluster"].unique().sort().to_list() if clusters is None else clusters
    bars = [(cluster, window) for cluster in names for window in ("before", "after")]
    values = {(r["cluster"], r["window"], r["kind"]): float(r[flow]) for r in rows.iter_rows(named=True)}
    kinds = [kind for kind in KINDS if kind in set(rows["kind"])]
    places = [i + 0.45 * (i // 2) for i in range(len(bars))]
    with styled(WIDTH_IN, 0.9 + 0.36 * places[-1] + 0.6) as figure:
        axes = figure.subplots()
        left = [0.0] * len(bars)
        for kind in kinds:
            widths = [values.get((cluster, window, kind), 0.0) for cluster, window in bars]
            axes.barh(places, widths, left=left, color=KINDS[kind], height=0.8)
            left = [start + width for start, width in zip(left, widths, strict=True)]
        for place, total in zip(places, left, strict=True):
            axes.text(total + max(left) * 0.01, place, format_quantity(total, unit), va="center", fontsize=9)
        axes.set_yticks(places, [f"{shortened(cluster)}, {window}" for cluster, window in bars])
        for label, (_, window) in zip(axes.get_yticklabels(), bars, strict=True):
            label.set_bbox(
                {
                    "facecolor": BEFORE if window == "before" else AFTER,
                    "alpha": 0.18,
                    "linewidth": 0,
                    "pad": 2,
                }
            )
        axes.set_ylim(places[-1] + 0.6, -0.6)
        quantity_axis(axes, unit, max(max(left), 1e-9) * 1.16, label=title)
        figure.legend(
            handles=[Patch(color=KINDS[kind], label=kind) for kind in kinds],
            loc="outside upper left",
            ncols=len(kinds),
        )
        axes.tick_params(axis="y", labelcolor=INK)
    text = "; ".join(f"{c} {w} {format_quantity(values.get((c, w, 'business')), unit)}" for c, w in bars)
    caption = f"{title} by kind. Business traffic: {text.replace('unknown', 'none')}."
    return Drawing(figure, "traffic_by_kind", caption, f"Stacked bars. {caption}")
