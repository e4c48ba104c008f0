"""Prove how few bytes any plan must move: the optimum of a linear program that asks for less than a plan must keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from kafka_analysis.model.compiled import compiled
from kafka_analysis.plan.rebalance.placement import HIGH, LOW, Model

_QUANTILES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
_MOST_ROUNDS = 8
_WORTH_A_ROUND = 1e-4
_SAFETY = 1e-6  # shares: more than the solver's own tolerance, taken off the bound
_OPTIMAL, _INFEASIBLE = 0, 2


@dataclass(frozen=True)
class _Program:
    """The program's shape: out of each broker flow bytes and loads (columns ``k``, bytes first), and loads flow in."""

    brokers: int
    loads: int
    pairs: int

    def out(self, broker: np.ndarray, column: np.ndarray | int) -> np.ndarray:
        return broker * (self.loads + 1) + column

    def into(self, broker: np.ndarray, load: np.ndarray | int) -> np.ndarray:
        return self.brokers * (self.loads + 1) + broker * self.loads + load

    def pair(self, number: np.ndarray) -> np.ndarray:
        return self.brokers * (2 * self.loads + 1) + number

    @property
    def size(self) -> int:
        return self.brokers * (2 * self.loads + 1) + self.pairs

    def matrix(
        self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray, height: int
    ) -> sparse.csr_array:
        return sparse.csr_array((values, (rows, columns)), shape=(height, self.size))


def least_moved(model: Model, load: np.ndarray) -> float | None:
    """Compute a lower bound of the bytes (in shares) that bring every broker into its band and mend every rule.

    Parameters
    ----------
    model
        The cluster; see :mod:`kafka_analysis.plan.rebalance.placement`.
    load
        f64[b, r]: what brokers carry before the plan.

    Returns
    -------
    float or None
        No plan that meets every goal moves less. None: none can meet every goal.

    Notes
    -----
    What a broker gives away is a vector of bytes and loads. Fractions of replicas may be given, leaders' loads are left
    out, and who receives what is only bound by sums: of all racks, or of each rack where every partition must have
    a replica in each. What can be given for so many bytes is a convex set (a zonotope), described by cuts: for each
    direction d, d · given ≤ Σ max(0, d · replica). After each solution the cuts are made in the direction of its prices
    (Kelley, The cutting-plane method for solving convex programs, 1960), so that every round is a bound and the last
    is the tightest. A partition with two replicas in one rack moves one of them.
    """
    used = np.flatnonzero(model.weight.any(axis=0))
    fresh = model.home < 0
    old = np.flatnonzero(~fresh & model.movable)
    given = np.column_stack([model.cost, model.weight[:, used]])
    lower, upper, amount = _shared_racks(model)
    shape = _Program(len(model.rack), len(used), len(amount))
    at = model.home[old]
    total = np.zeros((shape.brokers, shape.loads + 1))
    np.add.at(total, at, given[old])
    stays = model.leads
    less = [_bands(shape, model, load, used, stays), _forced(shape, lower, upper, amount)]
    less += [(m, h) for d in _first_cuts(given[old], shape) for m, h in [_cut(shape, d, given[old], at)]]
    pool = _pool(model)
    equal = _pools(shape, pool, given[fresh].sum(axis=0)[1:])
    limits = _limits(shape, model, total, amount, stays)
    cost = np.zeros(shape.size)
    cost[shape.out(np.arange(shape.brokers), 0)] = 1.0
    best = 0.0
    for _ in range(_MOST_ROUNDS):
        solved = linprog(
            cost,
            A_ub=sparse.vstack([m for m, _ in less]),
            b_ub=np.concatenate([h for _, h in less]),
            A_eq=equal[0],
            b_eq=equal[1],
            bounds=limits,
            method="highs",
        )
        if solved.status == _INFEASIBLE:
            return None
        if solved.status != _OPTIMAL or solved.fun <= best * (1 + _WORTH_A_ROUND):
            break
        best = solved.fun
        if not shape.loads:
            break  # nothing but what the rules ask for: no prices to learn from
        prices = _prices(shape, pool, stays, solved)
        less.append(_cut(shape, prices, given[old], at))
    return max(best - _SAFETY, 0.0) + float(model.cost[fresh].sum())


def _bands(
    shape: _Program, model: Model, load: np.ndarray, used: np.ndarray, stays: np.ndarray
) -> tuple[sparse.csr_array, np.ndarray]:
    """Keep load − out + in within the band of every broker that stays; all upper limits, then all lower ones."""
    broker = np.repeat(np.flatnonzero(stays), shape.loads)
    column = np.tile(np.arange(shape.loads), int(stays.sum()))
    row = np.arange(len(broker))
    ones = np.ones(len(row))
    change = shape.matrix(
        np.concatenate([row, row]),
        np.concatenate([shape.out(broker, column + 1), shape.into(broker, column)]),
        np.concatenate([-ones, ones]),
        len(row),
    )
    now = load[broker, used[column]]
    room = model.band[broker, used[column], HIGH] - now
    need = now - model.band[broker, used[column], LOW]
    return sparse.vstack([change, -change]), np.concatenate([room, need])


def _pools(shape: _Program, pool: np.ndarray, fresh: np.ndarray) -> tuple[sparse.csr_array, np.ndarray]:
    """Let in what goes out, and the copies that are new."""
    broker, column = (
        np.repeat(np.arange(shape.brokers), shape.loads),
        np.tile(np.arange(shape.loads), shape.brokers),
    )
    row = pool[broker] * shape.loads + column
    ones = np.ones(len(row))
    height = (int(pool.max()) + 1) * shape.loads
    balance = shape.matrix(
        np.concatenate([row, row]),
        np.concatenate([shape.into(broker, column), shape.out(broker, column + 1)]),
        np.concatenate([ones, -ones]),
        height,
    )
    return balance, np.resize(fresh, height)


