"""Plans computed from statistics: pure and deterministic."""

from kafka_analysis.plan.clusters import ClusterPlan, plan_clusters
from kafka_analysis.plan.execution import ExecutionPlan, plan_execution
from kafka_analysis.plan.execution_files import execution_files
from kafka_analysis.plan.execution_limits import ExecutionLimits
from kafka_analysis.plan.judge import judge
from kafka_analysis.plan.rebalance import RebalancePlan, plan_rebalance
from kafka_analysis.plan.rebalance_answers import rebalance_answers
from kafka_analysis.plan.rebalance_frames import plan_files, plan_frames, plan_notes
from kafka_analysis.plan.tradeoff import trade_off

__all__ = [
    "ClusterPlan",
    "ExecutionLimits",
    "ExecutionPlan",
    "RebalancePlan",
    "execution_files",
    "judge",
    "plan_clusters",
    "plan_execution",
    "plan_files",
    "plan_frames",
    "plan_notes",
    "plan_rebalance",
    "rebalance_answers",
    "trade_off",
]
