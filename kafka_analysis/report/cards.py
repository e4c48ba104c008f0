"""Findings as a list of cards, worst first: readable on a phone, and each with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from kafka_analysis.model.findings import Finding, Light, Result
from kafka_analysis.report.blocks import Block, light_chip

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
    found = [(result.cluster, finding) for result in results for finding in result.findings]
    found.sort(key=lambda pair: _ORDER.index(pair[1].light))
    if not found:
        return Block(
            html='<section class="ka-block"><p>Nothing was found.</p></section>', plain="nothing was found"
        )
    cards = "".join(_card(cluster, finding) for cluster, finding in found)
    html = f'<section class="ka-block ka-findings" aria-label="Findings">{cards}</section>'
    return Block(html=html, plain="\n".join(_line(cluster, finding) for cluster, finding in found))


def _card(cluster: str, finding: Finding) -> str:
    parts = [
        f'<p class="ka-head">{light_chip(finding.light)}<span class="ka-cluster">{escape(cluster)}</span></p>',
        f"<p><strong>{escape(finding.title)}</strong></p>",
        f"<p>{escape(finding.detail)}</p>" if finding.detail else "",
        f"<p><em>What to do:</em> {escape(finding.action)}</p>" if finding.action else "",
    ]
    return f'<article class="ka-finding ka-{finding.light}">{"".join(parts)}</article>'


def _line(cluster: str, finding: Finding) -> str:
    words = [
        f"{finding.light.symbol} {finding.light.word} · {cluster}: {finding.title}.",
        finding.detail,
        finding.action,
    ]
    return " ".join(word for word in words if word)
