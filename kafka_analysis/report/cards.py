"""Findings as a list of cards, worst first: readable on a phone, and each with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_analysis.model.findings import Finding, Light, Result
from kafka_analysis.model.markup import block
from kafka_analysis.report.blocks import Block

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
    nothing was found
    """
    pairs = [(result.cluster, finding) for result in results for finding in result.findings]
    pairs.sort(key=lambda pair: _ORDER.index(pair[1].light))
    cards = [finding.card(cluster) for cluster, finding in pairs]
    lines = [_line(cluster, finding) for cluster, finding in pairs]
    html = block(*cards or ["Nothing was found."], css="ka-findings")
    return Block(html=html, plain="\n".join(lines) or "nothing was found")


def _line(cluster: str, finding: Finding) -> str:
    words = [
        f"{finding.light.symbol} {finding.light.word} · {cluster}: {finding.title}.",
        finding.detail,
        finding.action,
    ]
    return " ".join(word for word in words if word)
