"""Put verdict, figures and findings of the inventory of each cluster together."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import (
    NOT_SCRAPED,
    Coverage,
    Figure,
    Finding,
    Light,
    Result,
    Verdict,
    headline,
    not_judged,
    worst_light,
)
from kafka_analysis.model.frames import to_polars
from kafka_analysis.stats.flows.groups import present_groups
from kafka_analysis.stats.load.placement_findings import placement_findings
from kafka_analysis.stats.scope.results import count_of, of_cluster
from kafka_analysis.stats.scope.snapshots import last_snapshot
from kafka_analysis.stats.scope.verdicts import not_covered


def inventory_results(
    *,
    clusters: Sequence[str],
    coverage: Mapping[str, Coverage],
    brokers: Any,
    partitions: Any,
    load: Any,
    groups: Any,
) -> list[Result]:
    """Say of each cluster what it holds and what about its partitions is unsafe.

    Parameters
    ----------
    brokers, partitions
        The tables of the topics chosen; of several snapshots the last counts.
    groups
        Result of ``stats.groups_in``: those that have gone are not counted.
    load
        Result of :func:`kafka_analysis.stats.load.brokers.broker_load`.
    """
    placed = [last_snapshot(to_polars(frame)) for frame in (brokers, partitions)]
    rows = [*placed, to_polars(load), to_polars(groups)]
    results = []
    for name in clusters:
        brokers, partitions, load, groups = of_cluster(name, *rows)
        findings = placement_findings(partitions, brokers)
        figures = (
            Figure(name="brokers", label="Brokers", value=count_of(brokers, "broker")),
            Figure(name="topics", label="Topics", value=count_of(partitions, "topic")),
            Figure(name="partitions", label="Partitions", value=len(partitions) or None),
            Figure(
                name="size_bytes", label="Stored, all replicas", value=_total(load, "size_bytes"), unit="B"
            ),
            Figure(name="groups", label="Consumer groups", value=count_of(present_groups(groups), "group")),
        )
        seen = coverage.get(name, NOT_SCRAPED)
        verdict = inventory_verdict(findings, coverage=seen, partitions=len(partitions))
        about = {"cluster": name, "verdict": verdict, "coverage": seen}
        results.append(Result(**about, figures=figures, findings=tuple(findings)))
    return results


def _total(frame: pl.DataFrame, column: str) -> float | None:
    values = frame[column]
    return float(values.sum()) if len(values) and values.null_count() == 0 else None


def inventory_verdict(findings: Sequence[Finding], *, coverage: Coverage, partitions: int) -> Verdict:
    """Judge a cluster's state by its worst placement finding.

    Placement is what the cluster answered about its partitions; it does not rest on the scrapes of its metrics, so that
    gaps in these leave the verdict as it is. Where no partition is known, ``coverage`` says why.

    Examples
    --------
    >>> inventory_verdict([], coverage=Coverage(expected=1, seen=1), partitions=12).sentence
    'healthy: all 12 partitions have a leader, are in sync, spread over racks and have 3 replicas or more.'
    """
    if partitions == 0:
        return not_covered(coverage) or not_judged("the cluster had none of the chosen topics in the window")
    if not findings:
        sentence = (
            f"healthy: all {partitions} partitions have a leader, are in sync, spread over racks and have "
            "3 replicas or more."
        )
        return Verdict(light=Light.GREEN, sentence=sentence)
    return Verdict(light=worst_light(findings), sentence=f"{headline(findings)}.")
