"""Search for the cells of a split: short searches from several starts, then a long one from the best; fixed seed."""

import math
from dataclasses import dataclass

import numpy as np

from kafka_analysis.plan.split.annealing import Cells, Model, anneal, cost_of, fill, places
from kafka_analysis.plan.split.cell_limits import Limits, group_loads
from kafka_analysis.plan.split.communities import communities
from kafka_analysis.plan.split.options import EVENNESS, SplitOptions
from kafka_analysis.plan.split.topic_groups import TopicGroups
from kafka_analysis.plan.split.topics_and_flows import TopicsAndFlows

# Found by trial on the estates of benchmarks/split.py. Heat is what a step may cost: so many times the weights' sum,
# shared out among the clients, is what a few of them in one more cell cost.
_SHORT, _LONG, _LEAST = 120, 1150, 30_000  # steps per group, and at least
_SCATTERED = 3
_HOT, _WARM, _MILD = 0.5, 0.12, 0.02
_COOL, _COLD = 0.0125, 0.0025
_STRICT = (0.4, 1.0)
_LAX = 0.06  # of that, while a short search begins
_BROKEN = 1e-9
_STAY = 3.0  # clients in one more cell that one moved topic weighs as much as, where there was a plan before


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
    """Return the cell, of those with room, in which the clients of a group have most of their groups."""
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


@dataclass(frozen=True)
class Found:
    """Cell of each group, what that costs, and by how much it breaks limits: 0 if not at all."""

    cell: np.ndarray
    cost: float
    broken: float


