"""Put verdict, figures and findings of a plan of waves together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Light, Result, Verdict
from kafka_analysis.model.units import counted, format_duration, format_quantity, format_time
from kafka_analysis.plan.common.evidence import weakest
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.common.results import no_plan, results_of
from kafka_analysis.plan.waves.input import named
from kafka_analysis.plan.waves.plan import WavePlan

_ESTIMATED = {"better": "lower", "evidence": Evidence.ESTIMATED}
_FIGURES = (
    Figure(name="waves", label="Waves", value=None),
    Figure(name="days", label="From the first copy to the end", value=None, unit="days", **_ESTIMATED),
    Figure(name="largest_risk_share", label="Largest wave", value=None, unit="%", better="lower",
           note="of clients or bytes, whichever is larger"),
    Figure(name="clients_bridged", label="Clients on source and target at once", value=None, better="lower"),
    Figure(name="backfill_hours", label="Total copy time", value=None, unit="h", **_ESTIMATED),
)  # fmt: skip
_LARGE = 0.5  # share of clients or bytes that one wave should not exceed


def wave_results(outcomes: Sequence[Outcome[WavePlan]], *, coverage: Mapping[str, Coverage]) -> list[Result]:
    """Say how many waves move what, until when, how much each risks, and what must be done before the first.

    Parameters
    ----------
    outcomes
        Result of :func:`kafka_analysis.plan.waves.clusters.plan_source_waves`.
    coverage
        Scrapes seen of those expected, by cluster; below what is required the verdict is grey.

    Returns
    -------
    list of Result
        One for each source. Red: topics delete records before the move is done with them, or no plan keeps to the
        limits. Amber: clients use source and target at once, a wave touches more than half of the clients or bytes, or
        there are warnings. Green: none of that. Figures: waves, days, the largest share of clients or bytes that
        moves at once, clients at both ends for a while, and the time all copies take; null where there is no plan.

    Examples
    --------
    >>> (result,) = wave_results([Outcome("c", unknown="no cells are given")],
    ...     coverage={"c": Coverage(expected=1, seen=1)})
    >>> result.verdict.light.value, result.verdict.sentence
    ('grey', 'not planned: no cells are given.')
    """
    return results_of(
        outcomes, coverage, verdict=_verdict, figures=_FIGURES, values=_values, findings=_findings
    )


def _verdict(outcome: Outcome[WavePlan], coverage: Coverage) -> Verdict:
    if verdict := no_plan(outcome, coverage):
        return verdict
    plan = outcome.plan
    waves = plan.waves
    ends = format_time(waves["soak_until"][-1])
    top = waves["risk_share"].max()
    topics, clients = counted(len(plan.topic_waves), "topic"), counted(len(plan.client_waves), "client")
    move = "moves" if len(waves) == 1 else "move"
    parts = [
        f"{counted(len(waves), 'wave')} {move} {topics} and {clients} by {ends}",
        "" if top is None else f"the largest affects {format_quantity(top, '%')} of clients or bytes at once",
        _bridged_words(plan),
        f"{counted(len(plan.retention), 'topic')} must keep records longer first"
        if len(plan.retention)
        else "",
    ]
    return Verdict(light=_light(plan), sentence=f"{'; '.join(part for part in parts if part)}.")


def _light(plan: WavePlan) -> Light:
    if len(plan.retention):
        return Light.RED
    large = len(plan.waves) > 1 and (plan.waves["risk_share"].max() or 0) > _LARGE
    doubtful = plan.bridged_waves or large or plan.warnings
    return Light.AMBER if doubtful else Light.GREEN


def _bridged_words(plan: WavePlan) -> str:
    bridged = plan.client_waves.filter(pl.col("bridged_waves") > 0)
    if not len(bridged):
        return "no client needs source and target at once"
    need = "needs" if len(bridged) == 1 else "need"
    longest = counted(int(bridged["bridged_waves"].max()), "wave")
    return f"{counted(len(bridged), 'client')} {need} source and target at once, for up to {longest}"


def _values(outcome: Outcome[WavePlan]) -> dict[str, dict[str, Any]]:
    plan, waves = outcome.plan, outcome.plan.waves
    length = waves["soak_until"][-1] - waves["replication_start"][0]
    copies = None if waves["backfill_s"].null_count() else waves["backfill_s"].sum() / 3600
    evidence = weakest(plan.client_waves)
    bridged = int((plan.client_waves["bridged_waves"] > 0).sum())
    return {
        "waves": {"value": len(waves)},
        "days": {"value": length.total_seconds() / 86400},
        "largest_risk_share": {"value": waves["risk_share"].max(), "evidence": evidence},
        "clients_bridged": {"value": bridged, "evidence": evidence},
        "backfill_hours": {"value": copies},
    }


def _findings(outcome: Outcome[WavePlan], _: Verdict) -> Iterator[Finding]:
    plan = outcome.plan
    if len(plan.retention):
        yield _retention(plan)
    critical = plan.client_waves.filter((pl.col("bridged_waves") > 0) & (pl.col("criticality") == "critical"))
    if len(critical):
        yield Finding(
            light=Light.AMBER,
            title=f"{counted(len(critical), 'critical client')} on source and target at once for a while",
            detail=f"{named(critical['client'], 'Client')}.",
            action="Name them in together, so that all their topics move in one wave, or prepare them for both "
            "clusters.",
        )
    first = plan.waves.row(0, named=True)
    yield Finding(
        light=_light(plan),
        title=f"the first wave cuts over at {format_time(first['cutover_start'])}",
        detail=f"It moves {counted(first['topics'], 'topic')} and {counted(first['clients'], 'client')}; "
        f"its copy may begin at {format_time(first['replication_start'])}.",
        action="Follow wave-1.md below; each step says what must hold before the next, and how to roll back.",
    )
    others = [warning for warning in plan.warnings if not warning.startswith("Records")]
    if others:
        yield Finding(light=Light.AMBER, title="check before you start", detail=" ".join(others))


def _retention(plan: WavePlan) -> Finding:
    needs = format_duration(plan.retention["needed_s"].max())
    return Finding(
        light=Light.RED,
        title=f"{counted(len(plan.retention), 'topic')} would delete records that the migration still needs",
        detail=f"{named(plan.retention['topic'], 'Topic')}: the shortest retention is "
        f"{format_duration(plan.retention['retention_s'].min())}.",
        action=f"Raise retention.ms at the source to more than {needs} before their copies begin.",
    )
