"""What the planner's compiled walks look at: replicas and brokers as arrays, and the few functions on them.

Loads are in shares: a broker's fair share of each resource is its mean, and the mean over brokers is 1.
"""

from typing import NamedTuple

import numpy as np

from kafka_analysis.model.compiled import compiled, inlined

NOWHERE = -1  # the home of a copy that is yet to be made
# Of a band: below LOW a broker carries too little, above HIGH too much. It may not fall below LEAST nor rise above
# MOST: its capacity, or what would make a goal worse than it is.
LOW, HIGH, LEAST, MOST = range(4)
FORBIDDEN = 1e3  # penalty beyond what is allowed: no gain elsewhere is worth it
ROUNDING = 1e-9
GAIN = 1e-9  # of penalty; smaller gains are rounding


class Model(NamedTuple):
    """What is given. One row per replica (n), partition (p) or broker (b); a column per resource (r)."""

    partition: np.ndarray  # i32[n]
    first: np.ndarray  # i64[p + 1]: where each partition's replicas begin
    home: np.ndarray  # i32[n]: the broker it is on before the plan
    cost: np.ndarray  # f64[n]: bytes to copy it, in shares
    weight: np.ndarray  # f64[n, r]: what every replica carries
    lead_weight: np.ndarray  # f64[p, r]: what the leader carries besides
    movable: np.ndarray  # bool[n]
    racks_needed: np.ndarray  # i32[p]: in how many racks a partition must be
    rack: np.ndarray  # i32[b]
    band: np.ndarray  # f64[b, r, 4]: see the numbers above
    takes: np.ndarray  # bool[b]: may receive replicas
    gives: np.ndarray  # bool[b]: may lose replicas
    leads: np.ndarray  # bool[b]: may lead


class Placement(NamedTuple):
    """What is chosen; the walks change these arrays in place."""

    where: np.ndarray  # i32[n]: the broker of every replica
    leader: np.ndarray  # i64[p]: the replica that leads
    load: np.ndarray  # f64[b, r]


@compiled
def penalty(band, load):
    """Add up how far a broker is out of its band."""
    total = 0.0
    for r in range(load.shape[0]):
        total += _out(band[r], load[r])
    return total


@compiled
def penalty_with(band, load, carried, sign):
    """Compute the penalty of a broker that carries something more (sign 1) or less (sign −1)."""
    total = 0.0
    for r in range(load.shape[0]):
        total += _out(band[r], load[r] + sign * carried[r])
    return total


@compiled
def _out(band, load):
    if load > band[HIGH]:
        beyond = load - band[MOST]
        return load - band[HIGH] + (FORBIDDEN * (1 + beyond) if beyond > ROUNDING else 0.0)
    if load < band[LOW]:
        beyond = band[LEAST] - load
        return band[LOW] - load + (FORBIDDEN * (1 + beyond) if beyond > ROUNDING else 0.0)
    return 0.0


@inlined
def carry(model, placement, replica, out):
    """Write what a replica carries, its leadership included, into an array."""
    p = model.partition[replica]
    leads = placement.leader[p] == replica
    for r in range(out.shape[0]):
        out[r] = model.weight[replica, r] + (model.lead_weight[p, r] if leads else 0.0)


@compiled
def racks(first, rack, where, p):
    """Count the racks a partition is in; −1 if two of its replicas are on one broker."""
    count = 0
    for j in range(first[p], first[p + 1]):
        at = where[j]
        if at < 0:
            continue
        is_new = True
        for k in range(first[p], j):
            if where[k] == at:
                return -1
            if where[k] >= 0 and rack[where[k]] == rack[at]:
                is_new = False
        count += is_new
    return count


@compiled
def is_siblings_home(first, partition, home, replica, broker):
    """Say whether a broker is the home of another replica of the same partition: Kafka would leave that one there."""
    p, is_home = partition[replica], False
    for j in range(first[p], first[p + 1]):
        is_home = is_home or (j != replica and home[j] == broker)
    return is_home


@compiled
def may_go(model, placement, replica, broker):
    """Say whether a replica may be on a broker: no broker twice, and not in fewer racks than needed or than now."""
    if is_siblings_home(model.first, model.partition, model.home, replica, broker):
        return False
    p, old, where = model.partition[replica], placement.where[replica], placement.where
    where[replica] = broker
    then = racks(model.first, model.rack, where, p)
    where[replica] = old
    return then >= model.racks_needed[p] or (then >= 0 and then >= racks(model.first, model.rack, where, p))


@inlined
def may_take(model, replica, broker):
    """Say whether a broker may receive a replica: it takes any, or this is the replica's home and stays."""
    return model.takes[broker] or (broker == model.home[replica] and model.leads[broker])


@inlined
def put(placement, replica, broker, carried):
    """Move a replica, and what it carries (as :func:`carry` says)."""
    old = placement.where[replica]
    for r in range(carried.shape[0]):
        if old >= 0:
            placement.load[old, r] -= carried[r]
        placement.load[broker, r] += carried[r]
    placement.where[replica] = broker


@inlined
def lead(model, placement, p, replica):
    """Give the leadership of a partition to one of its replicas."""
    old, new = placement.where[placement.leader[p]], placement.where[replica]
    for r in range(placement.load.shape[1]):
        if old >= 0:
            placement.load[old, r] -= model.lead_weight[p, r]
        placement.load[new, r] += model.lead_weight[p, r]
    placement.leader[p] = replica
