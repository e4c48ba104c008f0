"""What stands in the boxes of a MirrorMaker deployment: lines, connectors and tasks, with their heights in inches."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted
from kafka_analysis.plots.drawing import shortened
from kafka_analysis.plots.replication.fitted_text import fitted, width_of

SIZE, LINE = 9.0, 0.155  # points; inches
MOST_TASKS, PER_ROW = 24, 8
TASK, BETWEEN = 0.15, 0.07  # inches: a task with the space around it; between two connectors
INDENT = 0.17
RUNNING, FAILED, UNKNOWN_STATE = "RUNNING", "FAILED", "unknown"
_LISTED_TASKS, _LEAST_SOURCE = 2, 0.62  # inches, with room for two arrows
_MOST_TOPICS, _MOST_GROUPS, _MOST_CONNECTORS, _MOST_STATES = 8, 4, 6, 4
_ROLES = ("source", "checkpoint", "heartbeat")  # as MirrorMaker's classes are named; in the order drawn
_COLUMNS = ("flow", "source", "target", "kind", "name", "on", "state", "detail")


class Line(NamedTuple):
    """A line of a box: ``mark`` topic or group, or nothing."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Connector:
    """A connector with its tasks: ``lines`` above them, ``words`` beside them: of all, or a line for each of two."""

    role: str
    state: str
    lines: tuple[str, ...]
    tasks: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Return the rows of tasks, or of states where there are too many to draw."""
        drawn = -(-len(self.tasks) // self.per_row) if len(self.tasks) <= MOST_TASKS else 0
        return max(drawn, len(self.words))

    @property
    def per_row(self) -> int:
        """Return how many tasks are drawn side by side."""
        return 1 if len(self.tasks) <= _LISTED_TASKS else PER_ROW

    @property
    def height(self) -> float:
        """Return the inches it takes."""
        least = _LEAST_SOURCE if self.role == "source" else 0.0
        return max(LINE * (len(self.lines) + self.rows) + BETWEEN, least)

    @property
    def states(self) -> set[str]:
        """Return the states of it and its tasks."""
        return {self.state, *self.tasks}


@dataclass(frozen=True)
class Flow:
    """What is drawn of one flow."""

    name: str
    source: str
    target: str
    at_source: tuple[Line, ...]
    connectors: tuple[Connector, ...]
    more_connectors: int
    at_target: tuple[Line, ...]
    states: Counter[str]

    @property
    def height(self) -> float:
        """Return the inches that its highest box takes, without its heading."""
        more = LINE if self.more_connectors else 0.0
        worker = sum(connector.height for connector in self.connectors) + more
        return max(LINE * len(self.at_source), LINE * len(self.at_target), worker, LINE)

    @property
    def summary(self) -> str:
        """Return its name and the states of its tasks."""
        return f"{shortened(self.name)}: {_states(self.states)}"


def read_flows(parts: Frame, *, cluster: float, worker: float, one_line: int = 4) -> list[Flow]:
    """Return the flows of a deployment, those first in which something failed.

    Parameters
    ----------
    parts
        ``flow``, ``source``, ``target``, ``kind``, ``name``, ``on``, ``state``, ``detail``.
    cluster, worker
        Inches that a line may be wide in the box of a cluster and of the worker.
    one_line
        Of more flows than this, a topic takes one line: its name is cut so that the detail finds room beside it.

    Examples
    --------
    >>> rows = pl.DataFrame({"flow": "a → b", "source": "a", "target": "b", "kind": ["connector", "task"],
    ...     "name": ["mirror", "mirror-0"], "on": None, "state": ["RUNNING", "FAILED"], "detail": None})
    >>> read_flows(rows, cluster=2.0, worker=2.0)[0].summary
    'a → b: 1 task, 1 FAILED'
    """
    rows = to_polars(parts).select(pl.col(name).cast(pl.String) for name in _COLUMNS)
    by_flow = rows.partition_by("flow", maintain_order=True)
    flows = [_flow(of_flow, (cluster, worker), is_short=len(by_flow) > one_line) for of_flow in by_flow]
    return sorted(flows, key=lambda flow: all(connector.state != FAILED for connector in flow.connectors)
                  and not flow.states[FAILED])  # fmt: skip


def _flow(rows: pl.DataFrame, widths: tuple[float, float], *, is_short: bool) -> Flow:
    width, worker = widths
    first = rows.row(0, named=True)
    connectors = _connectors(rows, worker)
    tasks = rows.filter(kind="task")["state"].fill_null(UNKNOWN_STATE)
    return Flow(
        name=first["flow"],
        source=first["source"],
        target=first["target"],
        at_source=_at(rows, first["source"], width, is_short=is_short),
        connectors=connectors[:_MOST_CONNECTORS],
        more_connectors=max(len(connectors) - _MOST_CONNECTORS, 0),
        at_target=_at(rows, first["target"], width, is_short=is_short),
        states=Counter(tasks),
    )


def _at(rows: pl.DataFrame, cluster: str, width: float, *, is_short: bool) -> tuple[Line, ...]:
    """Return the lines of what lives at a cluster: its topics, then its groups."""
    lines: list[Line] = []
    for kind, most in (("topic", _MOST_TOPICS), ("group", _MOST_GROUPS)):
        here = rows.filter(kind=kind, on=cluster)
        for part in here.head(most).iter_rows(named=True):
            lines += _lines(part, kind, width, is_short=is_short)
        if len(here) > most:
            lines.append(Line(f"and {counted(len(here) - most, f'more {kind}')}"))
    return tuple(lines) or (Line("nothing known"),)


def _lines(part: dict[str, Any], kind: str, width: float, *, is_short: bool) -> list[Line]:
    """Return the name of a part, and its detail and state beside it or, without room, below."""
    room = width - INDENT
    detail = ", ".join(filter(None, [part["detail"], part["state"]]))
    whole = f"{part['name']}  {detail}".rstrip()
    if width_of(whole, size=SIZE) <= room:
        return [Line(whole, kind)]
    if is_short:
        detail = fitted(detail, room / 2, size=SIZE)
        name = fitted(part["name"], room - width_of(f"  {detail}", size=SIZE), size=SIZE)
        return [Line(f"{name}  {detail}".rstrip(), kind)]
    below = [Line(fitted(detail, room, size=SIZE))] if detail else []
    return [Line(fitted(part["name"], room, size=SIZE), kind), *below]


def _connectors(rows: pl.DataFrame, width: float) -> tuple[Connector, ...]:
    """Return the connectors with the tasks named after them; tasks of none come last."""
    tasks = rows.filter(kind="task")
    parts = rows.filter(kind="connector").rows(named=True)
    owner = [_owner(name, [part["name"] for part in parts]) for name in tasks["name"]]
    tasks = tasks.with_columns(owner=pl.Series(owner, dtype=pl.String))
    made = [
        _connector(part, tasks.filter(owner=part["name"]), width)
        for part in sorted(parts, key=lambda part: _place(part["name"]))
    ]
    lost = tasks.filter(pl.col("owner").is_null())
    if len(lost):
        nobody = {"name": "unknown connector", "state": RUNNING, "detail": None}
        made.append(_connector(nobody, lost, width))
    return tuple(made)


def _owner(task: str, connectors: Sequence[str]) -> str | None:
    named = [name for name in connectors if task.startswith(name)]
    return max(named, key=len, default=None)


def _role(name: str) -> str:
    return next((role for role in reversed(_ROLES) if role in name.lower()), "")


def _place(name: str) -> int:
    role = _role(name)
    return _ROLES.index(role) if role else len(_ROLES)


def _connector(part: dict[str, Any], tasks: pl.DataFrame, width: float) -> Connector:
    state, room = part["state"] or UNKNOWN_STATE, width - INDENT
    ending = "" if state == RUNNING else f" ({state})"
    name = fitted(part["name"], room - width_of(ending, size=SIZE), size=SIZE)
    states = tasks["state"].fill_null(UNKNOWN_STATE).to_list()
    is_listed = len(tasks) <= _LISTED_TASKS
    return Connector(
        role=_role(part["name"]),
        state=state,
        lines=(name + ending, *([fitted(part["detail"], room, size=SIZE)] if part["detail"] else [])),
        tasks=tuple(states),
        words=tuple(map(_listed, states, tasks["detail"])) if is_listed else _words(Counter(states)),
    )


def _listed(state: str, detail: str | None) -> str:
    """Return what stands beside one task: its state unless it runs, and its detail."""
    words = ", ".join([*([state] if state != RUNNING else []), *([detail] if detail else [])])
    return words or "1 task"


def _words(states: Counter[str]) -> tuple[str, ...]:
    """Return what stands beside the tasks: how many there are, and how many are not running."""
    if states.total() > MOST_TASKS:
        most = states.most_common()
        more = sum(count for _, count in most[_MOST_STATES:])
        shown = [f"{count:,} {state}" for state, count in most[:_MOST_STATES]]
        return (counted(states.total(), "task"), *shown, *([f"{more:,} others"] if more else []))
    return tuple(_states(states).split(", "))


def _states(states: Counter[str]) -> str:
    bad = [f"{count:,} {state}" for state, count in states.most_common() if state != RUNNING]
    return ", ".join([counted(states.total(), "task"), *bad])
