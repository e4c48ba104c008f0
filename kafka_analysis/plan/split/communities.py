"""Find communities of topic groups and clients by modularity: a place from which the search for cells begins.

Traag, Waltman and van Eck, "From Louvain to Leiden: guaranteeing well-connected communities" (2019), begun again from
what it found for as long as that finds more; of several such starts the best is kept. Numba compiles the walks over
vertices.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kafka_analysis.model.compiled import compiled, inlined
from kafka_analysis.plan.split.annealing import Model

_STARTS = 10
_ROUNDS = 10
_VISITS = (
    1000  # of a vertex at most: sums of many steps are not exact, and equals must not change places for ever
)
_NEARLY = 1e-12  # of all edges' weight


class Graph(NamedTuple):
    """Edges in both directions: those of vertex ``v`` go from ``first[v]`` up to ``first[v + 1]``.

    ``near``: where an edge leads. ``weight``: its part of the weight of all edges' ends. ``strength[v]``: that of the
    vertex, which in a graph of communities also counts the edges inside of it.
    """

    first: np.ndarray
    near: np.ndarray
    weight: np.ndarray
    strength: np.ndarray


def communities(model: Model, *, seed: int) -> Iterator[np.ndarray]:
    """Yield the community of each topic group, by flows alike and by their bytes.

    Topic groups and clients are the vertices, flows the edges. The same seed gives the same communities.
    """
    groups, clients = len(model.pinned), len(model.begins) - 1
    group = np.repeat(np.arange(groups), np.diff(model.first))
    for weight in (np.ones(len(model.client)), model.flow):
        if weight.sum() > 0:
            graph = graph_of(group, groups + model.client, weight, groups + clients)
            yield find_communities(graph, seed=seed)[:groups]


def graph_of(one: np.ndarray, other: np.ndarray, weight: np.ndarray, count: int) -> Graph:
    """Return the graph of ``count`` vertices with these edges; those of weight 0 do not count."""
    counts = weight > 0
    start = np.concatenate([one[counts], other[counts]])
    end = np.concatenate([other[counts], one[counts]])
    share = np.tile(weight[counts] / (2.0 * weight[counts].sum()), 2)
    return _merged(start, end, share, np.bincount(start, weights=share, minlength=count))


def find_communities(graph: Graph, *, seed: int) -> np.ndarray:
    """Return a number for each vertex, the same for those of a community, from 0 without gaps.

    Examples
    --------
    >>> graph = graph_of(np.array([0, 1, 3]), np.array([2, 2, 4]), np.ones(3), 5)
    >>> find_communities(graph, seed=1).tolist()
    [0, 0, 0, 1, 1]
    """
    starts = (_from_single_vertices(graph, seed + _ROUNDS * start) for start in range(_STARTS))
    return max(starts, key=lambda label: modularity(graph, label))


def modularity(graph: Graph, label: np.ndarray) -> float:
    """Return the share of the edges' weight inside communities, less what chance would put there."""
    start = np.repeat(label, np.diff(graph.first))
    among = graph.weight[start != label[graph.near]].sum()
    return float(1.0 - among - (np.bincount(label, weights=graph.strength) ** 2).sum())


def unfold(graph: Graph, label: np.ndarray, *, seed: int) -> np.ndarray:
    """Let vertices change communities until none gains, then well-connected parts of communities, and so on.

    So a community can also fall apart where no vertex gains by leaving alone.

    Examples
    --------
    >>> graph = graph_of(np.array([0, 1, 3]), np.array([2, 2, 4]), np.ones(3), 5)
    >>> unfold(graph, np.zeros(5, int), seed=1).tolist()
    [0, 0, 0, 1, 1]
    """
    moved = label.copy()
    _move(*graph, moved, seed)
    names, moved = np.unique(moved, return_inverse=True)
    if len(names) == len(moved):
        return moved
    part = _parts(*graph, moved, seed)
    if (part == np.arange(len(part))).all():
        part = moved  # sums are not exact
    _, one, part = np.unique(part, return_index=True, return_inverse=True)
    start, end = np.repeat(part, np.diff(graph.first)), part[graph.near]
    apart, strength = start != end, np.bincount(part, weights=graph.strength)
    coarse = _merged(start[apart], end[apart], graph.weight[apart], strength)
    return unfold(coarse, moved[one], seed=seed)[part]


