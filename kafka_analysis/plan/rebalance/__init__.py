"""Which replicas and leaders of one cluster move where, and what that costs."""

from kafka_analysis.plan.rebalance.plan import RebalancePlan, plan_rebalance

__all__ = ["RebalancePlan", "plan_rebalance"]
