"""The plans of all clusters as frames: what figures, tables and files are made of."""

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.resources import PLANNED_RESOURCES
from kafka_analysis.plan.common.checks import check_brokers
from kafka_analysis.plan.common.movements import MOVEMENTS
from kafka_analysis.plan.common.outcome import Outcome, plans_of, stacked
from kafka_analysis.plan.execution.files import execution_files
from kafka_analysis.plan.execution.plan import BATCHES, STEPS
from kafka_analysis.plan.rebalance.balance_limits import band, fair_shares
from kafka_analysis.plan.rebalance.clusters import ClusterPlan
from kafka_analysis.plan.rebalance.judge import GOALS
from kafka_analysis.plan.rebalance.options import COUNTS
from kafka_analysis.plan.rebalance.tradeoff import STEPS as TRADE_OFF

_BROKERS = {
    "broker": pl.Int32, "rack": pl.String, "resource": pl.String, "before": pl.Float64, "after": pl.Float64,
    "low": pl.Float64, "high": pl.Float64, "before_over_share": pl.Float64, "after_over_share": pl.Float64,
}  # fmt: skip
_FLOWS = {"kind": pl.String, "from": pl.Int32, "to": pl.Int32, "changes": pl.Int64, "bytes": pl.Float64}


def plan_frames(outcomes: Sequence[Outcome[ClusterPlan]]) -> dict[str, pl.DataFrame]:
    """Return the plans of all clusters as frames, each with ``cluster`` first.

    Parameters
    ----------
    outcomes
        Result of :func:`kafka_analysis.plan.rebalance.clusters.plan_clusters`; one without a plan has no rows.

    Returns
    -------
    dict of str to polars.DataFrame
        ``goals`` (as of ``RebalanceSummary``), ``brokers`` (:func:`broker_changes`), ``movements``, ``flows``
        (:func:`flows_between`), ``batches`` and ``steps`` (as of ``ExecutionPlan``), ``trade_off``.

    Examples
    --------
    >>> frames = plan_frames([Outcome("c", unknown="no partitions")])
    >>> list(frames), frames["goals"].height
    (['goals', 'brokers', 'movements', 'flows', 'batches', 'steps', 'trade_off'], 0)
    """
    started = [
        outcome for outcome in outcomes if outcome.plan is not None and outcome.plan.execution is not None
    ]
    return {
        "goals": stacked(outcomes, lambda plan: plan.rebalance.summary.goals, GOALS),
        "brokers": stacked(outcomes, broker_changes, _BROKERS),
        "movements": stacked(outcomes, lambda plan: plan.rebalance.movements, MOVEMENTS),
        "flows": stacked(outcomes, lambda plan: flows_between(plan.rebalance.movements), _FLOWS),
        "batches": stacked(started, lambda plan: plan.execution.batches, BATCHES),
        "steps": stacked(started, lambda plan: plan.execution.steps, STEPS),
        "trade_off": stacked(outcomes, lambda plan: plan.trade_off, TRADE_OFF),
    }


def plan_files(outcomes: Sequence[Outcome[ClusterPlan]]) -> dict[str, dict[str, str]]:
    """Return the files of every cluster that has a plan: cluster → name → text; the whole plan, and each batch of it.

    Examples
    --------
    >>> plan_files([Outcome("c", unknown="no partitions")])
    {}
    """
    return {
        cluster: {
            "reassignment.json": plan.rebalance.reassignment_json(),
            "rollback.json": plan.rebalance.rollback_json(),
            **execution_files(plan.execution),
        }
        for cluster, plan in plans_of(outcomes).items()
        if plan.execution is not None
    }


def plan_notes(outcomes: Sequence[Outcome[ClusterPlan]]) -> list[str]:
    """Return what is not known of a cluster and so taken as given or not checked, a sentence each.

    What any plan takes as given is in ``plan.md`` of :func:`plan_files`.

    Examples
    --------
    >>> plan_notes([Outcome("c", unknown="no partitions")])
    []
    """
    clusters: dict[str, list[str]] = {}
    for cluster, plan in plans_of(outcomes).items():
        of_execution = plan.execution.assumptions if plan.execution and plan.execution.batches.height else ()
        unknown = [sentence for sentence in of_execution if "unknown" in sentence]
        for sentence in (*plan.rebalance.summary.assumptions, *unknown):
            clusters.setdefault(sentence, []).append(cluster)
    return [f"{', '.join(names)}: {sentence}" for sentence, names in clusters.items()]


def broker_changes(plan: ClusterPlan) -> pl.DataFrame:
    """Say what every broker that stays carries before and after a plan, and what it may carry.

    Returns
    -------
    polars.DataFrame
        A row per broker and resource planned for: ``broker``, ``rack``, ``resource``, ``before``, ``after``, ``low``
        and ``high`` (what it may carry), all in the resource's unit, and ``before_over_share``, ``after_over_share``.
    """
    summary = plan.rebalance.summary
    staying = summary.brokers["broker"]
    brokers = check_brokers(plan.brokers).filter(pl.col("broker").is_in(staying.implode())).sort("broker")
    load = summary.brokers.sort("broker")
    rows = [
        _changes(brokers, load, goal, plan.tolerance)
        for goal in summary.goals["goal"]
        if goal in PLANNED_RESOURCES
    ]
    return pl.concat(rows) if rows else pl.DataFrame(schema=_BROKERS)


def _changes(brokers: pl.DataFrame, load: pl.DataFrame, name: str, tolerance: float) -> pl.DataFrame:
    share = fair_shares(brokers, name, [True] * len(brokers))
    before, after = (load[f"{name}_{when}"].cast(pl.Float64) for when in ("before", "after"))
    mean, mean_before = float(after.mean() or 0.0), float(before.mean() or 0.0)
    low, high = band(share, tolerance, unit=1 / mean if name in COUNTS and mean else None)
    frame = load.select("broker", "rack", resource=pl.lit(name), before=before, after=after)
    return frame.with_columns(
        low=pl.Series(low * mean),
        high=pl.Series(high * mean),
        before_over_share=before / pl.Series(share * mean_before)
        if mean_before
        else pl.lit(None, pl.Float64),
        after_over_share=after / pl.Series(share * mean) if mean else pl.lit(None, pl.Float64),
    )


def flows_between(movements: pl.DataFrame) -> pl.DataFrame:
    """Add up what moves from each broker to each other.

    Parameters
    ----------
    movements
        As of :class:`kafka_analysis.plan.rebalance.plan.RebalancePlan`.

    Returns
    -------
    polars.DataFrame
        ``kind`` (``replica`` or ``leader``), ``from``, ``to`` (null: a copy that is new, or only goes), ``changes``:
        how many, and ``bytes``.

    Examples
    --------
    >>> rows = pl.DataFrame({"kind": "replica", "from": [1, 1], "to": [2, 2], "bytes": [5.0, 7.0]})
    >>> flows_between(rows).rows()
    [('replica', 1, 2, 2, 12.0)]
    """
    grouped = movements.group_by("kind", "from", "to")
    return grouped.agg(changes=pl.len().cast(pl.Int64), bytes=pl.col("bytes").sum()).sort(
        "kind", "from", "to"
    )
