"""A small cluster's plan as a mixed-integer program: which broker holds which copy, and which of them leads."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kafka_analysis.plan.rebalance.placement import HIGH, LOW, Model, Placement
from kafka_analysis.plan.rebalance.problem import carried_by

_Rows = list[tuple[np.ndarray, np.ndarray, float, float]]  # columns, values, least, most


@dataclass(frozen=True)
class Columns:
    """The yes-or-no questions of a program: ``kind`` of copy ``part`` on ``broker``, then leaders, then rack shares.

    Copies of a partition that cost the same are of one kind: it does not matter which of them goes where.
    """

    part: np.ndarray  # i64[k]: the partition
    kind: np.ndarray  # i64[k]: the first replica of its kind
    broker: np.ndarray  # i64[k]
    home: np.ndarray  # bool[k]: whether such a copy is there already
    held: np.ndarray  # bool[k]: whether it must stay
    lead_part: np.ndarray  # i64[l]
    lead_broker: np.ndarray  # i64[l]

    @property
    def size(self) -> int:
        """Return the number of questions."""
        return len(self.part) + len(self.lead_part)


@dataclass(frozen=True)
class Program:
    """Minimise ``cost`` · x (in ``unit``) so that ``low`` ≤ ``matrix`` x ≤ ``high`` and ``least`` ≤ x ≤ ``most``."""

    columns: Columns
    unit: float  # bytes (in shares) of the mean replica
    cost: np.ndarray
    matrix: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    least: np.ndarray
    most: np.ndarray
    integral: np.ndarray


def kinds_of(model: Model) -> np.ndarray:
    """Return for every replica the first one of its partition that costs the same.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> two = SimpleNamespace(partition=np.array([0, 0, 0, 1]), cost=np.array([5.0, 6.0, 5.0, 5.0]))
    >>> kinds_of(two).tolist()
    [0, 1, 0, 3]
    """
    key = np.column_stack([model.partition, model.cost])
    _, first, number = np.unique(key, axis=0, return_index=True, return_inverse=True)
    return first[number.ravel()]


def columns_of(model: Model, placement: Placement) -> Columns:
    """List where every copy may be and who may lead; what may not change has no column."""
    kinds = kinds_of(model)
    places_all, leads = [], []
    for p in range(len(model.first) - 1):
        replicas = range(model.first[p], model.first[p + 1])
        if not model.movable[model.first[p]]:
            continue
        homes = {int(model.home[i]): i for i in replicas if model.home[i] >= 0}
        places = []
        for kind in dict.fromkeys(int(kinds[i]) for i in replicas):
            for b in range(len(model.rack)):
                here = homes.get(b, -1)
                if here >= 0 and (kinds[here] != kind or not model.leads[b]):
                    continue
                if here >= 0 or model.takes[b]:
                    stuck = here >= 0 and placement.where[here] == b and not model.gives[b]
                    places.append((p, kind, b, here >= 0, stuck))
        places_all += places
        if model.lead_weight[p].any():
            leads += [(p, b) for b in dict.fromkeys(place[2] for place in places)]
    table = np.array(places_all, dtype=np.int64).reshape(-1, 5)
    pairs = np.array(leads, dtype=np.int64).reshape(-1, 2)
    return Columns(*table[:, :3].T, *table[:, 3:].T.astype(bool), *pairs.T)


def program_of(model: Model, placement: Placement, *, most_movements: float = math.inf) -> Program:
    """Write down the program: copies and racks are kept, and every broker that stays is within its band.

    Parameters
    ----------
    model, placement
        See :mod:`kafka_analysis.plan.rebalance.placement`. The placement says what stays where nothing may change.
    most_movements
        Replicas that may move in all.
    """
    columns = columns_of(model, placement)
    unit = float(model.cost.mean()) or 1.0
    copies = np.where(columns.home, 0.0, model.cost[columns.kind] / unit)
    rows = _copies(model, columns) + _leaders(columns) + _bands(model, placement, columns)
    if math.isfinite(most_movements):
        moves = np.flatnonzero(~columns.home)
        rows.append((moves, np.ones(len(moves)), 0, most_movements))
    racks, shares = _racks(model, columns)
    rows += racks
    size = columns.size + shares
    at = np.repeat(np.arange(len(rows)), [len(row[0]) for row in rows])
    where, values = (np.concatenate([row[k] for row in rows]) for k in (0, 1))
    return Program(
        columns=columns,
        unit=unit,
        cost=np.concatenate([copies, np.zeros(size - len(copies))]),
        matrix=sparse.csr_array((values, (at, where)), shape=(len(rows), size)),
        low=np.array([row[2] for row in rows]),
        high=np.array([row[3] for row in rows]),
        least=np.concatenate([columns.held, np.zeros(size - len(copies))]),
        most=np.ones(size),
        integral=(np.arange(size) < columns.size).astype(int),
    )


def _copies(model: Model, columns: Columns) -> _Rows:
    """Every kind has its number of copies, and no broker holds a partition twice."""
    wanted = np.bincount(kinds_of(model), minlength=len(model.home))
    rows: _Rows = []
    for kind in np.unique(columns.kind):
        its = np.flatnonzero(columns.kind == kind)
        rows.append((its, np.ones(len(its)), wanted[kind], wanted[kind]))
    places = columns.part * len(model.rack) + columns.broker
    shared, times = np.unique(places, return_counts=True)
    for place in shared[times > 1]:
        its = np.flatnonzero(places == place)
        rows.append((its, np.ones(len(its)), 0, 1))
    return rows


def _leaders(columns: Columns) -> _Rows:
    """Every partition has one leader, and it leads where it has a copy."""
    begin = len(columns.part)
    rows: _Rows = []
    for p in np.unique(columns.lead_part):
        its = np.flatnonzero(columns.lead_part == p)
        rows.append((begin + its, np.ones(len(its)), 1, 1))
        for column in its:
            on = np.flatnonzero((columns.part == p) & (columns.broker == columns.lead_broker[column]))
            variables = np.concatenate([[begin + column], on])
            rows.append((variables, np.concatenate([[1.0], -np.ones(len(on))]), -np.inf, 0))
    return rows


def _racks(model: Model, columns: Columns) -> tuple[_Rows, int]:
    """Every partition is in as many racks as it needs; return also how many columns count racks."""
    rows: _Rows = []
    next_column = columns.size
    for p in np.unique(columns.part):
        its = np.flatnonzero(columns.part == p)
        needed, copies = model.racks_needed[p], model.first[p + 1] - model.first[p]
        there = model.rack[columns.broker[its]]
        names = np.unique(there)
        if needed <= 1:
            continue
        by_rack = [its[there == name] for name in names]
        if needed in (copies, len(names)):
            least, most = (0, 1) if needed == copies else (1, copies)
            rows += [(in_rack, np.ones(len(in_rack)), least, most) for in_rack in by_rack]
            continue
        marks = np.arange(next_column, next_column + len(names))
        next_column += len(names)
        rows.append((marks, np.ones(len(marks)), needed, np.inf))
        for mark, in_rack in zip(marks, by_rack, strict=True):
            rows.append(
                (np.concatenate([[mark], in_rack]), np.array([1.0, *[-1.0] * len(in_rack)]), -np.inf, 0)
            )
    return rows, next_column - columns.size


def _bands(model: Model, placement: Placement, columns: Columns) -> _Rows:
    """Every broker that stays carries what its band allows; what cannot change is carried already."""
    fixed = ~model.movable
    rest = carried_by(
        np.where(fixed, placement.where, -1),
        placement.leader,
        model.weight,
        np.where(fixed[model.first[:-1], None], model.lead_weight, 0.0),
        len(model.rack),
    )
    begin = len(columns.part)
    rows: _Rows = []
    for b in np.flatnonzero(model.leads):
        on, led = np.flatnonzero(columns.broker == b), np.flatnonzero(columns.lead_broker == b)
        at = np.concatenate([on, begin + led])
        values = np.vstack([model.weight[columns.kind[on]], model.lead_weight[columns.lead_part[led]]])
        for r in range(values.shape[1]):
            some = values[:, r] != 0
            low, high = model.band[b, r, LOW] - rest[b, r], model.band[b, r, HIGH] - rest[b, r]
            rows.append((at[some], *_in_whole_steps(values[some, r], low, high)))
    return rows


def _in_whole_steps(values: np.ndarray, low: float, high: float) -> tuple[np.ndarray, float, float]:
    """Where all of a row's values are the same, count them: limits then are whole numbers, and no solver is off."""
    if not len(values) or np.ptp(values) > 1e-9 * values.max():
        return values, low, high
    unit = float(values[0])
    return np.ones(len(values)), float(np.ceil(low / unit - 1e-6)), float(np.floor(high / unit + 1e-6))
