"""Solve a rebalance: keep the rules, search, solve what is small, give up goals for which moving is in vain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from kafka_analysis.plan.common.checks import KEYS
from kafka_analysis.plan.common.movements import OWN_SIZES
from kafka_analysis.plan.rebalance.bound import least_moved
from kafka_analysis.plan.rebalance.exact import improve
from kafka_analysis.plan.rebalance.options import RebalanceOptions
from kafka_analysis.plan.rebalance.problem import Problem, build
from kafka_analysis.plan.rebalance.reachable import left_alone, no_nearer, unreachable
from kafka_analysis.plan.rebalance.rules import (
    budget_left,
    budget_of,
    check_capacities,
    choose_leaders,
    keep_rules,
    with_what_rules_cost,
)
from kafka_analysis.plan.rebalance.search import search


@dataclass(frozen=True)
class Solution:
    """A problem whose placement is chosen; the least bytes any plan moves (None: no plan meets all goals); why not."""

    problem: Problem
    bound: float | None
    cannot: dict[str, str]
    given_up: tuple[int, ...]  # resources for which nothing moves


def solve(
    rows: pl.DataFrame,
    cluster: pl.DataFrame,
    planned: tuple[str, ...],
    options: RebalanceOptions,
    *,
    deadline: float,
) -> Solution:
    """Choose where replicas and leaders go.

    Where a goal cannot be met and what moved for it brings it no nearer, the same is solved again without it. That is
    kept if planning once more then leaves it alone, because a plan that was carried out has to be the last one.

    Parameters
    ----------
    rows, cluster
        Checked partitions and brokers; partitions that cannot be copied are not among them.
    planned, options
        What is planned for, and how.
    deadline
        ``time.monotonic`` at which what was found so far is taken.

    Raises
    ------
    GoalImpossibleError
        A rule cannot be kept, a limit does not pay for it, or a broker would be filled beyond its capacity.
    """
    attempt = partial(_attempt, cluster=cluster, planned=planned, options=options, deadline=deadline)
    solution = _without_what_is_in_vain(attempt, rows, options, only_if_final=True)
    check_capacities(solution.problem, planned)
    return solution


def _without_what_is_in_vain(
    attempt: Callable[..., Solution], rows: pl.DataFrame, options: RebalanceOptions, *, only_if_final: bool
) -> Solution:
    """Solve, and solve again without the resources for which moving does nothing to speak of."""
    solution = attempt(rows)
    idle = _in_vain(solution, options)
    if not idle.size:
        return solution
    less = attempt(rows, given_up=idle)
    if not only_if_final:
        return less
    chosen = assignment_of(rows, less.problem)
    sizes = [chosen[OWN_SIZES]] if OWN_SIZES in rows.columns else []
    carried_out = rows.with_columns(chosen["replicas"], *sizes)
    again = _without_what_is_in_vain(attempt, carried_out, options, only_if_final=False)
    return solution if _moves(again.problem) else less


def _attempt(
    rows: pl.DataFrame,
    *,
    cluster: pl.DataFrame,
    planned: tuple[str, ...],
    options: RebalanceOptions,
    deadline: float,
    given_up: np.ndarray | tuple[int, ...] = (),
) -> Solution:
    problem = build(rows, cluster, planned, options)
    cannot = unreachable(problem, rows, planned)
    bound = None if cannot else least_moved(problem.model, problem.placement.load)
    problem = left_alone(problem, given_up)
    if options.leaders_only:
        choose_leaders(rows, problem, planned)
    else:
        keep_rules(rows, problem)
    problem.before_search[:] = problem.placement.load
    search(
        with_what_rules_cost(problem),
        problem.placement,
        budget=budget_left(problem, options),
        leaders_only=options.leaders_only,
        seed=options.seed,
        deadline=deadline,
    )
    if not options.leaders_only:
        budget = budget_of(problem, options)
        bound = improve(problem.model, problem.placement, bound=bound, budget=budget, deadline=deadline)
    return Solution(problem, bound, cannot, tuple(given_up))


def _in_vain(solution: Solution, options: RebalanceOptions) -> np.ndarray:
    """Return the resources that cannot be brought within bounds, and for which what moved did nothing to speak of."""
    if solution.bound is not None or not options.is_unlimited or not _moves(solution.problem):
        return np.zeros(0, np.int64)
    return no_nearer(solution.problem)


def _moves(problem: Problem) -> bool:
    model, placement = problem.model, problem.placement
    return bool((placement.where != model.home).any() or (placement.leader != model.first[:-1]).any())


def assignment_of(rows: pl.DataFrame, problem: Problem) -> pl.DataFrame:
    """List every partition's replicas, the leader first and the others in the order they had, with their sizes."""
    model, placement = problem.model, problem.placement
    behind = np.ones(len(placement.where), np.int8)
    behind[placement.leader] = 0
    order = np.lexsort((np.arange(len(behind)), behind, model.partition))
    brokers = pl.Series(problem.ids[placement.where[order]])
    sizes = model.cost[order] * problem.bytes_per_share
    listed = pl.DataFrame({"p": model.partition[order], "replicas": brokers, OWN_SIZES: sizes})
    lists = listed.group_by("p", maintain_order=True).agg("replicas", OWN_SIZES)
    return rows.select(KEYS).with_columns(lists["replicas"].cast(pl.List(pl.Int32)), lists[OWN_SIZES])
