"""Verdicts: one sentence with its number and a light, grey whenever the data do not carry it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.findings import Coverage, Finding, Light, Verdict, worst_light
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.stats.findings import skew_light
from kafka_analysis.stats.scope.windows import Window
from kafka_analysis.stats.skew.cause_findings import main_cause


def not_covered(coverage: Coverage) -> Verdict | None:
    """Return a grey verdict when the coverage is below what is required, else None.

    Examples
    --------
    >>> not_covered(Coverage(expected=10, seen=5)).sentence
    'not judged: 50 % of the expected scrapes are there, 95 % are required.'
    >>> not_covered(Coverage(expected=10, seen=10)) is None
    True
    """
    if coverage.sufficient:
        return None
    if coverage.ratio is None:
        reason = coverage.worst or "nothing was scraped in the window"
        return Verdict(light=Light.GREY, sentence=f"not judged: {reason}.")
    seen, required = format_quantity(coverage.ratio, "%"), format_quantity(coverage.required_ratio, "%")
    return Verdict(
        light=Light.GREY,
        sentence=f"not judged: {seen} of the expected scrapes are there, {required} are required.",
    )


def not_dated(windows: Sequence[Window]) -> Verdict | None:
    """Return a grey verdict when a window was guessed, else None.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = datetime(2026, 1, 1, tzinfo=UTC)
    >>> not_dated([Window(t, t, guessed=True)]).light.value
    'grey'
    >>> not_dated([Window(t, t)]) is None
    True
    """
    if not any(window.guessed for window in windows):
        return None
    sentence = (
        "not judged: no event says when the migration was; give the windows before and after as parameters."
    )
    return Verdict(light=Light.GREY, sentence=sentence)


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
        Results of :func:`kafka_analysis.stats.traffic.change_findings.change_findings`: the light is never better than the
        worst, because a total hides what its topics lost.

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


def capture_verdict(*, coverage: Coverage, gaps: int, missing: Sequence[str]) -> Verdict:
    """Judge whether a capture carries the analyses.

    Parameters
    ----------
    gaps
        Number of gaps of all targets.
    missing
        Canonical metrics the analyses need and the capture does not hold.

    Examples
    --------
    >>> capture_verdict(coverage=Coverage(expected=9, seen=9), gaps=0, missing=[]).sentence
    'complete: every expected scrape is there, and every metric the analyses need.'
    """
    grey = not_covered(coverage)
    if grey:
        return grey
    if missing:
        lacking = f"{counted(len(missing), 'metric')} the analyses need {'is' if len(missing) == 1 else 'are'} missing"
        return Verdict(light=Light.RED, sentence=f"{lacking}: {', '.join(missing)}.")
    ratio = format_quantity(coverage.ratio, "%")
    if gaps or coverage.seen < coverage.expected:
        known = f", with {counted(gaps, 'gap')} to know about" if gaps else ""
        return Verdict(
            light=Light.AMBER, sentence=f"usable: {ratio} of the expected scrapes are there{known}."
        )
    return Verdict(
        light=Light.GREEN,
        sentence="complete: every expected scrape is there, and every metric the analyses need.",
    )
