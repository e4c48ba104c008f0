"""What a MirrorMaker deployment is made of: source, worker and target of each flow."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import counted, listed
from kafka_analysis.plots.drawing import WIDTH_IN, Drawing, nothing, shortened, styled
from kafka_analysis.plots.palette import (
    AFTER,
    BEFORE,
    GREEN,
    GREY,
    INK,
    PURPLE,
    SLATE,
    VERMILLION,
    YELLOW,
    tint,
)
from kafka_analysis.plots.replication.anatomy_parts import (
    FAILED,
    INDENT,
    LINE,
    MOST_TASKS,
    RUNNING,
    SIZE,
    TASK,
    UNKNOWN_STATE,
    Connector,
    Flow,
    Line,
    read_flows,
)
from kafka_analysis.plots.replication.fitted_text import fitted, width_of

MOST_FLOWS = 6
_WIDTHS, _GAP, _MARGIN = (2.36, 2.44, 2.36), 0.92, 0.1  # inches: the boxes, between two, around all
_PAD, _HEADING, _BETWEEN, _FOOT = 0.1, 0.23, 0.13, 0.34
_LEFT = tuple(
    _MARGIN + sum(_WIDTHS[:place]) + place * _GAP for place in range(3)
)  # of source, worker, target
_ARROWS = {  # of a connector's role: from which gap's left to its right or back, what, lines below its first
    "source": ((0, 1, "records", 0), (1, 1, "records", 0), (0, -1, "offset syncs", 1.9)),
    "checkpoint": ((0, 1, "offsets", 0), (1, 1, "checkpoints", 0)),
    "heartbeat": ((1, 1, "heartbeats", 0),),
}
_FACES = {RUNNING: GREEN, FAILED: VERMILLION, UNKNOWN_STATE: "white"}
_MARKS = {"topic": ("s", SLATE), "group": ("^", PURPLE)}


def replication_anatomy(parts: Any) -> Drawing:
    """Draw each flow of a MirrorMaker deployment: its clusters with their topics, its connectors, their tasks.

    Parameters
    ----------
    parts
        A row per part: ``flow``, ``source``, ``target``, ``kind`` (connector, task, topic, group), ``name`` (a task's
        begins with its connector's), ``on`` (the cluster where a topic or group lives), ``state`` (null: unknown),
        ``detail``, a short text.

    Returns
    -------
    Drawing
        A small square is a task, crossed if it failed; of more than 24 they are counted. An arrow is dashed where its
        connector, or a task of it, does not run, and grey where that is unknown. Of more than 6 flows the rest is
        named; those in which something failed are drawn first.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"flow": "a → b", "source": "a", "target": "b", "kind": ["connector", "task", "topic"],
    ...     "name": ["MirrorSourceConnector", "MirrorSourceConnector-0", "mm2-offset-syncs.b.internal"],
    ...     "on": [None, None, "a"], "state": ["RUNNING", "FAILED", None], "detail": [None, None, "RF 1"]})
    >>> replication_anatomy(rows).caption
    'MirrorMaker 2, flow by flow. 1 flow, 1 task, 1 FAILED.'
    """
    if to_polars(parts).is_empty():
        return nothing("replication_anatomy", "nothing is known of the replication")
    flows = read_flows(parts, cluster=_WIDTHS[0] - 2 * _PAD, worker=_WIDTHS[1] - 2 * _PAD)
    drawn, left = flows[:MOST_FLOWS], [flow.name for flow in flows[MOST_FLOWS:]]
    foot = _FOOT + (LINE + 0.05 if left else 0.0)
    heights = [_HEADING + _height(flow) + _BETWEEN for flow in drawn]
    with styled(WIDTH_IN, sum(heights) + foot + 0.05) as figure:
        figure.set_layout_engine("none")  # laid out in inches
        axes = figure.add_axes((0, 0, 1, 1))
        top = sum(heights) + foot
        axes.set(xlim=(0, WIDTH_IN), ylim=(0, top + 0.05))
        axes.axis("off")
        for flow, height in zip(drawn, heights, strict=True):
            _draw(axes, flow, top)
            top -= height
        if left:
            axes.text(_MARGIN, foot - LINE, _rest(left), fontsize=SIZE, color=INK, va="center")
        figure.legend(handles=_keys(drawn), loc="lower left", ncols=7, fontsize=SIZE, handletextpad=0.3,
                      columnspacing=1.2, borderaxespad=0.1)  # fmt: skip
    text = _text(flows, drawn)
    alt = f"Source, worker and target of each flow as boxes with arrows. {text}"
    return Drawing(figure, "replication_anatomy", f"MirrorMaker 2, flow by flow. {text}", alt)


def _height(flow: Flow) -> float:
    return flow.height + _HEADING + 0.03


def _draw(axes: Axes, flow: Flow, top: float) -> None:
    """Draw a flow below ``top``: its name, three boxes, what is in them, and arrows between them."""
    name = fitted(flow.name, WIDTH_IN - 2 * _MARGIN, size=10.5, weight="bold")
    axes.text(_MARGIN, top - 0.6 * _HEADING, name, fontsize=10.5, fontweight="bold", color=INK, va="center")
    top -= _HEADING
    headings = (("source", flow.source, BEFORE), ("worker", "", SLATE), ("target", flow.target, AFTER))
    for left, width, (what, cluster, colour) in zip(_LEFT, _WIDTHS, headings, strict=True):
        _box(axes, (left, top - _height(flow)), width, _height(flow), colour)
        heading = fitted(
            f"{what}: {cluster}" if cluster else what, width - 2 * _PAD, size=SIZE, weight="bold"
        )
        axes.text(
            left + _PAD,
            top - 0.6 * _HEADING,
            heading,
            fontsize=SIZE,
            fontweight="bold",
            va="center",
            color=INK,
        )
    top -= _HEADING + LINE / 2
    _lines(axes, flow.at_source, _LEFT[0], top)
    _lines(axes, flow.at_target, _LEFT[2], top)
    for connector in flow.connectors:
        _connector(axes, connector, _LEFT[1] + _PAD, top)
        _arrows(axes, connector, top)
        top -= connector.height
    if not flow.connectors:
        axes.text(_LEFT[1] + _PAD, top, "connectors unknown", fontsize=SIZE, color=INK, va="center")
    if flow.more_connectors:
        more = f"and {counted(flow.more_connectors, 'more connector')}"
        axes.text(_LEFT[1] + _PAD, top, more, fontsize=SIZE, color=INK, va="center")


def _box(axes: Axes, corner: tuple[float, float], width: float, height: float, colour: str) -> None:
    shape = {"boxstyle": "round,pad=0,rounding_size=0.06", "linewidth": 1.2, "zorder": 1}
    face = "white" if colour == SLATE else tint(colour, 0.1)
    axes.add_patch(FancyBboxPatch(corner, width, height, facecolor=face, edgecolor=colour, **shape))


def _lines(axes: Axes, lines: tuple[Line, ...], left: float, top: float) -> None:
    for number, line in enumerate(lines):
        y = top - number * LINE
        if line.mark:
            marker, colour = _MARKS[line.mark]
            axes.plot(
                [left + _PAD + 0.05],
                [y],
                marker=marker,
                color=colour,
                markersize=5,
                linestyle="none",
                zorder=3,
            )
        colour = INK if line.mark else SLATE
        axes.text(left + _PAD + INDENT, y, line.text, fontsize=SIZE, color=colour, va="center", zorder=4)


def _connector(axes: Axes, connector: Connector, left: float, top: float) -> None:
    """Draw a connector's name, its details, and its tasks with words beside them."""
    _square(axes, left + 0.05, top, connector.state, marker="o")
    for number, text in enumerate(connector.lines):
        colour = SLATE if number else INK
        axes.text(
            left + INDENT, top - number * LINE, text, fontsize=SIZE, color=colour, va="center", zorder=4
        )
    top -= len(connector.lines) * LINE
    left += INDENT
    is_counted = len(connector.tasks) > MOST_TASKS
    for number, state in enumerate(() if is_counted else connector.tasks):
        row, column = divmod(number, connector.per_row)
        _square(axes, left + 0.05 + column * TASK, top - row * LINE, state)
    beside = left if is_counted else left + min(len(connector.tasks), connector.per_row) * TASK + 0.03
    room = _LEFT[1] + _WIDTHS[1] - 0.06 - beside
    for number, words in enumerate(connector.words):
        state = words.partition(" ")[2]
        indent = INDENT if is_counted and number and state in connector.tasks else 0.0
        if indent:
            _square(axes, beside + 0.05, top - number * LINE, state)
        text = fitted(words, room - indent, size=SIZE)
        axes.text(beside + indent, top - number * LINE, text, fontsize=SIZE, color=INK, va="center", zorder=4)


