"""Start here: is this capture good enough to judge the clusters by, and for what."""

from dataclasses import dataclass
from typing import Annotated

import polars as pl

from kafka_analysis import stats
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.scope import Scope, chosen_clusters, chosen_topics, coverage_in
from kafka_analysis.capture.capture import Capture, of_all_clusters
from kafka_analysis.model.parameters.describing import StartHereParameters


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class StartHere(Answer):
    """What a capture holds, and whether that is enough for analyses."""

    targets: Annotated[
        pl.DataFrame, "each scrape target: how often it answered, and what became of its lines"
    ]
    gaps: Annotated[pl.DataFrame, "when a target did not answer, and why"]
    events: Annotated[pl.DataFrame, "what happened during the recording"]
    metrics: Annotated[pl.DataFrame, "the metrics held, with series and samples"]
    traffic: Annotated[pl.DataFrame, "bytes and records over time, by kind of traffic"]


@analysis(StartHereParameters)
def start_here(capture: Capture, parameters: StartHereParameters) -> StartHere:
    """Say of each cluster of a capture what was recorded, and whether it is enough to judge by.

    Returns
    -------
    StartHere
        Judged by the share of the scrapes expected, gaps and missing metrics.
    """
    recorded = capture.window(parameters.start, parameters.end)
    clusters = chosen_clusters(recorded, parameters.cluster)
    windows = dict.fromkeys(clusters["cluster"], stats.Window(recorded.start, recorded.end))
    coverage = coverage_in(recorded, windows, parameters)
    topics = chosen_topics(recorded.known_topics(), parameters, clusters=clusters)
    scope = Scope(recorded, recorded, clusters, topics, windows, coverage)
    samples = recorded.samples(*stats.TRAFFIC_METRICS, "mirror_records_total")
    every = stats.bucket_length(recorded.start, recorded.end, interval_s=recorded.interval_s)
    metrics = recorded.metrics(by_cluster=True)
    results = stats.capture_results(
        clusters=scope.names, coverage=coverage, gaps=recorded.gaps, metrics=metrics,
        brokers=stats.select_cluster(stats.snapshot_at(recorded.known_brokers(), recorded.end), parameters.cluster),
        partitions=stats.select_cluster(
            stats.snapshot_at(recorded.table("partitions"), recorded.end), parameters.cluster
        ),
        minutes=(recorded.end - recorded.start).total_seconds() / 60,
    )  # fmt: skip
    return StartHere(
        parameters=parameters,
        scope=scope,
        results=tuple(results),
        notes=(
            *stats.describe_announced_gaps(stats.gaps_in(recorded.gaps, windows), recorded.table("events")),
            *stats.describe_rates(samples),
            *recorded.notes,
        ),
        targets=recorded.targets,
        gaps=recorded.gaps,
        events=recorded.table("events"),
        metrics=of_all_clusters(metrics),
        traffic=stats.traffic_over_time(samples, start=recorded.start, end=recorded.end, every=every),
    )
