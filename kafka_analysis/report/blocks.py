"""Blocks a notebook shows: the first screen, the data-quality box, the provenance. HTML and plain text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Light, Result
from kafka_analysis.model.markup import LINE, block, card, element
from kafka_analysis.model.units import capitalized, format_quantity

MOST_TILES = 5
_FEW_GAPS = 3
_DIRECTIONS = {"lower": "↓ lower is better", "higher": "↑ higher is better", "neither": ""}
_TILE_WIDTH = 20  # percent of the width, so that five stand side by side
_SMALL = "font-size:0.85em;line-height:1.35;opacity:0.85"
_VALUE = "font-size:1.5em;font-weight:600;line-height:1.2"
_UNIT = "font-size:0.62em;font-weight:400"
_SENTENCE = "font-size:1.3em;line-height:1.35;font-weight:600;overflow-wrap:break-word"


@dataclass(frozen=True)
class Block:
    """A piece of a page: HTML for people, the same as plain text for logs and checks."""

    html: str
    plain: str

    def _repr_html_(self) -> str:
        return self.html

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
    html = block(*map(_verdict_html, results) or ["No cluster was analysed."], css="ka-first-screen")
    return Block(html=html, plain="\n".join(result.text() for result in results) or "no cluster was analysed")


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
        A box with one line per fact; below the required coverage it says that verdicts that
        rest on it are grey.

    Examples
    --------
    >>> data_quality(Coverage(expected=40, seen=30), gaps=["broker 3 did not answer"], rejected=2)
    Data quality: below the required coverage; verdicts that depend on it are grey
      75 % of 40 expected scrapes were seen (95 % required)
      broker 3 did not answer
      2 input lines were not understood; see rejected.parquet of the capture
    """
    by_cluster = coverage if isinstance(coverage, Mapping) else {"": coverage}
    by_cluster = by_cluster or {"": Coverage(expected=0, seen=0)}
    light, status = _status(by_cluster.values())
    facts = [_coverage_line(of_cluster, name) for name, of_cluster in by_cluster.items()]
    missing = [_gap_line(gap) for gap in gaps]
    after = [*_rejected_line(rejected), *notes]
    plain = "\n  ".join([f"Data quality: {status}", *facts, *missing, *after])
    many = len(missing) > _FEW_GAPS
    folded = element("details", element("summary", f"{len(missing)} gaps"), _list(missing)) if many else ""
    box = card(
        element("div", element("strong", "Data quality"), " ", light.chip(status)),
        _list([*facts, *([] if many else missing), *after]),
        folded,
        css=f"ka-box ka-{light}",
    )
    return Block(html=block(box, css="ka-data-quality"), plain=plain)


def _status(coverages: Iterable[Coverage]) -> tuple[Light, str]:
    """Return the light and the words for all clusters together; nothing expected is nothing known."""
    required = list(coverages)
    if all(coverage.ratio is None for coverage in required):
        return Light.GREY, "unknown; verdicts are grey"
    if all(coverage.sufficient for coverage in required):
        return Light.GREEN, "sufficient"
    return Light.GREY, "below the required coverage; verdicts that depend on it are grey"


def _next_step(result: Result) -> Markup | str:
    """Return the first thing to do that the findings below say, so that the first screen has it."""
    steps = [found for found in result.findings if found.action]
    actions = {found.action for found in steps}
    if result.verdict.light is Light.GREEN or not actions:
        return ""
    more = f" ({len(actions) - 1} more below)" if len(actions) > 1 else ""
    text = f" {steps[0].action}{more} Why: {steps[0].title.rstrip('.')}."
    return element("div", element("strong", "Next:"), text, css="ka-next", style="margin:4px 0 0")


def _verdict_html(result: Result) -> Markup:
    verdict = result.verdict
    tiles = [_tile_html(figure) for figure in result.figures[:MOST_TILES]]
    row = element("tbody", element("tr", *tiles, style="background:transparent"))
    layout = f"width:{_TILE_WIDTH * len(tiles)}%;table-layout:fixed;margin:12px 0;font-size:1em"
    return card(
        verdict.light.head(result.cluster),
        element("div", capitalized(verdict.sentence), css="ka-sentence", style=_SENTENCE),
        _next_step(result),
        element("table", row, css="ka-tiles", style=layout) if tiles else "",
        element("div", _coverage_of(result), style=_SMALL),
        css=f"ka-verdict ka-{verdict.light}",
        accent=verdict.light.colour,
    )


