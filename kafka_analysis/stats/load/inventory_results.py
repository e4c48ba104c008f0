"""Put verdict, figures and findings of the inventory of each cluster together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import NOT_SCRAPED, Coverage, Figure, Result
from kafka_analysis.model.frames import to_polars
from kafka_analysis.stats.flows.groups import present_groups
from kafka_analysis.stats.load.inventory_verdict import inventory_verdict
from kafka_analysis.stats.load.placement_findings import placement_findings
from kafka_analysis.stats.scope.results import of_cluster
from kafka_analysis.stats.scope.snapshots import last_snapshot


def _count(frame: pl.DataFrame, column: str) -> float | None:
    return frame[column].n_unique() if len(frame) else None


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
        _inventory_answer(name, coverage.get(name, NOT_SCRAPED), *of_cluster(name, *rows))
        for name in clusters
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
        Figure(name="brokers", label="Brokers", value=_count(brokers, "broker")),
        Figure(name="topics", label="Topics", value=_count(partitions, "topic")),
        Figure(name="partitions", label="Partitions", value=len(partitions) or None),
        Figure(name="size_bytes", label="Stored, all copies", value=_total(load, "size_bytes"), unit="B"),
        Figure(name="groups", label="Consumer groups", value=_count(present_groups(groups), "group")),
    )
    verdict = inventory_verdict(findings, coverage=coverage, partitions=len(partitions))
    return Result(
        cluster=cluster, verdict=verdict, figures=figures, findings=tuple(findings), coverage=coverage
    )


def _total(frame: pl.DataFrame, column: str) -> float | None:
    values = frame[column]
    return float(values.sum()) if len(values) and values.null_count() == 0 else None
