"""What ``plan size`` reckons with: the clusters of a capture, or plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kafka_analysis.model.errors import InputError

if TYPE_CHECKING:
    from kafka_analysis.model.findings import Coverage
    from kafka_analysis.plan.catalogue import Catalogue
    from kafka_analysis.plan.common.outcome import Outcome
    from kafka_analysis.plan.sizing.clusters import ClusterSizing

PLAIN = "plain numbers"


def sized_capture(
    path: Path, cluster: str | None, catalogue: Catalogue, options: Mapping[str, Any]
) -> tuple[list[Outcome[ClusterSizing]], dict[str, Coverage]]:
    """Size the clusters of a capture: the one named, else its sources, else all of them.

    Raises
    ------
    InputError
        There is no such capture or cluster, or an option is wrong.
    """
    from kafka_analysis import plan, stats
    from kafka_analysis.capture.read import read_capture

    asked = {f"declared_{name}" if name == "connections" else name: value for name, value in options.items()}
    recorded = read_capture(path)
    clusters = recorded.cluster_table
    if cluster is not None and cluster not in clusters["cluster"]:
        raise InputError.unknown("cluster", cluster, clusters["cluster"])
    sources = clusters.filter(role="source") if cluster is None else stats.select_cluster(clusters, cluster)
    windows = stats.choose_windows(
        recorded.table("events"), clusters=sources if len(sources) else clusters, start=None, end=None,
        capture_start=recorded.start, capture_end=recorded.end,
    )  # fmt: skip
    configs = stats.snapshots_in(recorded.table("topic_configs"), windows)
    log_dirs = recorded.table("log_dirs")  # answers before and after the window count
    recorded = recorded.window(*stats.span(windows))
    topics = stats.select_topics(recorded.known_topics(), include_internal=True)
    every = stats.peak_bucket_length(*stats.span(windows), interval_s=recorded.interval_s)
    traffic = recorded.samples(*stats.TRAFFIC_METRICS)
    rates = stats.in_windows(stats.traffic_rates, traffic, windows)
    timed = stats.in_windows(stats.traffic_rates, traffic, windows, every=every)
    placed = stats.snapshots_in(recorded.table("partitions"), windows)
    sizes = stats.replica_sizes(recorded.samples("log_size_bytes"), log_dirs=log_dirs, windows=windows)
    records = stats.in_windows(stats.records_appended, recorded.table("offsets"), windows)
    sized = plan.size_clusters(
        stats.cluster_rates(timed, topics=topics),
        inventory=stats.topic_inventory(stats.topic_load(rates), sizes=sizes, partitions=placed, topics=topics),
        configs=configs, windows=windows, catalogue=catalogue,
        brokers=stats.snapshots_in(recorded.known_brokers(), windows),
        connections=stats.in_windows(stats.gauge, recorded.samples("connection_count"), windows),
        load=stats.partition_load(placed, rates=rates, records=records, sizes=sizes), **asked,
    )  # fmt: skip
    coverage = stats.coverage_by_cluster(
        recorded.scrapes(), recorded.expected_brokers, windows=windows, interval_s=recorded.interval_s
    )
    return sized, coverage


def sized_numbers(
    catalogue: Catalogue, options: Mapping[str, Any], *, partitions: int | None
) -> list[Outcome[ClusterSizing]]:
    """Size one cluster from plain numbers, all declared.

    Raises
    ------
    InputError
        A number is missing or wrong.
    """
    import polars as pl

    from kafka_analysis import plan

    asked = dict(options)
    hours = asked.pop("declared_retention_hours", None)
    names = {
        "declared_peak_in": "--bytes-in-peak", "declared_avg_in": "--bytes-in-avg",
        "declared_peak_out": "--bytes-out-peak", "declared_avg_out": "--bytes-out-avg",
    }  # fmt: skip
    missing = [option for name, option in names.items() if asked.get(name) is None]
    missing += ["--partitions"] * (partitions is None) + ["--retention-hours"] * (hours is None)
    if missing:
        needed = ", ".join([*names.values(), "--partitions", "--retention-hours"])
        message = f"{missing[0]} is missing; without a CAPTURE give {needed}"
        raise InputError(message)
    settings = {
        name: asked.pop(name)
        for name in ("availability_zones", "metadata", "authentication")
        if name in asked
    }
    nothing = pl.DataFrame(schema={"bytes_in_per_s": pl.Float64, "bytes_out_per_s": pl.Float64})
    workload = plan.workload_of(nothing, partitions=partitions or 0, retention_hours=hours, **asked)
    options_found = plan.size_cluster(workload, catalogue=catalogue, **settings)
    costs = plan.option_items(options_found, workload, catalogue=catalogue)
    return [plan.Outcome(PLAIN, plan.ClusterSizing(workload, options=options_found, costs=costs))]
