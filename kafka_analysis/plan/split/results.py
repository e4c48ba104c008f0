"""Put verdict, figures and findings of the split of each source together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Result
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted, format_duration, format_quantity
from kafka_analysis.plan.sizing.verdict import ENOUGH_S
from kafka_analysis.plan.split.clusters import SourceSplit
from kafka_analysis.plan.split.findings import split_findings
from kafka_analysis.plan.split.summary import SplitSummary
from kafka_analysis.plan.split.verdict import several, split_verdict
from kafka_analysis.stats.blast_findings import outage_findings

_NOTHING = Coverage(expected=0, seen=0, worst="no broker of it was scraped")


def split_answers(
    splits: Sequence[SourceSplit],
    *,
    coverage: Mapping[str, Coverage],
    seconds: Mapping[str, float] | None = None,
    outages: Frame = None,
    enough_s: float = ENOUGH_S,
) -> list[Result]:
    """Say of each source how many cells take its place, what the loss of one reaches, and what should be done.

    Parameters
    ----------
    splits
        Result of :func:`kafka_analysis.plan.split.clusters.plan_source_splits`.
    coverage
        Scrapes seen of those expected, by cluster.
    seconds
        How long the traffic of each cluster was looked at.
    outages
        Result of ``stats.compare_outages``, where outages are on record: each is told of, with what was predicted.
    enough_s
        Seconds of traffic below which brokers and dollars are not to be relied on; the split itself is judged.

    Returns
    -------
    list of Result
        One for each source; the lights are those of :func:`kafka_analysis.plan.split.verdict.split_verdict`. Figures:
        share of the clients that the worst cell reaches, clients in extra cells (Σ of cells − 1), share of the bytes
        that cross cells, brokers, USD a month; null where there is no plan or they are unknown.

    Examples
    --------
    >>> import polars as pl
    >>> nobody = SourceSplit("c", pl.DataFrame(), pl.DataFrame(), unknown="no client of it is known")
    >>> (answer,) = split_answers([nobody], coverage={"c": Coverage(expected=1, seen=1)})
    >>> answer.verdict.light.value, answer.figures[0].value
    ('grey', None)
    """
    told = [] if outages is None else outage_findings(to_polars(outages))
    return [
        _answer(one, coverage.get(one.cluster, _NOTHING), (seconds or {}).get(one.cluster), enough_s, told)
        for one in splits
    ]


def _answer(
    one: SourceSplit, coverage: Coverage, seconds: float | None, enough_s: float, outages: list[Finding]
) -> Result:
    return Result(
        cluster=one.cluster,
        verdict=split_verdict(one, coverage=coverage, seconds=seconds, enough_s=enough_s),
        figures=_figures(one, seconds, enough_s),
        findings=(*split_findings(one, seconds=seconds, enough_s=enough_s), *outages),
        coverage=coverage,
    )


def _figures(one: SourceSplit, seconds: float | None, enough_s: float) -> tuple[Figure, ...]:
    found = None if one.plan is None else one.plan.summary
    rests_on = evidence_of(one)
    notes = {} if found is None else _notes(found)
    short = (
        "" if seconds is None or seconds >= enough_s else f"rests on {format_duration(seconds)} of traffic"
    )
    brokers = ", ".join(note for note in (notes.get("brokers"), short) if note)

    def value(name: str) -> Any:
        return None if found is None else getattr(found, name)

    return (
        Figure(name="worst_client_share", label="Worst cell reaches", value=value("worst_client_share"), unit="%",
               better="lower", evidence=rests_on, note="of the clients; before: 100 %"),
        Figure(name="clients_in_extra_cells", label="Clients in extra cells", value=value("clients_in_extra_cells"),
               better="lower", evidence=rests_on, note=notes.get("clients", "")),
        Figure(name="cross_cell_share", label="Bytes that cross cells", value=value("cross_cell_share"), unit="%",
               better="lower", evidence=rests_on, note=notes.get("bytes", "")),
        Figure(name="brokers", label="Brokers of all cells", value=value("brokers"), unit="brokers", better="lower",
               evidence=Evidence.ESTIMATED, note=brokers),
        Figure(name="monthly_usd", label="All cells cost", value=value("monthly_usd"), unit="USD a month",
               better="lower", evidence=Evidence.ESTIMATED, note="list prices, AWS's sizing script"),
    )  # fmt: skip


def _notes(found: SplitSummary) -> dict[str, str]:
    known = found.flows_known
    accounts = "" if found.accounts is None else f"in {counted(found.accounts, 'account')} by quota"
    return {
        "clients": f"{several(found):,} of {counted(found.clients, 'client')} in more than one cell",
        "bytes": "" if known is None else f"known of {format_quantity(known, '%')} of the flows",
        "brokers": accounts,
    }


def evidence_of(one: SourceSplit) -> Evidence:
    """Return the weakest evidence of what is known of who uses what.

    Examples
    --------
    >>> import polars as pl
    >>> evidence_of(SourceSplit("c", pl.DataFrame(), pl.DataFrame())).value
    'measured'
    """
    told = set() if one.plan is None else set(one.plan.evidence["evidence"])
    for weaker in (Evidence.DECLARED, Evidence.ESTIMATED):
        if weaker.value in told:
            return weaker
    return Evidence.MEASURED