def _square(axes: Axes, x: float, y: float, state: str, *, marker: str = "s") -> None:
    axes.plot([x], [y], **_look(state, marker))
    if state == FAILED:
        axes.plot(
            [x], [y], marker="x", color="white", markersize=5, markeredgewidth=1.4, linestyle="none", zorder=4
        )


def _look(state: str, marker: str = "s") -> dict[str, Any]:
    return {
        "marker": marker, "markersize": 7.5, "markerfacecolor": _FACES.get(state, YELLOW), "linestyle": "none",
        "markeredgecolor": GREY if state == UNKNOWN_STATE else SLATE, "markeredgewidth": 0.8, "zorder": 3,
    }  # fmt: skip


def _arrows(axes: Axes, connector: Connector, top: float) -> None:
    for gap, direction, words, lower in _ARROWS.get(connector.role, ()):
        left, right = _LEFT[gap] + _WIDTHS[gap] + 0.04, _LEFT[gap + 1] - 0.04
        y = top - 0.03 - lower * LINE
        ends = ((left, y), (right, y)) if direction > 0 else ((right, y), (left, y))
        line = "-" if connector.states <= {RUNNING, UNKNOWN_STATE} else (0, (3, 2))
        colour = GREY if UNKNOWN_STATE in connector.states else INK
        axes.add_patch(
            FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=9, shrinkA=0, shrinkB=0, color=colour,
                            linewidth=1.1, linestyle=line, zorder=2)
        )  # fmt: skip
        axes.text((left + right) / 2, y + 0.035, words, fontsize=SIZE, color=INK, ha="center", va="bottom")


