"""The picture of a split: which topics and clients are in which cell, and who uses more than one."""

import math
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection, LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from matplotlib.patheffects import withStroke

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plots.drawing import Drawing, nothing, shortened, styled
from kafka_analysis.plots.palette import CYCLE, INK, SLATE, darker, tint
from kafka_analysis.plots.split.packing import rim_slots
from kafka_analysis.plots.split.split_layout import LABELS_ABOVE, MANY_CELLS, Disc, lay_out

MOST_TOPICS, MOST_LINES, NAMED_CLIENTS = 120, 100, 8
_MARK, _LEAST_MARK, _CHAR = 0.13, 0.045, 0.062  # inches: the largest and smallest mark, a letter in a dot
_CROWDED = 36  # cells: of more, labels are names alone, for they would run into each other
_LEGIBLE = 0.9  # of its letters that a name in a dot must show
_MARKS = {"producer": ("s", "producer"), "group": ("^", "consumer group"), "both": ("D", "both")}


def split_graph(graph: Any) -> Drawing:
    """Draw cells as discs, their topics as dots inside, their clients as marks on the rim, and links between cells.

    Parameters
    ----------
    graph
        ``graph`` of ``plan.split_frames`` of one cluster: ``what`` (topic, client, link), ``name``, ``kind``, ``cell``,
        ``other_cell``, ``bytes_per_s``.

    Returns
    -------
    Drawing
        The area of a dot grows with the topic's bytes in and out, on one scale. A client is where most of its bytes
        are; a line in its cell's colour leads to each other cell it uses, the wider the more bytes. Few lines: few
        clients notice the loss of two cells. Of more than 100 lines, those between the same two cells are one. Of more
        than eight cells, those with fewest bytes are grey. What is not drawn, because there is too much of it, is in
        the caption.

    Examples
    --------
    >>> rows = pl.DataFrame({"what": ["topic", "topic", "client", "link"], "name": ["a", "b", "c", "c"],
    ...     "kind": [None, None, "group", None], "cell": ["x", "y", "x", "x"], "other_cell": [None, None, None, "y"],
    ...     "bytes_per_s": [3.0, 2.0, 4.0, 1.0]})
    >>> split_graph(rows).caption
    '2 topics and 1 client in 2 cells; 1 client uses more than one (1 line, the widest line is 1 B/s). All are drawn.'
    """
    rows = to_polars(graph)
    topics = rows.filter(what="topic")
    if topics.is_empty():
        return nothing("split_graph", "no topic is in a cell")
    clients, links = (rows.filter(what=what) for what in ("client", "link"))
    discs, size = lay_out(topics, most_topics=MOST_TOPICS)
    with styled(*size) as figure:
        figure.set_layout_engine("none")  # laid out in inches
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, size[0]), ylim=(0, size[1]))
        axes.axis("off")
        for disc in discs:
            _draw_disc(axes, disc)
            _label(axes, disc, discs, _counts(disc.name, topics, clients))
        places, left_out = _draw_clients(axes, discs, clients, links)
        pairs = _draw_links(axes, discs, links, places)
        _key(figure, clients, links)
    text = _text(topics, clients, links, len(discs))
    caption = f"{text} {_grey(len(discs))}{_limits(topics, left_out, pairs)}"
    return Drawing(figure, "split_graph", caption, f"Discs with dots, marks and lines between them. {text}")


def _draw_disc(axes: Axes, disc: Disc) -> None:
    border = {"facecolor": "white", "edgecolor": darker(disc.colour), "linewidth": 1.3}
    axes.add_patch(Circle(tuple(disc.middle), disc.radius, zorder=1, **border))
    widths = 2 * disc.sizes
    axes.add_collection(
        EllipseCollection(widths, widths, np.zeros(len(widths)), units="xy", offsets=disc.dots + disc.middle,
                          offset_transform=axes.transData, facecolors=tint(disc.colour, 0.6),
                          edgecolors=darker(disc.colour), linewidths=0.6, zorder=2)
    )  # fmt: skip
    for name, dot, size in zip(disc.topics["name"], disc.dots, disc.sizes, strict=True):
        letters = int(2 * 0.94 * size / _CHAR)
        if letters >= _LEGIBLE * len(name):
            axes.text(*(disc.middle + dot), shortened(name, letters - 1 if letters < len(name) else letters),
                      ha="center", va="center", fontsize=7, color=INK, zorder=6)  # fmt: skip