def _coverage_of(result: Result) -> str:
    line = _coverage_line(result.coverage, seen="")
    return f"Based on {line}" if result.coverage.ratio is not None else capitalized(line)


def _tile_html(figure: Figure) -> Markup:
    """Lay out a figure, the number first: numbers stand on one line however long their labels are."""
    number, _, unit = format_quantity(figure.value, figure.unit).partition(" ")
    evidence = "" if figure.evidence is Evidence.MEASURED else f"({figure.evidence})"
    lines = [(_DIRECTIONS[figure.better], ""), (figure.note, ""), (evidence, "ka-evidence")]
    # Which way would be better, and what it would rest on, says nothing of what is unknown.
    if figure.value is None:
        lines = [(figure.note, "")]
    small = [element("div", text, css=css, style=_SMALL) for text, css in lines if text]
    value = [number, " ", element("small", unit, style=_UNIT)] if unit else [number]
    return element(
        "td",
        element("div", *value, css="ka-value", style=_VALUE),
        element("div", figure.label),
        *small,
        css="ka-tile",
        style=f"border-left:{LINE};padding:0 10px;text-align:left;vertical-align:top",
    )


def _coverage_line(coverage: Coverage, name: str = "", *, seen: str = " were seen") -> str:
    who = f"{name}: " if name else ""
    if coverage.ratio is None:
        return f"{who}no {coverage.unit} were expected, so nothing is known"
    required = format_quantity(coverage.required_ratio, "%")
    worst = f" · worst: {coverage.worst}" if coverage.worst else ""
    percent = format_quantity(coverage.ratio, "%")
    return (
        f"{who}{percent} of {coverage.expected} expected {coverage.unit}{seen} ({required} required){worst}"
    )


def _gap_line(gap: object) -> str:
    if isinstance(gap, str):
        return gap
    read = gap.get if isinstance(gap, Mapping) else lambda name: getattr(gap, name, None)
    broker, kind = read("broker"), read("kind") or ""
    of_broker = "" if broker is None else f"broker {broker} {kind}".strip()
    who = [read("cluster"), read("target") or of_broker or kind]
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


def _list(lines: Sequence[str]) -> Markup:
    items = [element("li", line) for line in lines]
    return element("ul", *items, style="margin:6px 0 0") if lines else Markup()


_ORDER = (Light.RED, Light.AMBER, Light.GREY, Light.GREEN)


def findings(results: Sequence[Result]) -> Block:
    """Show what was found in all clusters, worst first, with what to do about it.

    Parameters
    ----------
    results
        The answers of a notebook.

    Examples
    --------
    >>> from kafka_analysis.model.findings import Coverage, Verdict
    >>> finding = Finding(light=Light.RED, title="1 of 4 partitions has no leader", action="Bring a broker back.")
    >>> findings([Result(cluster="monolith", verdict=Verdict(light=Light.RED, sentence="Act."), findings=(finding,),
    ...     coverage=Coverage(expected=1, seen=1))])
    ✖ act · monolith: 1 of 4 partitions has no leader. Bring a broker back.
    >>> findings([])
    no findings
    """
    pairs = [(result.cluster, finding) for result in results for finding in result.findings]
    pairs.sort(key=lambda pair: _ORDER.index(pair[1].light))
    cards = [finding.card(cluster) for cluster, finding in pairs]
    lines = [_line(cluster, finding) for cluster, finding in pairs]
    html = block(*cards or ["No findings."], css="ka-findings")
    return Block(html=html, plain="\n".join(lines) or "no findings")


def _line(cluster: str, finding: Finding) -> str:
    words = [
        f"{finding.light.symbol} {finding.light.word} · {cluster}: {finding.title}.",
        finding.detail,
        finding.action,
    ]
    return " ".join(word for word in words if word)
