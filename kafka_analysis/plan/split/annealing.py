"""Search for cells: single topics and pairs go elsewhere, at random and ever more carefully, with a fixed seed.

Numba compiles what is here; everything that is read or checked is in the other modules. Small functions are handed
numbers and arrays: one that is handed a record, and called in each step, would copy the headers of all its arrays.
"""

from typing import NamedTuple

import numpy as np

from kafka_analysis.model.compiled import compiled, inlined

# How often a step is tried, found by trial: a pair changes places; a single one goes where a client of it has others.
_PAIR, _FOLLOW = 0.25, 0.7
_NONE = -1
_NEARLY = 1e-9  # sums of many steps are not exact


class Model(NamedTuple):
    """What does not change: groups (topics that stay together), what they carry, their clients, what is allowed.

    ``load[a, r]``: what a group takes of each resource. ``first``, ``client``, ``flow``: the flows of group ``a`` are
    those from ``first[a]`` up to ``first[a + 1]``. ``begins``, ``touched``: the groups of each client, likewise.
    ``limit[k, r]``: what a cell may carry. ``most_clients[k]``: how many clients may touch it. ``rival_first``,
    ``rival``: groups that must be apart. ``pinned[a]``: the cell it must be in, else −1. ``home[a]``: the cell it was
    in before, else −1. ``weights``: of a client in one more cell, of cross-cell bytes, of the worst cell's share of
    clients, of a group that leaves its cell, each already divided by what it is a share of. ``most_moved``: how many
    groups may leave the cells they were in before.
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
    """What changes: the cell of each group, and what follows from it.

    ``pins[c, k]``: groups of a client in a cell. ``bytes[c, k]``: its flows there. ``most[c]``: those in the cell where
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
        Cell of each group: receives the result.
    steps, seed
        How many steps are tried, and of which course of random numbers.
    heat, cold
        What a step may cost in the beginning and in the end.
    strict
        Cost of what is broken in the beginning and in the end: of 1, a cell carries twice what it may.
    """
    np.random.seed(seed)
    lowest, least = cost_of(model, cells)
    cost, broken, moved = lowest, least, 0
    best[:] = cells.cell
    for a in range(len(cells.cell)):
        moved += _is_moved(model.home[a], cells.cell[a])
    cooling, tightening = (cold / heat) ** (1.0 / steps), (strict[1] / strict[0]) ** (1.0 / steps)
    count = len(cells.clients)
    hot, hard, keeps = heat, strict[0], model.home.max() >= 0
    for _ in range(steps):
        hot, hard = hot * cooling, hard * tightening
        a, other, to = _draw(cells.cell, count, model.first, model.client, model.begins, model.touched)
        leave = _leaving(model.home, cells.cell[a], a, other, to) if keeps else 0
        if (
            to == cells.cell[a]
            or _is_fixed(model.pinned, a, other)
            or (leave > 0 and moved + leave > model.most_moved)
        ):
            continue
        taken, more, breaks = _try(model, cells, a, other, to, hard, -hot * np.log(1.0 - np.random.random()))
        if not taken:
            continue
        cost, broken, moved = cost + more, broken + breaks, moved + leave
        if broken < least - _NEARLY or (broken < least + _NEARLY and cost < lowest - _NEARLY):
            lowest, least = cost, min(broken, least)
            best[:] = cells.cell


@inlined
def _draw(cell, count, first, client, begins, touched):
    """Draw a group and where it goes: to a pair's place, where a client of it has others, or anywhere."""
    a, draw = np.random.randint(len(cell)), np.random.random()
    other, to = _NONE, np.int64(np.random.randint(count))
    if draw < _PAIR:
        other = np.random.randint(len(cell))
        to = cell[other]
    elif draw < _FOLLOW and first[a] < first[a + 1]:
        c = client[np.random.randint(first[a], first[a + 1])]
        to = cell[touched[np.random.randint(begins[c], begins[c + 1])]]
    return a, other, to


@inlined
def _is_fixed(pinned, a, other):
    """Say whether one of a step's groups is pinned."""
    return pinned[a] >= 0 or (other >= 0 and pinned[other] >= 0)


@inlined
def _leaving(home, at, a, other, to):
    """Return how many groups more, or fewer, a step would take away from the cells they were in before."""
    leave = _is_moved(home[a], to) - _is_moved(home[a], at)
    if other >= 0:
        leave += _is_moved(home[other], at) - _is_moved(home[other], to)
    return leave


