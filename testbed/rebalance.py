"""A simple rebalance of the source, computed from what was really sent, in the format of Kafka's own tool.

It is no planner (kafka_analysis.plan is): it moves preferred leaders off overloaded brokers, a few replicas
to the less loaded broker of the same rack, and mends replicas that share a rack.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from testbed.admin import Place

Assignment = dict[Place, list[int]]
MAX_REPLICA_MOVES = 12
OVERLOAD = 1.1


def rebalanced(
    now: Mapping[Place, list[int]], weights: Mapping[Place, float], racks: Mapping[int, str]
) -> Assignment:
    """Return the partitions to change and their new replicas, preferred leader first.

    Parameters
    ----------
    now
        The replicas of every partition.
    weights
        The load of every partition; one that is missing weighs nothing.
    racks
        The rack of every broker.

    Examples
    --------
    >>> rebalanced({("t", 0): [1, 2], ("t", 1): [1, 2]}, {("t", 0): 5.0, ("t", 1): 4.0}, {1: "a", 2: "b"})
    {('t', 0): [2, 1]}
    """
    after = {place: list(replicas) for place, replicas in now.items()}
    heaviest_first = sorted(after, key=lambda place: (-weights.get(place, 0.0), place))
    moves = 0
    for place in heaviest_first:
        if moves < MAX_REPLICA_MOVES:
            better = _mend_rack(after[place], racks) or _lighten(after, place, weights, racks)
            moves += better is not None
            after[place] = better or after[place]
    for place in heaviest_first:
        after[place] = _lead_elsewhere(after, place, weights, racks)
    return {place: replicas for place, replicas in after.items() if replicas != now[place]}


def _mend_rack(replicas: list[int], racks: Mapping[int, str]) -> list[int] | None:
    for position, broker in enumerate(replicas):
        others = [racks[b] for b in replicas[:position]]
        free = sorted(b for b, rack in racks.items() if rack not in {racks[b] for b in replicas})
        if racks[broker] in others and free:
            return [*replicas[:position], free[-1], *replicas[position + 1 :]]
    return None


def _lighten(
    after: Assignment, place: Place, weights: Mapping[Place, float], racks: Mapping[int, str]
) -> list[int] | None:
    load = Counter(dict.fromkeys(racks, 0.0))
    for other, replicas in after.items():
        load.update(dict.fromkeys(replicas, weights.get(other, 0.0)))
    weight = weights.get(place, 0.0)
    for broker in sorted(after[place], key=lambda b: -load[b]):
        for sibling in (b for b in racks if racks[b] == racks[broker] and b not in after[place]):
            if load[sibling] + weight < load[broker] / OVERLOAD:
                return [sibling if b == broker else b for b in after[place]]
    return None


def _lead_elsewhere(
    after: Assignment, place: Place, weights: Mapping[Place, float], racks: Mapping[int, str]
) -> list[int]:
    leads = Counter(dict.fromkeys(racks, 0.0))
    for other, replicas in after.items():
        leads[replicas[0]] += weights.get(other, 0.0)
    replicas, weight = after[place], weights.get(place, 0.0)
    best = min(replicas, key=lambda b: (leads[b], b))
    fair = sum(leads.values()) / len(leads)
    if leads[replicas[0]] < OVERLOAD * fair or leads[best] + weight >= leads[replicas[0]]:
        return replicas
    return [best, *(b for b in replicas if b != best)]


def reassignment_json(changes: Mapping[Place, list[int]]) -> str:
    """Return the changes as ReassignPartitionsCommand takes them."""
    partitions = [
        {"topic": t, "partition": p, "replicas": replicas} for (t, p), replicas in sorted(changes.items())
    ]
    return json.dumps({"version": 1, "partitions": partitions})
