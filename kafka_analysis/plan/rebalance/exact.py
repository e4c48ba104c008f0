"""Solve small clusters: the fewest bytes that meet every goal, as far as so many nodes of a solver's tree go."""

from __future__ import annotations

import math
import time

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from kafka_analysis.plan.rebalance.placement import HIGH, LOW, ROUNDING, Model, Placement
from kafka_analysis.plan.rebalance.problem import carried_by
from kafka_analysis.plan.rebalance.program import Columns, Program, kinds_of, program_of
from kafka_analysis.plan.rebalance.search import moved_bytes

# Measured by benchmarks/small_plans.py: what a solver does within seconds. Nodes, not seconds, end it: the same plan
# on every machine.
PLACES = 1000  # brokers × partitions of the largest cluster that is solved
NODES = 50
GAP = 1e-3  # of the bytes: a plan so near to its bound is taken for the cheapest
_SAFETY = 1e-6  # of the mean replica: more than the solver's own tolerance, taken off the bound
_INFEASIBLE = 2


def improve(
    model: Model, placement: Placement, *, bound: float | None, budget: np.ndarray, deadline: float
) -> float | None:
    """Replace a small cluster's placement by one that meets every goal for fewer bytes, where there is one.

    Parameters
    ----------
    model, placement
        See :mod:`kafka_analysis.plan.rebalance.placement`; the placement is what a search found, and changes.
    bound
        Bytes (in shares) that no plan which meets every goal goes below; None: none can meet every goal.
    budget
        Bytes (in shares) and movements that are allowed in all.
    deadline
        ``time.monotonic`` at which the placement is left as it is.

    Returns
    -------
    float or None
        The bound, raised by what the solver proved.

    Notes
    -----
    Yes-or-no questions: a partition has a copy on a broker, and is led by it. HiGHS answers them by branch and bound; a
    limit of nodes ends it with the best placement it has and the bound it has proven.
    """
    brokers, partitions = len(model.rack), len(model.first) - 1
    if bound is None or brokers * partitions > PLACES or budget[0] < bound or time.monotonic() > deadline:
        return bound
    now = moved_bytes(model, placement)
    is_even = meets(model, placement.load)
    if is_even and now <= bound * (1 + GAP) + _SAFETY:
        return bound
    program = program_of(model, placement, most_movements=budget[1])
    solved = _solve(program, program.cost, program.least, program.most, deadline)
    is_whole = model.gives.all() and not math.isfinite(budget[1])  # else the program forbids what a plan may do
    if solved.status == _INFEASIBLE:
        return None if is_whole and not is_even else bound
    found = None if solved.x is None else _placed(model, placement, program.columns, solved.x)
    if found is not None and meets(model, found.load):
        bytes_found = moved_bytes(model, found)
        if bytes_found <= budget[0] and (not is_even or bytes_found < now * (1 - ROUNDING)):
            _adopt(placement, _with_old_leaders(model, placement, program, solved.x, deadline) or found)
    if not is_whole or solved.mip_dual_bound is None:
        return bound
    proven = (solved.mip_dual_bound - _SAFETY) * program.unit
    return max(bound, min(proven, moved_bytes(model, placement) if meets(model, placement.load) else math.inf))


def meets(model: Model, load: np.ndarray) -> bool:
    """Say whether every broker that stays is within its bands."""
    band, carried = model.band[model.leads], load[model.leads]
    return bool(
        ((carried <= band[:, :, HIGH] + ROUNDING) & (carried >= band[:, :, LOW] - ROUNDING)).all()
    )


def _solve(
    program: Program, cost: np.ndarray, least: np.ndarray, most: np.ndarray, deadline: float
) -> OptimizeResult:
    options = {"node_limit": NODES, "mip_rel_gap": GAP}
    if math.isfinite(deadline):
        options["time_limit"] = max(deadline - time.monotonic(), 0.01)
    return milp(
        cost,
        constraints=LinearConstraint(program.matrix, program.low, program.high),
        integrality=program.integral,
        bounds=Bounds(least, most),
        options=options,
    )


def _with_old_leaders(
    model: Model, placement: Placement, program: Program, x: np.ndarray, deadline: float
) -> Placement | None:
    """Look for the fewest changes of leaders where the copies are settled."""
    columns, begin = program.columns, len(program.columns.part)
    settled = np.rint(x[:begin])
    least, most, cost = program.least.copy(), program.most.copy(), np.zeros(len(program.cost))
    least[:begin] = most[:begin] = settled
    was = model.home[model.first[columns.lead_part]]
    cost[begin : columns.size] = columns.lead_broker != was
    solved = _solve(program, cost, least, most, deadline)
    found = None if solved.x is None else _placed(model, placement, columns, solved.x)
    return found if found is not None and meets(model, found.load) else None


def _placed(model: Model, placement: Placement, columns: Columns, x: np.ndarray) -> Placement:
    """Turn answers into a placement: copies that can stay do, the others take the brokers left in order."""
    where, leader = placement.where.copy(), placement.leader.copy()
    yes = np.rint(x[: columns.size]).astype(bool)
    kinds, chosen = kinds_of(model), yes[: len(columns.part)]
    for kind in np.unique(columns.kind):
        brokers = columns.broker[chosen & (columns.kind == kind)].tolist()
        copies = np.flatnonzero(kinds == kind).tolist()
        stay = [i for i in copies if model.home[i] in brokers]
        left = sorted(set(brokers) - {int(model.home[i]) for i in stay})
        where[stay] = model.home[stay]
        where[[i for i in copies if i not in stay]] = left
    for column in np.flatnonzero(yes[len(columns.part) :]):
        p = columns.lead_part[column]
        its = np.arange(model.first[p], model.first[p + 1])
        leader[p] = its[where[its] == columns.lead_broker[column]][0]
    load = carried_by(where, leader, model.weight, model.lead_weight, len(model.rack))
    return Placement(where, leader, load)


def _adopt(placement: Placement, found: Placement) -> None:
    for array, new in zip(placement, found, strict=True):
        array[:] = new
