"""Put verdict, figures and findings of the rebalance of each cluster together."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Light, Result, Verdict
from kafka_analysis.model.resources import goal_words
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plan.common.copyable import lost_words
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.common.results import results_of
from kafka_analysis.plan.rebalance.clusters import ClusterPlan
from kafka_analysis.plan.rebalance.reachable import unmet
from kafka_analysis.plan.rebalance.verdict import (
    RED,
    listed,
    names_of,
    rebalance_verdict,
    share_of,
    worst,
)

_WORTH_TELLING = 0.05  # of the mean: leaders that mend less are no advice of their own
_FIGURES = (
    Figure(name="bytes_to_move", label="To move", value=None, unit="B", better="lower"),
    Figure(
        name="minutes", label="Takes", value=None, unit="min", better="lower", evidence=Evidence.ESTIMATED
    ),
    Figure(name="fullest_before", label="Fullest broker now", value=None, unit="× mean", better="lower"),
    Figure(
        name="fullest_after", label="Fullest broker afterwards", value=None, unit="× mean", better="lower"
    ),
    Figure(
        name="lower_bound_bytes",
        label="Any plan moves at least",
        value=None,
        unit="B",
        note="to meet every goal",
    ),
)


def rebalance_results(
    outcomes: Sequence[Outcome[ClusterPlan]], *, coverage: Mapping[str, Coverage], red: float = RED
) -> list[Result]:
    """Say of each cluster what its rebalance moves, how long it takes, what it mends, and what should be done.

    Parameters
    ----------
    outcomes
        Result of :func:`kafka_analysis.plan.rebalance.clusters.plan_clusters`.
    coverage
        Scrapes seen of those expected, by cluster.
    red
        Fullest broker ÷ its share from which the light is red.

    Returns
    -------
    list of Result
        Figures: bytes to move and the least any plan moves (B), duration (min, estimated), the fullest broker ÷ its
        share before and after; null where there is no plan. A ratio of traffic says that it is estimated.

    Examples
    --------
    >>> nothing = Outcome("c", unknown="the capture has no partitions of it")
    >>> (result,) = rebalance_results([nothing], coverage={"c": Coverage(expected=1, seen=1)})
    >>> result.verdict.light.value, result.figures[0].value
    ('grey', None)
    """
    return results_of(
        outcomes, coverage, verdict=partial(rebalance_verdict, red=red), figures=_FIGURES, values=_values,
        findings=_findings,
    )  # fmt: skip


def _values(outcome: Outcome[ClusterPlan]) -> dict[str, dict[str, Any]]:
    plan = outcome.plan
    summary, execution = plan.rebalance.summary, plan.execution
    seconds = None if execution is None else execution.seconds
    unit = f"× {share_of(plan).rpartition(' ')[2]}"
    goals = {plan.evidence(goal) for goal in summary.goals["goal"]}
    all_goals = Evidence.ESTIMATED if Evidence.ESTIMATED in goals else Evidence.MEASURED
    fullest = {when: worst(summary.goals, when) for when in ("before", "after")}
    return {
        "bytes_to_move": {"value": summary.bytes_to_move},
        "minutes": {"value": None if seconds is None else seconds / 60},
        "lower_bound_bytes": {"value": summary.lower_bound_bytes, "evidence": all_goals},
        **{
            f"fullest_{when}": {
                "value": ratio, "unit": unit, "evidence": plan.evidence(resource), "note": goal_words(resource),
            }
            for when, (ratio, resource) in fullest.items()
        },
    }  # fmt: skip


def _findings(outcome: Outcome[ClusterPlan], verdict: Verdict) -> Iterator[Finding]:
    plan = outcome.plan
    summary, goals = plan.rebalance.summary, plan.rebalance.summary.goals
    if plan.held:
        yield Finding(light=Light.RED, title="the plan cannot start now", detail=f"{plan.held}.")
    elif plan.execution is not None and (summary.movements or summary.leader_changes):
        yield _ready(plan, verdict.light)
    if summary.movements:
        yield from _leaders_first(plan)
    if len(summary.left_out):
        yield _left_out(plan)
    rules = goals.filter(pl.col("least_before").is_null() & ((pl.col("before") > 0) | (pl.col("after") > 0)))
    for row in rules.iter_rows(named=True):
        yield _rule(row, left_out=len(summary.left_out))
    missed = goals.filter(pl.col("least_before").is_not_null(), status="VIOLATED")
    if len(missed):
        yield _missed(plan, missed)
    if plan.execution is not None and plan.execution.warnings:
        yield Finding(
            light=Light.AMBER,
            title="check before you start",
            detail=" ".join(plan.execution.warnings),
        )


def _ready(plan: ClusterPlan, light: Light) -> Finding:
    summary = plan.rebalance.summary
    batches = counted(plan.execution.batches.height, "batch", "batches")
    fixed = names_of(summary.goals.filter(status="FIXED"))
    mends = f" It meets: {fixed}." if fixed else ""
    replicas, leaders = summary.movements, summary.leader_changes
    what = [counted(replicas, "replica")] * bool(replicas) + [counted(leaders, "preferred leader")] * bool(
        leaders
    )
    copied = f"{format_quantity(summary.bytes_to_move, 'B')} are copied" if replicas else "Nothing is copied"
    return Finding(
        light=light,
        title=f"a plan of {batches} is ready; it changes {listed(what)}",
        detail=f"{copied}.{mends}",
        action="Follow plan.md below, batch by batch; each batch has its checks and its rollback.",
    )


def _leaders_first(plan: ClusterPlan) -> Iterator[Finding]:
    rows = {row["kind"]: row for row in plan.trade_off.iter_rows(named=True)}
    now, leaders = rows.get("now"), rows.get("leaders")
    if not now or not leaders or leaders["worst"] > now["worst"] - _WORTH_TELLING:
        return
    than = share_of(plan)
    yield Finding(
        light=Light.AMBER,
        title=f"leaders alone bring the fullest broker from {now['worst']:.2f} to {leaders['worst']:.2f} × {than}",
        detail=f"That changes {counted(leaders['leader_changes'], 'preferred leader')} and copies nothing; what is "
        f"least balanced after it: {goal_words(leaders['worst_resource'])}.",
        action="If copying has to wait, plan with leaders_only = True and carry that out first.",
    )


def _left_out(plan: ClusterPlan) -> Finding:
    """Name the partitions that no reassignment can copy."""
    lost, brokers = plan.rebalance.summary.left_out, plan.brokers["broker"]
    return Finding(
        light=Light.RED,
        title=f"{counted(len(lost), 'partition')} cannot be copied and {'is' if len(lost) == 1 else 'are'} left out",
        detail=f"{'; '.join(lost_words(lost, brokers))}. A reassignment would not finish until a replica is back.",
        action="Bring the broker back with its disk, or give up the data.",
    )


def _rule(row: Mapping[str, Any], *, left_out: int) -> Finding:
    before, after = (counted(int(row[when]), "partition") for when in ("before", "after"))
    if row["status"] == "FIXED":
        detail, action = "The plan fixes all of them.", ""
    else:
        detail, beyond = f"After the plan: {after}.", row["after"] > left_out
        action = (
            "Let the topics concerned move (include_internal, topics_exclude), or allow more bytes."
            if beyond
            else ""
        )
    verb = "violates" if row["before"] == 1 else "violate"
    return Finding(
        light=Light.RED,
        title=f"{before} {verb} the rule '{goal_words(row['goal'])}'",
        detail=detail,
        action=action,
    )


def _why(plan: ClusterPlan) -> str:
    return "".join(f" {sentence}" for sentence in unmet(plan.rebalance.summary))


def _missed(plan: ClusterPlan, missed: pl.DataFrame) -> Finding:
    than, bounds = share_of(plan), format_quantity(plan.tolerance, "%")
    if plan.options.get("leaders_only"):
        action = "Let replicas move: plan without leaders_only."
    elif plan.rebalance.summary.lower_bound_bytes is None:
        action = (
            "Allow a larger tolerance, or split what one broker cannot share: large partitions, topics "
            "with few partitions."
        )
    elif any(plan.options.get(name) is not None for name in ("max_moved_bytes", "max_movements")):
        action = "Allow more bytes or movements; the curve below shows what they gain."
    else:
        action = "Allow a larger tolerance, or let more topics move."
    rows = missed.select("goal", "least_before", "before", "least_after", "after").iter_rows()
    ranges = [
        f"{goal_words(goal)} {low:.2f} to {high:.2f} (now {least:.2f} to {most:.2f})"
        for goal, least, most, low, high in rows
    ]
    return Finding(
        light=Light.AMBER,
        title=f"after the plan, still more than {bounds} off {than}: {names_of(missed)}",
        detail=f"Emptiest to fullest broker, × {than}: {', '.join(ranges)}.{_why(plan)}",
        action=action,
    )