def _label(axes: Axes, disc: Disc, discs: list[Disc], words: str) -> None:
    """Write the name of a cell and, unless it is one of very many, what is in it; beside the disc where many are."""
    many, away = len(discs) > LABELS_ABOVE, disc.radius + disc.rim + 0.1
    x, y = disc.middle - np.mean([other.middle for other in discs], axis=0)
    turn = math.atan2(y, x) if many else math.copysign(math.pi / 2, -1 if len(discs) > 2 and y < 0 else 1)
    out = np.array([math.cos(turn), math.sin(turn)])
    ha = "center" if abs(out[0]) < 0.2 else "left" if out[0] > 0 else "right"
    va = "center" if abs(out[1]) < 0.35 else "bottom" if out[1] > 0 else "top"
    words = words.replace(", ", "\n") if many else words
    words = words.removesuffix(" at home") if len(discs) > MANY_CELLS else words
    name = shortened(disc.name, 22)
    text = name if len(discs) > _CROWDED else f"{name}\n{words}"
    axes.text(*(disc.middle + away * out), text, ha=ha, va=va, color=INK, zorder=7,
              fontsize=6.5 if len(discs) > MANY_CELLS else 9, linespacing=1.25)  # fmt: skip


def _counts(cell: str, topics: pl.DataFrame, clients: pl.DataFrame) -> str:
    here = counted(int((topics["cell"] == cell).sum()), "topic")
    return f"{here}, {counted(int((clients['cell'] == cell).sum()), 'client')} at home"


def _draw_clients(
    axes: Axes, discs: list[Disc], clients: pl.DataFrame, links: pl.DataFrame
) -> tuple[dict[str, np.ndarray], int]:
    """Draw the clients of each cell on its rim, those with links nearest to where they lead; return where they are."""
    middles, places, left_out = {disc.name: disc.middle for disc in discs}, {}, 0
    wide = dict(links.group_by("name").agg("other_cell").iter_rows())
    for disc in discs:
        at_home = clients.filter(cell=disc.name).with_columns(links=pl.col("name").is_in(list(wide)))
        at_home = at_home.sort("links", "kind", "name", descending=[True, True, False])
        rim = disc.radius + disc.rim
        fits = max(int(2 * math.pi * rim / _LEAST_MARK / 1.15), 1)
        left_out, at_home = left_out + max(len(at_home) - fits, 0), at_home.head(fits)
        wanted = [
            _towards(disc.middle, [middles[k] for k in wide.get(name, ()) if k in middles])
            for name in at_home["name"]
        ]
        turns = rim_slots(wanted)
        spots = disc.middle + rim * np.column_stack([np.cos(turns), np.sin(turns)])
        size = min(_MARK, disc.rim * 1.1, 2 * math.pi * rim / max(len(at_home), 1) / 1.15)
        for kind, (marker, _) in _MARKS.items():
            of_kind = (at_home["kind"].fill_null("both") == kind).to_numpy()
            edges = np.where(at_home["links"].to_numpy()[of_kind], INK, darker(disc.colour))
            axes.scatter(*spots[of_kind].T, s=(72 * size * 0.8) ** 2, marker=marker, color=disc.colour, zorder=5,
                         edgecolors=edges, linewidths=0.8 if size > 0.08 else 0.3)  # fmt: skip
        places |= dict(zip(at_home["name"], spots, strict=True))
    if len(wide) <= NAMED_CLIENTS:
        _name_clients(axes, discs, clients, {name: places[name] for name in sorted(wide) if name in places})
    return places, left_out


def _name_clients(
    axes: Axes, discs: list[Disc], clients: pl.DataFrame, places: dict[str, np.ndarray]
) -> None:
    homes = dict(clients.select("name", "cell").iter_rows())
    middles = {disc.name: disc.middle for disc in discs}
    for name, place in places.items():
        out = place - middles[homes[name]]
        out = out / np.hypot(*out)
        ha = "left" if out[0] > 0.3 else "right" if out[0] < -0.3 else "center"
        axes.annotate(shortened(name, 24), place, xytext=8 * out + (0, 5 if out[1] > -0.5 else -5), ha=ha, fontsize=8,
                      textcoords="offset points", va="bottom" if out[1] > -0.5 else "top", color=INK, zorder=8,
                      path_effects=[withStroke(linewidth=2.5, foreground="white")])  # fmt: skip


def _towards(middle: np.ndarray, others: list[np.ndarray]) -> float | None:
    if not others:
        return None
    x, y = np.mean(others, axis=0) - middle
    return math.atan2(y, x)