def _rest(names: list[str]) -> str:
    """Name the flows that are not drawn, as many as there is room for."""
    short = [shortened(name, 24) for name in names]
    lead = f"and {counted(len(names), 'more flow')}"
    lines = (f"{lead}: {listed(short, most)}" for most in range(len(names), 0, -1))
    return next((line for line in lines if width_of(line, size=SIZE) <= WIDTH_IN - 2 * _MARGIN), lead)


def _keys(flows: list[Flow]) -> list[Line2D]:
    """Return the key of the marks that are drawn."""
    lines = [line for flow in flows for line in (*flow.at_source, *flow.at_target)]
    marks = [
        Line2D([], [], marker=marker, color=colour, markersize=5, linestyle="none", label=mark)
        for mark, (marker, colour) in _MARKS.items()
        if any(line.mark == mark for line in lines)
    ]
    connectors = [connector for flow in flows for connector in flow.connectors]
    states = set().union(*(connector.states for connector in connectors))
    shown = [state for state in _FACES if state in states]
    others = sorted(states - _FACES.keys())
    known = [Line2D([], [], label=state, **_look(state)) for state in shown]
    if others:
        known.append(Line2D([], [], label=listed(others, 3), **_look(others[0])))
    return [*marks, *known]


def _text(flows: list[Flow], drawn: list[Flow]) -> str:
    states = sum((flow.states for flow in flows), start=type(flows[0].states)())
    bad = "".join(f", {count:,} {state}" for state, count in states.most_common() if state != RUNNING)
    text = f"{counted(len(flows), 'flow')}, {counted(states.total(), 'task')}{bad}."
    failing = [flow.summary for flow in flows if flow.states[FAILED]]
    where = f" {listed(failing, 3, separator='; ')}." if len(flows) > 1 and failing else ""
    more = f" The first {len(drawn)} are drawn." if len(drawn) < len(flows) else ""
    return text + where + more
