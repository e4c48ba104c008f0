"""Put verdict, figures and findings of the inventory of each cluster together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import Coverage, Figure, Finding, Light, Result, Verdict, worst_light
from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import counted
from kafka_analysis.stats.flows.groups import present_groups
from kafka_analysis.stats.load.placement_findings import placement_findings
from kafka_analysis.stats.scope.results import UNKNOWN, count_of, of_cluster
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
        Result of ``groups.groups_in``: those that have gone are not counted.
    load
        Result of :func:`kafka_analysis.stats.load.brokers.broker_load`.
    """
    placed = [last_snapshot(to_polars(frame)) for frame in (brokers, partitions)]
    rows = [*placed, to_polars(load), to_polars(groups)]
    return [
        _inventory_answer(name, coverage.get(name, UNKNOWN), *of_cluster(name, *rows)) for name in clusters
    ]


def _inventory_answer(
    cluster: str,
    coverage: Coverage,
    brokers: pl.DataFrame,
    partitions: pl.DataFrame,
    load: pl.DataFrame,
    groups: pl.DataFrame,
) -> Result:
    findings = placement_findings(partitions, brokers)
    figures = (
        Figure(name="brokers", label="Brokers", value=count_of(brokers, "broker")),
        Figure(name="topics", label="Topics", value=count_of(partitions, "topic")),
        Figure(name="partitions", label="Partitions", value=len(partitions) or None),
        Figure(name="size_bytes", label="Stored, all copies", value=_total(load, "size_bytes"), unit="B"),
        Figure(name="groups", label="Consumer groups", value=count_of(present_groups(groups), "group")),
    )
    verdict = inventory_verdict(findings, coverage=coverage, partitions=len(partitions))
    return Result(
        cluster=cluster, verdict=verdict, figures=figures, findings=tuple(findings), coverage=coverage
    )


def _total(frame: pl.DataFrame, column: str) -> float | None:
    values = frame[column]
    return float(values.sum()) if len(values) and values.nullcount_of() == 0 else None


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
