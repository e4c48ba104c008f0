"""Judge an inventory by its worst finding."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_analysis.model.findings import Coverage, Finding, Light, Verdict, worst_light
from kafka_analysis.model.units import counted
from kafka_analysis.stats.scope.verdicts import not_covered


def inventory_verdict(findings: Sequence[Finding], *, coverage: Coverage, partitions: int) -> Verdict:
    """Judge a cluster's state by its worst placement finding.

    Examples
    --------
    >>> inventory_verdict([], coverage=Coverage(expected=1, seen=1), partitions=12).sentence
    'sound: all 12 partitions are led, in sync, spread over racks and replicated 3 times.'
    """
    grey = not_covered(coverage)
    if grey:
        return grey
    if partitions == 0:
        return Verdict(
            light=Light.GREY, sentence="not judged: it held none of the chosen topics in the window."
        )
    if not findings:
        sentence = (
            f"sound: all {partitions} partitions are led, in sync, spread over racks and replicated 3 times."
        )
        return Verdict(light=Light.GREEN, sentence=sentence)
    worst = next(finding for finding in findings if finding.light is worst_light(findings))
    more = f" (and {counted(len(findings) - 1, 'more finding')})" if len(findings) > 1 else ""
    return Verdict(light=worst.light, sentence=f"{worst.title}{more}.")
