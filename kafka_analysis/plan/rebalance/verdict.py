"""The verdict on a rebalance plan: one sentence with bytes, time and effect, and a light for the cluster as it is."""

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.findings import Coverage, Light, Verdict
from kafka_analysis.model.resources import goal_words
from kafka_analysis.model.units import (
    UNKNOWN,
    counted,
    format_duration,
    format_estimate,
    format_quantity,
    is_narrow,
)
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.common.results import no_plan
from kafka_analysis.plan.rebalance.clusters import ClusterPlan

RED = 1.5  # fullest broker ÷ its share from which the light is red, as for skew
_SEEN = 0.005  # a smaller difference does not show in two decimals


def rebalance_verdict(outcome: Outcome[ClusterPlan], coverage: Coverage, *, red: float = RED) -> Verdict:
    """Judge how urgent a rebalance is, and say in one sentence what it moves, how long it takes and what it fixes.

    Parameters
    ----------
    outcome
        One of the results of :func:`kafka_analysis.plan.rebalance.clusters.plan_clusters`.
    coverage
        Below what is required the verdict is grey.
    red
        Fullest broker ÷ its share from which the light is red.

    Returns
    -------
    Verdict
        Green: nothing to do. Red: a rule is broken as things are (gone brokers, copies, racks), the fullest broker
        carries ``red`` × its share or more, or no plan is possible. Amber: anything else that is out of bounds.

    Examples
    --------
    >>> nothing = Outcome("c", unknown="the capture has no partitions of it")
    >>> rebalance_verdict(nothing, Coverage(expected=1, seen=1)).sentence
    'not planned: the capture has no partitions of it.'
    """
    if verdict := no_plan(outcome, coverage):
        return verdict
    plan = outcome.plan
    goals, summary = plan.rebalance.summary.goals, plan.rebalance.summary
    light = _light(goals, red=red)
    violated = names_of(goals.filter(status="VIOLATED"))
    if summary.movements or summary.leader_changes:
        parts = [f"{_what(plan)} {_effect(plan)}", _rest(plan, violated)]
    elif violated:
        parts = [f"no allowed change improves anything: {_stays(plan)}", _rest(plan, violated)]
    else:
        return Verdict(light=Light.GREEN, sentence=f"nothing to do: {_stays(plan)}, and every rule is met.")
    return Verdict(light=light, sentence=f"{'; '.join(part for part in parts if part)}.")


def names_of(goals: pl.DataFrame) -> str:
    """Name goals in words.

    Examples
    --------
    >>> names_of(pl.DataFrame({"goal": ["as many copies", "size_bytes", "leaders"]}))
    'the requested replication factor, bytes stored and leaders'
    """
    return listed([goal_words(goal) for goal in goals["goal"]])


