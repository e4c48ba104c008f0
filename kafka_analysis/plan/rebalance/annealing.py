"""Trim a plan: fewer bytes for the same evenness, by annealing with a fixed seed and a fixed number of steps."""

from typing import NamedTuple

import numpy as np

from kafka_analysis.model.compiled import compiled, inlined
from kafka_analysis.plan.rebalance.placement import (
    carry,
    is_siblings_home,
    lead,
    may_go,
    may_take,
    penalty,
    put,
    racks,
)

_WEIGHT = 30.0  # bytes (in shares) that a unit of penalty weighs in the end; what mends it costs half to two
_COLD = 1e-3  # heat in the end, as a part of that at the start
# How often each kind of step is tried, as running totals, found by trial; what is left moves one more replica.
_LEADER, _HOME, _BOTH_HOME, _INSTEAD, _ELSEWHERE = 0.1, 0.3, 0.35, 0.75, 0.95
_OWN_BROKER, _SAME_TARGET = 0.7, 0.7
_NONE = -1


class _Step(NamedTuple):
    """One replica goes, or two at once; −1 is none."""

    replica: int
    to: int
    other: int
    other_to: int


@compiled
def anneal(model, placement, by_home, begins, steps, heat, weight, seed):
    """Try random steps: a replica stays at home after all, another goes in its place, one goes elsewhere.

    Parameters
    ----------
    model, placement
        See :mod:`kafka_analysis.plan.rebalance.placement`; the placement changes.
    by_home, begins
        Replicas ordered by their home, and where each broker's begin.
    steps, seed
        How many steps are tried, and of which course of random numbers.
    heat
        Bytes (in shares) that a step may add at the start; it falls from step to step.
    weight
        Bytes (in shares) that a unit of penalty weighs at the start; it rises from step to step. While it is low, what
        was moved comes home, and goes out again another way as it rises.
    """
    np.random.seed(seed)
    carried = np.zeros(placement.load.shape[1])
    away, spot, count = _list(model, placement)
    for number in range(steps):
        done = number / steps
        hot, weighs = heat * _COLD**done, weight * (_WEIGHT / weight) ** done
        allowed = -hot * np.log(1.0 - np.random.random())
        draw = np.random.random()
        if draw < _LEADER:
            _try_leader(model, placement, np.random.randint(len(placement.leader)), allowed / weighs)
            continue
        step = _draw(model, placement, away, count, by_home, begins, draw)
        if (
            step.replica >= 0
            and _is_allowed(model, placement, step)
            and _try(model, placement, carried, step, weighs, allowed)
        ):
            count = _note(model, placement, away, spot, count, step.replica)
            if step.other >= 0:
                count = _note(model, placement, away, spot, count, step.other)


@compiled
def _list(model, placement):
    """List the replicas that are not at home: the first ``count`` of ``away``; ``spot`` says where each is."""
    away, spot, count = np.zeros(len(model.home), np.int64), np.full(len(model.home), _NONE), 0
    for i in range(len(model.home)):
        if placement.where[i] != model.home[i]:
            away[count], spot[i] = i, count
            count += 1
    return away, spot, count


@inlined
def _note(model, placement, away, spot, count, i):
    """Keep the list of replicas that are not at home."""
    is_away = placement.where[i] != model.home[i]
    if is_away and spot[i] == _NONE:
        away[count], spot[i] = i, count
        return count + 1
    if not is_away and spot[i] != _NONE:
        last = away[count - 1]
        away[spot[i]], spot[last] = last, spot[i]
        spot[i] = _NONE
        return count - 1
    return count


@inlined
def _draw(model, placement, away, count, by_home, begins, draw):
    """Draw a step."""
    brokers = len(model.rack)
    if count == 0:
        return _Step(by_home[np.random.randint(len(by_home))], np.random.randint(brokers), _NONE, _NONE)
    i = away[np.random.randint(count)]
    home, at = np.int64(model.home[i]), np.int64(placement.where[i])
    if draw >= _INSTEAD:
        if draw < _ELSEWHERE:
            return _Step(i, np.random.randint(brokers), _NONE, _NONE)
        return _Step(by_home[np.random.randint(len(by_home))], np.random.randint(brokers), _NONE, _NONE)
    if home < 0:
        return _Step(_NONE, home, _NONE, _NONE)
    if draw < _HOME:
        if may_go(model, placement, i, home):
            return _Step(i, home, _NONE, _NONE)
        other = _sibling(model, placement, i, home)
        return _Step(i if other >= 0 else _NONE, home, other, at)
    if draw < _BOTH_HOME:
        other = away[np.random.randint(count)]
        return _Step(i, home, other, np.int64(model.home[other]))
    source = home if np.random.random() < _OWN_BROKER else np.random.randint(brokers)
    if begins[source] == begins[source + 1]:
        return _Step(_NONE, home, _NONE, _NONE)
    other = by_home[np.random.randint(begins[source], begins[source + 1])]
    return _Step(i, home, other, at if np.random.random() < _SAME_TARGET else np.random.randint(brokers))


