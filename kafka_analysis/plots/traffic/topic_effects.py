"""The change of each topic with its interval, on a logarithmic axis."""

import math
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import counted
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, name_rows, nothing, styled
from kafka_analysis.plots.palette import BLUE, FAINT, GREEN, GREY, INK, VERMILLION

_LOOKS = {"fell": (VERMILLION, "v"), "rose": (BLUE, "^"), "same": (GREEN, "o"), "cannot tell": (GREY, "D")}
_CHANGED = ("fell", "rose")
_SAME = 0.05  # up to which a change does not matter
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10, 20, 50)
_MOST_TICKS = 9
_WIDEST = math.log(4)  # intervals are cut off beyond this change, unless topics changed by more
_LEAST = math.log(1.12)


def topic_effects(effects: Any, *, flow: str = "bytes_in_per_s", top_n: int = 10) -> Drawing:
    """Draw the change of each topic with its interval: first those that changed beyond chance, then the largest.

    Parameters
    ----------
    effects
        Result of ``stats.topic_effects``.
    flow
        ``bytes_in_per_s``, ``bytes_out_per_s`` or ``messages_in_per_s``.
    top_n
        Topics drawn.

    Returns
    -------
    Drawing
        A mark and a line per topic; the vertical line is no change, the band what does not matter. Topics without a
        ratio (of one window, or with steps without traffic) are not drawn.

    Examples
    --------
    >>> rows = pl.DataFrame({"flow": "bytes_in_per_s", "topic": ["t"], "verdict": ["rose"], "is_share": [True],
    ...     "effect": [0.5], "low": [0.25], "high": [1.0], "share": [1.0]})
    >>> topic_effects(rows).axes[0].collections[-1].get_offsets().tolist()
    [[1.5, 0.0]]
    """
    title = RESOURCES[flow].title
    told = to_polars(effects).filter(pl.col("effect").is_not_null() & pl.col("is_share"), flow=flow)
    if told.is_empty():
        return nothing("topic_effects", f"of no topic is there an interval of {title.lower()}")
    is_changed = pl.col("verdict").is_in(_CHANGED)
    size = pl.when(is_changed).then(pl.col("effect").log1p().abs()).otherwise(0.0)
    ranked = told.sort(is_changed, size, "share", "topic", descending=[True, True, True, False])
    rows = ranked.head(top_n)
    with styled(WIDTH_IN, 1.15 + 0.27 * len(rows)) as figure:
        axes = figure.subplots()
        axes.axvspan(1 - _SAME, 1 + _SAME, color=FAINT, zorder=0)
        axes.axvline(1.0, color=INK, linewidth=1.2, zorder=1)
        for place, row in enumerate(rows.iter_rows(named=True)):
            colour, marker = _LOOKS[row["verdict"]]
            axes.plot(
                [1 + row["low"], 1 + row["high"]], [place, place], color=colour, linewidth=2.2, zorder=3
            )
            axes.scatter([1 + row["effect"]], [place], s=44, color=colour, marker=marker, zorder=4)
        name_rows(axes, rows["topic"].to_list())
        _scale(axes, rows, title)
        figure.legend(handles=_keys(rows), loc="outside upper left", ncols=4)
    text = _text(told, rows)
    caption = f"{title} of each topic, after ÷ before, with its interval. {text}"
    return Drawing(figure, "topic_effects", caption, f"A mark and an interval per topic. {text}")


def _scale(axes: Axes, rows: pl.DataFrame, title: str) -> None:
    """Let a logarithmic axis reach as far as intervals do, but not much further than the changes."""
    ends = [abs(math.log1p(value)) for name in ("low", "high") for value in rows[name]]
    middles = [abs(math.log1p(value)) for value in rows["effect"]]
    reach = max(_LEAST, 1.15 * max(middles), min(1.05 * max(ends), _WIDEST))
    axes.set_xscale("log")
    axes.set_xlim(math.exp(-reach), math.exp(reach))
    inside = [tick for tick in _TICKS if abs(math.log(tick)) <= reach]
    axes.xaxis.set_major_locator(FixedLocator(_thinned(inside)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _percent(value - 1)))
    axes.set_xlabel(f"Change of {title.lower()}")
    axes.grid(visible=True, axis="x")


def _thinned(ticks: list[float]) -> list[float]:
    """Keep so many ticks that their labels have room, and always no change."""
    every = math.ceil(len(ticks) / _MOST_TICKS)
    return ticks[ticks.index(1) % every :: every]


def _keys(rows: pl.DataFrame) -> list[Line2D]:
    there = set(rows["verdict"])
    return [
        Line2D([], [], marker=marker, color=colour, linewidth=2.2, markersize=7, label=name)
        for name, (colour, marker) in _LOOKS.items()
        if name in there
    ]


def _percent(change: float) -> str:
    return "no change" if abs(change) < 1e-9 else f"{change:+.0%}".replace("%", " %")


def _text(told: pl.DataFrame, rows: pl.DataFrame) -> str:
    changed = told.filter(pl.col("verdict").is_in(_CHANGED))
    left = len(told) - len(rows)
    more = f" {counted(left, 'more topic')} not drawn." if left else ""
    if changed.is_empty():
        return f"No topic changed beyond chance.{more}"
    row = rows.row(0, named=True)
    most = f"{row['topic']}, {_percent(row['effect'])} ({_percent(row['low'])} to {_percent(row['high'])})"
    return f"{counted(len(changed), 'topic')} changed beyond chance. Largest: {most}.{more}"
