"""What an analysis says: figures, findings and a verdict, as plain immutable values."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

from markupsafe import Markup
from pydantic import Field

from kafka_analysis.model.frozen import Frozen
from kafka_analysis.model.markup import block, card, element
from kafka_analysis.model.units import counted, format_quantity

_COLOURS = {  # of each light: edge of a card, background of a chip, text on it
    "green": ("#009e73", "#007556", "#fff"),
    "amber": ("#e69f00", "#f0b429", "#241a00"),
    "red": ("#d55e00", "#b84a00", "#fff"),
    "grey": ("#7b8491", "#59616e", "#fff"),
}


class Light(StrEnum):
    """Traffic light of a verdict; grey means there is not enough data to judge."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"

    @property
    def symbol(self) -> str:
        """Return the symbol shown beside the word, so that colour never speaks alone."""
        return {"green": "✔", "amber": "▲", "red": "✖", "grey": "?"}[self.value]

    @property
    def word(self) -> str:
        """Return the word shown beside the symbol.

        Examples
        --------
        >>> Light.RED.symbol, Light.RED.word
        ('✖', 'act')
        """
        return {"green": "good", "amber": "watch", "red": "act", "grey": "not enough data"}[self.value]

    @property
    def colour(self) -> str:
        """Return the colour of the edge of what has this light."""
        return _COLOURS[self.value][0]

    def chip(self, words: str = "") -> Markup:
        """Return symbol and word, or other words, on the light's colour.

        Examples
        --------
        >>> Light.RED.chip().striptags()
        '✖ act'
        """
        _, background, text = _COLOURS[self.value]
        style = (
            f"background:{background};color:{text};border-radius:99px;padding:1px 10px;font-weight:600;"
            "font-size:0.85em;white-space:nowrap"
        )
        return element("span", f"{self.symbol} {words or self.word}", css="ka-chip", style=style)

    def head(self, name: str) -> Markup:
        """Return the first line of a card: the chip and the name of the cluster."""
        return element("div", self.chip(), " ", element("b", name, css="ka-cluster"), style="margin:0 0 5px")


class Evidence(StrEnum):
    """How a figure was obtained."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    DECLARED = "declared"


VALUE = "In the given unit, unscaled; null if unknown. With the unit '%' it is a fraction: 0.05 means 5 %."
UNIT = (
    "'%' marks a fraction (0.05 means 5 %); '' is a plain number or ratio; else the unit of the value, "
    "such as 's' or 'B/s'."
)


class Figure(Frozen):
    """One number of the first screen; ``value`` is null when it is unknown, ``better`` says which direction is good."""

    name: str
    label: str
    value: float | None = Field(description=VALUE)
    unit: str = Field(default="", description=UNIT)
    better: Literal["lower", "higher", "neither"] = "neither"
    evidence: Evidence = Evidence.MEASURED
    note: str = ""


class Finding(Frozen):
    """One thing a person can act on: what, where, how much, what to do about it."""

    light: Light
    title: str
    detail: str = ""
    action: str = ""

    def card(self, cluster: str = "") -> Markup:
        """Return the finding as a card, with the cluster it is about."""
        action = [element("div", element("em", "What to do:"), " ", self.action)] if self.action else []
        lines = [element("strong", self.title), *([self.detail] if self.detail else [])]
        body = [*(element("div", line) for line in lines), *action]
        return card(
            self.light.head(cluster), *body, css=f"ka-finding ka-{self.light}", accent=self.light.colour
        )

    def _repr_html_(self) -> str:
        return block(self.card())


def worst_light(findings: Sequence[Finding]) -> Light:
    """Return the worst light of some findings; green without any.

    Examples
    --------
    >>> worst_light([Finding(light=Light.AMBER, title="a"), Finding(light=Light.RED, title="b")]).value
    'red'
    """
    order = [Light.RED, Light.AMBER, Light.GREY, Light.GREEN]
    return min((finding.light for finding in findings), key=order.index, default=Light.GREEN)


def headline(findings: Sequence[Finding]) -> str:
    """Return the title of the worst finding, and how many more there are.

    Examples
    --------
    >>> headline([Finding(light=Light.AMBER, title="few copies"), Finding(light=Light.RED, title="no leader")])
    'no leader (and 1 more finding)'
    """
    worst = next(finding for finding in findings if finding.light is worst_light(findings))
    return worst.title + (f" (and {counted(len(findings) - 1, 'more finding')})" if len(findings) > 1 else "")


class Coverage(Frozen):
    """How much of what was expected was seen: scrapes of all brokers within the window, or answers about offsets."""

    expected: int = Field(ge=0)
    seen: int = Field(ge=0)
    required_ratio: float = Field(default=0.95, ge=0, le=1)
    worst: str = ""
    unit: Literal["scrapes", "answers"] = "scrapes"

    @property
    def ratio(self) -> float | None:
        """Return seen / expected, null when nothing was expected.

        Examples
        --------
        >>> Coverage(expected=40, seen=39).ratio
        0.975
        """
        return self.seen / self.expected if self.expected else None

    @property
    def sufficient(self) -> bool:
        """Return whether the ratio reaches the required one."""
        return self.ratio is not None and self.ratio >= self.required_ratio


NOT_SCRAPED = Coverage(
    expected=0,
    seen=0,
    worst="broker numbers unknown; add endpoints to the profile, or ingest again with --broker N",
)


class Verdict(Frozen):
    """The answer in one sentence with its number."""

    light: Light
    sentence: str


def not_judged(reason: str) -> Verdict:
    """Return the grey verdict of what cannot be judged, and why.

    Examples
    --------
    >>> not_judged("nothing was scraped").sentence
    'no verdict: nothing was scraped.'
    """
    return Verdict(light=Light.GREY, sentence=f"no verdict: {reason}.")


class Result(Frozen):
    """The answer of one analysis for one cluster (or pair of windows); files in place of a capture have no coverage."""

    cluster: str
    verdict: Verdict
    figures: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()
    coverage: Coverage | None = None

    def text(self) -> str:
        """Return verdict and figures as plain text, one a line, for logs and notebook checks."""
        lines = [
            f"{self.verdict.light.symbol} {self.verdict.light.word} · {self.cluster}: {self.verdict.sentence}"
        ]
        lines += [
            f"  {figure.label}: {format_quantity(figure.value, figure.unit)}"
            + ("" if figure.evidence is Evidence.MEASURED else f" ({figure.evidence})")
            for figure in self.figures
        ]
        if self.coverage is None:
            return "\n".join(lines)
        ratio = self.coverage.ratio
        seen = (
            "unknown"
            if ratio is None
            else f"{ratio:.1%} of {self.coverage.expected} expected {self.coverage.unit}"
        )
        return "\n".join([*lines, f"  coverage: {seen}"])
