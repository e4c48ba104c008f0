"""Solve a rebalance: keep the rules, search, solve small clusters exactly, drop goals that movements do not improve."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError
from kafka_analysis.model.units import format_quantity
from kafka_analysis.plan.common.checks import KEYS, named
from kafka_analysis.plan.common.movements import OWN_SIZES
from kafka_analysis.plan.rebalance.balance_limits import worst_allowed
from kafka_analysis.plan.rebalance.bound import least_moved
from kafka_analysis.plan.rebalance.exact import solve_exactly
from kafka_analysis.plan.rebalance.leaders import plan_leaders
from kafka_analysis.plan.rebalance.options import RebalanceOptions
from kafka_analysis.plan.rebalance.placement import LEAST, MOST, NOWHERE, Model
from kafka_analysis.plan.rebalance.problem import Problem, build, carried_by
from kafka_analysis.plan.rebalance.reachable import left_alone, no_nearer, unreachable
from kafka_analysis.plan.rebalance.repair import settle, spread_racks
from kafka_analysis.plan.rebalance.search import moved_bytes, search

_LIMITS = ("max_moved_bytes", "max_movements")


def choose_leaders(rows: pl.DataFrame, problem: Problem, planned: tuple[str, ...]) -> None:
    """Make leaders as even as replicas allow, with the fewest changes, where nothing else weighs on who leads."""
    model, placement = problem.model, problem.placement
    weighs = [name for name, heavy in zip(planned, model.lead_weight.any(axis=0), strict=True) if heavy]
    if weighs != ["leaders"]:
        return
    stays = pl.Series(problem.ids[model.leads])
    may_lead = pl.col("replicas").list.set_intersection(stays.implode())
    free = pl.Series(model.movable[model.first[:-1]]) & (may_lead.list.len() > 0)
    able = pl.when(free).then(may_lead).otherwise(pl.col("replicas").list.head(1))
    chosen = plan_leaders(rows.select(*KEYS, able.alias("replicas")))["leader"].to_numpy()
    at = problem.ids[placement.where] == chosen[model.partition]
    placement.leader[:] = np.flatnonzero(at)
    placement.load[:] = carried_by(
        placement.where, placement.leader, model.weight, model.lead_weight, len(problem.ids)
    )


def keep_rules(rows: pl.DataFrame, problem: Problem) -> None:
    """Give every replica a broker that stays, and every partition as many racks as possible.

    Raises
    ------
    GoalImpossibleError
        A replica has no broker left to go to, or a partition no rack.
    """
    model, placement = problem.model, problem.placement
    heaviest = np.argsort(-model.cost, kind="stable")
    gone = (placement.where == NOWHERE) | ~model.leads[placement.where]
    lost = settle(model, placement, heaviest[(gone & model.movable)[heaviest]])
    if lost >= 0:
        name = named(rows[[model.partition[lost]]])
        why = f"no broker may take a replica of {name}; let more brokers take replicas"
        raise GoalImpossibleError("brokers that are there", why)
    first = model.first[:-1]
    order = np.argsort(-model.cost[first], kind="stable")
    lost = spread_racks(model, placement, order[model.movable[first[order]]])
    if lost >= 0:
        why = (
            f"{named(rows[[lost]])} cannot be spread over all racks; let brokers of other racks take replicas"
        )
        raise GoalImpossibleError("as many racks as possible", why)


def with_what_rules_cost(problem: Problem) -> Model:
    """Allow loads that only the rules made necessary, so that planning a finished plan again finds the same limits."""
    least, most = worst_allowed(problem.bands, problem.placement.load)
    band = problem.model.band.copy()
    band[:, :, LEAST], band[:, :, MOST] = (
        np.minimum(band[:, :, LEAST], least),
        np.maximum(band[:, :, MOST], most),
    )
    return problem.model._replace(band=band)


def budget_left(problem: Problem, options: RebalanceOptions) -> np.ndarray:
    """Return the bytes (in shares) and movements that keeping the rules has left.

    Raises
    ------
    GoalImpossibleError
        A limit does not pay for the rules.
    """
    model, placement = problem.model, problem.placement
    used = np.array([moved_bytes(model, placement), (placement.where != model.home).sum()])
    units = np.array([problem.bytes_per_share, 1.0])
    limits = budget_of(problem, options)
    for name, need in zip(_LIMITS, used * units * (used > limits), strict=True):
        if need:
            least = format_quantity(need, "B") if name == "max_moved_bytes" else f"{need:,.0f}"
            why = f"not enough to keep the rules (racks, replication factor, brokers to remove); allow at least {least}"
            raise GoalImpossibleError(name, why)
    return limits - used


def budget_of(problem: Problem, options: RebalanceOptions) -> np.ndarray:
    """Return the bytes (in shares) and movements that a plan may use in all; infinite where there is no limit."""
    limits = (getattr(options, name) for name in _LIMITS)
    bytes_, movements = (math.inf if limit is None else limit for limit in limits)
    return np.array([bytes_ * (1 + 1e-9) / problem.bytes_per_share, movements])


def check_capacities(problem: Problem, planned: tuple[str, ...]) -> None:
    """Refuse a placement that fills a broker beyond its capacity.

    Raises
    ------
    GoalImpossibleError
        It does; the first such broker and resource are named.
    """
    over = problem.placement.load > problem.bands.capacity * (1 + 1e-9)
    for b, r in np.argwhere(over & problem.model.leads[:, None]):
        load, room = problem.placement.load[b, r], problem.bands.capacity[b, r]
        what = f"broker {problem.ids[b]} would carry {load / room:.2f} × its capacity of {planned[r]}"
        why = f"{what}; add brokers or capacity"
        raise GoalImpossibleError("capacity", why)


@dataclass(frozen=True)
class Solution:
    """A problem with the placement that was chosen for it.

    ``bound``: no plan that meets every goal moves fewer bytes, in shares; None: it was proven that no plan meets every
    goal. ``cannot``: resources that no plan can bring within their tolerance, and the reason for each.
    """

    problem: Problem
    bound: float | None
    cannot: dict[str, str]


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

    def attempt(rows: pl.DataFrame, given_up: Iterable[int] = ()) -> Solution:
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
            bound = solve_exactly(
                problem.model, problem.placement, bound=bound, budget=budget, deadline=deadline
            )
        return Solution(problem, bound, cannot)

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
