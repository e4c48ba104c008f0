"""How a rebalance plan is carried out: batches, throttles, times, files for Kafka's own tools."""

from kafka_analysis.plan.execution.plan import ExecutionPlan, plan_execution

__all__ = ["ExecutionPlan", "plan_execution"]
