"""Search for cells: single topics and pairs go elsewhere, at random and ever more carefully, with a fixed seed.

Numba compiles what is here; everything that is read or checked is in the other modules.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kafka_analysis.model.compiled import compiled, inlined

# How often a step is tried, found by trial: a pair changes places; a single one goes where a client of it has others.
_PAIR, _FOLLOW = 0.25, 0.7
_NONE = -1


class Model(NamedTuple):
    """What does not change: atoms (topics that stay together), what they carry, who touches them, what is allowed.

    ``load[a, r]``: what an atom takes of each resource. ``first``, ``client``, ``flow``: the flows of atom ``a`` are
    those from ``first[a]`` up to ``first[a + 1]``. ``begins``, ``touched``: the atoms of each client, likewise.
    ``limit[k, r]``: what a cell may carry. ``most_clients[k]``: how many clients may touch it. ``rival_first``,
    ``rival``: atoms that must be apart. ``pinned[a]``: the cell it must be in, else −1. ``home[a]``: the cell it was in
    before, else −1. ``weights``: of a client in one more cell, of cross-cell bytes, of the worst cell's share of
    clients, of an atom that leaves its cell, each already divided by what it is a share of. ``most_moved``: how many
    atoms may leave the cells they were in before.
    """

    load: np.ndarray
    first: np.ndarray
    client: np.ndarray
    flow: np.ndarray
    begins: np.ndarray
    touched: np.ndarray
    limit: np.ndarray
    most_clients: np.ndarray
    rival_first: np.ndarray
    rival: np.ndarray
    pinned: np.ndarray
    home: np.ndarray
    weights: np.ndarray
    most_moved: int


class Cells(NamedTuple):
    """What changes: the cell of each atom, and what follows from it.

    ``pins[c, k]``: atoms of a client in a cell. ``bytes[c, k]``: its flows there. ``most[c]``: those in the cell where
    most of them are. ``carried[k, r]``: load of a cell. ``clients[k]``: clients that touch it.
    """

    cell: np.ndarray
    pins: np.ndarray
    bytes: np.ndarray
    most: np.ndarray
    carried: np.ndarray
    clients: np.ndarray


@compiled
def fill(model, cells):
    """Work out everything from ``cells.cell``."""
    cells.pins[:] = 0
    cells.bytes[:] = 0.0
    cells.most[:] = 0.0
    cells.carried[:] = 0.0
    cells.clients[:] = 0
    for a in range(len(cells.cell)):
        _put(model, cells, a, cells.cell[a])


@compiled
def anneal(model, cells, best, steps, heat, cold, strict, seed):
    """Try random steps, and keep in ``best`` the cheapest cells found among those that break the least.

    Parameters
    ----------
    model, cells
        As above; the cells change.
    best
        Cell of each atom: receives the result.
    steps, seed
        How many steps are tried, and of which course of random numbers.
    heat, cold
        What a step may cost in the beginning and in the end.
    strict
        Cost of what is broken in the beginning and in the end: of 1, a cell carries twice what it may.
    """
    np.random.seed(seed)
    atoms, count = len(cells.cell), cells.carried.shape[0]
    cost, broken = cost_of(model, cells)
    lowest, least = cost, broken
    best[:] = cells.cell
    moved = 0
    for a in range(atoms):
        moved += _is_moved(model, a, cells.cell[a])
    cooling, tightening = (cold / heat) ** (1.0 / steps), (strict[1] / strict[0]) ** (1.0 / steps)
    hot, hard = heat, strict[0]
    for _ in range(steps):
        hot *= cooling
        hard *= tightening
        a = np.random.randint(atoms)
        at = cells.cell[a]
        other = _NONE
        draw = np.random.random()
        if draw < _PAIR:
            other = np.random.randint(atoms)
            to = cells.cell[other]
        elif draw < _FOLLOW and model.first[a] < model.first[a + 1]:
            c = model.client[np.random.randint(model.first[a], model.first[a + 1])]
            to = cells.cell[model.touched[np.random.randint(model.begins[c], model.begins[c + 1])]]
        else:
            to = np.random.randint(count)
        if to == at or model.pinned[a] >= 0 or (other >= 0 and model.pinned[other] >= 0):
            continue
        leave = _is_moved(model, a, to) - _is_moved(model, a, at)
        if other >= 0:
            leave += _is_moved(model, other, at) - _is_moved(model, other, to)
        if leave > 0 and moved + leave > model.most_moved:
            continue
        allowed = -hot * np.log(1.0 - np.random.random())
        more, breaks = _change(model, cells, a, to)
        if other < 0:
            if more + hard * breaks > allowed:
                continue
            _take(model, cells, a)
            _put(model, cells, a, to)
        else:
            _take(model, cells, a)
            _put(model, cells, a, to)
            again, breaks_again = _change(model, cells, other, at)
            if more + again + hard * (breaks + breaks_again) > allowed:
                _take(model, cells, a)
                _put(model, cells, a, at)
                continue
            _take(model, cells, other)
            _put(model, cells, other, at)
            more += again
            breaks += breaks_again
        cost += more
        broken += breaks
        moved += leave
        if broken < least - 1e-9 or (broken < least + 1e-9 and cost < lowest - 1e-12):
            lowest, least = cost, min(broken, least)
            best[:] = cells.cell


@compiled
def cost_of(model, cells):
    """Return what the cells cost, and by how much they break limits."""
    extra, kept, away = 0.0, 0.0, 0.0
    for c in range(cells.pins.shape[0]):
        touches, most = 0, 0.0
        for k in range(cells.pins.shape[1]):
            if cells.pins[c, k] > 0:
                touches += 1
            most = max(most, cells.bytes[c, k])
        extra += max(touches - 1, 0)
        kept += most
    broken = 0.0
    for k in range(len(cells.clients)):
        broken += _over(model, cells.carried, k) + _crowd(model, k, cells.clients[k])
    for a in range(len(cells.cell)):
        away += _is_moved(model, a, cells.cell[a])
        broken += 0.5 * _rivals(model, cells, a, cells.cell[a])
    w = model.weights
    return w[0] * extra - w[1] * kept + w[2] * cells.clients.max() + w[3] * away, broken


@compiled
def places(model, cells, cost, broken):
    """Work out what every atom would add to cost and to what is broken in every cell."""
    for a in range(len(cells.cell)):
        for k in range(len(cells.clients)):
            if k != cells.cell[a]:
                cost[a, k], broken[a, k] = _change(model, cells, a, k)


@inlined
def _change(model, cells, a, to):
    """Return what it adds to the cost, and to what is broken, if an atom goes to another cell."""
    at = cells.cell[a]
    gone, come, kept = 0, 0, 0.0
    weigh = model.weights[1]
    for e in range(model.first[a], model.first[a + 1]):
        c = model.client[e]
        if cells.pins[c, at] == 1:
            gone += 1
        if cells.pins[c, to] == 0:
            come += 1
        if weigh > 0.0:
            before = cells.most[c]
            after = max(before, cells.bytes[c, to] + model.flow[e])
            if cells.bytes[c, at] == before:
                after = cells.bytes[c, at] - model.flow[e]
                for k in range(cells.bytes.shape[1]):
                    if k == to:
                        after = max(after, cells.bytes[c, k] + model.flow[e])
                    elif k != at:
                        after = max(after, cells.bytes[c, k])
            kept += after - before
    most, then = 0, 0
    for k in range(len(cells.clients)):
        n = cells.clients[k]
        most = max(most, n)
        if k == at:
            n -= gone
        elif k == to:
            n += come
        then = max(then, n)
    moved = _is_moved(model, a, to) - _is_moved(model, a, at)
    w = model.weights
    cost = w[0] * (come - gone) - w[1] * kept + w[2] * (then - most) + w[3] * moved
    breaks = 0.0
    for r in range(model.load.shape[1]):
        less, more = cells.carried[at, r], cells.carried[to, r]
        limit_at, limit_to = model.limit[at, r], model.limit[to, r]
        breaks += (
            max(0.0, less - model.load[a, r] - limit_at) / limit_at - max(0.0, less - limit_at) / limit_at
        )
        breaks += (
            max(0.0, more + model.load[a, r] - limit_to) / limit_to - max(0.0, more - limit_to) / limit_to
        )
    breaks += _crowd(model, at, cells.clients[at] - gone) - _crowd(model, at, cells.clients[at])
    breaks += _crowd(model, to, cells.clients[to] + come) - _crowd(model, to, cells.clients[to])
    if model.rival_first[a] < model.rival_first[a + 1]:
        breaks += _rivals(model, cells, a, to) - _rivals(model, cells, a, at)
    return cost, breaks


@inlined
def _is_moved(model, a, k):
    """Say, as 1 or 0, whether an atom would be away from the cell it was in before."""
    return 1 if model.home[a] >= 0 and model.home[a] != k else 0


@inlined
def _over(model, carried, k):
    """Add up by what parts of its limits a cell carries too much."""
    total = 0.0
    for r in range(carried.shape[1]):
        total += max(0.0, carried[k, r] - model.limit[k, r]) / model.limit[k, r]
    return total


@inlined
def _crowd(model, k, clients):
    """Return by what part too many clients touch a cell."""
    return max(0.0, clients - model.most_clients[k]) / model.most_clients[k]


@inlined
def _rivals(model, cells, a, k):
    """Count the atoms in a cell that this one must be apart from."""
    found = 0
    for i in range(model.rival_first[a], model.rival_first[a + 1]):
        if cells.cell[model.rival[i]] == k:
            found += 1
    return float(found)


@inlined
def _take(model, cells, a):
    """Take an atom out of its cell."""
    at = cells.cell[a]
    for e in range(model.first[a], model.first[a + 1]):
        c = model.client[e]
        cells.pins[c, at] -= 1
        was_most = cells.bytes[c, at] == cells.most[c]
        cells.bytes[c, at] -= model.flow[e]
        if cells.pins[c, at] == 0:
            cells.clients[at] -= 1
            cells.bytes[c, at] = 0.0
        if was_most:
            cells.most[c] = cells.bytes[c].max()
    for r in range(model.load.shape[1]):
        cells.carried[at, r] -= model.load[a, r]


@inlined
def _put(model, cells, a, to):
    """Put an atom into a cell."""
    cells.cell[a] = to
    for e in range(model.first[a], model.first[a + 1]):
        c = model.client[e]
        if cells.pins[c, to] == 0:
            cells.clients[to] += 1
        cells.pins[c, to] += 1
        cells.bytes[c, to] += model.flow[e]
        cells.most[c] = max(cells.most[c], cells.bytes[c, to])
    for r in range(model.load.shape[1]):
        cells.carried[to, r] += model.load[a, r]
