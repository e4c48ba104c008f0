"""Lines and tiles of the executive summary's first screen: every text is cut to what a line can hold."""

import os
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from markupsafe import Markup

from kafka_analysis.model.executive import Action, Changed, KeyFigure, Risk, Unknown
from kafka_analysis.model.findings import Evidence, Figure, Light
from kafka_analysis.model.markup import LINE, element
from kafka_analysis.model.units import capitalized, format_quantity, listed, shortened
from kafka_analysis.report.summary import SUMMARY_DIR

SMALL = "font-size:0.87em;line-height:1.35"
SOFT = f"{SMALL};opacity:0.85"
HEAD = "font-weight:600;margin:0 0 2px"
NOT_STATED = "not stated"
_NAMED, _NAME, _BRIEF, _TEXT, _COMMAND = 3, 30, 40, 100, 160
_WORDS = {"better": "▲ better", "worse": "▼ worse", "new": "new", "gone": "gone", "": ""}


def tile(chosen: KeyFigure) -> Markup:
    """Lay out a figure: the number first, what it is, its cluster, and what it rests on unless it was measured."""
    figure = chosen.figure
    shown = format_quantity(figure.value, figure.unit)
    number, _, unit = (shown, "", "") if figure.unit == "s" else shown.partition(" ")
    value = (
        [number, " ", element("small", unit, style="font-size:0.62em;font-weight:400")] if unit else [number]
    )
    return element(
        "td",
        element("div", *value, css="ka-value", style="font-size:1.4em;font-weight:600;line-height:1.2"),
        element("div", chosen.light.symbol, " ", _link(chosen.notebook, figure.label), css="ka-label"),
        element("div", _note(chosen), css="ka-label", style=SOFT),
        css=f"ka-tile ka-{chosen.light}",
        style=f"border-left:{LINE};padding:0 10px;text-align:left;vertical-align:top",
    )


def action_line(action: Action) -> Markup:
    """Lay out an action: what to do, why, how, what it changes, how to take it back, whose it is."""
    command = shortened(action.command, _COMMAND)
    how = element("code", command, style="font-size:0.95em") if command else "see its page"
    why = shortened(action.why, _TEXT)
    effect, undo = (shortened(text, _TEXT) or NOT_STATED for text in (action.effect, action.undo))
    owner = shortened(action.owner or "unknown", _NAME)
    said = [
        element("div", "Why: ", why, _of(action.clusters), " · ", _link(action.notebook)),
        element("div", "How: ", how),
        element("div", f"Effect: {effect} · Undo: {undo} · Owner: {owner}"),
    ]
    head = element("div", action.light.symbol, " ", element("b", shortened(capitalized(action.what), 150)))
    details = element("div", *said, style=SOFT)
    return element("li", head, details, css=f"ka-{action.light}", style="margin:0 0 7px")


def part(heading: str, lines: Iterable[Markup], *, most: int, nothing: str) -> Markup:
    """Lay out a list below a heading: its first lines, how many more there are, or a sentence in place of none."""
    every = list(lines)
    head = element("div", heading, style=HEAD)
    if not every:
        body = element("div", nothing, style=SOFT)
    else:
        left = len(every) - most
        more = [element("li", f"{left} more further down", style=SOFT)] if left > 0 else []
        body = element("ul", *every[:most], *more, style=f"margin:0;padding:0 0 0 16px;{SMALL}")
    return element("div", head, body, style="margin:0 0 10px")


def risk_line(risk: Risk) -> Markup:
    """Name a risk, its clusters and its notebook."""
    title = f"{risk.title}: {risk.detail}" if risk.detail and len(risk.title) < _BRIEF else risk.title
    return _line(f"{risk.light.symbol} ", risk, shortened(title, _TEXT))


def unknown_line(line: Unknown) -> Markup:
    """Say what is not known, and what would make it known."""
    how = element("span", f" {shortened(capitalized(line.how), _TEXT)}", style="opacity:0.85")
    what = shortened(line.what, _TEXT)
    return _line("? ", line, what if what.endswith(("…", ".")) else f"{what}.", how)


def changed_line(line: Changed) -> Markup:
    """Say what was and what is."""
    said = shortened(f"{line.what} {line.before} → {line.now}", _TEXT)
    word = [" ", element("b", _WORDS[line.word])] if line.word else []
    return element("li", _link(line.notebook), f" · {_short(line.cluster)}: {said}", *word)


def cost_line(chosen: KeyFigure) -> Markup:
    """Say what something costs, and what the number rests on."""
    figure = chosen.figure
    value = element("b", format_quantity(figure.value, figure.unit))
    grey = f"{chosen.light.symbol} {chosen.light.word}" if chosen.light is Light.GREY else ""
    said = " · ".join(text for text in (shortened(figure.note, _TEXT), _evidence(figure), grey) if text)
    head = f" · {_short(chosen.cluster)}: {shortened(figure.label, _NAME)} "
    return element("li", _link(chosen.notebook), head, value, f" ({said})" if said else "")


def _line(sign: str, line: Risk | Unknown, *texts: str) -> Markup:
    """Begin with the notebook and its clusters, so that a list is read by its subjects."""
    return element("li", sign, _link(line.notebook), _of(line.clusters), ": ", *texts)


def _evidence(figure: Figure) -> str:
    return "" if figure.evidence is Evidence.MEASURED else str(figure.evidence)


def _note(chosen: KeyFigure) -> str:
    texts = (_short(chosen.cluster), shortened(chosen.figure.note, _TEXT), _evidence(chosen.figure))
    return " · ".join(text for text in texts if text)


def _of(clusters: Sequence[str]) -> str:
    return f" · {listed([_short(name) for name in clusters], _NAMED)}" if clusters else ""


def _short(name: str) -> str:
    return shortened(name, _NAME)


def _link(notebook: str, text: str = "") -> Markup:
    """Link to the notebook's page in a report, and to the notebook in JupyterLab."""
    suffix = "html" if os.environ.get(SUMMARY_DIR) else "ipynb"
    return element("a", shortened(text or notebook, 60), href=f"./{quote(notebook, safe='')}.{suffix}")
