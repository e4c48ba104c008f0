"""What every broker carries before a plan and after it."""

from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import PLANNED_RESOURCES
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, name_rows, nothing, quantity_axis, styled
from kafka_analysis.plots.palette import AFTER, BEFORE, FAINT, GREY, SLATE

MOST_BROKERS = 40
_COUNTS = ("leaders", "replicas")


def broker_changes(changes: Any) -> Drawing:
    r"""Draw what every broker of one cluster carries before and after a plan, a panel per resource.

    Parameters
    ----------
    changes
        ``brokers`` of ``plan.plan_frames``: ``broker``, ``resource``, ``before``, ``after``, ``low``, ``high`` in the
        resource's unit, ``before_over_share``, ``after_over_share``.

    Returns
    -------
    Drawing
        A ring is what a broker carries now, a dot what it will; the grey bar is what it may carry. A title says how far
        the fullest lies above its share, before → after. Of more than 40 brokers, those that change most are drawn.

    Examples
    --------
    >>> rows = pl.DataFrame({"broker": [1, 2], "resource": "leaders", "before": [6.0, 2.0], "after": [4.0, 4.0],
    ...     "low": 3.6, "high": 4.4, "before_over_share": [1.5, 0.5], "after_over_share": 1.0})
    >>> broker_changes(rows).axes[0].get_title(loc="left")
    'Leaders\n1.50 → 1.00 ×'
    """
    rows = to_polars(changes)
    if rows.is_empty():
        return nothing("broker_changes", "no plan")
    brokers = _shown(rows)
    names = [name for name in PLANNED_RESOURCES if name in set(rows["resource"])]
    step = 0.34 if len(brokers) <= 12 else 0.2
    with styled(WIDTH_IN, 1.35 + step * len(brokers)) as figure:
        panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
        for axes, name in zip(panels, names, strict=True):
            _panel(axes, rows.filter(resource=name), name, brokers)
        name_rows(panels[0], [f"broker {number}" for number in brokers])
        figure.legend(handles=_keys(), loc="outside lower left", ncols=3)
    text = "; ".join(_text(rows, name) for name in names)
    every = rows["broker"].n_unique()
    more = (
        f" Of {every} brokers, the {len(brokers)} that change most are drawn." if every > len(brokers) else ""
    )
    caption = f"Load of each broker before and after the plan. Fullest broker ÷ its share: {text}.{more}"
    alt = f"Load of {len(brokers)} brokers before and after the plan. Fullest broker ÷ its share: {text}."
    return Drawing(figure, "broker_changes", caption, alt)


def _shown(rows: pl.DataFrame) -> list[int]:
    """Return the brokers in order, at most so many, those first that change most."""
    change = (pl.col("after_over_share") - pl.col("before_over_share")).abs().max()
    ranked = (
        rows.group_by("broker")
        .agg(change=change)
        .sort("change", "broker", descending=[True, False], nulls_last=True)
    )
    return sorted(ranked["broker"].head(MOST_BROKERS))


def _panel(axes: Axes, rows: pl.DataFrame, name: str, brokers: list[int]) -> None:
    by_broker = {row["broker"]: row for row in rows.iter_rows(named=True)}
    for place, broker in enumerate(brokers):
        row = by_broker[broker]
        if row["low"] is not None:
            axes.barh(place, row["high"] - row["low"], left=row["low"], height=0.72, color=FAINT, edgecolor=GREY,
                      linewidth=0.6)  # fmt: skip
        if row["before"] is None or row["after"] is None:
            axes.text(0.0, place, " unknown", va="center", fontsize=8.5, style="italic")
            continue
        axes.plot([row["before"], row["after"]], [place, place], color=SLATE, linewidth=1.2, zorder=2)
        axes.plot([row["before"]], [place], **_RING)
        axes.plot([row["after"]], [place], **_DOT)
    old, new = (rows[f"{when}_over_share"].max() for when in ("before", "after"))
    ratio = "no traffic" if old is None or new is None else f"{old:.2f} → {new:.2f} ×"
    axes.set_title(f"{PLANNED_RESOURCES[name].title}\n{ratio}")
    most = max(
        (value for column in ("before", "after", "high") for value in rows[column].drop_nulls()), default=0.0
    )
    quantity_axis(
        axes, "" if name in _COUNTS else PLANNED_RESOURCES[name].unit, (most or 1.0) * 1.06, ticks=2
    )


_RING = {
    "marker": "o", "markersize": 7, "markerfacecolor": "white", "markeredgecolor": BEFORE, "markeredgewidth": 2,
    "linestyle": "none", "zorder": 3,
}  # fmt: skip
_DOT = {"marker": "o", "markersize": 6, "color": AFTER, "linestyle": "none", "zorder": 4}


def _keys() -> list[Line2D | Patch]:
    may = Patch(facecolor=FAINT, edgecolor=GREY, linewidth=0.6, label="allowed range")
    return [Line2D([], [], label="now", **_RING), Line2D([], [], label="after the plan", **_DOT), may]


def _text(rows: pl.DataFrame, name: str) -> str:
    changes = rows.filter(resource=name)
    old, new = (changes[f"{when}_over_share"].max() for when in ("before", "after"))
    words = PLANNED_RESOURCES[name].words
    return f"{words} nothing" if old is None or new is None else f"{words} {old:.2f} → {new:.2f}"
