"""Walk towards evenness: leaders first, since they cost no bytes, then the movements that mend most for their bytes."""

import numpy as np

from kafka_analysis.model.compiled import compiled
from kafka_analysis.plan.rebalance.placement import GAIN, LOW, carry, lead, may_go, penalty, penalty_with, put


@compiled
def change_leaders(model, placement):
    """Give each partition in turn to the replica that leads it best; return how many leaders changed."""
    changes = 0
    for p in range(len(placement.leader)):
        now = placement.leader[p]
        old, carried = placement.where[now], model.lead_weight[p]
        if not model.movable[now]:
            continue
        relief = penalty(model.band[old], placement.load[old]) - penalty_with(
            model.band[old], placement.load[old], carried, -1.0
        )
        best, chosen = GAIN, -1
        for j in range(model.first[p], model.first[p + 1]):
            new = placement.where[j]
            if j == now or not model.leads[new]:
                continue
            burden = penalty_with(model.band[new], placement.load[new], carried, 1.0) - penalty(
                model.band[new], placement.load[new]
            )
            if relief - burden > best:
                best, chosen = relief - burden, j
        if chosen >= 0:
            lead(model, placement, p, chosen)
            changes += 1
    return changes


@compiled
def keep_leaders(model, placement):
    """Give leadership back to who had it, where that makes nothing worse."""
    for p in range(len(placement.leader)):
        now, was = placement.leader[p], model.first[p]
        a, b = placement.where[now], placement.where[was]
        if now == was or b != model.home[was] or not model.leads[b]:
            continue
        before = penalty(model.band[a], placement.load[a]) + penalty(model.band[b], placement.load[b])
        lead(model, placement, p, was)
        if (
            penalty(model.band[a], placement.load[a]) + penalty(model.band[b], placement.load[b])
            > before + GAIN / 10
        ):
            lead(model, placement, p, now)


@compiled
def bring_home(model, placement):
    """Let replicas of a partition change places where one is on the home of another: Kafka sees no difference."""
    for p in range(len(placement.leader)):
        i = model.first[p]
        while i < model.first[p + 1]:
            other = -1
            for j in range(model.first[p], model.first[p + 1]):
                if j != i and placement.where[j] == model.home[i] and model.cost[i] == model.cost[j]:
                    other = j
            if other < 0:
                i += 1
                continue
            placement.where[i], placement.where[other] = placement.where[other], placement.where[i]
            if placement.leader[p] == i:
                placement.leader[p] = other
            elif placement.leader[p] == other:
                placement.leader[p] = i
            i = model.first[p]


@compiled
def move_replicas(model, placement, order, least_gain, budget):
    """Move each replica, in the order given, to where it mends most, if that is worth its bytes.

    Parameters
    ----------
    model, placement
        See :mod:`kafka_analysis.plan.rebalance.placement`.
    order
        Replicas in the order in which they are tried.
    least_gain
        Penalty that must be mended for each share of bytes moved; a way home is worth any gain.
    budget
        Array of two: bytes (in shares) and movements that may be added. What is used is taken off.

    Returns
    -------
    int
        How many replicas moved.
    """
    brokers, resources = placement.load.shape
    carried = np.zeros(resources)
    present = np.zeros(brokers)
    deficit = np.zeros(resources)
    for b in range(brokers):
        present[b] = penalty(model.band[b], placement.load[b])
    poor = _poorest(model, placement)
    _deficits(model, placement, deficit)
    moved, since = 0, 0
    for replica in order:
        a = placement.where[replica]
        is_home = a == model.home[replica]
        if not model.movable[replica] or not (model.gives[a] or not is_home):
            continue
        carry(model, placement, replica, carried)
        relief = present[a] - penalty_with(model.band[a], placement.load[a], carried, -1.0)
        bound = relief
        for r in range(resources):
            bound += min(carried[r], deficit[r])
        least = least_gain * model.cost[replica] if is_home else 0.0
        if bound <= GAIN or bound < least:
            continue
        if is_home and (budget[0] < model.cost[replica] or budget[1] < 1):
            continue
        best, chosen = max(GAIN, least), -1
        home = model.home[replica]
        welcome = home if home >= 0 and model.leads[home] else -1
        for b in poor:
            if b == a or not (model.takes[b] or b == welcome):
                continue
            if relief <= GAIN and present[b] <= GAIN:
                break  # the rest carries enough, and the replica's own broker not too much
            gain = relief + present[b] - penalty_with(model.band[b], placement.load[b], carried, 1.0)
            if gain <= best or not may_go(model, placement, replica, b):
                continue
            best, chosen = gain, b
            if gain >= bound - GAIN:
                break
        if chosen < 0:
            continue
        if is_home:
            budget[0] -= model.cost[replica]
            budget[1] -= 1
        elif chosen == model.home[replica]:
            budget[0] += model.cost[replica]
            budget[1] += 1
        put(placement, replica, chosen, carried)
        present[a] = penalty(model.band[a], placement.load[a])
        present[chosen] = penalty(model.band[chosen], placement.load[chosen])
        moved += 1
        since += 1
        if since >= brokers:
            since = 0
            poor = _poorest(model, placement)
            _deficits(model, placement, deficit)
    return moved


@compiled
def _poorest(model, placement):
    """Order brokers by what they lack, those that lack most first."""
    brokers, resources = placement.load.shape
    lack = np.zeros(brokers)
    for b in range(brokers):
        over = 0.0
        for r in range(resources):
            load = placement.load[b, r]
            lack[b] += max(model.band[b, r, LOW] - load, 0.0)
            over += max(load - model.band[b, r, LOW], 0.0)
        if lack[b] == 0.0:
            lack[b] = -over
    return np.argsort(-lack, kind="mergesort")


@compiled
def _deficits(model, placement, deficit):
    """Write, for each resource, the most that a broker which takes replicas lacks."""
    deficit[:] = 0.0
    for b in range(placement.load.shape[0]):
        for r in range(deficit.shape[0]):
            if model.takes[b]:
                deficit[r] = max(deficit[r], model.band[b, r, LOW] - placement.load[b, r])
