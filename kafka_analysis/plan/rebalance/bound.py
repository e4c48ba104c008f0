"""Prove how few bytes any plan must move: the optimum of a linear program that asks for less than a plan must keep."""

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


_Less = tuple[sparse.csr_array, np.ndarray]  # rows of the program, and what each may be at most


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
    The bound is the optimum of a linear program whose constraints are weaker than those of a plan, so that no plan can
    move less:

    - A broker may give away fractions of its replicas. The load that comes with leadership is left out.
    - It is not decided which broker receives which replica. Only sums must agree: as much load arrives as leaves, in
      the whole cluster, or in each rack if every partition must keep a replica in each rack.
    - If two replicas of a partition share a rack and must not, one of the two moves.

    How much load a broker can give away for a number of bytes depends on its replicas. The program describes this by
    linear inequalities (cuts): in any direction d of the space of bytes and loads, a broker gives at most the sum of
    max(0, d · replica) over its replicas. The program is solved, a cut is added for each broker in the direction of the
    solution's prices, and it is solved again (Kelley, The cutting-plane method for solving convex programs, 1960). The
    optimum of each round is a valid bound; later rounds only raise it.
    """
    used = np.flatnonzero(model.weight.any(axis=0))
    fresh = model.home < 0
    old = np.flatnonzero(~fresh & model.movable)
    given = np.column_stack([model.cost, model.weight[:, used]])
    brokers, loads = len(model.rack), len(used)
    lower, upper, amount = _shared_racks(model)
    at, stays = model.home[old], model.leads
    total = np.zeros((brokers, loads + 1))
    np.add.at(total, at, given[old])
    limits = _limits(model, total, amount)
    # Out of each broker flow bytes and loads (bytes first), into each loads; last come the shared racks' bytes.
    out = sparse.kron(sparse.eye_array(brokers), sparse.eye_array(loads + 1, format="csr")[1:])
    change = sparse.hstack(
        [-out, sparse.eye_array(brokers * loads), sparse.csr_array((brokers * loads, len(amount)))], "csr"
    )
    less = [_bands(change, model, load, used), _forced(loads, brokers, lower, upper, amount)]
    less += [
        _cut(np.tile(direction, (brokers, 1)), given[old], at, len(limits))
        for direction in _first_cuts(given[old])
    ]
    pool = _pool(model)  # of each, as much comes in as goes out, besides the copies that are new
    pools = sparse.csr_array((np.ones(brokers), (pool, np.arange(brokers))))
    equal = sparse.kron(pools, sparse.eye_array(loads)) @ change
    new = np.tile(given[fresh].sum(axis=0)[1:], pools.shape[0])
    cost = np.zeros(len(limits))
    cost[: total.size : loads + 1] = 1.0
    best = 0.0
    for _ in range(_MOST_ROUNDS):
        solved = linprog(
            cost,
            A_ub=sparse.vstack([m for m, _ in less]),
            b_ub=np.concatenate([h for _, h in less]),
            A_eq=equal,
            b_eq=new,
            bounds=limits,
            method="highs",
        )
        if solved.status == _INFEASIBLE:
            return None
        if solved.status != _OPTIMAL or solved.fun <= best * (1 + _WORTH_A_ROUND):
            break
        best = solved.fun
        if not loads:
            break  # nothing but what the rules ask for: no prices to learn from
        less.append(_cut(_prices(loads, pool, stays, solved), given[old], at, len(limits)))
    return max(best - _SAFETY, 0.0) + float(model.cost[fresh].sum())


def _bands(change: sparse.csr_array, model: Model, load: np.ndarray, used: np.ndarray) -> _Less:
    """Keep load − out + in within the band of every broker that stays; all upper limits, then all lower ones."""
    stays = model.leads
    rows, band = change[np.repeat(stays, len(used))], model.band[stays][:, used]
    room, need = band[:, :, HIGH] - load[stays][:, used], load[stays][:, used] - band[:, :, LOW]
    return sparse.vstack([rows, -rows]), np.concatenate([room.ravel(), need.ravel()])


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


def _forced(loads: int, brokers: int, lower: np.ndarray, upper: np.ndarray, amount: np.ndarray) -> _Less:
    """Of every pair's bytes the first broker gives a part and the second the rest, beside what else they give."""
    gives = sparse.kron(sparse.eye_array(brokers), sparse.eye_array(1, loads + 1))
    ones, pair = np.ones(len(amount)), np.arange(len(amount))
    shared = sparse.csr_array(
        (np.concatenate([ones, -ones]), (np.concatenate([lower, upper]), np.tile(pair, 2))),
        shape=(brokers, len(amount)),
    )
    rows = sparse.hstack([-gives, sparse.csr_array((brokers, brokers * loads)), shared], "csr")
    return rows, -np.bincount(upper, amount, minlength=brokers).astype(float)


def _limits(model: Model, total: np.ndarray, amount: np.ndarray) -> np.ndarray:
    low = np.where(model.leads[:, None], 0.0, total)  # who does not stay gives everything
    into = np.repeat(np.where(model.takes, np.inf, 0.0), total.shape[1] - 1)
    upper = np.concatenate([total.ravel(), into, amount])
    return np.column_stack([np.concatenate([low.ravel(), np.zeros(len(upper) - low.size)]), upper])


def _first_cuts(given: np.ndarray) -> list[np.ndarray]:
    """Take the usual numbers of bytes that replicas cost for their load as first directions, both ways."""
    directions = []
    for column in range(1, given.shape[1]):
        carries = given[:, column] > 0
        if not carries.any():
            continue
        ratio = given[carries, 0] / given[carries, column]
        for price in np.unique(np.quantile(ratio, _QUANTILES)):
            direction = np.zeros(given.shape[1])
            direction[0], direction[column] = -1.0, price
            directions += [direction, -direction]
    return directions


def _cut(direction: np.ndarray, given: np.ndarray, at: np.ndarray, width: int) -> _Less:
    """Bound what each broker can give in a direction by what its replicas can."""
    broker = np.repeat(np.arange(len(direction)), direction.shape[1])
    rows = sparse.csr_array(
        (direction.ravel(), (broker, np.arange(direction.size))), shape=(len(direction), width)
    )
    return rows, _most(direction, given, at)


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


def _prices(loads: int, pool: np.ndarray, stays: np.ndarray, solved: object) -> np.ndarray:
    """Say what giving a unit of load away is worth to each broker, from the solution's prices."""
    marginals, count = -solved.ineqlin.marginals, int(stays.sum()) * loads
    worth = -solved.eqlin.marginals.reshape(-1, loads)[pool]
    worth[stays] += (marginals[:count] - marginals[count : 2 * count]).reshape(-1, loads)
    return np.column_stack([-np.ones(len(pool)), worth])