def build_model(source: TopicsAndFlows, options: SplitOptions, groups: TopicGroups, limits: Limits) -> Model:
    """Put everything into arrays; loads are shares of their limits."""
    names = source.flows["client"].unique().sort()
    client = names.search_sorted(source.flows["client"]).to_numpy().astype(np.int64)
    group = groups.of_topic[source.topics["topic"].search_sorted(source.flows["topic"]).to_numpy()]
    flow = source.flows["bytes_per_s"].fill_null(0.0).to_numpy()
    flows = _flows(group, client, flow, groups.count, len(names))
    most = np.array([limits.amount[name] for name in source.resources]).T
    with np.errstate(invalid="ignore"):
        load = np.nan_to_num(group_loads(source, groups) / most.max(axis=0), nan=0.0)
    counts = load.sum(axis=0) > 0
    load, most = load[:, counts], most[:, counts]
    clients, total = max(len(names), 1), flows["flow"].sum()
    weights, before = options.weights, int((groups.home >= 0).sum())
    both = np.concatenate([groups.rivals, groups.rivals[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    return Model(
        load=np.ascontiguousarray(load),
        **flows,
        limit=np.ascontiguousarray(most / most.max(axis=0)),
        most_clients=np.full(len(limits.cells), float(min(limits.clients, 1e15))),  # one type, compiled once
        rival_first=np.searchsorted(both[:, 0], np.arange(groups.count + 1)),
        rival=both[:, 1].copy(),
        pinned=groups.pinned,
        home=groups.home,
        weights=np.array(
            [
                weights.colocation / clients,
                weights.cross_cell_bytes / total if total else 0.0,
                weights.blast_radius / clients,
                _STAY * max(weights.colocation, 1e-3) / clients,
            ]
        ),
        most_moved=math.floor(options.max_moved_share * before) if before else groups.count,
    )


def _flows(
    group: np.ndarray, client: np.ndarray, flow: np.ndarray, groups: int, clients: int
) -> dict[str, np.ndarray]:
    """Return the flows of a model, those of a group and a client as one."""
    pair, where = np.unique(group * max(clients, 1) + client, return_inverse=True)
    group, client = pair // max(clients, 1), pair % max(clients, 1)
    by_client = np.argsort(client, kind="stable")
    return {
        "first": np.searchsorted(group, np.arange(groups + 1)),
        "client": client,
        "flow": np.bincount(where, weights=flow, minlength=len(pair)),
        "begins": np.searchsorted(client[by_client], np.arange(clients + 1)),
        "touched": group[by_client],
    }


def merged(model: Model, piece: np.ndarray) -> Model:
    """Return a model whose groups are pieces: groups of the same number, all pinned to the same cell or none.

    Pieces need not be apart: what may not share a cell is for the search with single groups.
    """
    count, clients = int(piece.max()) + 1, len(model.begins) - 1
    load, pinned, home = np.zeros((count, model.load.shape[1])), np.zeros(count, int), np.zeros(count, int)
    np.add.at(load, piece, model.load)
    pinned[piece], home[piece] = model.pinned, model.home
    group = piece[np.repeat(np.arange(len(piece)), np.diff(model.first))]
    flows = _flows(group, model.client, model.flow, count, clients)
    nothing = np.zeros(count + 1, int)
    return model._replace(
        load=load, **flows, rival_first=nothing, rival=nothing[:0], pinned=pinned, home=home
    )


def search(model: Model, options: SplitOptions, *, quick: bool = False) -> Found:
    """Find cells for all groups.

    Where there was a plan before, the search begins with it and each topic that leaves its cell costs; else it begins
    with communities of topics that share clients, which change cells as a whole at first, and with topics scattered at
    random. ``quick``: one short search only, to see whether limits can be kept.
    """
    heat = sum((options.weights.colocation, options.weights.cross_cell_bytes, options.weights.blast_radius))
    scale = max(heat, 1e-3) / max(len(model.begins) - 1, 1)
    strict = tuple(max(heat, 1e-3) * part for part in _STRICT)
    if (model.home >= 0).any():
        return _kept(model, options, scale, strict)
    steps = max(_SHORT * len(model.home), _LEAST)
    begun = [
        (_as_wholes(model, labels, (_HOT * scale, _COOL * scale), strict, options.seed), _WARM)
        for labels in communities(model, seed=options.seed)
    ]
    begun += [(scattered(model, options.seed + number), _HOT) for number in range(_SCATTERED)]
    cooling, strictness = _COOL * scale, (_LAX * strict[0], strict[1])
    results = [
        _anneal(model, cell, steps, (heat * scale, cooling), strictness, options.seed + number)
        for number, (cell, heat) in enumerate(begun[:1] if quick else begun)
    ]
    best = min(results, key=_rank)
    if quick:
        return best
    steps = max(_LONG * len(model.home), _LEAST)
    last = _anneal(model, best.cell, steps, (_WARM * scale, _COLD * scale), strict, options.seed)
    return min((last, best), key=_rank)


def _as_wholes(
    model: Model, label: np.ndarray, heat: tuple[float, float], strict: tuple[float, float], seed: int
) -> np.ndarray:
    """Pack communities into cells; then what is together there changes cells together."""
    cell = packed(model, label)
    together = np.column_stack([label, cell, model.pinned])
    _, one, piece = np.unique(together, axis=0, return_index=True, return_inverse=True)
    steps = max(_SHORT * len(one), _LEAST)
    return _anneal(merged(model, piece.ravel()), cell[one], steps, heat, strict, seed).cell[piece.ravel()]


def _rank(result: Found) -> tuple[float, float]:
    """Order what was found: what breaks least first, then what costs least."""
    return (max(result.broken, _BROKEN), result.cost)


def _kept(model: Model, options: SplitOptions, scale: float, strict: tuple[float, float]) -> Found:
    """Search from the plan before: first within the share of topics that may leave their cells, else without it."""
    steps = max(_LONG * len(model.home), _LEAST)
    begun = packed(model, np.arange(len(model.home)))
    result = _anneal(model, begun, steps, (_MILD * scale, _COLD * scale), strict, options.seed)
    if result.broken > _BROKEN:
        free = model._replace(most_moved=len(model.home))
        result = _anneal(free, result.cell, steps, (_WARM * scale, _COLD * scale), strict, options.seed)
    return result


def _anneal(
    model: Model,
    cell: np.ndarray,
    steps: int,
    heat: tuple[float, float],
    strict: tuple[float, float],
    seed: int,
) -> Found:
    cells, best = cells_of(model, cell), cell.copy()
    if model.limit.shape[0] > 1:
        anneal(model, cells, best, steps, *heat, strict, seed)
    cost, broken = cost_of(model, cells_of(model, best))
    return Found(best, cost, broken)


def cells_of(model: Model, cell: np.ndarray) -> Cells:
    """Work out what every cell carries and who touches it."""
    count, clients = model.limit.shape[0], len(model.begins) - 1
    cells = Cells(
        cell.copy(),
        np.zeros((clients, count), np.int32),
        np.zeros((clients, count)),
        np.zeros(clients),
        np.zeros(model.limit.shape),
        np.zeros(count, np.int64),
    )
    fill(model, cells)
    return cells


def other_places(model: Model, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what each group would add to the cost, and to what is broken, in each cell instead of its own."""
    cost, broken = np.zeros((2, len(cell), model.limit.shape[0]))
    places(model, cells_of(model, cell), cost, broken)
    return cost, broken
