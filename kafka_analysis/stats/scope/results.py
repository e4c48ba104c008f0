"""Say of each cluster whether the capture holds enough data for analyses."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import NOT_SCRAPED, Coverage, Figure, Result
from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.questions import EXPECTED
from kafka_analysis.stats.scope.snapshots import last_snapshot
from kafka_analysis.stats.scope.verdicts import capture_verdict


def capture_results(
    *,
    clusters: Sequence[str],
    coverage: Mapping[str, Coverage],
    gaps: Any,
    metrics: Any,
    brokers: Any,
    partitions: Any,
    minutes: float,
) -> list[Result]:
    """Say of each cluster whether the capture holds enough data for analyses.

    Parameters
    ----------
    gaps
        ``cluster`` and a row per gap.
    metrics
        ``cluster``, ``metric`` seen.
    brokers, partitions
        The tables of that name; of several snapshots the last counts.
    minutes
        Length of the capture.
    """
    placed = [last_snapshot(to_polars(frame)) for frame in (brokers, partitions)]
    rows = [to_polars(gaps), to_polars(metrics), *placed]
    results = []
    for name in clusters:
        gaps, metrics, brokers, partitions = of_cluster(name, *rows)
        missing = [names[0] for names in EXPECTED if not set(names) & set(metrics["metric"])]
        seen = coverage.get(name, NOT_SCRAPED)
        figures = (
            Figure(name="minutes", label="Recorded", value=minutes, unit="min"),
            Figure(name="scrapes_seen", label="Scrapes seen", value=seen.ratio, unit="%", better="higher"),
            Figure(name="gaps", label="Gaps", value=len(gaps), better="lower"),
            Figure(name="brokers", label="Brokers, at the end", value=count_of(brokers, "broker")),
            Figure(name="partitions", label="Partitions, at the end", value=len(partitions) or None),
        )
        verdict = capture_verdict(coverage=seen, gaps=len(gaps), missing=missing)
        results.append(Result(cluster=name, verdict=verdict, figures=figures, coverage=seen))
    return results


def of_cluster(cluster: str, *frames: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the rows of one cluster of each frame."""
    return [frame.filter(cluster=cluster) for frame in frames]


def count_of(frame: pl.DataFrame, column: str) -> float | None:
    """Count the distinct values of a column; of no row it is not known how many there are."""
    return frame[column].n_unique() if len(frame) else None
