"""Statistics as pure functions on frames, Polars or pandas: they return the kind they were given.

Begin with :func:`increase` and :func:`gauge`, the only functions that look at raw samples; the rest takes their
results.
"""

from kafka_analysis.stats.blast.comparison import (
    OUTAGE_METRICS,
    compare_outages,
    outage_baseline_s,
    serving_clusters,
)
from kafka_analysis.stats.blast.findings import outage_findings
from kafka_analysis.stats.blast.measured import measured_blast, measured_effects
from kafka_analysis.stats.blast.outages import find_outages, restarted_brokers, restarted_clusters
from kafka_analysis.stats.blast.predicted import partition_effects, predicted_blast
from kafka_analysis.stats.blast.shares import blast_shares
from kafka_analysis.stats.flows.clients import (
    client_flows,
    group_flows,
    mean_record_bytes,
    unknown_producers,
    unknown_topics,
)
from kafka_analysis.stats.flows.group_progress import group_progress
from kafka_analysis.stats.flows.groups import describe_groups, describe_unread, groups_in, present_groups
from kafka_analysis.stats.flows.ownership import with_owners
from kafka_analysis.stats.flows.producers import acl_producers, producer_flows
from kafka_analysis.stats.flows.topic_families import internal_families
from kafka_analysis.stats.lag.over_time import group_lag
from kafka_analysis.stats.load.brokers import (
    BROKER_RESOURCES,
    SKEW_RESOURCES,
    broker_load,
    rack_load,
    replica_counts,
)
from kafka_analysis.stats.load.clients import client_load
from kafka_analysis.stats.load.disk_writes import disk_writes
from kafka_analysis.stats.load.inventory_results import inventory_results
from kafka_analysis.stats.load.partitions import partition_load
from kafka_analysis.stats.load.recent_brokers import recent_brokers
from kafka_analysis.stats.load.replica_sizes import replica_sizes, sized_by_log_dirs, with_cordoned
from kafka_analysis.stats.load.topic_inventory import topic_inventory
from kafka_analysis.stats.load.topic_totals import topic_totals
from kafka_analysis.stats.load.topics import aggregate_agreement, topic_load
from kafka_analysis.stats.load.topics_on_brokers import topics_on_brokers
from kafka_analysis.stats.reduce.samples import gauge, increase
from kafka_analysis.stats.scope.cluster_windows import (
    choose_windows,
    describe_windows,
    gaps_in,
    in_windows,
    snapshots_in,
    span,
)
from kafka_analysis.stats.scope.coverage import coverage_by_cluster, scrapes_seen, summarise_coverage
from kafka_analysis.stats.scope.results import capture_results
from kafka_analysis.stats.scope.selection import keep_topics, select_cluster, select_groups, select_topics
from kafka_analysis.stats.scope.snapshots import records_appended, snapshot_at
from kafka_analysis.stats.scope.windows import Window, before_and_after, choose_window, phases
from kafka_analysis.stats.skew.by_level import log_dir_load, skew_by_level, topic_sizes_and_traffic
from kafka_analysis.stats.skew.causes import CAUSED, broker_causes, skew_causes
from kafka_analysis.stats.skew.measures import gini, lorenz, lorenz_by_cluster, measure_skew
from kafka_analysis.stats.skew.over_time import TIMED_METRICS, skew_bucket_length, skew_over_time
from kafka_analysis.stats.skew.results import skew_results
from kafka_analysis.stats.skew.trend import judge_skew_over_time
from kafka_analysis.stats.traffic.change_findings import change_findings
from kafka_analysis.stats.traffic.cluster_rates import cluster_rates, peak_bucket_length
from kafka_analysis.stats.traffic.comparison import (
    both_windows,
    compare_topics,
    coverage_of_windows,
    traffic_in,
)
from kafka_analysis.stats.traffic.kinds import compare_windows, sum_by_kind, traffic_by_kind
from kafka_analysis.stats.traffic.mirroring import (
    MIRROR_METRICS,
    describe_mirroring,
    mirror_flows,
    mirrored_records,
    mirroring_findings,
)
from kafka_analysis.stats.traffic.rates import TRAFFIC_METRICS, describe_rates, traffic_rates
from kafka_analysis.stats.traffic.results import ALL_CLUSTERS, throughput_result
from kafka_analysis.stats.traffic.timeline import bucket_length, traffic_over_time
from kafka_analysis.stats.traffic.topic_changes import topic_changes
from kafka_analysis.stats.traffic.window_events import window_events

__all__ = [
    "ALL_CLUSTERS",
    "BROKER_RESOURCES",
    "CAUSED",
    "MIRROR_METRICS",
    "OUTAGE_METRICS",
    "SKEW_RESOURCES",
    "TIMED_METRICS",
    "TRAFFIC_METRICS",
    "Window",
    "acl_producers",
    "aggregate_agreement",
    "before_and_after",
    "blast_shares",
    "both_windows",
    "broker_causes",
    "broker_load",
    "bucket_length",
    "capture_results",
    "change_findings",
    "choose_window",
    "choose_windows",
    "client_flows",
    "client_load",
    "cluster_rates",
    "compare_outages",
    "compare_topics",
    "compare_windows",
    "coverage_by_cluster",
    "coverage_of_windows",
    "describe_groups",
    "describe_mirroring",
    "describe_rates",
    "describe_unread",
    "describe_windows",
    "disk_writes",
    "find_outages",
    "gaps_in",
    "gauge",
    "gini",
    "group_flows",
    "group_lag",
    "group_progress",
    "groups_in",
    "in_windows",
    "increase",
    "internal_families",
    "inventory_results",
    "judge_skew_over_time",
    "keep_topics",
    "log_dir_load",
    "lorenz",
    "lorenz_by_cluster",
    "mean_record_bytes",
    "measure_skew",
    "measured_blast",
    "measured_effects",
    "mirror_flows",
    "mirrored_records",
    "mirroring_findings",
    "outage_baseline_s",
    "outage_findings",
    "partition_effects",
    "partition_load",
    "peak_bucket_length",
    "phases",
    "predicted_blast",
    "present_groups",
    "producer_flows",
    "rack_load",
    "recent_brokers",
    "records_appended",
    "replica_counts",
    "replica_sizes",
    "restarted_brokers",
    "restarted_clusters",
    "scrapes_seen",
    "select_cluster",
    "select_groups",
    "select_topics",
    "serving_clusters",
    "sized_by_log_dirs",
    "skew_bucket_length",
    "skew_by_level",
    "skew_causes",
    "skew_over_time",
    "skew_results",
    "snapshot_at",
    "snapshots_in",
    "span",
    "sum_by_kind",
    "summarise_coverage",
    "throughput_result",
    "topic_changes",
    "topic_inventory",
    "topic_load",
    "topic_sizes_and_traffic",
    "topic_totals",
    "topics_on_brokers",
    "traffic_by_kind",
    "traffic_in",
    "traffic_over_time",
    "traffic_rates",
    "unknown_producers",
    "unknown_topics",
    "window_events",
    "with_cordoned",
    "with_owners",
]
