"""Judge whether traffic held between two windows."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.findings import Coverage, Finding, Light, Verdict, worst_light
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.stats.scope.verdicts import not_covered


@same_kind
def throughput_verdict(
    comparison: Frame,
    *,
    coverage: Coverage,
    tolerance: float = 0.05,
    red: float = 0.2,
    flow: str = "bytes_in_per_s",
    findings: Sequence[Finding] = (),
) -> Verdict:
    """Judge whether the business traffic survived the migration: in total, and topic by topic.

    Parameters
    ----------
    comparison
        Result of :func:`kafka_analysis.stats.traffic.kinds.compare_windows`.
    tolerance, red
        Fractions lost from which the light is amber, red.
    findings
        Results of :func:`kafka_analysis.stats.traffic.change_findings.change_findings`: the light is never better
        than the worst, because a total hides what its topics lost.

    Examples
    --------
    >>> rows = pl.DataFrame({"flow": ["bytes_in_per_s"], "before": [10e6], "after": [10.4e6], "change": [0.04]})
    >>> throughput_verdict(rows, coverage=Coverage(expected=1, seen=1)).sentence
    'business bytes in held: 10 MB/s before, 10.4 MB/s after (+4.0 %).'
    >>> lost = [Finding(light=Light.AMBER, title="1 topic is no longer written")]
    >>> throughput_verdict(rows, coverage=Coverage(expected=1, seen=1), findings=lost).sentence
    '1 topic is no longer written; all business bytes in together: 10 MB/s before, 10.4 MB/s after (+4.0 %).'
    """
    grey = not_covered(coverage)
    if grey:
        return grey
    row = comparison.filter(pl.col("flow") == flow).row(0, named=True)
    if row["change"] is None:
        return Verdict(
            light=Light.GREY, sentence="not judged: no business traffic was measured before, or none after."
        )
    words = RESOURCES[flow].words
    amounts = (
        f"{format_quantity(row['before'], 'B/s')} before, {format_quantity(row['after'], 'B/s')} after "
        f"({row['change']:+.1%}).".replace("%", " %")
    )
    light = Light.GREEN
    if row["change"] < -tolerance:
        light = Light.RED if row["change"] <= -red else Light.AMBER
    if not findings:
        verb = "held" if light is Light.GREEN else "fell"
        return Verdict(light=light, sentence=f"business {words} {verb}: {amounts}")
    first = next(finding for finding in findings if finding.light is worst_light(findings))
    more = f" (and {counted(len(findings) - 1, 'more finding')})" if len(findings) > 1 else ""
    return Verdict(
        light=worst_light([*findings, Finding(light=light, title="the total")]),
        sentence=f"{first.title}{more}; all business {words} together: {amounts}",
    )
