"""Put verdict, figures and findings of each cluster together: what the first screen of a report says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Light, Result
from kafka_analysis.model.frames import to_polars
from kafka_analysis.stats.findings import placement_findings
from kafka_analysis.stats.flows.groups import present_groups
from kafka_analysis.stats.scope.windows import Window
from kafka_analysis.stats.verdicts import (
    capture_verdict,
    inventory_verdict,
    not_dated,
    throughput_verdict,
)

NEEDED = (  # one of each
    ("bytes_in_total", "bytes_in_per_s"),
    ("bytes_out_total", "bytes_out_per_s"),
    ("messages_in_total", "messages_in_per_s"),
    ("log_size_bytes",),
)
ALL_CLUSTERS = "all clusters"
UNKNOWN = Coverage(expected=0, seen=0, worst="no broker of it was scraped")


def capture_answers(
    *,
    clusters: Sequence[str],
    coverage: Mapping[str, Coverage],
    gaps: Any,
    metrics: Any,
    brokers: Any,
    partitions: Any,
    minutes: float,
) -> list[Result]:
    """Say of each cluster whether the capture carries an analysis.

    Parameters
    ----------
    gaps
        ``cluster`` and a row per gap.
    metrics
        ``cluster``, ``metric`` seen.
    brokers, partitions
        One snapshot of each.
    minutes
        Length of the capture.
    """
    rows = [to_polars(frame) for frame in (gaps, metrics, brokers, partitions)]
    return [
        _capture_answer(name, coverage.get(name, UNKNOWN), minutes, *of_cluster(name, *rows))
        for name in clusters
    ]


def of_cluster(cluster: str, *frames: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the rows of one cluster of each frame."""
    return [frame.filter(pl.col("cluster") == cluster) for frame in frames]


def _capture_answer(
    cluster: str,
    coverage: Coverage,
    minutes: float,
    gaps: pl.DataFrame,
    metrics: pl.DataFrame,
    brokers: pl.DataFrame,
    partitions: pl.DataFrame,
) -> Result:
    missing = [names[0] for names in NEEDED if not set(names) & set(metrics["metric"])]
    figures = (
        Figure(name="minutes", label="Recorded", value=minutes, unit="min"),
        Figure(name="scrapes_seen", label="Scrapes seen", value=coverage.ratio, unit="%", better="higher"),
        Figure(name="gaps", label="Gaps", value=len(gaps), better="lower"),
        Figure(name="brokers", label="Brokers", value=_count(brokers, "broker")),
        Figure(name="partitions", label="Partitions", value=len(partitions) or None),
    )
    verdict = capture_verdict(coverage=coverage, gaps=len(gaps), missing=missing)
    return Result(cluster=cluster, verdict=verdict, figures=figures, coverage=coverage)


def _count(frame: pl.DataFrame, column: str) -> float | None:
    return frame[column].n_unique() if len(frame) else None


def inventory_answers(
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
        One snapshot of each, of the topics chosen.
    groups
        Result of ``groups.groups_in``: those that have gone are not counted.
    load
        Result of :func:`kafka_analysis.stats.load.load.broker_load`.
    """
    rows = [to_polars(frame) for frame in (brokers, partitions, load, groups)]
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


def throughput_answer(
    comparison: Any,
    *,
    before: Any,
    after: Any,
    targets: Sequence[str],
    coverage: Coverage,
    windows: Sequence[Window] = (),
    findings: Sequence[Finding] = (),
    cluster: str = ALL_CLUSTERS,
) -> Result:
    """Say whether the business traffic of all clusters and topics held, and how much of it the cells carry.

    Parameters
    ----------
    comparison
        Result of ``throughput.compare_windows``.
    before, after
        Results of ``throughput.sum_by_kind`` of the two windows.
    targets
        Names of the target clusters.
    windows
        The two windows: guessed ones are not judged.
    findings
        What changed topic by topic (``change_findings.change_findings``) and what of the traffic is uncertain
        (``mirroring.mirroring_findings``): left out where nothing is judged.
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
    verdict = not_dated(windows) or throughput_verdict(rows, coverage=coverage, findings=findings)
    shown = () if verdict.light is Light.GREY else tuple(findings)
    return Result(cluster=cluster, verdict=verdict, figures=figures, findings=shown, coverage=coverage)


def _evidence(traffic: pl.DataFrame) -> Evidence:
    rows = traffic.filter(pl.col("kind") == "business")
    return Evidence.ESTIMATED if (rows["evidence"] == "estimated").any() else Evidence.MEASURED


def _share(traffic: pl.DataFrame, targets: Sequence[str]) -> float | None:
    business = traffic.filter(pl.col("kind") == "business").drop_nulls("bytes_in_per_s")
    total = business["bytes_in_per_s"].sum()
    there = business.filter(pl.col("cluster").is_in(list(targets)))["bytes_in_per_s"].sum()
    return there / total if total and targets else None


def _migration(traffic: pl.DataFrame) -> float | None:
    if len(traffic) == 0:
        return None
    return float(traffic.filter(pl.col("kind") == "migration")["bytes_in_per_s"].sum())
