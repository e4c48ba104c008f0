"""Tables for people: one function each, a frame in and a table out; nothing is computed or loaded here."""

from kafka_analysis.tables.base import Table
from kafka_analysis.tables.blast import blast_radius
from kafka_analysis.tables.cutover import (
    cutover_blocking,
    cutover_checklist,
    cutover_verdicts,
    end_differences,
    reading_costs,
    records_read_twice,
)
from kafka_analysis.tables.executive import (
    executive_actions,
    executive_answers,
    executive_changes,
    executive_risks,
    executive_unknown,
)
from kafka_analysis.tables.lag import group_lag, lag_phases, partition_lag
from kafka_analysis.tables.load import aggregate_agreement, brokers, groups, partitions, topics
from kafka_analysis.tables.migration import bridged_clients, short_retention, waves
from kafka_analysis.tables.mirrors import (
    mirror_settings,
    mirrored_partitions,
    not_replicated,
    replication_failures,
    replication_flows,
    tool_limits,
    topic_division,
)
from kafka_analysis.tables.rebalance import execution_batches, movements, rebalance_goals
from kafka_analysis.tables.recording import clusters, events, metrics_seen, scrape_targets
from kafka_analysis.tables.replication import replication_advice
from kafka_analysis.tables.sizing import (
    hardware_limits,
    sizing_costs,
    sizing_input,
    sizing_ranking,
    sizing_shortfalls,
    storage_growth,
)
from kafka_analysis.tables.skew import skew_causes, skew_levels, skew_measures, skew_trends
from kafka_analysis.tables.split import (
    flow_evidence,
    split_alternatives,
    split_cells,
    spread_clients,
    topic_reasons,
)
from kafka_analysis.tables.traffic import (
    cluster_effects,
    comparison,
    confounders,
    effects,
    moves,
    question_verdicts,
    topic_effects,
)
