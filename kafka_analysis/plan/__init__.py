"""Plans computed from statistics: pure and deterministic."""

from kafka_analysis.plan.execution.files import execution_files
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.plan import ExecutionPlan, plan_execution
from kafka_analysis.plan.rebalance.answers import rebalance_answers
from kafka_analysis.plan.rebalance.clusters import ClusterPlan, plan_clusters
from kafka_analysis.plan.rebalance.frames import plan_files, plan_frames, plan_notes
from kafka_analysis.plan.rebalance.judge import judge
from kafka_analysis.plan.rebalance.plan import RebalancePlan, plan_rebalance
from kafka_analysis.plan.rebalance.tradeoff import trade_off
from kafka_analysis.plan.routing.build import build_routing
from kafka_analysis.plan.routing.diff import routing_diff
from kafka_analysis.plan.routing.steps import move_groups, move_topics
from kafka_analysis.plan.routing.table import RoutingTable
from kafka_analysis.plan.routing.text import parse_routing, routing_json, routing_yaml
from kafka_analysis.plan.routing.validate import validate_routing

__all__ = [
    "ClusterPlan",
    "ExecutionLimits",
    "ExecutionPlan",
    "RebalancePlan",
    "RoutingTable",
    "build_routing",
    "execution_files",
    "judge",
    "move_groups",
    "move_topics",
    "parse_routing",
    "plan_clusters",
    "plan_execution",
    "plan_files",
    "plan_frames",
    "plan_notes",
    "plan_rebalance",
    "rebalance_answers",
    "routing_diff",
    "routing_json",
    "routing_yaml",
    "trade_off",
    "validate_routing",
]
