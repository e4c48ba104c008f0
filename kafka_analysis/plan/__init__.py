"""Plans computed from statistics: pure and deterministic."""

from kafka_analysis.plan.catalogue import Catalogue, read_catalogue
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.common.topics_and_clients import (
    METRICS_READ,
    TABLES_READ,
    TopicsAndClients,
    topics_and_clients,
)
from kafka_analysis.plan.cutover.headroom import cell_headroom
from kafka_analysis.plan.cutover.mends import known_mends, with_mends
from kafka_analysis.plan.cutover.parity_mends import parity_mends
from kafka_analysis.plan.cutover.rollback import rollback_files
from kafka_analysis.plan.cutover.snapshot import offsets_snapshot, read_snapshot
from kafka_analysis.plan.execution.files import execution_files
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.plan import ExecutionPlan, plan_execution
from kafka_analysis.plan.files.assignment_files import read_planned
from kafka_analysis.plan.mirroring.adviser import ReplicationAdvice, advise_replication
from kafka_analysis.plan.mirroring.division import divide_topics
from kafka_analysis.plan.mirroring.facts import limits_of_tools, replication_facts
from kafka_analysis.plan.mirroring.round_robin import round_robin, task_loads
from kafka_analysis.plan.mirroring.tasks import loads_of_tasks
from kafka_analysis.plan.rebalance.clusters import ClusterPlan, plan_clusters
from kafka_analysis.plan.rebalance.frames import plan_files, plan_frames, plan_notes
from kafka_analysis.plan.rebalance.judge import judge
from kafka_analysis.plan.rebalance.judged import judge_recorded
from kafka_analysis.plan.rebalance.plan import RebalancePlan, plan_rebalance
from kafka_analysis.plan.rebalance.results import rebalance_results
from kafka_analysis.plan.rebalance.tradeoff import trade_off
from kafka_analysis.plan.routing.build import build_routing
from kafka_analysis.plan.routing.diff import routing_diff
from kafka_analysis.plan.routing.moves import move_groups, move_topics
from kafka_analysis.plan.routing.table import RoutingTable
from kafka_analysis.plan.routing.text import parse_routing, routing_json, routing_yaml
from kafka_analysis.plan.routing.validate import validate_routing
from kafka_analysis.plan.sizing.broker_count import sustained_ingress_mb_per_s
from kafka_analysis.plan.sizing.broker_options import size_cluster
from kafka_analysis.plan.sizing.broker_prices import broker_prices
from kafka_analysis.plan.sizing.clusters import ClusterSizing, option_items, size_clusters
from kafka_analysis.plan.sizing.costs import cost_items
from kafka_analysis.plan.sizing.frames import sizing_frames
from kafka_analysis.plan.sizing.hardware import hardware_shift, measured_peaks
from kafka_analysis.plan.sizing.measured import peak_ratios, workload_of
from kafka_analysis.plan.sizing.ranking import cheapest, rank_options
from kafka_analysis.plan.sizing.recovery import recovery_times, storage_growth
from kafka_analysis.plan.sizing.results import sizing_notes, sizing_results
from kafka_analysis.plan.sizing.workload import Workload
from kafka_analysis.plan.split.clusters import plan_source_splits, with_cells
from kafka_analysis.plan.split.frames import split_files, split_frames, split_notes
from kafka_analysis.plan.split.options import SplitWeights
from kafka_analysis.plan.split.plan import SplitPlan, plan_split
from kafka_analysis.plan.split.results import split_results
from kafka_analysis.plan.waves.clusters import plan_source_waves, sources_of
from kafka_analysis.plan.waves.frames import source_wave_files, wave_files, wave_frames, wave_notes
from kafka_analysis.plan.waves.plan import WavePlan, plan_waves
from kafka_analysis.plan.waves.results import wave_results
