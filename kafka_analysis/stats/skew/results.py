"""Put verdict, figures and findings of the skew of each cluster together."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import NOT_SCRAPED, Coverage, Figure, Light, Result, Verdict, not_judged
from kafka_analysis.model.frames import Frame, same_kind, to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.stats.load.brokers import SKEW_RESOURCES
from kafka_analysis.stats.scope.results import of_cluster
from kafka_analysis.stats.scope.verdicts import not_covered
from kafka_analysis.stats.skew.cause_findings import cause_findings, main_cause
from kafka_analysis.stats.skew.findings import broker_skew_findings, skew_light
from kafka_analysis.stats.skew.hot_partitions import hot_partition_findings
from kafka_analysis.stats.skew.measures import measure_skew

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
        Results of ``load.broker_load``, ``stats.topics_on_brokers``, ``stats.partition_load`` and
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
    >>> numbers = dict.fromkeys(("broker", "partition", "value", "records_per_s", "excess", "share"), pl.Float64)
    >>> none = pl.DataFrame(schema=text | numbers)
    >>> answers = skew_results(load, clusters=["c"], coverage={"c": Coverage(expected=1, seen=1)}, shares=none,
    ...     partitions=none, causes=none, placed=none)
    >>> answers[0].verdict.sentence
    'broker 1 carries 1.50 × the mean of leaders; 1 of 1 measure exceeds the 1.20 × limit.'
    """
    rows = [to_polars(frame) for frame in (load, shares, partitions, causes, placed)]
    results, limits = [], {"amber": amber, "red": red}
    for name in clusters:
        load, shares, partitions, causes, placed = of_cluster(name, *rows)
        measured = measure_skew(load, resources=SKEW_RESOURCES)
        seen = coverage.get(name, NOT_SCRAPED)
        findings = (
            *cause_findings(causes, measured, partitions=placed, **limits),
            *broker_skew_findings(measured, shares, causes=causes, **limits),
            *hot_partition_findings(partitions),
        )
        verdict = skew_verdict(measured, coverage=seen, causes=causes, **limits)
        about = {"cluster": name, "verdict": verdict, "coverage": seen}
        results.append(Result(**about, figures=_skew_figures(measured), findings=findings))
    return results


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


@same_kind
def skew_verdict(
    skew: Frame, *, coverage: Coverage, causes: Frame = None, amber: float = 1.2, red: float = 1.5
) -> Verdict:
    """Judge a cluster by the resource that lies most unevenly on its brokers.

    Parameters
    ----------
    skew
        Result of :func:`kafka_analysis.stats.skew.measures.measure_skew` of one cluster, keyed by broker.
    causes
        Result of :func:`kafka_analysis.stats.skew.causes.skew_causes` of it: the largest is named if it is clear.
    amber, red
        max/mean from which the light is amber, red.

    Returns
    -------
    Verdict
        Grey without coverage, with fewer than two brokers or when nothing flowed.

    Examples
    --------
    >>> rows = pl.DataFrame({"resource": ["leaders", "bytes_in_per_s"], "n": [3, 3], "top": ["1", "2"],
    ...     "max_over_mean": [1.1, 1.9], "total": [9.0, 9.0]})
    >>> skew_verdict(rows, coverage=Coverage(expected=1, seen=1)).sentence
    'broker 2 carries 1.90 × the mean of bytes in; 1 of 2 measures exceeds the 1.20 × limit.'
    """
    if grey := not_covered(coverage):
        return grey
    loaded = skew.filter(pl.col("max_over_mean").is_not_null() & (pl.col("n") > 1))
    if len(loaded) == 0:
        return not_judged("fewer than two brokers carried any load in the window")
    worst = loaded.sort("max_over_mean", descending=True, maintain_order=True).row(0, named=True)
    light = skew_light(worst["max_over_mean"], amber=amber, red=red)
    words = RESOURCES[worst["resource"]].words
    number = format_quantity(worst["max_over_mean"])
    if light is Light.GREEN:
        return Verdict(
            light=light, sentence=f"even: no broker carries more than {number} × the mean of {words}."
        )
    over = loaded.filter(pl.col("max_over_mean") >= amber)
    cause = "" if causes is None else main_cause(causes, resource=worst["resource"])
    sentence = (
        f"broker {worst['top']} carries {number} × the mean of {words}{f' ({cause})' if cause else ''}; "
        f"{_exceeding(len(over), len(loaded))} the {format_quantity(amber)} × limit."
    )
    return Verdict(light=light, sentence=sentence)


def _exceeding(over: int, measures: int) -> str:
    if over == measures > 1:
        return f"all {measures} measures exceed"
    return f"{over} of {counted(measures, 'measure')} {'exceeds' if over == 1 else 'exceed'}"
