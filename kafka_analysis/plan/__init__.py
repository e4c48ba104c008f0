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
from kafka_analysis.plan.waves.answers import wave_answers
from kafka_analysis.plan.waves.files import wave_files
from kafka_analysis.plan.waves.plan import WavePlan, plan_waves
from kafka_analysis.plan.waves.settings import with_settings
from kafka_analysis.plan.waves.source import (
    SourceWaves,
    plan_source_waves,
    source_wave_files,
    sources_of,
    wave_frames,
    wave_notes,
)

__all__ = [
    "ClusterPlan",
    "ExecutionLimits",
    "ExecutionPlan",
    "RebalancePlan",
    "SourceWaves",
    "WavePlan",
    "execution_files",
    "judge",
    "plan_clusters",
    "plan_execution",
    "plan_files",
    "plan_frames",
    "plan_notes",
    "plan_rebalance",
    "plan_source_waves",
    "plan_waves",
    "rebalance_answers",
    "source_wave_files",
    "sources_of",
    "trade_off",
    "wave_answers",
    "wave_files",
    "wave_frames",
    "wave_notes",
    "with_settings",
]