def _from_single_vertices(graph: Graph, seed: int) -> np.ndarray:
    """Unfold, and again from what was found, for as long as that gains."""
    found, value = np.arange(len(graph.strength)), -np.inf
    for number in range(_ROUNDS):
        again = unfold(graph, found, seed=seed + number)
        better = modularity(graph, again)
        if better <= value + _NEARLY:
            break
        found, value = again, better
    return found


def _merged(start: np.ndarray, end: np.ndarray, weight: np.ndarray, strength: np.ndarray) -> Graph:
    """Return the graph of directed edges, those between the same vertices as one."""
    count = len(strength)
    pair, where = np.unique(start * count + end, return_inverse=True)
    total = np.bincount(where, weights=weight, minlength=len(pair))
    return Graph(np.searchsorted(pair // count, np.arange(count + 1)), pair % count, total, strength)


@compiled
def _move(first, near, weight, strength, label, seed):
    """Let each vertex join where modularity gains most, or be alone; look again at those beside it then."""
    np.random.seed(seed)
    count = len(label)
    size, shared, members = np.zeros(count), np.zeros(count), np.zeros(count, np.int64)
    around = np.empty(count, np.int64)
    for v in range(count):
        size[label[v]] += strength[v]
        members[label[v]] += 1
    nobody = 0  # where to look for a community without members: some is, while a vertex shares one
    queue, waits, head, waiting = np.random.permutation(count), np.ones(count, np.bool_), 0, count
    for _ in range(_VISITS * count):
        if waiting == 0:
            break
        v = queue[head]
        head, waiting, waits[v] = (head + 1) % count, waiting - 1, False
        own, found = label[v], _look_around(first, near, weight, label, v, shared, around)
        size[own] -= strength[v]
        members[own] -= 1
        best, most = own, shared[own] - size[own] * strength[v] + _NEARLY
        for i in range(found):
            k = around[i]
            gain = shared[k] - size[k] * strength[v]
            if gain > most:
                best, most = k, gain
        if most < 0.0 and members[own] > 0:
            while members[nobody] > 0:
                nobody = (nobody + 1) % count
            best = nobody
        for i in range(found):
            shared[around[i]] = 0.0
        size[best] += strength[v]
        members[best] += 1
        if best != own:
            label[v] = best
            for e in range(first[v], first[v + 1]):
                u = near[e]
                if label[u] != best and not waits[u]:
                    queue[(head + waiting) % count] = u
                    waits[u], waiting = True, waiting + 1


@compiled
def _parts(first, near, weight, strength, label, seed):
    """Return a part of its community for each vertex: alone, or with those that it is well connected to.

    Only vertices that are still alone join another part, and both must be well connected to the rest of the community.
    A part is numbered as its first vertex.
    """
    np.random.seed(seed)
    count = len(label)
    part, alone, size = np.arange(count), np.ones(count, np.bool_), strength.copy()
    total, outer = np.zeros(count), np.zeros(count)  # of a community; of a part, to the rest of its community
    shared, around = np.zeros(count), np.empty(count, np.int64)
    for v in range(count):
        total[label[v]] += strength[v]
        for e in range(first[v], first[v + 1]):
            if label[near[e]] == label[v]:
                outer[v] += weight[e]
    for v in np.random.permutation(count):
        whole = total[label[v]]
        if not alone[v] or outer[v] < size[v] * (whole - size[v]) - _NEARLY:
            continue
        found = _look_around(first, near, weight, part, v, shared, around)
        best, most = v, 0.0
        for i in range(found):
            k = around[i]
            gain = shared[k] - size[k] * strength[v]
            if gain > most and label[k] == label[v] and outer[k] >= size[k] * (whole - size[k]) - _NEARLY:
                best, most = k, gain
        if best != v:
            part[v], alone[best] = best, False
            size[best] += strength[v]
            outer[best] += outer[v] - 2.0 * shared[best]
        for i in range(found):
            shared[around[i]] = 0.0
    return part


@inlined
def _look_around(first, near, weight, label, v, shared, around):
    """Add up the weight of a vertex's edges to each label near it; return how many labels that are."""
    found = 0
    for e in range(first[v], first[v + 1]):
        k = label[near[e]]
        if shared[k] == 0.0:
            around[found] = k
            found += 1
        shared[k] += weight[e]
    return found
