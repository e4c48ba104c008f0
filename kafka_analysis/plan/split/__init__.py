"""Which topic and client goes into which cell."""

from kafka_analysis.plan.split.options import SplitWeights
from kafka_analysis.plan.split.plan import SplitPlan, plan_split

__all__ = ["SplitPlan", "SplitWeights", "plan_split"]
