"""Put verdict, figures and findings of the sizing of each cluster together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Light, Result
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plan.sizing.choose import RULING
from kafka_analysis.plan.sizing.clusters import ClusterSizing
from kafka_analysis.plan.sizing.verdict import (
    ENOUGH_S,
    left_words,
    models_words,
    option_words,
    sizing_verdict,
    usd_words,
)

_NOTHING = Coverage(expected=0, seen=0, worst="no broker of it was scraped")
_APART = 2.0  # models that differ by this factor or more are worth a finding


def sizing_answers(
    sized: Sequence[ClusterSizing], *, coverage: Mapping[str, Coverage], enough_s: float = ENOUGH_S
) -> list[Result]:
    """Say of each cluster what takes its place, what it costs, what decides, and what should be done.

    Parameters
    ----------
    sized
        Result of :func:`kafka_analysis.plan.sizing.clusters.size_clusters`.
    coverage
        Scrapes seen of those expected, by cluster.
    enough_s
        Seconds of traffic below which a verdict is grey, unless the peak is declared.

    Returns
    -------
    list of Result
        Figures: brokers by S2 and by S1, USD a month, peak of bytes in (B/s), the tightest headroom; null where
        nothing fits or nothing is known.

    Examples
    --------
    >>> nobody = ClusterSizing("c", 60.0, unknown="no traffic was measured")
    >>> (answer,) = sizing_answers([nobody], coverage={"c": Coverage(expected=1, seen=1)})
    >>> answer.verdict.light.value, answer.figures[0].value
    ('grey', None)
    """
    return [_answer(one, coverage.get(one.cluster, _NOTHING), enough_s) for one in sized]


def sizing_notes(sized: Sequence[ClusterSizing]) -> list[str]:
    """Say what each sizing rests on, a sentence each.

    Examples
    --------
    >>> sizing_notes([ClusterSizing("c", 60.0, unknown="no traffic was measured")])
    []
    """
    notes = []
    for one in sized:
        work = one.workload
        if work is None:
            continue
        peak = format_quantity(work.bytes_in_per_s_peak, "B/s")
        hours = format_quantity(work.retention_hours, "h")
        how = "" if one.retention_evidence == "declared" else ", partly estimated from what topics hold"
        notes.append(f"{one.cluster}: sized for {peak} in ({work.basis}), kept for {hours} on average{how}.")
        unknown = [
            words
            for value, words in (
                (work.connections, "open connections"),
                (work.partition_bytes_in_per_s, "the busiest partition"),
            )
            if value is None
        ]
        if unknown:
            notes.append(f"{one.cluster}: not captured, so not checked: {' and '.join(unknown)}.")
    return notes


def _answer(sized: ClusterSizing, coverage: Coverage, enough_s: float) -> Result:
    verdict = sizing_verdict(sized, coverage=coverage, enough_s=enough_s)
    return Result(
        cluster=sized.cluster,
        verdict=verdict,
        figures=_figures(sized),
        findings=tuple(_findings(sized, verdict.light)),
        coverage=coverage,
    )


def _figures(sized: ClusterSizing) -> tuple[Figure, ...]:
    ranked, work = sized.ranked, sized.workload
    row: Mapping[str, Any] = {} if ranked.is_empty() else ranked.row(0, named=True)
    left = [v for name, v in row.items() if name.startswith("headroom_") and v is not None]
    rests_on = Evidence.DECLARED if sized.declared else Evidence.MEASURED
    return (
        Figure(name="monthly_usd", label="Cheapest that fits", value=row.get("total_usd"), unit="USD/month",
               better="lower", evidence=Evidence.ESTIMATED, note=option_words(row) if row else ""),
        Figure(name="brokers", label="Brokers by S2", value=row.get("brokers"), unit="brokers", better="lower",
               evidence=Evidence.ESTIMATED, note="AWS's sizing script"),
        Figure(name="brokers_s1", label="Brokers by S1", value=row.get("s1_brokers"), unit="brokers", better="lower",
               evidence=Evidence.ESTIMATED, note="AWS's right-sizing formula, the same broker type"),
        Figure(name="tightest_headroom", label="Tightest limit leaves", value=min(left, default=None), unit="%",
               better="higher", evidence=Evidence.ESTIMATED, note="of what the model plans with, or a quota allows"),
        Figure(name="bytes_in_per_s_peak", label="Sized for", value=work.bytes_in_per_s_peak if work else None,
               unit="B/s", evidence=rests_on, note=f"bytes in, {work.basis}" if work else ""),
    )  # fmt: skip


def _findings(sized: ClusterSizing, light: Light) -> Iterator[Finding]:
    if sized.workload is None:
        return
    ranked = sized.ranked
    if ranked.is_empty():
        yield Finding(
            light=Light.RED,
            title="no broker type carries it within the quotas",
            action="Split the cluster, or have the quota raised that the table of what does not fit names.",
        )
        return
    row = ranked.row(0, named=True)
    yield Finding(
        light=light,
        title=f"{option_words(row)} carries it for {usd_words(row)}",
        detail=f"{models_words(row)}. Left of each limit: {left_words(row)}.",
    )
    yield from _about_models(row)
    yield from _about_money(row)
    yield from _about_interval(row)
    yield from _too_dear_to_miss(sized, row)


def _about_models(row: Mapping[str, Any]) -> Iterator[Finding]:
    one, other = row["brokers"], row["s1_brokers"]
    if one is None or other is None or max(one, other) < _APART * min(one, other):
        return
    yield Finding(
        light=Light.AMBER,
        title=f"the two models disagree: {one:,} brokers by S2, {other:,} by S1",
        detail=f"S2 plans with half of what a broker carries; S1 with 80 % ({row['s1_throughput_limit']} binds there).",
        action="Load-test one broker of this type with your own records before you settle the number.",
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
            title=f"{row['provisioned_usd']:,.0f} USD of it are provisioned throughput",
            detail="AWS's sizing script reckons with that throughput and does not bill it.",
            action="Raise num.replica.fetchers with it, as AWS advises for the broker's size.",
        )


def _about_interval(row: Mapping[str, Any]) -> Iterator[Finding]:
    low, high = row["brokers_low"], row["brokers_high"]
    if low is None or low == high:
        return
    usd = f"{row['total_usd_low']:,.0f} to {row['total_usd_high']:,.0f} USD a month"
    yield Finding(
        light=Light.GREEN,
        title=f"between {low:,} and {counted(high, 'broker')}, depending on the peak one plans for",
        detail=f"That is {usd}; the ends are for the low and the high traffic.",
    )


def _too_dear_to_miss(sized: ClusterSizing, row: Mapping[str, Any]) -> Iterator[Finding]:
    """Name the cheapest option that only a quota forbids, where it is cheaper than what fits."""
    rows = sized.options.filter(
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
        detail=f"{best['shortfall'][:1].upper()}{best['shortfall'][1:]}.",
    )
