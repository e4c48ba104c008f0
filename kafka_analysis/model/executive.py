"""What the executive summary says: one page over the answers of all notebooks, as plain immutable values."""

from typing import Literal

from kafka_analysis.model.findings import Figure, Light
from kafka_analysis.model.frozen import Frozen

ALL_CLUSTERS = "all clusters"


class KeyFigure(Frozen):
    """A figure that matters: which notebook gave it, for which cluster, and the light of that answer."""

    notebook: str
    cluster: str
    light: Light
    figure: Figure


class Action(Frozen):
    """One thing to do next; a text that is empty is not known."""

    light: Light
    notebook: str
    clusters: tuple[str, ...]
    what: str
    why: str
    command: str = ""
    effect: str = ""
    undo: str = ""
    owner: str = ""


class Risk(Frozen):
    """A red or amber finding without an action of its own."""

    light: Light
    notebook: str
    clusters: tuple[str, ...]
    title: str
    detail: str = ""


class Unknown(Frozen):
    """Something that is not known, and what would make it known."""

    notebook: str
    clusters: tuple[str, ...]
    what: str
    how: str


class Changed(Frozen):
    """A light, figure or answer that is not what it was in the run before."""

    notebook: str
    cluster: str
    what: str
    before: str
    now: str
    word: Literal["better", "worse", "new", "gone", ""]


class Executive(Frozen):
    """The whole page; every list is in the order in which it is read, the worst first.

    ``answered`` of ``asked`` notebooks gave a summary; ``judged`` of ``answers`` are not grey. ``compared_with`` names
    the run that ``changes`` are since; empty where there is none. ``risks_in_short`` and ``unknown_in_short`` have one
    line for each notebook.
    """

    light: Light
    sentence: str
    asked: int = 0
    answered: int = 0
    answers: int = 0
    judged: int = 0
    figures: tuple[KeyFigure, ...] = ()
    actions: tuple[Action, ...] = ()
    risks: tuple[Risk, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    risks_in_short: tuple[Risk, ...] = ()
    unknown_in_short: tuple[Unknown, ...] = ()
    changes: tuple[Changed, ...] = ()
    costs: tuple[KeyFigure, ...] = ()
    compared_with: str = ""
    notes: tuple[str, ...] = ()
