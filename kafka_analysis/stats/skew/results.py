"""Put verdict, figures and findings of the skew of each cluster together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import NOT_SCRAPED, Coverage, Figure, Result
from kafka_analysis.model.frames import to_polars
from kafka_analysis.stats.load.brokers import SKEW_RESOURCES
from kafka_analysis.stats.scope.results import of_cluster
from kafka_analysis.stats.skew.cause_findings import cause_findings
from kafka_analysis.stats.skew.findings import broker_skew_findings
from kafka_analysis.stats.skew.hot_partitions import hot_partition_findings
from kafka_analysis.stats.skew.measures import measure_skew
from kafka_analysis.stats.skew.verdict import skew_verdict

_TOLD = (
    ("bytes_in_per_s", "Bytes in, fullest broker"),
    ("bytes_out_per_s", "Bytes out, fullest broker"),
    ("size_bytes", "Bytes stored, fullest broker"),
    ("leaders", "Leaders, fullest broker"),
)


def skew_results(
    load: Any,
    *,
    clusters: Sequence[str],
    coverage: Mapping[str, Coverage],
    shares: Any,
    partitions: Any,
    causes: Any,
    placed: Any,
    amber: float = 1.2,
    red: float = 1.5,
) -> list[Result]:
    """Say of each cluster how unevenly its load lies on its brokers, and what put it there.

    Parameters
    ----------
    load, shares, partitions, causes
        Results of ``load.broker_load``, ``shares.topics_on_brokers``, ``load.partition_load`` and
        ``causes.skew_causes``.
    placed
        One snapshot of the partitions.
    amber, red
        max ÷ mean from which a resource is a finding.

    Examples
    --------
    >>> load = pl.DataFrame({"cluster": "c", "broker": [1, 2], "leaders": [3, 1]}).with_columns(
    ...     pl.lit(None, pl.Float64).alias(name) for name in SKEW_RESOURCES if name != "leaders")
    >>> text = {"cluster": pl.String, "resource": pl.String, "topic": pl.String, "names": pl.String,
    ...     "cause": pl.String, "evidence": pl.String}
    >>> numbers = {"partition": pl.Int32, "records_per_s": pl.Float64, "excess": pl.Float64, "share": pl.Float64}
    >>> none = pl.DataFrame(schema=text | numbers)
    >>> answers = skew_results(load, clusters=["c"], coverage={"c": Coverage(expected=1, seen=1)}, shares=none,
    ...     partitions=none, causes=none, placed=none)
    >>> answers[0].verdict.sentence
    'broker 1 carries 1.50 × the mean of leaders; 1 of 1 measures reach 1.20 ×.'
    """
    rows = [to_polars(frame) for frame in (load, shares, partitions, causes, placed)]
    return [
        _skew_answer(name, coverage.get(name, NOT_SCRAPED), *of_cluster(name, *rows), amber=amber, red=red)
        for name in clusters
    ]


def _skew_answer(
    cluster: str,
    coverage: Coverage,
    load: pl.DataFrame,
    shares: pl.DataFrame,
    partitions: pl.DataFrame,
    causes: pl.DataFrame,
    placed: pl.DataFrame,
    *,
    amber: float,
    red: float,
) -> Result:
    measured = measure_skew(load, resources=SKEW_RESOURCES)
    verdict = skew_verdict(measured, coverage=coverage, causes=causes, amber=amber, red=red)
    findings = [
        *cause_findings(causes, measured, partitions=placed, amber=amber, red=red),
        *broker_skew_findings(measured, shares, causes=causes, amber=amber, red=red),
        *hot_partition_findings(partitions),
    ]
    return Result(
        cluster=cluster,
        verdict=verdict,
        figures=_skew_figures(measured),
        findings=tuple(findings),
        coverage=coverage,
    )


def _skew_figures(measured: pl.DataFrame) -> tuple[Figure, ...]:
    ratios = dict(measured.select("resource", "max_over_mean").iter_rows())
    figures = (
        Figure(
            name=f"{name}_max_over_mean", label=label, value=ratios.get(name), unit="× mean", better="lower"
        )
        for name, label in _TOLD
    )
    to_move = dict(measured.select("resource", "net_imbalance").iter_rows()).get("size_bytes")
    least = Figure(
        name="size_bytes_net_imbalance",
        label="Bytes stored above the mean",
        value=to_move,
        unit="B",
        better="lower",
    )
    return (*figures, least)
