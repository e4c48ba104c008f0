"""In which order topics and clients cut over: waves, their times, what to check and how to go back."""

from kafka_analysis.plan.waves.plan import WavePlan, plan_waves

__all__ = ["WavePlan", "plan_waves"]
