"""Mend what must hold whatever it costs: every replica on a broker that stays, and as many racks as possible."""

import numpy as np

from kafka_analysis.model.compiled import compiled
from kafka_analysis.plan.rebalance.placement import (
    carry,
    is_siblings_home,
    lead,
    penalty,
    penalty_with,
    put,
    racks,
)

_PER_BYTE = 0.5  # bytes that a unit of penalty mended now saves later


@compiled
def settle(model, placement, replicas):
    """Put replicas that have no place, or must leave theirs, where that mends most; return the first that has none.

    Parameters
    ----------
    model, placement
        See :mod:`kafka_analysis.plan.rebalance.placement`; the placement changes.
    replicas
        In the order in which they are placed.

    Returns
    -------
    int
        A replica for which there is no broker left; −1 when all have one.
    """
    carried = np.zeros(placement.load.shape[1])
    for i in replicas:
        p, old = model.partition[i], placement.where[i]
        if placement.leader[p] == i and old >= 0:
            _hand_over(model, placement, p)
        carry(model, placement, i, carried)
        best, chosen, most = -np.inf, -1, -1
        for b in range(placement.load.shape[0]):
            if not model.takes[b] or is_siblings_home(model.first, model.partition, model.home, i, b):
                continue
            placement.where[i] = b
            spread = racks(model.first, model.rack, placement.where, p)
            placement.where[i] = old
            if spread < 0 or spread < most:
                continue
            gain = penalty(model.band[b], placement.load[b]) - penalty_with(
                model.band[b], placement.load[b], carried, 1.0
            )
            if spread > most or gain > best:
                best, chosen, most = gain, b, spread
        if chosen < 0:
            return i
        put(placement, i, chosen, carried)
    return -1


@compiled
def _hand_over(model, placement, p):
    """Give the leadership to a replica that stays, if there is one."""
    best, chosen = -np.inf, -1
    for j in range(model.first[p], model.first[p + 1]):
        b = placement.where[j]
        if b < 0 or not model.leads[b] or j == placement.leader[p]:
            continue
        gain = penalty(model.band[b], placement.load[b])
        gain -= penalty_with(model.band[b], placement.load[b], model.lead_weight[p], 1.0)
        if gain > best:
            best, chosen = gain, j
    if chosen >= 0:
        lead(model, placement, p, chosen)


@compiled
def spread_racks(model, placement, partitions):
    """Move replicas out of racks they share; return the first partition that stays in too few, −1 when none does."""
    carried = np.zeros(placement.load.shape[1])
    for p in partitions:
        now = racks(model.first, model.rack, placement.where, p)
        while now < model.racks_needed[p]:
            best, chosen, goes_to = -np.inf, -1, -1
            for i in range(model.first[p], model.first[p + 1]):
                old = placement.where[i]
                if not model.movable[i]:
                    continue
                carry(model, placement, i, carried)
                relief = penalty(model.band[old], placement.load[old])
                relief -= penalty_with(model.band[old], placement.load[old], carried, -1.0)
                price = model.cost[i] if old == model.home[i] else 0.0
                for b in range(placement.load.shape[0]):
                    if not model.takes[b] or b == old or model.rack[b] == model.rack[old]:
                        continue
                    if is_siblings_home(model.first, model.partition, model.home, i, b):
                        continue
                    placement.where[i] = b
                    then = racks(model.first, model.rack, placement.where, p)
                    placement.where[i] = old
                    if then <= now:
                        continue
                    gain = relief + penalty(model.band[b], placement.load[b])
                    gain -= penalty_with(model.band[b], placement.load[b], carried, 1.0)
                    if _PER_BYTE * gain - price > best:
                        best, chosen, goes_to = _PER_BYTE * gain - price, i, b
            if chosen < 0:
                return p
            carry(model, placement, chosen, carried)
            put(placement, chosen, goes_to, carried)
            now = racks(model.first, model.rack, placement.where, p)
    return -1
