"""Where a search for cells begins: communities of topics that share clients, packed; or topics at random."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import numpy as np

from kafka_analysis.plan.split.annealing import Model
from kafka_analysis.plan.split.options import EVENNESS

_ROUNDS = 10
_ONE_AT_A_TIME = threading.Lock()  # igraph has one generator of random numbers for all threads


def communities(model: Model, *, seed: int) -> Iterator[np.ndarray]:
    """Yield the community of each group as the Leiden method finds it, by flows alike and by their bytes.

    TopicGroups and clients are the vertices. Traag, Waltman and van Eck, "From Louvain to Leiden" (2019).
    """
    import igraph  # slow to load: it brings Matplotlib

    groups, clients = len(model.pinned), len(model.begins) - 1
    if not len(model.client):
        return
    group = np.repeat(np.arange(groups), np.diff(model.first))
    graph = igraph.Graph(n=groups + clients, edges=np.column_stack([group, groups + model.client]))
    for weights in (None, model.flow):
        if weights is not None and not weights.sum():
            continue
        with _ONE_AT_A_TIME:
            igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 - nothing secret
            try:
                partition = graph.community_leiden("modularity", weights=weights, n_iterations=_ROUNDS)
            finally:
                igraph.set_random_number_generator(random)
        yield np.array(partition.membership[:groups])


def packed(model: Model, label: np.ndarray) -> np.ndarray:
    """Put communities of topic groups into cells, the largest first: whole into the emptiest cell, else one by one.

    Groups that are pinned, or were in a cell before, are there from the beginning. Where a cell's clients are limited,
    flows count like a resource of which a cell takes its even share and a little.
    """
    count, load = model.limit.shape[0], _with_flows(model)
    limit = np.column_stack([model.limit, np.ones((count, load.shape[1] - model.limit.shape[1]))])
    cell = np.where(model.pinned >= 0, model.pinned, model.home)
    carried = np.zeros(limit.shape)
    for k in range(count):
        carried[k] = load[cell == k].sum(axis=0)
    members: dict[int, list[int]] = {}
    for group in np.flatnonzero(cell < 0):
        members.setdefault(int(label[group]), []).append(int(group))
    weight = load.sum(axis=1)
    for community in sorted(members.values(), key=lambda community: (-weight[community].sum(), community[0])):
        takes = load[community].sum(axis=0)
        fill = _fullest(carried + takes, limit)
        if fill.min() <= 1:
            k = _attracted(model, cell, community, fill) if len(community) == 1 else int(fill.argmin())
            cell[community], carried[k] = k, carried[k] + takes
            continue
        k = int(fill.argmin())
        for group in sorted(community, key=lambda group: (-weight[group], group)):
            fill = _fullest(carried + load[group], limit)
            k = k if fill[k] <= 1 else int(fill.argmin())
            cell[group], carried[k] = k, carried[k] + load[group]
    return cell


def _with_flows(model: Model) -> np.ndarray:
    """Return the loads and, where a cell's clients are limited, each group's share of the flows of an even cell."""
    clients = len(model.begins) - 1
    if model.most_clients.min() >= clients:
        return model.load
    share = np.diff(model.first) * (len(model.most_clients) / (EVENNESS * max(len(model.client), 1)))
    return np.column_stack([model.load, share])


def _attracted(model: Model, cell: np.ndarray, community: list[int], fill: np.ndarray) -> int:
    """Return the cell, of those with room, in which the clients of an group have most of their groups."""
    have = np.zeros(len(fill))
    for c in model.client[model.first[community[0]] : model.first[community[0] + 1]]:
        others = cell[model.touched[model.begins[c] : model.begins[c + 1]]]
        others = others[others >= 0]
        if len(others):
            have += np.bincount(others, minlength=len(fill)) / len(others)
    return int(np.lexsort((fill, -have, fill > 1))[0])


def _fullest(carried: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Return for each cell how full the fullest of its resources is."""
    return (carried / limit).max(axis=1) if carried.shape[1] else carried.sum(axis=1)


def scattered(model: Model, seed: int) -> np.ndarray:
    """Put every group anywhere; pinned ones where they must be."""
    anywhere = np.random.default_rng(seed).integers(model.limit.shape[0], size=len(model.pinned))
    return np.where(model.pinned >= 0, model.pinned, anywhere)
