"""Put verdict, figures and findings of two windows together."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import (
    Coverage,
    Evidence,
    Figure,
    Finding,
    Light,
    Result,
    Verdict,
    headline,
    not_judged,
    worst_light,
)
from kafka_analysis.model.frames import Frame, same_kind, to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import format_quantity
from kafka_analysis.stats.effect.measure import WANDERS
from kafka_analysis.stats.scope.verdicts import not_covered, not_dated
from kafka_analysis.stats.scope.windows import Window

ALL_CLUSTERS = "all clusters"


def throughput_result(
    comparison: Any,
    *,
    before: Any,
    after: Any,
    targets: Sequence[str],
    coverage: Coverage,
    windows: Sequence[Window] = (),
    findings: Sequence[Finding] = (),
    cluster: str = ALL_CLUSTERS,
    effects: Any = None,
) -> Result:
    """Say whether the business traffic of all clusters and topics held, and how much of it the cells carry.

    Parameters
    ----------
    comparison
        Result of ``stats.compare_windows``.
    before, after
        Results of ``stats.sum_by_kind`` of the two windows.
    targets
        Names of the target clusters.
    windows
        The two windows: guessed ones are not judged.
    findings
        What changed topic by topic (``change_findings.change_findings``) and what of the traffic is uncertain
        (``mirroring.mirroring_findings``): left out where nothing is judged.
    effects
        Result of ``stats.traffic_effects``: the verdict says how sure the change is.
    """
    rows = to_polars(comparison)
    old, new = to_polars(before), to_polars(after)
    flows = {row["flow"]: row for row in rows.iter_rows(named=True)}
    bytes_in = flows["bytes_in_per_s"]
    figures = (
        Figure(name="bytes_in_before", label="Business bytes in, before", value=bytes_in["before"], unit="B/s",
               evidence=_evidence(old)),
        Figure(name="bytes_in_after", label="Business bytes in, after", value=bytes_in["after"], unit="B/s",
               better="higher", evidence=_evidence(new)),
        Figure(name="bytes_out_after", label="Business bytes out, after", value=flows["bytes_out_per_s"]["after"],
               unit="B/s", evidence=_evidence(new)),
        Figure(name="share_on_targets", label="Carried by the targets, after", value=_share(new, targets), unit="%",
               better="higher", evidence=_evidence(new)),
        Figure(name="migration_after", label="Migration traffic in, after", value=_migration(new), unit="B/s",
               better="lower", evidence=Evidence.ESTIMATED),
    )  # fmt: skip
    verdict = not_dated(windows) or throughput_verdict(
        rows, coverage=coverage, findings=findings, effects=effects
    )
    shown = () if verdict.light is Light.GREY else tuple(findings)
    return Result(cluster=cluster, verdict=verdict, figures=figures, findings=shown, coverage=coverage)


def _evidence(traffic: pl.DataFrame) -> Evidence:
    rows = traffic.filter(kind="business")
    return Evidence.ESTIMATED if (rows["evidence"] == "estimated").any() else Evidence.MEASURED


def _share(traffic: pl.DataFrame, targets: Sequence[str]) -> float | None:
    business = traffic.filter(kind="business").drop_nulls("bytes_in_per_s")
    total = business["bytes_in_per_s"].sum()
    there = business.filter(pl.col("cluster").is_in(list(targets)))["bytes_in_per_s"].sum()
    return there / total if total and targets else None


def _migration(traffic: pl.DataFrame) -> float | None:
    if len(traffic) == 0:
        return None
    return float(traffic.filter(kind="migration")["bytes_in_per_s"].sum())


@same_kind
def throughput_verdict(
    comparison: Frame,
    *,
    coverage: Coverage,
    tolerance: float = 0.05,
    red: float = 0.2,
    flow: str = "bytes_in_per_s",
    findings: Sequence[Finding] = (),
    effects: Frame = None,
) -> Verdict:
    """Judge whether the business traffic survived the migration: in total, and topic by topic.

    A loss turns the light red where its interval excludes "no change", and at most amber where it does not: then the
    sentence says that it cannot be told, and how much chance could do. Without an interval the amounts alone count, and
    the sentence says why there is none.

    Parameters
    ----------
    comparison
        Result of :func:`kafka_analysis.stats.traffic.comparison.compare_windows`.
    tolerance, red
        Fractions lost from which the light is amber, red.
    findings
        Results of :func:`kafka_analysis.stats.traffic.change_findings.change_findings`: the light is never better
        than the worst, because a total hides what its topics lost.
    effects
        Result of ``stats.traffic_effects``; None: the amounts alone count, and nothing is said of chance.

    Examples
    --------
    >>> rows = pl.DataFrame({"flow": ["bytes_in_per_s"], "before": [10e6], "after": [10.4e6], "change": [0.04]})
    >>> throughput_verdict(rows, coverage=Coverage(expected=1, seen=1)).sentence
    'business bytes in held up: 10 MB/s before, 10.4 MB/s after (+4.0 %).'
    >>> lost = [Finding(light=Light.AMBER, title="1 topic is no longer written")]
    >>> throughput_verdict(rows, coverage=Coverage(expected=1, seen=1), findings=lost).sentence
    '1 topic is no longer written; all business bytes in together: 10 MB/s before, 10.4 MB/s after (+4.0 %).'
    >>> fell = pl.DataFrame({"flow": ["bytes_in_per_s"], "before": [10e6], "after": [7e6], "change": [-0.3]})
    >>> wide = pl.DataFrame({"flow": ["bytes_in_per_s"], "is_share": True, "low": -0.5, "high": 0.1, "least": 0.4})
    >>> verdict = throughput_verdict(fell, coverage=Coverage(expected=1, seen=1), effects=wide)
    >>> verdict.light.value, verdict.sentence.partition(":")[0]
    ('amber', 'cannot tell whether business bytes in fell')
    """
    if grey := not_covered(coverage):
        return grey
    row = comparison.filter(flow=flow).row(0, named=True)
    if row["change"] is None:
        return not_judged("no business traffic was measured before, or none after")
    words = RESOURCES[flow].words
    found = None if effects is None else effects.filter(flow=flow).row(0, named=True)
    light, is_doubtful = _light(row["change"], found, tolerance=tolerance, red=red)
    sure = "" if found is None else _how_sure(found, is_doubtful=is_doubtful)
    amounts = (
        f"{format_quantity(row['before'], 'B/s')} before, {format_quantity(row['after'], 'B/s')} after "
        f"({row['change']:+.1%}{sure}).".replace("%", " %")
    )
    if not findings:
        verb = "held up" if light is Light.GREEN else "fell"
        subject = f"cannot tell whether business {words} fell" if is_doubtful else f"business {words} {verb}"
        return Verdict(light=light, sentence=f"{subject}: {amounts}")
    return Verdict(
        light=worst_light([*findings, Finding(light=light, title="the total")]),
        sentence=f"{headline(findings)}; all business {words} together: {amounts}",
    )


def _light(
    change: float, found: dict[str, Any] | None, *, tolerance: float, red: float
) -> tuple[Light, bool]:
    """Return the light of a change, and whether a loss may be chance: then it is not red."""
    if change >= -tolerance:
        return Light.GREEN, False
    is_doubtful = found is not None and _is_told(found) and found["low"] <= 0 <= found["high"]
    return (Light.RED if change <= -red and not is_doubtful else Light.AMBER), is_doubtful


def _is_told(found: dict[str, Any]) -> bool:
    """Return whether there is an interval that can be trusted."""
    return found["low"] is not None and found.get("reason") != WANDERS


def _how_sure(found: dict[str, Any], *, is_doubtful: bool) -> str:
    """Say what chance could have done, or why that is not known."""
    contains_none = found["low"] is not None and found["low"] <= 0 <= found["high"]
    if not _is_told(found) or (contains_none and not found["is_share"]):
        lacking = (found.get("reason") or "").partition(":")[0] if not _is_told(found) else ""
        return f"; whether this is chance is unknown{f', {lacking}' if lacking else ''}"
    if contains_none:
        longer = ", longer windows would show" if is_doubtful else ""
        return f"; up to {found['least']:.0%} may be chance{longer}"
    if not found["is_share"]:
        ends = [format_quantity(found[name], "B/s") for name in ("low", "high")]
        return f"; 95% interval {ends[0]} to {ends[1]}"
    return f"; 95% interval {found['low']:+.1%} to {found['high']:+.1%}"
