"""Partition skew: who carries too much, since when, and why."""

from dataclasses import dataclass
from typing import Annotated

import polars as pl

from kafka_analysis import stats
from kafka_analysis.analyses import measured
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.scope import Scope, windows_of_clusters
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.parameters.describing import PartitionSkewParameters


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class PartitionSkew(Answer):
    """How unevenly brokers, racks, log directories, topics and partitions are loaded."""

    brokers: Annotated[pl.DataFrame, "what each broker carries: traffic, size, leaders, replicas, requests"]
    racks: Annotated[pl.DataFrame, "the same, added up by rack"]
    skew: Annotated[pl.DataFrame, "measures of skew of each resource over brokers"]
    rack_skew: Annotated[pl.DataFrame, "the same over racks"]
    lorenz: Annotated[pl.DataFrame, "Lorenz curves of brokers, resource by resource"]
    levels: Annotated[pl.DataFrame, "measures of skew of brokers, racks, log directories, topics, partitions"]
    log_dirs: Annotated[pl.DataFrame, "bytes on each log directory"]
    causes: Annotated[pl.DataFrame, "excess above the mean of all overloaded brokers, by cause"]
    over_time: Annotated[pl.DataFrame, "skew of each resource over time"]
    trends: Annotated[pl.DataFrame, "whether skew is constant, daily, growing or shrinking"]
    partitions: Annotated[pl.DataFrame, "load of each partition, with the evidence of its traffic"]
    shares: Annotated[pl.DataFrame, "what each topic puts on each broker"]
    agreement: Annotated[pl.DataFrame, "topics' counters held against the brokers' own totals"]


@analysis(PartitionSkewParameters)
def partition_skew(capture: Capture, parameters: PartitionSkewParameters) -> PartitionSkew:
    """Measure how unevenly brokers are loaded, attribute the excess above the mean to causes, and judge it.

    Returns
    -------
    PartitionSkew
        Judged by max ÷ mean of the most uneven resource. All topics count that brokers carry, Kafka's own too, unless
        they are left out.
    """
    scope = windows_of_clusters(capture, parameters)
    partitions = stats.keep_topics(measured.replicas(scope), scope.topics)
    rates, sizes = measured.traffic(scope), measured.replica_sizes(scope)
    load = stats.client_load(
        stats.broker_load(
            rates, sizes=sizes, partitions=partitions, brokers=measured.brokers(scope), topics=scope.topics
        ),
        requests=measured.increases(scope, "requests_total"),
        connections=measured.gauges(scope, "connection_count", "client_connection_count"),
    )
    racks = stats.rack_load(load)
    shares = stats.topics_on_brokers(rates, sizes=sizes, partitions=partitions, topics=scope.topics)
    by_partition = measured.partition_load(scope, placed=partitions, rates=rates, sizes=sizes)
    recent = stats.recent_brokers(scope.recorded.table("brokers"), rates=rates)
    causes = stats.skew_causes(load, shares=shares, partitions=by_partition, recent=recent, rates=rates)
    log_dirs = stats.log_dir_load(
        stats.keep_topics(stats.snapshots_in(scope.whole.table("log_dirs"), scope.windows), scope.topics)
    )
    topic_load = stats.topic_sizes_and_traffic(
        stats.keep_topics(stats.topic_load(rates), scope.topics), sizes=stats.keep_topics(sizes, scope.topics)
    )
    over_time = _over_time(capture.window(parameters.start, parameters.end), scope)
    results = stats.skew_results(
        load, clusters=scope.names, coverage=scope.coverage, shares=shares, partitions=by_partition, causes=causes,
        placed=partitions, amber=parameters.skew_amber, red=parameters.skew_red,
    )  # fmt: skip
    by_level = {
        "broker": load,
        "rack": racks,
        "log_dir": log_dirs,
        "topic": topic_load,
        "partition": by_partition,
    }
    agreement = stats.aggregate_agreement(rates)
    frames = {
        "brokers": load,
        "racks": racks,
        "skew": stats.measure_skew(load, resources=stats.BROKER_RESOURCES),
        "rack_skew": stats.measure_skew(racks, resources=stats.SKEW_RESOURCES, key="rack"),
        "lorenz": stats.lorenz_by_cluster(load, resources=stats.SKEW_RESOURCES),
        "levels": stats.skew_by_level(by_level),
        "log_dirs": log_dirs,
        "causes": causes,
        "over_time": over_time,
        "trends": stats.judge_skew_over_time(over_time),
        "partitions": by_partition,
        "shares": shares,
        "agreement": agreement.join(scope.clusters.select("cluster"), on="cluster", how="semi"),
    }
    return PartitionSkew(
        parameters=parameters,
        scope=scope,
        results=tuple(results),
        notes=measured.notes(scope),
        **{name: scope.in_order(frame) for name, frame in frames.items()},
    )


def _over_time(whole: Capture, scope: Scope) -> pl.DataFrame:
    """Measure skew in buckets over all that was asked for, of which the windows are parts."""
    buckets = {
        "start": whole.start, "end": whole.end,
        "every": stats.skew_bucket_length(whole.start, whole.end, interval_s=whole.interval_s),
        "by": ["cluster", "broker"], "topics": scope.topics,
    }  # fmt: skip
    rates = stats.traffic_rates(whole.samples(*stats.TRAFFIC_METRICS), **buckets)
    gauges = stats.gauge(whole.samples(*stats.TIMED_METRICS), **buckets)
    measures = stats.skew_over_time(rates, gauges=gauges, topics=scope.topics)
    return measures.join(scope.clusters.select("cluster"), on="cluster", how="semi", maintain_order="left")
