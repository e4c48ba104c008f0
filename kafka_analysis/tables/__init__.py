"""Tables for people: one function each, a frame in and a table out; nothing is computed or loaded here."""

from kafka_analysis.tables.aggregate_agreement import aggregate_agreement
from kafka_analysis.tables.base import Table
from kafka_analysis.tables.blast_radius import blast_radius
from kafka_analysis.tables.bridged_clients import bridged_clients
from kafka_analysis.tables.brokers import brokers
from kafka_analysis.tables.clusters import clusters
from kafka_analysis.tables.comparison import comparison
from kafka_analysis.tables.events import events
from kafka_analysis.tables.execution_batches import execution_batches
from kafka_analysis.tables.flow_evidence import flow_evidence
from kafka_analysis.tables.groups import groups
from kafka_analysis.tables.hardware_limits import hardware_limits
from kafka_analysis.tables.metrics_seen import metrics_seen
from kafka_analysis.tables.movements import movements
from kafka_analysis.tables.partitions import partitions
from kafka_analysis.tables.rebalance_goals import rebalance_goals
from kafka_analysis.tables.scrape_targets import scrape_targets
from kafka_analysis.tables.short_retention import short_retention
from kafka_analysis.tables.sizing_costs import sizing_costs
from kafka_analysis.tables.sizing_input import sizing_input
from kafka_analysis.tables.sizing_ranking import sizing_ranking
from kafka_analysis.tables.sizing_shortfalls import sizing_shortfalls
from kafka_analysis.tables.skew_causes import skew_causes
from kafka_analysis.tables.skew_levels import skew_levels
from kafka_analysis.tables.skew_measures import skew_measures
from kafka_analysis.tables.skew_trends import skew_trends
from kafka_analysis.tables.split_alternatives import split_alternatives
from kafka_analysis.tables.split_cells import split_cells
from kafka_analysis.tables.spread_clients import spread_clients
from kafka_analysis.tables.storage_growth import storage_growth
from kafka_analysis.tables.topic_reasons import topic_reasons
from kafka_analysis.tables.topics import topics
from kafka_analysis.tables.waves import waves

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
