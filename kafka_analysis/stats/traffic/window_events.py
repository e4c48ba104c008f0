"""What a capture's events say of two windows: what else happened beside a change, which need not be its cause."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.moments import as_time
from kafka_analysis.model.units import format_time, listed
from kafka_analysis.stats.blast.outages import restarted_brokers
from kafka_analysis.stats.scope.windows import Window, phases

_KINDS = ("fault", "recovery", "rollback", "cutover", "replication", "plan")
_SHOWN = 4
_EDGE = r"(?<![A-Za-z0-9._-])", r"(?![A-Za-z0-9_-]|\.[A-Za-z0-9])"


@dataclass(frozen=True)
class WindowEvents:
    """What happened: sentences about the windows, and cut-overs with their texts, which may name topics."""

    sentences: tuple[str, ...] = ()
    cutovers: tuple[tuple[str, str], ...] = ()

    def beside(self, topics: Sequence[str]) -> list[str]:
        """Return what happened, and which of some topics were cut over where an event names them.

        Examples
        --------
        >>> events = WindowEvents(cutovers=(("wave-2 at 12:00:00", "cut-over of payments, payments.ledger begins"),))
        >>> events.beside(["payments", "users"])
        ['Cut over in between: payments (wave-2 at 12:00:00).']
        """
        moves = [
            f"{listed(moved, _SHOWN)} ({name})"
            for name, text in self.cutovers
            if (moved := [topic for topic in topics if _names(text, topic)])
        ]
        cut_over = [f"Cut over in between: {listed(moves, _SHOWN)}."] if moves else []
        return [*cut_over, *self.sentences]


def _names(text: str, topic: str) -> bool:
    return re.search(f"{_EDGE[0]}{re.escape(topic)}{_EDGE[1]}", text) is not None


@same_kind
def window_events(events: Frame, *, before: Window, after: Window, counters: Frame = None) -> WindowEvents:
    """Collect what events say of two windows.

    Parameters
    ----------
    events
        The capture's ``events`` table.
    before, after
        The windows that are compared.
    counters
        Samples of ``bytes_in_total``, to see which brokers restarted in the windows; None = not known.

    Returns
    -------
    WindowEvents
        That the windows are two load phases; faults, recoveries, cut-overs and the like within them; brokers that
        restarted; and the cut-overs since the window before began.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(5)]
    >>> events = pl.DataFrame({"ts": t[3:4], "cluster": "c", "kind": "fault", "name": "broker killed", "detail": None})
    >>> happened = window_events(events, before=Window(t[0], t[1]), after=Window(t[2], t[4]))
    >>> happened.sentences
    ("In the window after: fault 'broker killed' of c at 2026-01-01 00:03:00 UTC.",)
    """
    windows = {"before": before, "after": after}
    sentences = list(_load_phases(events, before, after))
    for name, window in windows.items():
        sentences += [*_inside(events, window, name), *_restarts(counters, window, name)]
    between = events.filter(
        pl.col("kind").is_in(["cutover", "rollback"]),
        pl.col("ts").is_between(*(as_time(edge, events.schema["ts"]) for edge in (before.start, after.end))),
    ).sort("ts", maintain_order=True)
    cutovers = [
        (f"{row['name']} at {format_time(row['ts'])}", row["detail"])
        for row in between.drop_nulls("detail").iter_rows(named=True)
    ]
    return WindowEvents(tuple(sentences), tuple(cutovers))


def _load_phases(events: pl.DataFrame, before: Window, after: Window) -> Iterable[str]:
    names = [_phase_of(phases(events), window) for window in (before, after)]
    if None not in names and names[0] != names[1]:
        yield f"The windows are two load phases, {names[0]!r} and {names[1]!r}, which may send different loads."


def _phase_of(phases_listed: pl.DataFrame, window: Window) -> str | None:
    start, end = (as_time(edge, phases_listed.schema["start"]) for edge in (window.start, window.end))
    around = phases_listed.filter(pl.col("start") <= start, pl.col("end") >= end)
    return around["phase"][0] if len(around) else None


def _inside(events: pl.DataFrame, window: Window, name: str) -> Iterable[str]:
    start, end = (as_time(edge, events.schema["ts"]) for edge in (window.start, window.end))
    rows = events.filter(pl.col("kind").is_in(_KINDS), pl.col("ts") >= start, pl.col("ts") < end).sort(
        "ts", maintain_order=True
    )
    inside = [
        f"{row['kind']} {row['name']!r} of {row['cluster']} at {format_time(row['ts'])}"
        for row in rows.iter_rows(named=True)
    ]
    if inside:
        yield f"In the window {name}: {listed(inside, _SHOWN)}."


def _restarts(counters: pl.DataFrame | None, window: Window, name: str) -> Iterable[str]:
    if counters is None:
        return
    totals = counters.filter(metric="bytes_in_total")
    restarted = restarted_brokers(totals, start=window.start, end=window.end)
    brokers = [f"{broker} of {cluster}" for cluster, broker in restarted.iter_rows()]
    if brokers:
        yield f"Restarted in the window {name}: broker {listed(brokers, _SHOWN)}."