@inlined
def _sibling(model, placement, replica, home):
    """Find the replica that would have to leave its rack for this one to come home; −1 if there is none."""
    p = model.partition[replica]
    for j in range(model.first[p], model.first[p + 1]):
        at = placement.where[j]
        if j != replica and at >= 0 and at == model.home[j] and model.rack[at] == model.rack[home]:
            return j
    return _NONE


@inlined
def _is_allowed(model, placement, step):
    """Say whether the replicas of a step may go where it takes them; racks and twice the same broker come later."""
    if step.replica == step.other:
        return False
    for replica, to in ((step.replica, step.to), (step.other, step.other_to)):
        if replica < 0:
            continue
        at = placement.where[replica]
        if to < 0 or to == at or not model.movable[replica] or not may_take(model, replica, to):
            return False
        if at == model.home[replica] and not model.gives[at]:
            return False
        if is_siblings_home(model.first, model.partition, model.home, replica, to):
            return False
    return True


@inlined
def _try(model, placement, carried, step, weight, allowed):
    """Take a step; take it back where it breaks a rule or costs more than allowed."""
    i, j = step.replica, step.other if step.other >= 0 else step.replica
    p, q = model.partition[i], model.partition[j]
    racks_p, racks_q = (
        racks(model.first, model.rack, placement.where, p),
        racks(model.first, model.rack, placement.where, q),
    )
    old_i, old_j = placement.where[i], placement.where[j]
    to_j = step.other_to if step.other >= 0 else step.to
    cost = _saved(model, placement, i) + (_saved(model, placement, j) if j != i else 0.0)
    before = _around(model, placement, old_i, step.to, old_j, to_j)
    _go(model, placement, carried, i, step.to)
    if j != i:
        _go(model, placement, carried, j, to_j)
    rules = racks(model.first, model.rack, placement.where, p) >= min(racks_p, model.racks_needed[p])
    if rules and racks(model.first, model.rack, placement.where, q) >= min(racks_q, model.racks_needed[q]):
        cost -= _saved(model, placement, i) + (_saved(model, placement, j) if j != i else 0.0)
        change = _around(model, placement, old_i, step.to, old_j, to_j) - before
        if cost + weight * change <= allowed:
            return True
    _go(model, placement, carried, i, old_i)
    if j != i:
        _go(model, placement, carried, j, old_j)
    return False


@inlined
def _try_leader(model, placement, p, allowed):
    """Let another replica lead, where that makes nothing worse than allowed."""
    now = placement.leader[p]
    new = model.first[p] + np.random.randint(model.first[p + 1] - model.first[p])
    a, b = placement.where[now], placement.where[new]
    if new == now or not model.movable[now] or not model.leads[b]:
        return
    before = penalty(model.band[a], placement.load[a]) + penalty(model.band[b], placement.load[b])
    lead(model, placement, p, new)
    after = penalty(model.band[a], placement.load[a]) + penalty(model.band[b], placement.load[b])
    if after - before > allowed or (after == before and now == model.first[p]):
        lead(model, placement, p, now)


@inlined
def _saved(model, placement, replica):
    """Return the bytes that a replica saves by being at home."""
    return model.cost[replica] if placement.where[replica] == model.home[replica] else 0.0


@inlined
def _go(model, placement, carried, replica, broker):
    carry(model, placement, replica, carried)
    put(placement, replica, broker, carried)


@inlined
def _around(model, placement, first, second, third, fourth):
    """Add up the penalties of up to four brokers, each once."""
    total = penalty(model.band[first], placement.load[first])
    if second != first:
        total += penalty(model.band[second], placement.load[second])
    if third != first and third != second:
        total += penalty(model.band[third], placement.load[third])
    if fourth != first and fourth != second and fourth != third:
        total += penalty(model.band[fourth], placement.load[fourth])
    return total
