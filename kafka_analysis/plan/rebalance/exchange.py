"""Exchange replicas or leaders of two brokers, where one alone would mend nothing."""

import numpy as np

from kafka_analysis.model.compiled import compiled
from kafka_analysis.plan.rebalance.placement import (
    GAIN,
    carry,
    lead,
    may_go,
    may_take,
    penalty,
    penalty_with,
    put,
)

_SAMPLE = 200  # of a broker's replicas at most so many are tried for an exchange


@compiled
def exchange_replicas(model, placement, members, budget):
    """Exchange replicas of two brokers where moving one alone mends nothing; return how many pairs.

    Parameters
    ----------
    members
        Replicas ordered by broker as they are placed now, heaviest first.
    """
    brokers, resources = placement.load.shape
    begins = _begins(placement, members, brokers)
    carried_i, carried_j, less = np.zeros(resources), np.zeros(resources), np.zeros(resources)
    exchanged = 0
    for a in range(brokers):
        if penalty(model.band[a], placement.load[a]) <= GAIN:
            continue
        for b in range(brokers):
            if b == a:
                continue
            for i in _sample(members, begins[a], begins[a + 1]):
                if placement.where[i] != a:
                    continue
                for j in _sample(members, begins[b], begins[b + 1]):
                    if placement.where[i] != a or placement.where[j] != b:
                        continue
                    carry(model, placement, i, carried_i)
                    carry(model, placement, j, carried_j)
                    less[:] = carried_i - carried_j
                    gain = _gain(model.band, placement.load, a, b, less)
                    if gain > GAIN and _may_exchange(model, placement, i, j, budget):
                        _pay(model, placement, i, b, budget)
                        _pay(model, placement, j, a, budget)
                        put(placement, i, b, carried_i)
                        put(placement, j, a, carried_j)
                        exchanged += 1
    return exchanged


@compiled
def exchange_leaders(model, placement, led, begins):
    """Exchange the leaders of two partitions where changing one alone mends nothing; return how many pairs.

    Parameters
    ----------
    led, begins
        Partitions ordered by the broker that leads them now, and where each broker's begin.
    """
    exchanged = 0
    less = np.zeros(placement.load.shape[1])
    for a in range(len(begins) - 1):
        if penalty(model.band[a], placement.load[a]) <= GAIN:
            continue
        for p in led[begins[a] : begins[a + 1]]:
            for new in range(model.first[p], model.first[p + 1]):
                old, b = placement.leader[p], placement.where[new]
                if placement.where[old] != a or b == a or not model.leads[b] or not model.movable[old]:
                    continue
                for q in led[begins[b] : begins[b + 1]]:
                    back = _replica_on(model.first, placement.where, q, a)
                    if back < 0 or placement.where[placement.leader[q]] != b or not model.movable[back]:
                        continue
                    less[:] = model.lead_weight[p] - model.lead_weight[q]
                    gain = _gain(model.band, placement.load, a, b, less)
                    if gain > GAIN and model.leads[a]:
                        lead(model, placement, p, new)
                        lead(model, placement, q, back)
                        exchanged += 1
                        break
    return exchanged


@compiled
def _gain(band, load, a, b, less):
    """Return how much nearer two brokers come to their bands if this much load goes from the first to the second."""
    now = penalty(band[a], load[a]) + penalty(band[b], load[b])
    return now - penalty_with(band[a], load[a], less, -1.0) - penalty_with(band[b], load[b], less, 1.0)


@compiled
def _replica_on(first, where, p, broker):
    """Find a partition's replica on a broker; −1 if there is none."""
    chosen = -1
    for j in range(first[p], first[p + 1]):
        if where[j] == broker:
            chosen = j
    return chosen


@compiled
def _begins(placement, members, brokers):
    begins = np.zeros(brokers + 1, np.int64)
    for replica in members:
        begins[placement.where[replica] + 1] += 1
    return np.cumsum(begins)


@compiled
def _sample(members, begin, end):
    step = max((end - begin) // _SAMPLE, 1)
    return members[begin:end:step]


@compiled
def _may_exchange(model, placement, i, j, budget):
    a, b = placement.where[i], placement.where[j]
    if model.partition[i] == model.partition[j]:
        return False
    for replica, old, new in ((i, a, b), (j, b, a)):
        if not model.movable[replica] or not may_take(model, replica, new):
            return False
        if old == model.home[replica] and not model.gives[old]:
            return False
        if not may_go(model, placement, replica, new):
            return False
    cost = _price(model, placement, i, b) + _price(model, placement, j, a)
    count = (a == model.home[i]) + (b == model.home[j]) - (b == model.home[i]) - (a == model.home[j])
    return cost <= budget[0] and count <= budget[1]


@compiled
def _price(model, placement, replica, broker):
    if placement.where[replica] == model.home[replica]:
        return model.cost[replica]
    return -model.cost[replica] if broker == model.home[replica] else 0.0


@compiled
def _pay(model, placement, replica, broker, budget):
    budget[0] -= _price(model, placement, replica, broker)
    budget[1] -= (placement.where[replica] == model.home[replica]) - (broker == model.home[replica])
