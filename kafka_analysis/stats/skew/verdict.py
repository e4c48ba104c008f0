"""Judge how unevenly the load of brokers lies."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.findings import Coverage, Light, Verdict
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import format_quantity
from kafka_analysis.stats.scope.verdicts import not_covered
from kafka_analysis.stats.skew.cause_findings import main_cause
from kafka_analysis.stats.skew.findings import skew_light


@same_kind
def skew_verdict(
    skew: Frame, *, coverage: Coverage, causes: Frame = None, amber: float = 1.2, red: float = 1.5
) -> Verdict:
    """Judge a cluster by the resource that lies most unevenly on its brokers.

    Parameters
    ----------
    skew
        Result of :func:`kafka_analysis.stats.skew.measures.measure_skew` of one cluster, keyed by broker.
    causes
        Result of :func:`kafka_analysis.stats.skew.causes.skew_causes` of it: the largest is named if it is clear.
    amber, red
        max/mean from which the light is amber, red.

    Returns
    -------
    Verdict
        Grey without coverage, with fewer than two brokers or when nothing flowed.

    Examples
    --------
    >>> rows = pl.DataFrame({"resource": ["leaders", "bytes_in_per_s"], "n": [3, 3], "top": ["1", "2"],
    ...     "max_over_mean": [1.1, 1.9], "total": [9.0, 9.0]})
    >>> skew_verdict(rows, coverage=Coverage(expected=1, seen=1)).sentence
    'broker 2 carries 1.90 × the mean of bytes in; 1 of 2 measures reach 1.20 ×.'
    """
    grey = not_covered(coverage)
    if grey:
        return grey
    known = skew.filter(pl.col("max_over_mean").is_not_null() & (pl.col("n") > 1))
    if len(known) == 0:
        return Verdict(
            light=Light.GREY, sentence="not judged: fewer than two brokers carried any load in the window."
        )
    worst = known.sort("max_over_mean", descending=True, maintain_order=True).row(0, named=True)
    light = skew_light(worst["max_over_mean"], amber=amber, red=red)
    words = RESOURCES[worst["resource"]].words
    number = format_quantity(worst["max_over_mean"])
    if light is Light.GREEN:
        return Verdict(
            light=light, sentence=f"even: no broker carries more than {number} × the mean of {words}."
        )
    over = known.filter(pl.col("max_over_mean") >= amber)
    cause = "" if causes is None else main_cause(causes, resource=worst["resource"])
    sentence = (
        f"broker {worst['top']} carries {number} × the mean of {words}{f' ({cause})' if cause else ''}; "
        f"{len(over)} of {len(known)} measures reach {format_quantity(amber)} ×."
    )
    return Verdict(light=light, sentence=sentence)