def _pool(model: Model) -> np.ndarray:
    """Give each rack a number where every replica must stay in its own, else all the same."""
    copies = np.diff(model.first)
    all_racks = len(np.unique(model.rack)) == copies
    key = model.partition.astype(np.int64) * (int(model.rack.max()) + 1) + model.rack[model.home]
    keep = (
        (model.home >= 0).all()
        and (all_racks & (model.racks_needed == copies)).all()
        and len(np.unique(key)) == len(key)
    )
    return np.unique(model.rack, return_inverse=True)[1] if keep else np.zeros(len(model.rack), np.int64)


def _shared_racks(model: Model) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find pairs of brokers of one rack and the bytes that one or the other must give, at most one pair a partition."""
    order = np.lexsort((np.arange(len(model.home)), model.rack[model.home], model.partition))
    first, second = order[:-1], order[1:]
    same = (
        (model.partition[first] == model.partition[second])
        & (model.home[first] >= 0)
        & (model.home[second] >= 0)
    )
    same &= (model.rack[model.home[first]] == model.rack[model.home[second]]) & model.movable[first]
    copies = np.diff(model.first)[model.partition[first]]
    # In three racks of four, say, replicas may share; partitions that need a rack for each copy may not.
    same &= model.racks_needed[model.partition[first]] == copies
    first, second = first[same], second[same]
    _, once = np.unique(model.partition[first], return_index=True)
    first, second = first[once], second[once]
    lower, upper = (
        np.minimum(model.home[first], model.home[second]),
        np.maximum(model.home[first], model.home[second]),
    )
    pairs, number = np.unique(np.stack([lower, upper]), axis=1, return_inverse=True)
    amount = np.bincount(
        number.ravel(), np.minimum(model.cost[first], model.cost[second]), minlength=pairs.shape[1]
    )
    return pairs[0], pairs[1], amount


def _forced(
    shape: _Program, lower: np.ndarray, upper: np.ndarray, amount: np.ndarray
) -> tuple[sparse.csr_array, np.ndarray]:
    """Of every pair's bytes the first broker gives a part and the second the rest, beside what else they give."""
    number, broker = np.arange(len(amount)), np.arange(shape.brokers)
    matrix = shape.matrix(
        np.concatenate([broker, lower, upper]),
        np.concatenate([shape.out(broker, 0), shape.pair(number), shape.pair(number)]),
        np.concatenate([-np.ones(len(broker)), np.ones(len(lower)), -np.ones(len(upper))]),
        shape.brokers,
    )
    return matrix, -np.bincount(upper, amount, minlength=shape.brokers).astype(float)


def _limits(
    shape: _Program, model: Model, total: np.ndarray, amount: np.ndarray, stays: np.ndarray
) -> np.ndarray:
    low = np.where(stays[:, None], 0.0, total)  # who does not stay gives everything
    into = np.where(model.takes, np.inf, 0.0)
    upper = np.concatenate([total.ravel(), np.repeat(into, shape.loads), amount])
    lower = np.concatenate([low.ravel(), np.zeros(shape.size - low.size)])
    return np.column_stack([lower, upper])


def _first_cuts(given: np.ndarray, shape: _Program) -> list[np.ndarray]:
    """Take the usual numbers of bytes that replicas cost for their load as first directions, both ways."""
    directions = []
    for column in range(1, shape.loads + 1):
        carries = given[:, column] > 0
        if not carries.any():
            continue
        ratio = given[carries, 0] / given[carries, column]
        for price in np.unique(np.quantile(ratio, _QUANTILES)):
            for sign in (-1.0, 1.0):
                direction = np.zeros((shape.brokers, shape.loads + 1))
                direction[:, 0], direction[:, column] = sign, -sign * price
                directions.append(direction)
    return directions


def _cut(
    shape: _Program, direction: np.ndarray, given: np.ndarray, at: np.ndarray
) -> tuple[sparse.csr_array, np.ndarray]:
    broker = np.repeat(np.arange(shape.brokers), shape.loads + 1)
    columns = np.arange(shape.brokers * (shape.loads + 1))
    return shape.matrix(broker, columns, direction.ravel(), shape.brokers), _most(direction, given, at)


@compiled
def _most(direction, given, at):  # noqa: ANN001, ANN202
    """Add up, for each broker, what its replicas can give in a direction at most."""
    most = np.zeros(len(direction))
    for i in range(len(at)):
        value = 0.0
        for k in range(given.shape[1]):
            value += direction[at[i], k] * given[i, k]
        most[at[i]] += max(value, 0.0)
    return most


def _prices(shape: _Program, pool: np.ndarray, stays: np.ndarray, solved: object) -> np.ndarray:
    """Say what giving a unit of load away is worth to each broker, from the solution's prices."""
    marginals, count = -solved.ineqlin.marginals, int(stays.sum()) * shape.loads
    direction = np.zeros((shape.brokers, shape.loads + 1))
    direction[:, 0] = -1.0
    pools = solved.eqlin.marginals.reshape(-1, shape.loads)
    direction[:, 1:] = -pools[pool]
    at = np.flatnonzero(stays)
    direction[at, 1:] += (marginals[:count] - marginals[count : 2 * count]).reshape(-1, shape.loads)
    return direction
