"""Put verdict, figures and findings of the rebalance of each cluster together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Light, Result
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plan.common.copyable import lost_words
from kafka_analysis.plan.rebalance.clusters import ClusterPlan
from kafka_analysis.plan.rebalance.reachable import unmet
from kafka_analysis.plan.rebalance.verdict import (
    RED,
    listed,
    names_of,
    rebalance_verdict,
    share_of,
    words_of,
    worst,
)

_WORTH_TELLING = 0.05  # of the mean: leaders that mend less are no advice of their own
_NOTHING = Coverage(expected=0, seen=0, worst="no broker of it was scraped")


def rebalance_answers(
    plans: Sequence[ClusterPlan], *, coverage: Mapping[str, Coverage], red: float = RED
) -> list[Result]:
    """Say of each cluster what its rebalance moves, how long it takes, what it mends, and what should be done.

    Parameters
    ----------
    plans
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
    >>> nobody = ClusterPlan("c", pl.DataFrame(), unknown="the capture has no partitions of it")
    >>> (answer,) = rebalance_answers([nobody], coverage={"c": Coverage(expected=1, seen=1)})
    >>> answer.verdict.light.value, answer.figures[0].value
    ('grey', None)
    """
    return [_answer(one, coverage.get(one.cluster, _NOTHING), red=red) for one in plans]


def _answer(planned: ClusterPlan, coverage: Coverage, *, red: float) -> Result:
    verdict = rebalance_verdict(planned, coverage=coverage, red=red)
    findings = tuple(_findings(planned, verdict.light)) if planned.rebalance else ()
    return Result(
        cluster=planned.cluster,
        verdict=verdict,
        figures=_figures(planned),
        findings=findings,
        coverage=coverage,
    )


def _figures(planned: ClusterPlan) -> tuple[Figure, ...]:
    summary, run = planned.rebalance.summary if planned.rebalance else None, planned.execution
    nothing = (None, None)
    old, first = worst(summary.goals, "before") if summary else nothing
    new, then = worst(summary.goals, "after") if summary else nothing
    minutes = None if run is None or run.seconds is None else run.seconds / 60
    unit = f"× {share_of(planned).rpartition(' ')[2]}"
    moved, bound = (summary.bytes_to_move, summary.lower_bound_bytes) if summary else nothing
    return (
        Figure(name="bytes_to_move", label="To move", value=moved, unit="B", better="lower"),
        Figure(name="minutes", label="Takes", value=minutes, unit="min", better="lower", evidence=Evidence.ESTIMATED),
        Figure(name="fullest_before", label="Fullest broker now", value=old, unit=unit, better="lower",
               evidence=planned.evidence(first), note=words_of(first) if first else ""),
        Figure(name="fullest_after", label="Fullest broker afterwards", value=new, unit=unit, better="lower",
               evidence=planned.evidence(then), note=words_of(then) if then else ""),
        Figure(name="lower_bound_bytes", label="Any plan moves at least", value=bound, unit="B",
               evidence=_evidence(planned), note="to meet every goal"),
    )  # fmt: skip


def _evidence(planned: ClusterPlan) -> Evidence:
    """Return what all goals together rest on: traffic that is estimated makes them so."""
    goals = planned.rebalance.summary.goals["goal"] if planned.rebalance else ()
    found = {planned.evidence(goal) for goal in goals}
    return Evidence.ESTIMATED if Evidence.ESTIMATED in found else Evidence.MEASURED


def _findings(planned: ClusterPlan, light: Light) -> Iterator[Finding]:
    summary, goals = planned.rebalance.summary, planned.rebalance.summary.goals
    if planned.held:
        yield Finding(light=Light.RED, title="the plan cannot start as things are", detail=f"{planned.held}.")
    elif planned.execution is not None and (summary.movements or summary.leader_changes):
        yield _ready(planned, light)
    if summary.movements:
        yield from _leaders_first(planned)
    if len(summary.left_out):
        yield _left_out(planned)
    rules = goals.filter(pl.col("least_before").is_null() & ((pl.col("before") > 0) | (pl.col("after") > 0)))
    for row in rules.iter_rows(named=True):
        yield _rule(row, left_out=len(summary.left_out))
    missed = goals.filter(pl.col("least_before").is_not_null(), status="VIOLATED")
    if len(missed):
        yield _missed(planned, missed)
    if planned.execution is not None and planned.execution.warnings:
        yield Finding(
            light=Light.AMBER,
            title="look at this before the start",
            detail=" ".join(planned.execution.warnings),
        )


def _ready(planned: ClusterPlan, light: Light) -> Finding:
    summary = planned.rebalance.summary
    batches = counted(planned.execution.batches.height, "batch", "batches")
    fixed = names_of(summary.goals.filter(status="FIXED"))
    mends = f" It brings within bounds: {fixed}." if fixed else ""
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


def _leaders_first(planned: ClusterPlan) -> Iterator[Finding]:
    rows = {row["kind"]: row for row in planned.trade_off.iter_rows(named=True)}
    now, leaders = rows.get("now"), rows.get("leaders")
    if not now or not leaders or leaders["worst"] > now["worst"] - _WORTH_TELLING:
        return
    than = share_of(planned)
    yield Finding(
        light=Light.AMBER,
        title=f"leaders alone bring the fullest broker from {now['worst']:.2f} to {leaders['worst']:.2f} × {than}",
        detail=f"That takes {counted(leaders['leader_changes'], 'change')} of preferred leaders and copies nothing; "
        f"then {words_of(leaders['worst_resource'])} is what lies most unevenly.",
        action="If copying has to wait, plan with leaders_only = True and carry that out first.",
    )


def _left_out(planned: ClusterPlan) -> Finding:
    """Name the partitions that no reassignment can copy."""
    lost, brokers = planned.rebalance.summary.left_out, planned.brokers["broker"]
    return Finding(
        light=Light.RED,
        title=f"{counted(len(lost), 'partition')} cannot be copied and {'is' if len(lost) == 1 else 'are'} left out",
        detail=f"{'; '.join(lost_words(lost, brokers))}. A reassignment would not end until a copy is back.",
        action="Bring the broker back with its disk, or give the data up.",
    )


def _rule(row: Mapping[str, Any], *, left_out: int) -> Finding:
    before, after = (counted(int(row[when]), "partition") for when in ("before", "after"))
    if row["status"] == "FIXED":
        detail, action = "The plan mends all of them.", ""
    else:
        detail, beyond = f"After the plan: {after}.", row["after"] > left_out
        action = (
            "Let the topics concerned move (include_internal, topics_exclude), or allow more bytes."
            if beyond
            else ""
        )
    verb = "breaks" if row["before"] == 1 else "break"
    return Finding(
        light=Light.RED, title=f"{before} {verb} the rule '{row['goal']}'", detail=detail, action=action
    )


def _why(planned: ClusterPlan) -> str:
    return "".join(f" {sentence}" for sentence in unmet(planned.rebalance.summary))


def _missed(planned: ClusterPlan, missed: pl.DataFrame) -> Finding:
    than, bounds = share_of(planned), format_quantity(planned.tolerance, "%")
    if planned.options.get("leaders_only"):
        action = "Let replicas move: plan without leaders_only."
    elif planned.rebalance.summary.lower_bound_bytes is None:
        action = "Allow a larger tolerance, or split what one broker cannot share: large partitions, few partitions."
    elif any(planned.options.get(name) is not None for name in ("max_moved_bytes", "max_movements")):
        action = "Allow more bytes or movements; the curve below shows what they buy."
    else:
        action = "Allow a larger tolerance, or let more topics move."
    rows = missed.select("goal", "least_before", "before", "least_after", "after").iter_rows()
    told = [
        f"{words_of(goal)} {low:.2f} to {high:.2f} (now {least:.2f} to {most:.2f})"
        for goal, least, most, low, high in rows
    ]
    return Finding(
        light=Light.AMBER,
        title=f"after the plan, still more than {bounds} off {than}: {names_of(missed)}",
        detail=f"Emptiest to fullest broker, × {than}: {', '.join(told)}.{_why(planned)}",
        action=action,
    )
