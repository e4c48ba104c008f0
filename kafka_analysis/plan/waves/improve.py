"""A better order: sets of topics, pairs of them and whole waves change places while clients span fewer waves."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kafka_analysis.plan.waves.grow import ROUNDING
from kafka_analysis.plan.waves.problem import Problem

_GAIN = 1e-9
_ROUNDS = 40
_PAIRS = 6  # of each wave, so many sets are tried against as many of another
_MOST_ORDERED = 24  # of more waves, only neighbours change places


@dataclass(frozen=True)
class State:
    """Where every set is, and what follows: ``count[tie, wave]`` sets, ``held[wave]`` loads, ``clients[wave]``."""

    problem: Problem
    at: np.ndarray
    count: np.ndarray
    held: np.ndarray
    clients: np.ndarray


def improve(problem: Problem, at: np.ndarray) -> np.ndarray:
    """Return an order that is no worse, and that no single change makes better.

    Parameters
    ----------
    problem
        What is to be ordered.
    at
        The wave of each set, from 0; limits hold.
    """
    state = _state(problem, at)
    for _ in range(_ROUNDS):
        moved = _relocate(state)
        swapped = 0 if moved else _swap(state)
        if moved or swapped:
            continue
        ordered = _reorder(problem, state.at)
        if np.array_equal(ordered, state.at):
            break
        state = _state(problem, ordered)
    return _compact(state.at)


def cost(problem: Problem, at: np.ndarray) -> float:
    """Return what an order costs: for each client 1 and the waves between its first and last, 0 if both are one.

    Examples
    --------
    >>> tied = (np.array([0]), np.array([0, 1]), np.array([1]))
    >>> problem = Problem(np.arange(3), np.ones((3, 3)), np.full(3, np.inf), None, tied, 2, np.inf, np.inf, np.ones(2),
    ...     np.zeros(3, bool), 0.0)
    >>> cost(problem, np.array([0, 0, 0])), cost(problem, np.array([0, 1, 3]))
    (0.0, 5.0)
    """
    count = _counts(problem, at)
    waves = problem.wave_weight * (at.max() + 1)
    return float((problem.weight * _price(*_ends(count > 0))).sum() + waves)


def _state(problem: Problem, at: np.ndarray) -> State:
    count = _counts(problem, at)
    held = np.zeros((count.shape[1], problem.load.shape[1]))
    np.add.at(held, at, problem.load)
    return State(problem, at.copy(), count, held, (count[: problem.clients] > 0).sum(axis=0))


def _counts(problem: Problem, at: np.ndarray) -> np.ndarray:
    tie, group = problem.pairs
    waves = int(at.max()) + 1
    counts = np.bincount(tie * waves + at[group], minlength=len(problem.weight) * waves)
    return counts.reshape(len(problem.weight), waves).astype(np.int32)


def _ends(has: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first and last wave of each row, and whether there is any."""
    first = has.argmax(axis=1)
    return first, has.shape[1] - 1 - has[:, ::-1].argmax(axis=1), has.any(axis=1)


def _price(first: np.ndarray, last: np.ndarray, there: np.ndarray) -> np.ndarray:
    return np.where(there & (last > first), 1 + last - first, 0)


def _gains(state: State, group: int) -> np.ndarray:
    """Return what the clients of a set would save for each wave it could move to."""
    tied = state.problem.tied[group]
    price = _prices(state, tied, np.full(len(tied), group)).sum(axis=0)
    return price[state.at[group]] - price


