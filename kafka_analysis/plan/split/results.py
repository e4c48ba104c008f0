"""Put verdict, figures and findings of the split of each source together."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Result, Verdict
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted, format_duration, format_quantity
from kafka_analysis.plan.common.evidence import weakest
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.common.results import results_of
from kafka_analysis.plan.sizing.verdict import ENOUGH_S
from kafka_analysis.plan.split.findings import split_findings
from kafka_analysis.plan.split.plan import SplitPlan
from kafka_analysis.plan.split.verdict import IMPOSSIBLE, several, split_verdict
from kafka_analysis.stats.blast.findings import outage_findings

_ESTIMATED = {"better": "lower", "evidence": Evidence.ESTIMATED}
_FIGURES = (
    Figure(name="worst_client_share", label="Worst cell affects", value=None, unit="%", better="lower",
           note="of the clients; before: 100 %"),
    Figure(name="clients_in_extra_cells", label="Clients in extra cells", value=None, better="lower"),
    Figure(name="cross_cell_share", label="Bytes that cross cells", value=None, unit="%", better="lower"),
    Figure(name="brokers", label="Brokers of all cells", value=None, unit="brokers", **_ESTIMATED),
    Figure(name="monthly_usd", label="All cells cost", value=None, unit="USD a month",
           note="list prices, AWS's sizing script", **_ESTIMATED),
)  # fmt: skip


def split_results(
    outcomes: Sequence[Outcome[SplitPlan]],
    *,
    coverage: Mapping[str, Coverage],
    seconds: Mapping[str, float] | None = None,
    outages: Frame = None,
) -> list[Result]:
    """Say of each source how many cells take its place, what the loss of one reaches, and what should be done.

    Parameters
    ----------
    outcomes
        Result of :func:`kafka_analysis.plan.split.clusters.plan_source_splits`.
    coverage
        Scrapes seen of those expected, by cluster.
    seconds
        How long the traffic of each cluster was looked at.
    outages
        Result of ``stats.compare_outages``, where outages are on record: each is told of, with what was predicted.

    Returns
    -------
    list of Result
        One for each source; the lights are those of :func:`kafka_analysis.plan.split.verdict.split_verdict`. Figures:
        share of the clients that the worst cell reaches, clients in extra cells (Σ of cells − 1), share of the bytes
        that cross cells, brokers, USD a month; null where there is no plan or they are unknown.

    Examples
    --------
    >>> nothing = Outcome("c", unknown="none of its clients is known")
    >>> (result,) = split_results([nothing], coverage={"c": Coverage(expected=1, seen=1)})
    >>> result.verdict.light.value, result.figures[0].value
    ('grey', None)
    """
    recorded = () if outages is None else outage_findings(to_polars(outages))
    window = {"seconds": seconds or {}}
    results = results_of(
        outcomes, coverage, verdict=partial(split_verdict, **window), figures=_FIGURES, impossible=IMPOSSIBLE,
        values=partial(_values, **window), findings=partial(_findings, **window),
    )  # fmt: skip
    return [result.model_copy(update={"findings": (*result.findings, *recorded)}) for result in results]


def _findings(outcome: Outcome[SplitPlan], _: Verdict, *, seconds: Mapping[str, float]) -> Iterator[Finding]:
    return split_findings(outcome.plan, seconds=seconds.get(outcome.cluster))


def _values(outcome: Outcome[SplitPlan], *, seconds: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    summary, seen_s = outcome.plan.summary, seconds.get(outcome.cluster)
    short = "" if seen_s is None or seen_s >= ENOUGH_S else f"based on {format_duration(seen_s)} of traffic"
    accounts = "" if summary.accounts is None else f"in {counted(summary.accounts, 'account')} by quota"
    clients = f"{several(summary):,} of {counted(summary.clients, 'client')} in more than one cell"
    window = (
        ""
        if summary.flows_known is None
        else f"known for {format_quantity(summary.flows_known, '%')} of the flows"
    )
    details = {
        "clients_in_extra_cells": {"note": clients},
        "cross_cell_share": {"note": window},
        "brokers": {"note": ", ".join(note for note in (accounts, short) if note)},
    }
    flows = {"evidence": weakest(outcome.plan.evidence)}
    of_flows = dict.fromkeys(("worst_client_share", "clients_in_extra_cells", "cross_cell_share"), flows)
    return {
        figure.name: {"value": getattr(summary, figure.name)}
        | of_flows.get(figure.name, {})
        | details.get(figure.name, {})
        for figure in _FIGURES
    }
