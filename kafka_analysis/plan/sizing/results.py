"""Put verdict, figures and findings of the sizing of each cluster together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Light, Result, Verdict
from kafka_analysis.model.units import capitalized, counted, format_quantity
from kafka_analysis.plan.common.outcome import Outcome, plans_of
from kafka_analysis.plan.common.results import results_of
from kafka_analysis.plan.sizing.clusters import ClusterSizing
from kafka_analysis.plan.sizing.ranking import RULING
from kafka_analysis.plan.sizing.verdict import (
    left_words,
    models_words,
    option_words,
    sizing_verdict,
    usd_words,
)

_APART = 2.0  # models that differ by this factor or more are worth a finding
_ESTIMATED = {"better": "lower", "evidence": Evidence.ESTIMATED}
_FIGURES = (
    Figure(name="monthly_usd", label="Cheapest that fits", value=None, unit="USD/month", **_ESTIMATED),
    Figure(name="brokers", label="Brokers by the script", value=None, unit="brokers",
           note="AWS's sizing script (S2)", **_ESTIMATED),
    Figure(name="brokers_s1", label="Brokers by the formula", value=None, unit="brokers",
           note="AWS's right-sizing formula (S1), the same broker type", **_ESTIMATED),
    Figure(name="tightest_headroom", label="Headroom at the tightest limit", value=None, unit="%", better="higher",
           evidence=Evidence.ESTIMATED, note="of what the model plans with, or a quota allows"),
    Figure(name="bytes_in_per_s_peak", label="Sized for", value=None, unit="B/s"),
)  # fmt: skip


def sizing_results(
    outcomes: Sequence[Outcome[ClusterSizing]], *, coverage: Mapping[str, Coverage]
) -> list[Result]:
    """Say of each cluster what takes its place, what it costs, what decides, and what should be done.

    Parameters
    ----------
    outcomes
        Result of :func:`kafka_analysis.plan.sizing.clusters.size_clusters`.
    coverage
        Scrapes seen of those expected, by cluster.

    Returns
    -------
    list of Result
        Figures: brokers by S2 and by S1, USD a month, peak of bytes in (B/s), the tightest headroom; null where
        nothing fits or nothing is known.

    Examples
    --------
    >>> nothing = Outcome("c", unknown="no traffic was measured")
    >>> (result,) = sizing_results([nothing], coverage={"c": Coverage(expected=1, seen=1)})
    >>> result.verdict.light.value, result.figures[0].value
    ('grey', None)
    """
    return results_of(
        outcomes, coverage, verdict=sizing_verdict, figures=_FIGURES, values=_values,
        findings=_findings,
    )  # fmt: skip


def sizing_notes(outcomes: Sequence[Outcome[ClusterSizing]]) -> list[str]:
    """Say what each sizing rests on, a sentence each.

    Examples
    --------
    >>> sizing_notes([Outcome("c", unknown="no traffic was measured")])
    []
    """
    notes = []
    for cluster, sizing in plans_of(outcomes).items():
        workload = sizing.workload
        peak = format_quantity(workload.bytes_in_per_s_peak, "B/s")
        hours = format_quantity(workload.retention_hours, "h")
        how = "" if sizing.retention_evidence == "declared" else ", partly estimated from stored bytes"
        notes.append(
            f"{cluster}: sized for {peak} in ({workload.basis}), with a mean retention of {hours}{how}."
        )
        unchecked = {
            "open connections": workload.connections, "the busiest partition": workload.partition_bytes_in_per_s,
        }  # fmt: skip
        unknown = [words for words, value in unchecked.items() if value is None]
        if unknown:
            notes.append(f"{cluster}: not captured, so not checked: {' and '.join(unknown)}.")
    return notes


def _values(outcome: Outcome[ClusterSizing]) -> dict[str, dict[str, Any]]:
    sizing, workload = outcome.plan, outcome.plan.workload
    ranked = sizing.ranked
    row: Mapping[str, Any] = {} if ranked.is_empty() else ranked.row(0, named=True)
    left = [share for name, share in row.items() if name.startswith("headroom_") and share is not None]
    return {
        "monthly_usd": {"value": row.get("total_usd"), "note": option_words(row) if row else ""},
        "brokers": {"value": row.get("brokers")},
        "brokers_s1": {"value": row.get("s1_brokers")},
        "tightest_headroom": {"value": min(left, default=None)},
        "bytes_in_per_s_peak": {
            "value": workload.bytes_in_per_s_peak, "note": f"bytes in, {workload.basis}",
            "evidence": Evidence.DECLARED if sizing.declared else Evidence.MEASURED,
        },
    }  # fmt: skip


def _findings(outcome: Outcome[ClusterSizing], verdict: Verdict) -> Iterator[Finding]:
    ranked = outcome.plan.ranked
    if ranked.is_empty():
        yield Finding(
            light=Light.RED,
            title="no broker type carries the load within the quotas",
            action="Split the cluster, or have the quota raised that the table 'What does not fit' names.",
        )
        return
    row = ranked.row(0, named=True)
    yield Finding(
        light=verdict.light,
        title=f"{option_words(row)} for {usd_words(row)} would carry the load",
        detail=f"{models_words(row)}. Headroom: {left_words(row)}.",
    )
    yield from _about_models(row)
    yield from _about_money(row)
    yield from _about_interval(row)
    yield from _cheaper_but_forbidden(outcome.plan, row)


def _about_models(row: Mapping[str, Any]) -> Iterator[Finding]:
    by_s2, by_s1 = row["brokers"], row["s1_brokers"]
    if by_s2 is None or by_s1 is None or max(by_s2, by_s1) < _APART * min(by_s2, by_s1):
        return
    yield Finding(
        light=Light.AMBER,
        title=f"the two models disagree: {by_s2:,} brokers by AWS's script, {by_s1:,} by its formula",
        detail="The script plans with half of what a broker can carry, the formula with 80 % "
        f"(limited by {row['s1_throughput_limit']}).",
        action="Load-test one broker of this type with your own records before you fix the number.",
    )


def _about_money(row: Mapping[str, Any]) -> Iterator[Finding]:
    if row["evidence"] == "unverified":
        yield Finding(
            light=Light.AMBER,
            title=f"the prices of {option_words(row)} are unverified",
            action="Look them up in AWS's price list, and give them in a catalogue of your own.",
        )
    if row["provisioned_usd"]:
        yield Finding(
            light=Light.AMBER,
            title=f"{row['provisioned_usd']:,.0f} USD of that is for provisioned throughput",
            detail="AWS's sizing script plans with that throughput but does not include its price.",
            action="Raise num.replica.fetchers with it, as AWS advises for the broker's size.",
        )


def _about_interval(row: Mapping[str, Any]) -> Iterator[Finding]:
    low, high = row["brokers_low"], row["brokers_high"]
    if low is None or low == high:
        return
    usd = f"{row['total_usd_low']:,.0f} to {row['total_usd_high']:,.0f} USD a month"
    yield Finding(
        light=Light.GREEN,
        title=f"between {low:,} and {counted(high, 'broker')}, depending on the peak you plan for",
        detail=f"That is {usd}, for the low and the high end of the traffic.",
    )


def _cheaper_but_forbidden(sizing: ClusterSizing, row: Mapping[str, Any]) -> Iterator[Finding]:
    """Name the cheapest option that only a quota forbids, where it is cheaper than what fits."""
    rows = sizing.options.filter(
        pl.col("model") == RULING, ~pl.col("feasible"), pl.col("monthly_usd").is_not_null()
    )
    total = pl.col("monthly_usd") + pl.col("provisioned_usd").fill_null(0.0)
    cheaper = (
        rows.with_columns(total_usd=total).filter(pl.col("total_usd") < row["total_usd"]).sort("total_usd")
    )
    if cheaper.is_empty():
        return
    best = cheaper.row(0, named=True)
    yield Finding(
        light=Light.AMBER,
        title=f"{option_words(best)} would be cheaper ({usd_words(best)}), but a quota forbids it",
        detail=f"{capitalized(best['shortfall'])}.",
    )
