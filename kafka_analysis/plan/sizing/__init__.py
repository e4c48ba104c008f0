"""How many brokers of which type carry a workload, and what they cost: two published models side by side."""

from kafka_analysis.plan.sizing.broker_count import sustained_ingress_mb_per_s
from kafka_analysis.plan.sizing.broker_options import size_cluster
from kafka_analysis.plan.sizing.costs import cost_items
from kafka_analysis.plan.sizing.workload import Workload

__all__ = ["Workload", "cost_items", "size_cluster", "sustained_ingress_mb_per_s"]