@inlined
def _try(model, cells, a, other, to, hard, allowed):
    """Take a step unless it costs more than allowed; return whether it was taken, its cost, and what it breaks."""
    at = cells.cell[a]
    more, breaks = _change(model, cells, a, to)
    if other < 0 and more + hard * breaks > allowed:
        return False, 0.0, 0.0
    _take(model, cells, a)
    _put(model, cells, a, to)
    if other >= 0:
        again, breaks_again = _change(model, cells, other, at)
        more, breaks = more + again, breaks + breaks_again
        if more + hard * breaks > allowed:
            _take(model, cells, a)
            _put(model, cells, a, at)
            return False, 0.0, 0.0
        _take(model, cells, other)
        _put(model, cells, other, at)
    return True, more, breaks


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
        broken += _over(model.limit[k], cells.carried[k]) + _crowd(model.most_clients[k], cells.clients[k])
    for a in range(len(cells.cell)):
        away += _is_moved(model.home[a], cells.cell[a])
        broken += 0.5 * _rivals(model, cells, a, cells.cell[a])
    w = model.weights
    return w[0] * extra - w[1] * kept + w[2] * cells.clients.max() + w[3] * away, broken


@compiled
def places(model, cells, cost, broken):
    """Work out what every group would add to cost and to what is broken in every cell."""
    for a in range(len(cells.cell)):
        for k in range(len(cells.clients)):
            if k != cells.cell[a]:
                cost[a, k], broken[a, k] = _change(model, cells, a, k)


@inlined
def _change(model, cells, a, to):
    """Return what it adds to the cost, and to what is broken, if a group goes to another cell."""
    at, w = cells.cell[a], model.weights
    gone, come, kept = 0, 0, 0.0
    for e in range(model.first[a], model.first[a + 1]):
        c = model.client[e]
        gone += cells.pins[c, at] == 1
        come += cells.pins[c, to] == 0
        if w[1] > 0.0:
            kept += _kept(cells.bytes, cells.most[c], c, at, to, model.flow[e])
    most, then = 0, 0
    for k in range(len(cells.clients)):
        n = cells.clients[k]
        most = max(most, n)
        then = max(then, n - gone if k == at else (n + come if k == to else n))
    moved = _is_moved(model.home[a], to) - _is_moved(model.home[a], at)
    cost = w[0] * (come - gone) - w[1] * kept + w[2] * (then - most) + w[3] * moved
    breaks = _filling(model.load, model.limit, cells.carried, a, at, to)
    breaks += _crowd(model.most_clients[at], cells.clients[at] - gone) - _crowd(
        model.most_clients[at], cells.clients[at]
    )
    breaks += _crowd(model.most_clients[to], cells.clients[to] + come) - _crowd(
        model.most_clients[to], cells.clients[to]
    )
    if model.rival_first[a] < model.rival_first[a + 1]:
        breaks += _rivals(model, cells, a, to) - _rivals(model, cells, a, at)
    return cost, breaks


@inlined
def _kept(flows, before, c, at, to, flow):
    """Return how many bytes more a client would have in its home cell if a flow of it went to another cell."""
    after = max(before, flows[c, to] + flow)
    if flows[c, at] == before:
        after = flows[c, at] - flow
        for k in range(flows.shape[1]):
            if k != at:
                after = max(after, flows[c, k] + (flow if k == to else 0.0))
    return after - before


@inlined
def _filling(load, limit, carried, a, at, to):
    """Return by what parts more of their limits two cells would carry too much."""
    breaks = 0.0
    for r in range(load.shape[1]):
        takes, less, more = load[a, r], carried[at, r], carried[to, r]
        limit_at, limit_to = limit[at, r], limit[to, r]
        breaks += (max(0.0, less - takes - limit_at) - max(0.0, less - limit_at)) / limit_at
        breaks += (max(0.0, more + takes - limit_to) - max(0.0, more - limit_to)) / limit_to
    return breaks


@inlined
def _is_moved(home, k):
    """Say, as 1 or 0, whether a group would be away from the cell it was in before."""
    return 1 if home >= 0 and home != k else 0


@inlined
def _over(limit, carried):
    """Add up by what parts of its limits a cell carries too much."""
    total = 0.0
    for r in range(len(carried)):
        total += max(0.0, carried[r] - limit[r]) / limit[r]
    return total


@inlined
def _crowd(most, clients):
    """Return by what part too many clients touch a cell."""
    return max(0.0, clients - most) / most


@inlined
def _rivals(model, cells, a, k):
    """Count the groups in a cell that this one must be apart from."""
    touching = 0
    for i in range(model.rival_first[a], model.rival_first[a + 1]):
        if cells.cell[model.rival[i]] == k:
            touching += 1
    return float(touching)


@inlined
def _take(model, cells, a):
    """Take a group out of its cell."""
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
    """Put a group into a cell."""
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
