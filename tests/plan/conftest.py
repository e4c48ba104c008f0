"""Plans made up by hand, so that a sentence can be tried without planning anything."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.plan import BATCHES, BROKER_BATCHES, STEPS, ExecutionPlan
from kafka_analysis.plan.rebalance.clusters import ClusterPlan
from kafka_analysis.plan.rebalance.judge import GOALS
from kafka_analysis.plan.rebalance.plan import RebalancePlan, RebalanceSummary

RULES = (
    ("brokers that are there", 0, 0, None, None, "NO-ACTION"),
    ("as many copies", 0, 0, None, None, "NO-ACTION"),
    ("as many racks as possible", 0, 0, None, None, "NO-ACTION"),
)


def execution(batches: int, seconds: tuple[float | None, ...]) -> ExecutionPlan:
    rows = pl.DataFrame({"batch": range(1, batches + 1)}, schema_overrides={"batch": pl.Int32})
    columns = [pl.lit(None, kind).alias(name) for name, kind in BATCHES.items() if name != "batch"]
    low, expected, high = seconds
    return ExecutionPlan(
        steps=pl.DataFrame(schema=STEPS), batches=rows.with_columns(columns),
        broker_batches=pl.DataFrame(schema=BROKER_BATCHES), before=pl.DataFrame(), bytes_to_copy=0.0,
        seconds_low=low, seconds=expected, seconds_high=high, bound_seconds=None, assumptions=(), warnings=(),
        limits=ExecutionLimits(), flavour=None,
    )  # fmt: skip


@pytest.fixture
def made_up():
    """Return a constructor of plans: rows of even goals, what moves, and what else differs from a plain one."""

    def make(*even, rules=RULES, moved=12e9, movements=3, leaders=1, bound=11.6e9, seconds=(840.0, 900.0, 1320.0),
             batches=3, **more):  # fmt: skip
        goals = pl.DataFrame([*rules, *even], schema=GOALS, orient="row")
        brokers = pl.DataFrame(
            {
                "broker": [1, 2],
                "rack": "a",
                "size_bytes_before": [100e9, 40e9],
                "size_bytes_after": [70e9, 70e9],
            },
            schema_overrides={"broker": pl.Int32},
        )
        summary = RebalanceSummary(
            goals=goals, brokers=brokers, bytes_to_move=moved, lower_bound_bytes=bound, movements=movements,
            leader_changes=leaders, assumptions=(),
        )  # fmt: skip
        nothing = pl.DataFrame(schema={"topic": pl.String})
        plan = ClusterPlan(
            RebalancePlan(nothing, nothing, summary, nothing),
            brokers.select("broker", "rack"),
            execution=execution(batches, seconds),
        )
        return replace(plan, **more)

    return make
