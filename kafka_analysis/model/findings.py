"""What an analysis says: figures, findings and a verdict, as plain immutable values."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from html import escape
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


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


class Evidence(StrEnum):
    """What a figure rests on."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    DECLARED = "declared"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Frozen):
    """One number of the first screen; ``value`` is null when it cannot be known.

    ``unit`` is '' for a pure ratio; ``better`` says which direction is good; ``precision`` is how many
    significant digits are shown.
    """

    name: str
    label: str
    value: float | None
    unit: str = ""
    better: Literal["lower", "higher", "neither"] = "neither"
    evidence: Evidence = Evidence.MEASURED
    note: str = ""


class Finding(_Frozen):
    """One thing a person can act on: what, where, how much, what to do about it."""

    light: Light
    title: str
    detail: str = ""
    action: str = ""

    def _repr_html_(self) -> str:
        action = f" <em>{escape(self.action)}</em>" if self.action else ""
        return (
            f'<p class="ka-finding ka-{self.light}"><strong>{self.light.symbol} {self.light.word}: '
            f"{escape(self.title)}</strong> {escape(self.detail)}{action}</p>"
        )


def worst_light(findings: Sequence[Finding]) -> Light:
    """Return the worst light of some findings; green without any.

    Examples
    --------
    >>> worst_light([Finding(light=Light.AMBER, title="a"), Finding(light=Light.RED, title="b")]).value
    'red'
    """
    order = [Light.RED, Light.AMBER, Light.GREY, Light.GREEN]
    return min((finding.light for finding in findings), key=order.index, default=Light.GREEN)


class Coverage(_Frozen):
    """How much of what was expected was seen: scrapes of all brokers within the window."""

    expected: int = Field(ge=0)
    seen: int = Field(ge=0)
    required_ratio: float = Field(default=0.95, ge=0, le=1)
    worst: str = ""

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


class Verdict(_Frozen):
    """The answer in one sentence with its number."""

    light: Light
    sentence: str


class Result(_Frozen):
    """The answer of one analysis for one cluster (or pair of windows); files in place of a capture have no coverage."""

    cluster: str
    verdict: Verdict
    figures: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()
    coverage: Coverage | None = None

    def text(self) -> str:
        """Return verdict and figures as plain text, one a line, for logs and notebook checks."""
        from kafka_analysis.model.units import format_quantity

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
        seen = "unknown" if ratio is None else f"{ratio:.1%} of {self.coverage.expected} expected scrapes"
        return "\n".join([*lines, f"  coverage: {seen}"])
