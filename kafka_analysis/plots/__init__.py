"""Figures: one function each, a frame in and a drawing out; nothing is computed or loaded here."""

from kafka_analysis.plots.blast.blast_curve import blast_curve
from kafka_analysis.plots.blast.blast_radius import blast_radius
from kafka_analysis.plots.blast.cell_blast import cell_blast
from kafka_analysis.plots.drawing import Drawing
from kafka_analysis.plots.lag.lag_over_time import lag_over_time
from kafka_analysis.plots.lag.retention_used import retention_used
from kafka_analysis.plots.load.broker_load import broker_load
from kafka_analysis.plots.load.partition_records import partition_records
from kafka_analysis.plots.load.topic_ranking import topic_ranking
from kafka_analysis.plots.migration.wave_gantt import wave_gantt
from kafka_analysis.plots.migration.wave_risk import wave_risk
from kafka_analysis.plots.per_cluster import Drawings, per_cluster
from kafka_analysis.plots.rebalance.broker_changes import broker_changes
from kafka_analysis.plots.rebalance.broker_flows import broker_flows
from kafka_analysis.plots.rebalance.execution_gantt import execution_gantt
from kafka_analysis.plots.rebalance.trade_off import trade_off
from kafka_analysis.plots.recording.scrape_coverage import scrape_coverage
from kafka_analysis.plots.replication.anatomy import replication_anatomy
from kafka_analysis.plots.replication.task_load import task_load
from kafka_analysis.plots.sizing.hardware_shift import hardware_shift
from kafka_analysis.plots.sizing.option_costs import option_costs
from kafka_analysis.plots.skew.lorenz import lorenz
from kafka_analysis.plots.skew.skew_causes import skew_causes
from kafka_analysis.plots.skew.skew_over_time import skew_over_time
from kafka_analysis.plots.split.cell_loads import cell_loads
from kafka_analysis.plots.split.split_graph import split_graph
from kafka_analysis.plots.traffic.before_after_topics import before_after_topics
from kafka_analysis.plots.traffic.throughput_over_time import throughput_over_time
from kafka_analysis.plots.traffic.topic_effects import topic_effects
from kafka_analysis.plots.traffic.traffic_by_kind import traffic_by_kind