def _prices(state: State, tie: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return for each tie of a set, and each wave that the set could be in, what the tie would cost."""
    at, rows, to = state.at[group], np.arange(len(tie)), np.arange(state.count.shape[1])
    others = state.count[tie] > 0
    others[rows, at] = state.count[tie, at] > 1
    first, last, there = _ends(others)
    low = np.where(there[:, None], np.minimum(first[:, None], to), to)
    high = np.where(there[:, None], np.maximum(last[:, None], to), to)
    return np.where(high > low, 1 + high - low, 0) * state.problem.weight[tie, None]


def _allowed(state: State, group: int) -> np.ndarray:
    """Return the waves a set may be in for the sake of what moves last."""
    waves, late = np.arange(state.count.shape[1]), state.problem.late
    if not late.any() or late.all():
        return np.ones(len(waves), bool)
    return waves >= state.at[~late].max() if late[group] else waves <= state.at[late].min()


def _move(state: State, group: int, to: int) -> None:
    problem, at = state.problem, state.at[group]
    tied = problem.tied[group]
    state.count[tied, at] -= 1
    state.count[tied, to] += 1
    clients = tied[tied < problem.clients]
    state.clients[at] -= int((state.count[clients, at] == 0).sum())
    state.clients[to] += int((state.count[clients, to] == 1).sum())
    state.held[at] -= problem.load[group]
    state.held[to] += problem.load[group]
    state.at[group] = to


def _holds(state: State, wave: int) -> bool:
    most, clients = state.problem.caps(wave)
    return bool((state.held[wave] <= most * ROUNDING).all() and state.clients[wave] <= clients)


def _relocate(state: State) -> int:
    """Move single sets wherever that saves something, those first that save most; return how many moved."""
    gains = _all_gains(state)
    best = gains.max(axis=1)
    moved = 0
    for group in np.argsort(-best, kind="stable")[: int((best > _GAIN).sum())]:
        moved += _moved(state, int(group))
    return moved


def _moved(state: State, group: int) -> bool:
    """Move one set to the best wave that holds it, if that saves something."""
    start = int(state.at[group])
    if start == 0 and state.problem.pilot is not None and (state.at == 0).sum() == 1:
        return False  # without it, a larger wave would be the first
    gains = np.where(_allowed(state, group), _gains(state, group), 0)
    for to in np.argsort(-gains, kind="stable"):
        if gains[to] <= _GAIN:
            break
        _move(state, group, int(to))
        if _holds(state, int(to)):
            return True
        _move(state, group, start)
    return False


def _all_gains(state: State) -> np.ndarray:
    """Return :func:`_gains` of every set at once."""
    tie, group = state.problem.pairs
    sets = np.arange(len(state.at))
    summed = np.zeros((len(sets), state.count.shape[1]))
    tied, begins = np.unique(group, return_index=True)
    if len(tied):
        summed[tied] = np.add.reduceat(_prices(state, tie, group), begins, axis=0)
    return summed[sets, state.at][:, None] - summed


def _swap(state: State) -> int:
    """Exchange sets of two waves where that saves something; return how many pairs were exchanged."""
    gains = _all_gains(state)
    swapped = 0
    for first, second in _pairs_of_waves(state.count.shape[1]):
        here, there = _most_willing(state, gains, first, second), _most_willing(state, gains, second, first)
        hopeful = gains[here, second][:, None] + gains[there, first] > _GAIN
        for a, b in zip(*(side.tolist() for side in np.nonzero(hopeful)), strict=True):
            pair = int(here[a]), int(there[b])
            if state.at[pair[0]] == first and state.at[pair[1]] == second and _exchanged(state, *pair):
                swapped += 1
    return swapped


def _most_willing(state: State, gains: np.ndarray, at: int, to: int) -> np.ndarray:
    candidates = np.flatnonzero(state.at == at)
    return candidates[np.argsort(-gains[candidates, to], kind="stable")[:_PAIRS]]


def _exchanged(state: State, a: int, b: int) -> bool:
    """Exchange two sets if that saves something and every limit holds."""
    first, second = int(state.at[a]), int(state.at[b])
    gain = _gains(state, a)[second]
    _move(state, a, second)
    gain += _gains(state, b)[first]
    _move(state, b, first)
    if gain > _GAIN and _holds(state, first) and _holds(state, second) and _in_order(state.problem, state.at):
        return True
    _move(state, b, second)
    _move(state, a, first)
    return False


def _in_order(problem: Problem, at: np.ndarray) -> bool:
    late = problem.late
    return not late.any() or bool(late.all()) or bool(at[~late].max() <= at[late].min())


def _pairs_of_waves(waves: int) -> Iterator[tuple[int, int]]:
    return ((first, second) for first in range(waves) for second in range(first + 1, waves))


def _reorder(problem: Problem, at: np.ndarray) -> np.ndarray:
    """Let whole waves change places where that saves something, the first one not if it is a pilot."""
    has = _counts(problem, at) > 0
    several = has.sum(axis=1) > 1
    has, weight = has[several], problem.weight[several]
    waves = has.shape[1]
    best, price = np.arange(waves), _span_price(has, weight, np.arange(waves))
    for place in _orders(waves, first=0 if problem.pilot is None else 1):
        tried = place[best]
        tried_price = _span_price(has, weight, tried)
        if tried_price < price - _GAIN and _in_order(problem, tried[at]):
            best, price = tried, tried_price
    return best[at]


def _span_price(has: np.ndarray, weight: np.ndarray, place: np.ndarray) -> float:
    """Return what the spans cost when every wave stands at another place."""
    last = np.where(has, place, -1).max(axis=1, initial=0)
    first = np.where(has, place, len(place)).min(axis=1, initial=len(place))
    return float((weight * (1 + last - first)).sum())


def _orders(waves: int, *, first: int) -> Iterator[np.ndarray]:
    """Yield exchanges of two waves and moves of one wave to another place: the new place of each wave."""
    reach = waves if waves <= _MOST_ORDERED else 2
    for from_ in range(first, waves):
        for to in range(first, waves):
            if from_ == to or abs(from_ - to) >= reach:
                continue
            order = list(range(waves))
            order.insert(to, order.pop(from_))
            yield np.argsort(order)
            if from_ < to:
                order = list(range(waves))
                order[from_], order[to] = to, from_
                yield np.array(order)


def _compact(at: np.ndarray) -> np.ndarray:
    """Leave out waves that hold nothing."""
    return np.unique(at, return_inverse=True)[1].astype(np.int64)
