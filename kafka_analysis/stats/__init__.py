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
from kafka_analysis.stats.blast.outage_gaps import describe_announced_gaps
from kafka_analysis.stats.blast.outages import find_outages, restarted_brokers, restarted_clusters
from kafka_analysis.stats.blast.predicted import partition_effects, predicted_blast
from kafka_analysis.stats.blast.shares import blast_shares
from kafka_analysis.stats.change_points.agreement import Agreement, agreement
from kafka_analysis.stats.change_points.find import find_changes
from kafka_analysis.stats.change_points.moved import found_moves, move_step, stated_moves, target_share
from kafka_analysis.stats.change_points.results import Change, Changes
from kafka_analysis.stats.cutover.brokers import broker_checks
from kafka_analysis.stats.cutover.certificates import certificate_checks
from kafka_analysis.stats.cutover.clients import consumer_checks, producer_checks
from kafka_analysis.stats.cutover.counts import count_checks, sealed_counts, uneven_topics
from kafka_analysis.stats.cutover.ends import cluster_checks, way_back_checks
from kafka_analysis.stats.cutover.headroom import headroom_checks
from kafka_analysis.stats.cutover.horizon import checkpoint_horizon
from kafka_analysis.stats.cutover.moving import Moving, moving, moving_topics
from kafka_analysis.stats.cutover.parity import parity_checks
from kafka_analysis.stats.cutover.read_twice import (
    BY_END,
    MATCHED,
    SYNCED,
    matched_offsets,
    offsets_by_ends,
    read_twice,
    read_twice_checks,
    synced_offsets,
)
from kafka_analysis.stats.cutover.read_twice import by_group as read_twice_by_group
from kafka_analysis.stats.cutover.readers import MOVING, reading_groups
from kafka_analysis.stats.cutover.reading_costs import reading_costs
from kafka_analysis.stats.cutover.records import compared_records, record_checks
from kafka_analysis.stats.cutover.replica import replica_checks
from kafka_analysis.stats.cutover.replicator import replicator_checks
from kafka_analysis.stats.cutover.results import cutover_results
from kafka_analysis.stats.cutover.retention import retention_checks
from kafka_analysis.stats.cutover.stages import asked_checks
from kafka_analysis.stats.cutover.starts import group_starts, start_checks
from kafka_analysis.stats.cutover.summary import summarised, with_waves
from kafka_analysis.stats.cutover.summary import verdicts as cutover_verdicts
from kafka_analysis.stats.cutover.timestamps import timestamp_checks
from kafka_analysis.stats.cutover.transactions import transaction_checks
from kafka_analysis.stats.cutover.uncommitted import (
    uncommitted_checks,
    uncommitted_readers,
    uncommitted_reads,
    unseen_readers,
)
from kafka_analysis.stats.effect.cluster_effects import cluster_effects
from kafka_analysis.stats.effect.confounders import confounder_effects, moved_topics, no_control
from kafka_analysis.stats.effect.controls import measure_against_control, ratio_series
from kafka_analysis.stats.effect.cost_effects import cost_effect
from kafka_analysis.stats.effect.each import measure_each
from kafka_analysis.stats.effect.lag_effects import lag_effects
from kafka_analysis.stats.effect.measure import measure_effect
from kafka_analysis.stats.effect.questions import question_verdicts
from kafka_analysis.stats.effect.request_effects import REQUEST_METRICS, request_effects
from kafka_analysis.stats.effect.result import Effect, Placebo
from kafka_analysis.stats.effect.sides import Sides, at_work, sides_of
from kafka_analysis.stats.effect.topic_effects import topic_effects
from kafka_analysis.stats.effect.traffic import business_series, steps_of, traffic_effects
from kafka_analysis.stats.effect.utilisation_effects import UTILISATION_METRICS, utilisation_effects
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
from kafka_analysis.stats.lag.coverage import answers_seen
from kafka_analysis.stats.lag.findings import lag_findings
from kafka_analysis.stats.lag.groups import lag_by_group
from kafka_analysis.stats.lag.over_time import group_lag
from kafka_analysis.stats.lag.partitions import RECENT_ANSWERS, measure_lag
from kafka_analysis.stats.lag.phases import lag_in_phases
from kafka_analysis.stats.lag.results import describe_pace, lag_results
from kafka_analysis.stats.lag.retention import retention_used, topic_retention
from kafka_analysis.stats.lag.written_at import written_at
from kafka_analysis.stats.load.brokers import (
    BROKER_RESOURCES,
    SKEW_RESOURCES,
    broker_load,
    client_load,
    rack_load,
    recent_brokers,
    replica_counts,
)
from kafka_analysis.stats.load.disk_writes import disk_writes
from kafka_analysis.stats.load.inventory_results import inventory_results
from kafka_analysis.stats.load.partitions import partition_load
from kafka_analysis.stats.load.replica_sizes import replica_sizes, sized_by_log_dirs, with_cordoned
from kafka_analysis.stats.load.topics import aggregate_agreement, topic_inventory, topic_load, topic_totals
from kafka_analysis.stats.load.topics_on_brokers import topics_on_brokers
from kafka_analysis.stats.mirror.aliases import describe_aliases, mirror_aliases, named_checkpoints
from kafka_analysis.stats.mirror.anatomy import mirror_parts
from kafka_analysis.stats.mirror.connectors import (
    Connector,
    deleted_connectors,
    halted_mirrors,
    mirror_connectors,
)
from kafka_analysis.stats.mirror.failures.connectors import connector_failures
from kafka_analysis.stats.mirror.failures.groups import group_failures
from kafka_analysis.stats.mirror.failures.offsets_topic import offsets_topic_failures
from kafka_analysis.stats.mirror.failures.permission import permission_failures
from kafka_analysis.stats.mirror.failures.positions import position_failures
from kafka_analysis.stats.mirror.failures.retention import retention_failures
from kafka_analysis.stats.mirror.failures.topics import (
    access_failures,
    partition_failures,
    unmirrored_failures,
)
from kafka_analysis.stats.mirror.lag import mirror_lag
from kafka_analysis.stats.mirror.measure import Mirrors, describe_commits, measure_mirrors
from kafka_analysis.stats.mirror.not_replicated import internal_topics, not_replicated
from kafka_analysis.stats.mirror.other_tools import (
    FLINK_METRICS,
    REPORTED_METRICS,
    flink_places,
    reported_flows,
    reported_lag,
)
from kafka_analysis.stats.mirror.patterns import replication_patterns
from kafka_analysis.stats.mirror.places import (
    assigned_places,
    assigned_tasks,
    best_places,
    committed_places,
    counted_places,
    newest_syncs,
    synced_places,
    unmirrored_places,
)
from kafka_analysis.stats.mirror.remote_topics import remote_topics
from kafka_analysis.stats.mirror.results import replication_results
from kafka_analysis.stats.mirror.settings import (
    settings_beside_recommended,
    task_counts,
    tasks_beside_recommended,
)
from kafka_analysis.stats.parity.access import access_parity
from kafka_analysis.stats.parity.brokers import authorizers_of, broker_parity, open_to_all
from kafka_analysis.stats.parity.configs import config_parity
from kafka_analysis.stats.parity.ends import PARITY_TABLES, measure_parity
from kafka_analysis.stats.parity.quotas import quota_parity
from kafka_analysis.stats.parity.rows import COMPARED, PARITY, Parity
from kafka_analysis.stats.parity.schemas import schema_parity
from kafka_analysis.stats.parity.settings import setting_facts
from kafka_analysis.stats.parity.topics import topic_parity
from kafka_analysis.stats.parity.users import user_parity
from kafka_analysis.stats.reduce.readings import readings
from kafka_analysis.stats.reduce.samples import gauge, increase
from kafka_analysis.stats.scope.cluster_windows import (
    choose_windows,
    describe_windows,
    gaps_in,
    in_windows,
    snapshots_in,
    span,
)
from kafka_analysis.stats.scope.coverage import (
    coverage_by_cluster,
    coverage_of_windows,
    scrapes_seen,
    summarise_coverage,
)
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
from kafka_analysis.stats.summary.page import executive_page
from kafka_analysis.stats.traffic.change_findings import change_findings
from kafka_analysis.stats.traffic.cluster_rates import cluster_rates, peak_bucket_length
from kafka_analysis.stats.traffic.comparison import both_windows, compare_topics, compare_windows, traffic_in
from kafka_analysis.stats.traffic.kinds import sum_by_kind, traffic_by_kind
from kafka_analysis.stats.traffic.mirroring import (
    MIRROR_METRICS,
    describe_mirroring,
    mirror_flows,
    mirrored_records,
    mirroring_findings,
    names_at_source,
)
from kafka_analysis.stats.traffic.rates import TRAFFIC_METRICS, describe_rates, traffic_rates
from kafka_analysis.stats.traffic.results import ALL_CLUSTERS, throughput_result
from kafka_analysis.stats.traffic.timeline import bucket_length, topic_traffic_over_time, traffic_over_time
from kafka_analysis.stats.traffic.topic_changes import topic_changes
from kafka_analysis.stats.traffic.window_events import window_events
