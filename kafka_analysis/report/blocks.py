"""Blocks a notebook shows: the first screen, the data-quality box, the provenance. HTML and plain text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Light, Result
from kafka_analysis.model.units import format_quantity

MOST_TILES = 5
_FEW_GAPS = 3
_DIRECTIONS = {"lower": "↓ lower is better", "higher": "↑ higher is better", "neither": ""}


@cache
def block_style() -> str:
    """Return the style element every block carries, so that it looks the same in JupyterLab and in a page."""
    css = files("kafka_analysis.report").joinpath("templates", "blocks.css").read_text(encoding="utf-8")
    return f'<style class="ka-style">{css}</style>'


@dataclass(frozen=True)
class Block:
    """A piece of a page: HTML for people, the same as plain text for logs and checks."""

    html: str
    plain: str

    def _repr_html_(self) -> str:
        return block_style() + self.html

    def __repr__(self) -> str:
        return self.plain

    __str__ = __repr__


def first_screen(results: Sequence[Result]) -> Block:
    """Show the answer at the top of a notebook: verdict, figures and the coverage they rest on, per cluster.

    Parameters
    ----------
    results
        One result per cluster (or pair of windows); the first five figures of each become tiles.

    Returns
    -------
    Block
        Display it as the last expression of a notebook cell. The light is a symbol and a word besides its
        colour; a tile says which direction is good and what the figure rests on unless it was measured.

    Examples
    --------
    >>> from kafka_analysis.model.findings import Verdict
    >>> first_screen([Result(cluster="monolith", coverage=Coverage(expected=40, seen=40),
    ...     verdict=Verdict(light=Light.GREEN, sentence="The load is even."))])
    ✔ good · monolith: The load is even.
      coverage: 100.0% of 40 expected scrapes
    """
    body = "".join(_verdict_html(result) for result in results) or "<p>No cluster was analysed.</p>"
    html = f'<section class="ka-block ka-first-screen" aria-label="Verdict">{body}</section>'
    return Block(html=html, plain="\n".join(result.text() for result in results) or "no cluster was analysed")


def light_chip(light: Light) -> str:
    """Return the light as HTML: symbol and word on its colour.

    Examples
    --------
    >>> light_chip(Light.RED)
    '<span class="ka-chip">✖ act</span>'
    """
    return f'<span class="ka-chip">{light.symbol} {light.word}</span>'


def data_quality(
    coverage: Coverage | Mapping[str, Coverage],
    *,
    gaps: Iterable[object] = (),
    rejected: int = 0,
    notes: Iterable[str] = (),
) -> Block:
    """Show how much of what was expected was seen, and what was not.

    Parameters
    ----------
    coverage
        Scrapes seen of those expected, of one cluster or by cluster name.
    gaps
        What did not answer: plain sentences, or anything with ``start``, ``end``, ``reason`` (and
        ``cluster``, ``broker``, ``kind``) as keys or attributes, such as the gaps of a manifest.
    rejected
        How many input lines were not understood.
    notes
        Whatever else a reader must know about the data.

    Returns
    -------
    Block
        A box with one line per fact; below the required coverage it says that verdicts are grey.

    Examples
    --------
    >>> data_quality(Coverage(expected=40, seen=30), gaps=["broker 3 did not answer"], rejected=2)
    Data quality: below the required coverage, verdicts are grey
      75 % of 40 expected scrapes were seen (95 % required)
      broker 3 did not answer
      2 input lines were not understood; see rejected.parquet of the capture
    """
    by_cluster = coverage if isinstance(coverage, Mapping) else {"": coverage}
    enough = all(one.sufficient for one in by_cluster.values())
    seen = [_coverage_line(one, name) for name, one in by_cluster.items()]
    missing = [_gap_line(gap) for gap in gaps]
    after = [*_rejected_line(rejected), *notes]
    status = "sufficient" if enough else "below the required coverage, verdicts are grey"
    plain = "\n  ".join([f"Data quality: {status}", *seen, *missing, *after])
    return Block(html=_quality_html(seen, missing, after, enough=enough, status=status), plain=plain)


def _verdict_html(result: Result) -> str:
    light = result.verdict.light
    tiles = "".join(_tile_html(figure) for figure in result.figures[:MOST_TILES])
    return (
        f'<article class="ka-verdict ka-{light}"><p class="ka-head">{light_chip(light)}'
        f'<span class="ka-cluster">{escape(result.cluster)}</span></p>'
        f'<p class="ka-sentence">{escape(result.verdict.sentence)}</p>'
        + (f'<dl class="ka-tiles">{tiles}</dl>' if tiles else '<p class="ka-hint"></p>')
        + f'<p class="ka-coverage">{escape(_coverage_of(result))}</p></article>'
    )


def _coverage_of(result: Result) -> str:
    line = _coverage_line(result.coverage, seen="")
    return f"Rests on {line}" if result.coverage.ratio is not None else line.capitalize()


def _tile_html(figure: Figure) -> str:
    number, _, unit = format_quantity(figure.value, figure.unit).partition(" ")
    shown = f"{escape(number)} <small>{escape(unit)}</small>" if unit else escape(number)
    hints = [escape(hint) for hint in (_DIRECTIONS[figure.better], figure.note) if hint]
    evidence = (
        "" if figure.evidence is Evidence.MEASURED else f'<span class="ka-evidence">{figure.evidence}</span>'
    )
    return (
        f'<div class="ka-tile"><dt>{escape(figure.label)}</dt><dd><span class="ka-value">{shown}</span>'
        + "".join(f'<span class="ka-hint">{hint}</span>' for hint in hints)
        + f"{evidence}</dd></div>"
    )


def _coverage_line(coverage: Coverage, name: str = "", *, seen: str = " were seen") -> str:
    who = f"{name}: " if name else ""
    if coverage.ratio is None:
        return f"{who}no scrapes were expected, so nothing is known"
    required = format_quantity(coverage.required_ratio, "%")
    worst = f" · worst: {coverage.worst}" if coverage.worst else ""
    percent = format_quantity(coverage.ratio, "%")
    return f"{who}{percent} of {coverage.expected} expected scrapes{seen} ({required} required){worst}"


def _gap_line(gap: object) -> str:
    if isinstance(gap, str):
        return gap
    read = gap.get if isinstance(gap, Mapping) else lambda name: getattr(gap, name, None)
    broker = read("broker")
    target = (
        read("target") or f"broker {broker} {read('kind') or ''}".strip()
        if broker is not None
        else read("target")
    )
    who = [read("cluster"), target or read("kind")]
    start, end = (
        f"{moment:%H:%M:%S}" if hasattr(moment, "hour") else moment for moment in (read("start"), read("end"))
    )
    name = " ".join(str(part) for part in who if part) or "gap"
    return f"{name}: {start} to {end} UTC" + (f", {read('reason')}" if read("reason") else "")


def _rejected_line(rejected: int) -> list[str]:
    if not rejected:
        return []
    lines = "1 input line was" if rejected == 1 else f"{rejected} input lines were"
    return [f"{lines} not understood; see rejected.parquet of the capture"]


def _quality_html(seen: list[str], missing: list[str], after: list[str], *, enough: bool, status: str) -> str:
    light = Light.GREEN if enough else Light.GREY
    many = len(missing) > _FEW_GAPS
    folded = f"<details><summary>{len(missing)} gaps</summary>{_list_html(missing)}</details>" if many else ""
    listed = [*seen, *([] if many else missing), *after]
    return (
        f'<section class="ka-block ka-box ka-data-quality ka-{light}" aria-label="Data quality">'
        f'<p class="ka-head"><strong>Data quality</strong>'
        f'<span class="ka-chip">{light.symbol} {escape(status)}</span></p>'
        f"{_list_html(listed)}{folded}</section>"
    )


def _list_html(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>" if lines else ""
