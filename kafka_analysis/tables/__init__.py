"""Tables for people: one function each, a frame in and a table out; nothing is computed or loaded here."""

from kafka_analysis.tables.base import Table
from kafka_analysis.tables.blast.blast_radius import blast_radius
from kafka_analysis.tables.load.aggregate_agreement import aggregate_agreement
from kafka_analysis.tables.load.brokers import brokers
from kafka_analysis.tables.load.groups import groups
from kafka_analysis.tables.load.partitions import partitions
from kafka_analysis.tables.load.topics import topics
from kafka_analysis.tables.migration.bridged_clients import bridged_clients
from kafka_analysis.tables.migration.short_retention import short_retention
from kafka_analysis.tables.migration.waves import waves
from kafka_analysis.tables.rebalance.execution_batches import execution_batches
from kafka_analysis.tables.rebalance.movements import movements
from kafka_analysis.tables.rebalance.rebalance_goals import rebalance_goals
from kafka_analysis.tables.recording.clusters import clusters
from kafka_analysis.tables.recording.events import events
from kafka_analysis.tables.recording.metrics_seen import metrics_seen
from kafka_analysis.tables.recording.scrape_targets import scrape_targets
from kafka_analysis.tables.sizing.hardware_limits import hardware_limits
from kafka_analysis.tables.sizing.sizing_costs import sizing_costs
from kafka_analysis.tables.sizing.sizing_input import sizing_input
from kafka_analysis.tables.sizing.sizing_ranking import sizing_ranking
from kafka_analysis.tables.sizing.sizing_shortfalls import sizing_shortfalls
from kafka_analysis.tables.sizing.storage_growth import storage_growth
from kafka_analysis.tables.skew.skew_causes import skew_causes
from kafka_analysis.tables.skew.skew_levels import skew_levels
from kafka_analysis.tables.skew.skew_measures import skew_measures
from kafka_analysis.tables.skew.skew_trends import skew_trends
from kafka_analysis.tables.split.flow_evidence import flow_evidence
from kafka_analysis.tables.split.split_alternatives import split_alternatives
from kafka_analysis.tables.split.split_cells import split_cells
from kafka_analysis.tables.split.spread_clients import spread_clients
from kafka_analysis.tables.split.topic_reasons import topic_reasons
from kafka_analysis.tables.traffic.comparison import comparison

__all__ = [
    "Table",
    "aggregate_agreement",
    "blast_radius",
    "bridged_clients",
    "brokers",
    "clusters",
    "comparison",
    "events",
    "execution_batches",
    "flow_evidence",
    "groups",
    "hardware_limits",
    "metrics_seen",
    "movements",
    "partitions",
    "rebalance_goals",
    "scrape_targets",
    "short_retention",
    "sizing_costs",
    "sizing_input",
    "sizing_ranking",
    "sizing_shortfalls",
    "skew_causes",
    "skew_levels",
    "skew_measures",
    "skew_trends",
    "split_alternatives",
    "split_cells",
    "spread_clients",
    "storage_growth",
    "topic_reasons",
    "topics",
    "waves",
]
