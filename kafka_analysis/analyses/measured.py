"""What several analyses measure in their scope: each quantity is reduced here, in one way."""

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from kafka_analysis import stats
from kafka_analysis.analyses.scope import Scope


def traffic(scope: Scope) -> pl.DataFrame:
    """Return the rates of traffic in each cluster's window."""
    samples = scope.recorded.samples(*stats.TRAFFIC_METRICS)
    return stats.in_windows(stats.traffic_rates, samples, scope.windows)


def increases(scope: Scope, *metrics: str, every: timedelta | None = None) -> pl.DataFrame:
    """Return what counters grew by in each cluster's window."""
    options = {} if every is None else {"every": every}
    return stats.in_windows(stats.increase, scope.recorded.samples(*metrics), scope.windows, **options)


def gauges(scope: Scope, *metrics: str) -> pl.DataFrame:
    """Return what gauges showed in each cluster's window."""
    return stats.in_windows(stats.gauge, scope.recorded.samples(*metrics), scope.windows)


def records(scope: Scope) -> pl.DataFrame:
    """Return the records appended to each partition in its cluster's window."""
    return stats.in_windows(stats.records_appended, scope.recorded.table("offsets"), scope.windows)


def replica_sizes(scope: Scope) -> pl.DataFrame:
    """Return the size of every replica; the log directories' answers before and after the window count."""
    return stats.replica_sizes(
        scope.recorded.samples("log_size_bytes"),
        log_dirs=scope.whole.table("log_dirs"),
        windows=scope.windows,
    )


def brokers(scope: Scope) -> pl.DataFrame:
    """Return the last snapshot of each cluster's brokers in its window."""
    return stats.snapshots_in(scope.recorded.known_brokers(), scope.windows)


def replicas(scope: Scope) -> pl.DataFrame:
    """Return the last snapshot of each cluster's partitions in its window: leader, replicas, in-sync replicas."""
    return stats.snapshots_in(scope.recorded.table("partitions"), scope.windows)


def partition_load(
    scope: Scope, *, placed: pl.DataFrame, rates: pl.DataFrame, sizes: pl.DataFrame
) -> pl.DataFrame:
    """Return the load of every partition: traffic apportioned by records, sizes of replicas."""
    return stats.partition_load(placed, rates=rates, records=records(scope), sizes=sizes)


def cluster_traffic(scope: Scope) -> pl.DataFrame:
    """Return the traffic of whole clusters over time, in buckets that show peaks."""
    rates = stats.in_windows(
        stats.traffic_rates, scope.recorded.samples(*stats.TRAFFIC_METRICS), scope.windows,
        every=peak_buckets(scope), by=["cluster"], topics=scope.topics,
    )  # fmt: skip
    return stats.cluster_rates(rates, topics=scope.topics)


def peak_buckets(scope: Scope) -> timedelta:
    """Return the length of the buckets in which peaks are looked for."""
    return stats.peak_bucket_length(*stats.span(scope.windows), interval_s=scope.recorded.interval_s)


def notes(scope: Scope) -> tuple[str, ...]:
    """Return what a reader must know of any analysis: windows, how rates were made, what was not allowed to be seen."""
    rates = stats.describe_rates(scope.recorded.samples(*stats.TRAFFIC_METRICS))
    return (*stats.describe_windows(scope.windows), *rates, *scope.recorded.notes)


def frames_by_cluster(frames: Mapping[str, pl.DataFrame], cluster: str) -> dict[str, str]:
    """Return the rows of one cluster of each frame as files of CSV."""
    return {f"{name}.csv": frame.filter(cluster=cluster).write_csv() for name, frame in frames.items()}