def _draw_links(
    axes: Axes, discs: list[Disc], links: pl.DataFrame, places: dict[str, np.ndarray]
) -> tuple[int, int]:
    """Draw a curve, bent towards the middle of the ring, from each client to the rim of the other cell.

    Where there are too many, from cell to cell; return how many pairs of cells there are then, and are drawn.
    """
    by_name, pairs = {disc.name: disc for disc in discs}, 0
    if len(links) > MOST_LINES:
        links = links.group_by("cell", "other_cell").agg(
            pl.col("bytes_per_s").sum(), name=pl.lit(None, pl.String)
        )
        pairs = len(links)
    order = ["bytes_per_s", "cell", "other_cell", "name"]
    shown = links.sort(order, descending=[True, False, False, False], nulls_last=True).head(MOST_LINES)
    most, centre = float(shown["bytes_per_s"].max() or 1.0), np.mean([disc.middle for disc in discs], axis=0)
    lines, widths, colours = [], [], []
    for row in shown.filter(pl.col("other_cell").is_in(list(by_name))).iter_rows(named=True):
        home, other = by_name[row["cell"]], by_name[row["other_cell"]]
        start = places.get(row["name"], home.middle)
        lines.append(
            _curve(start, other, 0.45 * centre + 0.275 * (start + other.middle), straight=len(discs) < 3)
        )
        widths.append(0.5 + 3.5 * math.sqrt((row["bytes_per_s"] or 0.0) / most))
        colours.append(darker(home.colour))
    below = 0 if pairs else 4  # lines from the middle of a disc come out from under it
    axes.add_collection(LineCollection(lines, linewidths=widths, colors=colours, alpha=0.8, zorder=below))
    return pairs, min(pairs, MOST_LINES)


def _curve(start: np.ndarray, other: Disc, bend: np.ndarray, *, straight: bool) -> np.ndarray:
    """Return 25 points from a place to the rim of a cell."""
    towards = (start if straight else bend) - other.middle
    end = other.middle + towards / max(float(np.hypot(*towards)), 1e-9) * other.radius
    t = np.linspace(0, 1, 25)[:, None]
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end


def _key(figure: Figure, clients: pl.DataFrame, links: pl.DataFrame) -> None:
    dark: dict[str, Any] = {"color": SLATE, "linestyle": "none"}
    handles = [Line2D([], [], marker="o", markersize=9, label="topic, area by bytes", alpha=0.6, **dark)]
    kinds = set(clients["kind"].fill_null("both"))
    handles += [
        Line2D([], [], marker=m, markersize=7, label=words, **dark)
        for k, (m, words) in _MARKS.items()
        if k in kinds
    ]
    if len(links):
        handles.append(Line2D([], [], color=SLATE, label="client uses another cell, width by bytes"))
    figure.legend(handles=handles, loc="lower center", ncols=len(handles), columnspacing=1.6)


def _text(topics: pl.DataFrame, clients: pl.DataFrame, links: pl.DataFrame, cells: int) -> str:
    what = (
        f"{counted(len(topics), 'topic')} and {counted(len(clients), 'client')} in {counted(cells, 'cell')}"
    )
    wide = links["name"].n_unique()
    if not wide:
        return f"{what}; no client uses more than one."
    use = "client uses" if wide == 1 else "clients use"
    widest = links["bytes_per_s"].max()
    most = "" if widest is None else f", the widest line is {format_quantity(widest, 'B/s')}"
    return f"{what}; {wide:,} {use} more than one ({counted(len(links), 'line')}{most})."


def _grey(cells: int) -> str:
    """Say which cells have no colour of their own."""
    others = cells - len(CYCLE)
    return f"Grey: {counted(others, 'cell')} besides the {len(CYCLE)} with most bytes. " if others > 0 else ""


def _limits(topics: pl.DataFrame, clients_left_out: int, pairs: tuple[int, int]) -> str:
    """Say what is drawn together, and what is not drawn."""
    by_cell = topics.group_by("cell").len()
    hidden = int((by_cell["len"].cast(pl.Int64) - MOST_TOPICS).clip(lower_bound=0).sum())
    parts = [
        f"{counted(hidden, 'topic')} beyond the {MOST_TOPICS} largest of a cell" if hidden else "",
        f"{counted(clients_left_out, 'client')} for which the rim has no room" if clients_left_out else "",
        f"lines with the fewest bytes between {pairs[0] - pairs[1]:,} pairs of cells"
        if pairs[0] > pairs[1]
        else "",
    ]
    text = ", ".join(part for part in parts if part)
    joined = "Lines between the same two cells are drawn as one. " if pairs[0] else ""
    return f"{joined}Not drawn: {text}." if text else f"{joined}All are drawn."