def listed(names: Sequence[str]) -> str:
    """Join names as in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def share_of(plan: ClusterPlan) -> str:
    """Return what a broker is held against: the mean, or its own share where the brokers differ in size."""
    disks = plan.brokers["disk_bytes"] if "disk_bytes" in plan.brokers.columns else None
    return "its share" if disks is not None and disks.drop_nulls().n_unique() > 1 else "the mean"


def worst(goals: pl.DataFrame, when: str) -> tuple[float, str]:
    """Return the fullest broker ÷ its share of the resource that is worst, and that resource; a tie: the first.

    Examples
    --------
    >>> rows = pl.DataFrame({"goal": ["size_bytes", "leaders"], "before": [1.2, 1.5], "least_after": [1.0, 1.0]})
    >>> worst(rows, "before")
    (1.5, 'leaders')
    """
    rows = goals.filter(pl.col("least_after").is_not_null()).sort(when, descending=True, maintain_order=True)
    return (rows[when][0], rows["goal"][0]) if len(rows) else (1.0, "replicas")


def span(low: float | None, high: float | None) -> str:
    """Write an interval of time.

    Examples
    --------
    >>> span(50.0, 90.0), span(50.0, 50.2), span(None, None), span(0.0, 0.0)
    ('50 s to 1 min 30 s', '50 s', 'time unknown', 'moments')
    >>> span(720.0, 724.0), span(7200.0, 7260.0)
    ('about 12 minutes', 'about 2 h')
    """
    if low is None or high is None:
        return f"time {UNKNOWN}"
    ends = list(dict.fromkeys([format_duration(low), format_duration(high)]))
    if is_narrow(low, high):
        return f"about {format_estimate((low + high) / 2)}".replace(" min", " minutes")
    return " to ".join(ends) if high >= 1 else "moments"


def _light(goals: pl.DataFrame, *, red: float) -> Light:
    """Judge the cluster as it is, before the plan."""
    rules = goals.filter(pl.col("least_before").is_null() & (pl.col("before") > 0))
    return Light.RED if len(rules) or worst(goals, "before")[0] >= red else Light.AMBER


def _what(plan: ClusterPlan) -> str:
    summary, run = plan.rebalance.summary, plan.execution
    batches = "" if run is None else counted(run.batches.height, "batch", "batches")
    if not summary.movements:
        how = ", ".join(part for part in ("nothing is copied", batches and f"{batches}, moments") if part)
        return f"changing the preferred leaders of {counted(summary.leader_changes, 'partition')} ({how})"
    stored = summary.brokers["size_bytes_before"]
    total = None if stored.null_count() else float(stored.sum())
    moved = f"moving {format_quantity(summary.bytes_to_move, 'B')} of {format_quantity(total, 'B')}"
    return moved if run is None else f"{moved} in {batches} ({span(run.seconds_low, run.seconds_high)})"


def _effect(plan: ClusterPlan) -> str:
    """Say what becomes better: the fullest broker, else the emptiest, else the rules."""
    goals, than = plan.rebalance.summary.goals, share_of(plan)
    (old, first), (new, then) = worst(goals, "before"), worst(goals, "after")
    if old - new >= _SEEN and first == then:
        return f"brings the fullest broker from {old:.2f} to {new:.2f} × {than} of {goal_words(first)}"
    if old - new >= _SEEN:
        ends = f"from {old:.2f} × {than} ({goal_words(first)}) to {new:.2f} × ({goal_words(then)})"
        return f"brings the fullest broker {ends}"
    rows = goals.with_columns(gain=pl.col("least_after") - pl.col("least_before")).filter(
        pl.col("gain") >= _SEEN
    )
    if len(rows):
        row = rows.sort("least_before", maintain_order=True).row(0, named=True)
        ends = f"from {row['least_before']:.2f} to {row['least_after']:.2f} × {than}"
        return f"brings the emptiest broker {ends} of {goal_words(row['goal'])}"
    fixed = names_of(goals.filter(status="FIXED"))
    return f"meets: {fixed}" if fixed else "brings no broker much closer to its share"


def _stays(plan: ClusterPlan) -> str:
    ratio, resource = worst(plan.rebalance.summary.goals, "after")
    return f"the fullest broker carries {ratio:.2f} × {share_of(plan)} of {goal_words(resource)}"


def _rest(plan: ClusterPlan, violated: str) -> str:
    """Say how much cheaper it could be, or what is not reached and why."""
    summary, options = plan.rebalance.summary, plan.options
    bound = summary.lower_bound_bytes
    if not violated:
        least = format_quantity(bound, "B")
        return f"no plan can do it with less than {least}" if bound and summary.movements else ""
    if options.get("leaders_only"):
        return f"not met by moving leaders alone: {violated}"
    if bound is None:
        why = f" ({'; '.join(summary.cannot)})" if summary.cannot else ""
        return f"no plan can meet every goal (proven); not met: {violated}{why}"
    limits = [name for name in ("max_moved_bytes", "max_movements") if options.get(name) is not None]
    least = (
        f" (to meet every goal takes {format_quantity(bound, 'B')} or more)"
        if bound > summary.bytes_to_move
        else ""
    )
    within = f"within {listed(limits)} " if limits else ""
    return f"{within}not met: {violated}{least}"
