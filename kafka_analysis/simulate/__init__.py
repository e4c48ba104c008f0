"""Captures made up with planted, known truth: for tests, benchmarks and people without a cluster."""

from kafka_analysis.simulate.plan import Plan, plan_of, read_plan
from kafka_analysis.simulate.planted import planted_file
from kafka_analysis.simulate.run import Simulated, simulate_capture, simulate_plan
