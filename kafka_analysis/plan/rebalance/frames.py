"""The plans of all clusters as frames: what figures, tables and files are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.plan.common.checks import check_brokers
from kafka_analysis.plan.common.movements import MOVEMENTS
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


def plan_frames(plans: Sequence[ClusterPlan]) -> dict[str, pl.DataFrame]:
    """Return the plans of all clusters as frames, each with ``cluster`` first.

    Parameters
    ----------
    plans
        Result of :func:`kafka_analysis.plan.rebalance.clusters.plan_clusters`; one without a plan has no rows.

    Returns
    -------
    dict of str to polars.DataFrame
        ``goals`` (as of ``RebalanceSummary``), ``brokers`` (:func:`broker_changes`), ``movements``, ``flows``
        (:func:`flows_between`), ``batches`` and ``steps`` (as of ``ExecutionPlan``), ``trade_off``.

    Examples
    --------
    >>> frames = plan_frames([ClusterPlan("c", pl.DataFrame(), unknown="no partitions")])
    >>> list(frames), frames["goals"].height
    (['goals', 'brokers', 'movements', 'flows', 'batches', 'steps', 'trade_off'], 0)
    """
    ready = [one for one in plans if one.rebalance is not None]
    carried_out = [one for one in ready if one.execution is not None]
    return {
        "goals": _stacked(ready, lambda one: one.rebalance.summary.goals, GOALS),
        "brokers": _stacked(ready, broker_changes, _BROKERS),
        "movements": _stacked(ready, lambda one: one.rebalance.movements, MOVEMENTS),
        "flows": _stacked(ready, lambda one: flows_between(one.rebalance.movements), _FLOWS),
        "batches": _stacked(carried_out, lambda one: one.execution.batches, BATCHES),
        "steps": _stacked(carried_out, lambda one: one.execution.steps, STEPS),
        "trade_off": _stacked(ready, lambda one: one.trade_off, TRADE_OFF),
    }


def plan_files(plans: Sequence[ClusterPlan]) -> dict[str, dict[str, str]]:
    """Return the files of every cluster for which anything is to be done: cluster → name → text.

    Examples
    --------
    >>> plan_files([ClusterPlan("c", pl.DataFrame(), unknown="no partitions")])
    {}
    """
    return {
        one.cluster: execution_files(one.execution)
        for one in plans
        if one.execution is not None and one.execution.batches.height
    }


def plan_notes(plans: Sequence[ClusterPlan]) -> list[str]:
    """Return what is not known of a cluster and so taken as given or not checked, a sentence each.

    What any plan takes as given is in ``plan.md`` of :func:`plan_files`.

    Examples
    --------
    >>> plan_notes([ClusterPlan("c", pl.DataFrame(), unknown="no partitions")])
    []
    """
    told: dict[str, list[str]] = {}
    for one in plans:
        if one.rebalance is None:
            continue
        given = one.rebalance.summary.assumptions
        later = one.execution.assumptions if one.execution and one.execution.batches.height else ()
        for sentence in (*given, *(each for each in later if "unknown" in each)):
            told.setdefault(sentence, []).append(one.cluster)
    return [f"{', '.join(names)}: {sentence}" for sentence, names in told.items()]


def broker_changes(planned: ClusterPlan) -> pl.DataFrame:
    """Say what every broker that stays carries before and after a plan, and what it may carry.

    Returns
    -------
    polars.DataFrame
        A row per broker and resource planned for: ``broker``, ``rack``, ``resource``, ``before``, ``after``, ``low``
        and ``high`` (what it may carry), all in the resource's unit, and ``before_over_share``, ``after_over_share``.
    """
    summary = planned.rebalance.summary
    there = summary.brokers["broker"]
    known = check_brokers(planned.brokers).filter(pl.col("broker").is_in(there.implode())).sort("broker")
    planned_for = [goal for goal in summary.goals["goal"] if goal in RESOURCES]
    rows = [_changes(planned, known, summary.brokers.sort("broker"), name) for name in planned_for]
    return pl.concat(rows) if rows else pl.DataFrame(schema=_BROKERS)


def _changes(planned: ClusterPlan, known: pl.DataFrame, carried: pl.DataFrame, name: str) -> pl.DataFrame:
    share = fair_shares(known, name, [True] * len(known))
    before, after = (carried[f"{name}_{when}"].cast(pl.Float64) for when in ("before", "after"))
    mean, was = float(after.mean() or 0.0), float(before.mean() or 0.0)
    low, high = band(share, planned.tolerance, unit=1 / mean if name in COUNTS and mean else None)
    frame = carried.select("broker", "rack", resource=pl.lit(name), before=before, after=after)
    return frame.with_columns(
        low=pl.Series(low * mean),
        high=pl.Series(high * mean),
        before_over_share=before / pl.Series(share * was) if was else pl.lit(None, pl.Float64),
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


def _stacked(
    plans: Sequence[ClusterPlan],
    frame_of: Callable[[ClusterPlan], pl.DataFrame],
    schema: dict[str, pl.DataType],
) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"cluster": pl.String, **schema})
    named = [frame_of(one).select(pl.lit(one.cluster).alias("cluster"), pl.all()) for one in plans]
    return pl.concat([empty, *named], how="diagonal_relaxed")
