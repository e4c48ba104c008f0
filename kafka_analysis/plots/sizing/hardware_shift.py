"""How much of each limit a cluster uses on its hosts and on MSK's broker types."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from kafka_analysis.model.frames import to_polars
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, shortened, styled
from kafka_analysis.plots.palette import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, SLATE, VERMILLION

_MARKS = {
    "disk": ("o", ORANGE), "network": ("s", BLUE), "storage": ("D", GREEN), "partitions": ("^", PURPLE),
    "connections": ("v", SLATE),
}  # fmt: skip
_OLDER = ("kafka.m5.", "kafka.t3.")
_FAMILIES = {"self-managed": "hosts", "standard": "Standard", "express": "Express"}


def hardware_shift(shift: Any, *, leave_out: Sequence[str] = _OLDER) -> Drawing:
    """Draw what part of each limit a broker uses at the peak, a row per host or broker type.

    Parameters
    ----------
    shift
        ``shift`` of ``plan.sizing_frames`` of one cluster: ``profile``, ``family``, ``resource``, ``used``, ``first``.
    leave_out
        Beginnings of names not drawn: the older generation.

    Returns
    -------
    Drawing
        The scale is logarithmic. The ringed mark of a row is the limit that comes first; right of the red line the
        type does not suffice with as many brokers. What is not known has no mark.

    Examples
    --------
    >>> rows = pl.DataFrame({"profile": "i3en.2xlarge", "family": "self-managed", "resource": ["disk", "storage"],
    ...     "used": [0.2, None], "first": [True, False]})
    >>> hardware_shift(rows).axes[0].get_yticklabels()[0].get_text()
    'i3en.2xlarge'
    """
    rows = to_polars(shift)
    older = pl.any_horizontal(pl.lit(value=False), *[pl.col("profile").str.starts_with(n) for n in leave_out])
    rows = rows.filter(~older)
    used = rows.filter(pl.col("used") > 0)
    if used.is_empty():
        return nothing("hardware_shift", "no limits and no peaks of hosts or broker types are known")
    profiles = rows.select("profile", "family").unique(maintain_order=True).reverse()
    with styled(WIDTH_IN, 1.3 + 0.26 * len(profiles)) as figure:
        axes = figure.subplots()
        _draw(axes, used, profiles["profile"].to_list())
        _scale(axes, used, profiles)
        figure.legend(handles=_keys(used), loc="outside lower left", ncols=6)
    text = _text(used)
    caption = (
        "Peak of a broker ÷ limit, with as many brokers as now; ringed: the limit reached first. For Express "
        f"brokers, disk and network are the published bytes in and out. {text}"
    )
    return Drawing(figure, "hardware_shift", caption, f"Marks of the used part of each limit. {text}")


def _draw(axes: Axes, used: pl.DataFrame, profiles: list[str]) -> None:
    for resource, (marker, colour) in _MARKS.items():
        chosen = used.filter(resource=resource)
        places = [profiles.index(name) for name in chosen["profile"]]
        axes.plot(
            chosen["used"], places, marker=marker, color=colour, linestyle="none", markersize=7, zorder=3
        )
    first = used.filter(pl.col("first"))
    rings = [profiles.index(name) for name in first["profile"]]
    axes.plot(first["used"], rings, marker="o", markersize=13, markerfacecolor="none", markeredgecolor=INK,
              linestyle="none", zorder=4)  # fmt: skip


def _scale(axes: Axes, used: pl.DataFrame, profiles: pl.DataFrame) -> None:
    axes.set_xscale("log")
    low, high = float(used["used"].min()), max(float(used["used"].max()), 1.0)
    axes.set(xlim=(low / 2, high * 2), xlabel="Share of the limit used")
    axes.axvline(1.0, color=VERMILLION, linewidth=1.6, zorder=2)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    axes.set_yticks(range(len(profiles)), [shortened(name) for name in profiles["profile"]])
    axes.set_ylim(-0.7, len(profiles) - 0.3)
    axes.grid(visible=True, axis="both")
    families = profiles["family"].to_list()
    for place in range(1, len(families)):
        if families[place] != families[place - 1]:
            axes.axhline(place - 0.5, color=GREY, linewidth=0.8)


def _keys(used: pl.DataFrame) -> list[Line2D]:
    seen = set(used["resource"])
    marks = [
        Line2D([], [], marker=marker, color=colour, linestyle="none", label=name)
        for name, (marker, colour) in _MARKS.items()
        if name in seen
    ]
    line = Line2D([], [], color=VERMILLION, label="limit")
    return [*marks, line]


def _text(used: pl.DataFrame) -> str:
    """Say which limit comes first on most profiles of each family."""
    text = []
    for family, words in _FAMILIES.items():
        chosen = used.filter(pl.col("first"), family=family)
        if len(chosen):
            counts = chosen["resource"].value_counts().sort("count", "resource", descending=[True, False])
            most = counts.row(0, named=True)
            text.append(f"{words}: {most['resource']} on {most['count']} of {chosen['profile'].n_unique()}")
    return f"First limit: {'; '.join(text)}."
