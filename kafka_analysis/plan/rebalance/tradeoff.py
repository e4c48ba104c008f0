"""Show what more bytes buy: how even a cluster becomes for ever larger budgets of bytes moved."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError, InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.rebalance.options import MOVING
from kafka_analysis.plan.rebalance.plan import RebalancePlan, plan_rebalance

SHARES = (0.1, 0.25, 0.5, 0.75)
SUFFIX = "_over_share"
STEPS = {
    "kind": pl.String, "max_moved_bytes": pl.Float64, "bytes_to_move": pl.Float64, "movements": pl.Int64,
    "leader_changes": pl.Int64, "worst": pl.Float64, "worst_resource": pl.String, "goals_violated": pl.Int64,
    "lower_bound_bytes": pl.Float64,
}  # fmt: skip


def trade_off(
    partitions: Frame,
    brokers: Frame,
    *,
    shares: Sequence[float] = SHARES,
    full: RebalancePlan | None = None,
    **options: Any,
) -> pl.DataFrame:
    """Plan a rebalance again and again, each time with more bytes allowed, and say how even each plan makes it.

    Parameters
    ----------
    partitions, brokers, **options
        As for :func:`kafka_analysis.plan.rebalance.plan.plan_rebalance`.
    shares
        Budgets, as shares of what the full plan moves, each above 0 and below 1.
    full
        The plan with these very options, where it is known already.

    Returns
    -------
    polars.DataFrame
        A row per plan: ``kind`` (``now``; ``leaders``: leaders change and no replica moves; ``budget``; ``plan``: the
        full plan), ``max_moved_bytes`` allowed, ``bytes_to_move``, ``movements`` of replicas, ``leader_changes``,
        ``worst``: fullest broker ÷ its share of the resource that is worst (``worst_resource``), ``goals_violated``,
        ``lower_bound_bytes`` (no plan that meets every goal moves less; the same in all rows) and for each resource
        ``<resource>_over_share``. Up to the last budget, ``worst`` never rises: a plan that is no better than a cheaper
        one gives its row to that one. A budget too small to keep the rules is left out, and so is ``leaders`` where
        replicas must move. The last row is the full plan as it is: it keeps to the tolerance for as few bytes as it
        can and is not asked to be more even than that.

    Raises
    ------
    InputError
        A share is not between 0 and 1; else as ``plan_rebalance``.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": "t", "partition": [0, 1, 2, 3], "replicas": [[1], [1], [1], [1]],
    ...     "size_bytes": [1.0, 1.0, 4.0, 4.0], "bytes_in_per_s": 1.0, "bytes_out_per_s": 0.0})
    >>> found = trade_off(rows, pl.DataFrame({"broker": [1, 2]}), shares=[0.25], resources=["size_bytes"])
    >>> found.select("kind", "bytes_to_move", "worst").rows()
    [('now', 0.0, 2.0), ('leaders', 0.0, 2.0), ('budget', 1.0, 1.8), ('plan', 5.0, 1.0)]
    """
    if not all(0 < share < 1 for share in shares):
        message = f"shares is {list(shares)}; give shares of the full plan's bytes, each above 0 and below 1"
        raise InputError(message)
    frames = to_polars(partitions), to_polars(brokers)
    chosen = plan_rebalance(*frames, **options) if full is None else full
    steps = [_now(chosen)]
    if not any(options.get(name) for name in MOVING):
        leaders = plan_rebalance(*frames, **{**options, "leaders_only": True})
        steps.append(_not_worse(_row("leaders", None, leaders), steps[-1]))
    budgets = [share * chosen.summary.bytes_to_move for share in sorted(shares)]
    with ThreadPoolExecutor() as pool:  # the search, which takes most of the time, lets other threads run
        plans = pool.map(lambda budget: _within(frames, budget, options), [b for b in budgets if b])
        for step in plans:
            if step is not None:
                steps.append(_not_worse(step, steps[-1]))
    steps.append(_row("plan", None, chosen))
    frame = pl.DataFrame(steps, schema_overrides=STEPS, infer_schema_length=None)
    return frame.with_columns(lower_bound_bytes=pl.lit(chosen.summary.lower_bound_bytes, pl.Float64))


def _within(
    frames: tuple[pl.DataFrame, pl.DataFrame], budget: float, options: dict[str, Any]
) -> dict[str, Any] | None:
    try:
        plan = plan_rebalance(*frames, **{**options, "max_moved_bytes": budget})
    except GoalImpossibleError:  # the budget does not pay for the rules
        return None
    return _row("budget", budget, plan)


def _now(plan: RebalancePlan) -> dict[str, Any]:
    only_then = pl.col("least_before").is_null() & (pl.col("before") == 0)  # a rule that nothing broke so far
    broken = plan.summary.goals.filter((pl.col("status") != "NO-ACTION") & ~only_then)
    nothing = {"bytes_to_move": 0.0, "movements": 0, "leader_changes": 0, "goals_violated": len(broken)}
    return _row("now", None, plan, "before") | nothing


def _row(kind: str, budget: float | None, plan: RebalancePlan, when: str = "after") -> dict[str, Any]:
    summary = plan.summary
    ratios = dict(summary.goals.filter(pl.col("least_after").is_not_null()).select("goal", when).iter_rows())
    worst = max(ratios, key=lambda name: ratios[name], default=None)
    return {
        "kind": kind,
        "max_moved_bytes": budget,
        "bytes_to_move": summary.bytes_to_move,
        "movements": summary.movements,
        "leader_changes": summary.leader_changes,
        "worst": None if worst is None else ratios[worst],
        "worst_resource": worst,
        "goals_violated": summary.goals.filter(status="VIOLATED").height,
        "lower_bound_bytes": None,
        **{f"{name}{SUFFIX}": ratio for name, ratio in ratios.items()},
    }


def _not_worse(step: dict[str, Any], cheaper: dict[str, Any]) -> dict[str, Any]:
    """Return what was found, or the cheaper plan where that is at least as even."""
    if cheaper["worst"] is None or step["worst"] < cheaper["worst"]:
        return step
    return cheaper | {name: step[name] for name in ("kind", "max_moved_bytes")}
