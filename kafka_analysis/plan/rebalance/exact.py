"""Solve small clusters: the fewest bytes that meet every goal, within a limit on branch-and-bound nodes."""

import math
import time

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp

from kafka_analysis.plan.rebalance.placement import HIGH, LOW, ROUNDING, Model, Placement
from kafka_analysis.plan.rebalance.problem import carried_by
from kafka_analysis.plan.rebalance.program import Columns, Program, kinds_of, program_of
from kafka_analysis.plan.rebalance.search import moved_bytes

# Measured by benchmarks/small_plans.py: what a solver does within seconds. Nodes, not seconds, end it: the same plan
# on every machine.
PLACES = 1000  # brokers × partitions of the largest cluster that is solved
NODES = 30
NEAR = 5e-3  # of the bytes: a plan that a search found so near to the bound is left alone
GAP = 1e-3  # of the bytes: the solver looks no further
_SAFETY = 1e-6  # of the mean replica: more than the solver's own tolerance, taken off the bound
_INFEASIBLE = 2


def solve_exactly(
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
    is_small = model.leads.sum() * (len(model.first) - 1) <= PLACES and model.movable.any()
    if bound is None or not is_small or budget[0] < bound or time.monotonic() > deadline:
        return bound
    # The bound may be changed only if the program allows everything that a plan may do. It does not if some brokers
    # give nothing away or movements are limited: what is proven then holds under these limits, not for every plan.
    is_whole = model.gives.all() and not math.isfinite(budget[1])
    now = moved_bytes(model, placement) if meets(model, placement.load) else math.inf
    program = program_of(model, placement, most_movements=budget[1])
    relaxed = _relax(program)
    if relaxed.status == _INFEASIBLE:
        return None if is_whole and math.isinf(now) else bound
    proven = max(bound, _least(relaxed.fun, program))
    if now <= proven * (1 + NEAR) + _SAFETY:
        return proven if is_whole else bound
    least, most = _still_open(program, relaxed, now / program.unit)
    solved = _solve(program, program.cost, least, most, deadline)
    if solved.status == _INFEASIBLE:
        best = None if math.isinf(now) else now  # all that was left out costs more than the plan there is
        return best if is_whole else bound
    better = None if solved.x is None else _placed(model, placement, program.columns, solved.x)
    if better is not None and _is_better(model, better, now=now, allowed=budget[0]):
        better = _with_old_leaders(model, placement, program, solved.x, deadline) or better
        for array, new in zip(placement, better, strict=True):
            array[:] = new
    proven = max(proven, min(_least(solved.mip_dual_bound, program), now))
    cost = moved_bytes(model, placement) if meets(model, placement.load) else math.inf
    return min(proven, cost) if is_whole else bound


def _least(value: float | None, program: Program) -> float:
    """Return the bytes (in shares) that a solver's bound proves."""
    return 0.0 if value is None else max(value - _SAFETY, 0.0) * program.unit


def _relax(program: Program) -> OptimizeResult:
    """Solve the program with fractions of copies: a bound in hundredths of a second."""
    equal = program.low == program.high
    upper, lower = ~equal & np.isfinite(program.high), ~equal & np.isfinite(program.low)
    return linprog(
        program.cost,
        A_ub=sparse.vstack([program.matrix[upper], -program.matrix[lower]]),
        b_ub=np.concatenate([program.high[upper], -program.low[lower]]),
        A_eq=program.matrix[equal],
        b_eq=program.low[equal],
        bounds=np.column_stack([program.least, program.most]),
        method="highs",
    )


def _still_open(program: Program, relaxed: OptimizeResult, now: float) -> tuple[np.ndarray, np.ndarray]:
    """Settle the questions whose other answer would cost more than the plan there is, by their reduced costs."""
    least, most = program.least.copy(), program.most.copy()
    if math.isfinite(now):
        reduced = relaxed.lower.marginals + relaxed.upper.marginals
        room = now - relaxed.fun + _SAFETY
        most[(reduced > room) & (least == 0)] = 0
        least[(reduced < -room) & (most == 1)] = 1
    return least, most


def _is_better(model: Model, better: Placement, *, now: float, allowed: float) -> bool:
    """Say whether a placement meets every goal for fewer bytes, within those allowed."""
    cost = moved_bytes(model, better)
    return cost <= allowed and cost < now * (1 - ROUNDING) and meets(model, better.load)


def meets(model: Model, load: np.ndarray) -> bool:
    """Say whether every broker that stays is within its bands."""
    band, carried = model.band[model.leads], load[model.leads]
    return bool(((carried <= band[:, :, HIGH] + ROUNDING) & (carried >= band[:, :, LOW] - ROUNDING)).all())


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
    better = None if solved.x is None else _placed(model, placement, columns, solved.x)
    return better if better is not None and meets(model, better.load) else None


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
