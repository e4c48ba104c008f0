"""Search for the cheapest placement that is even enough: leaders, movements, exchanges, then a trim."""

import time
from typing import NamedTuple

import numpy as np

from kafka_analysis.plan.rebalance.annealing import anneal
from kafka_analysis.plan.rebalance.exchange import exchange_leaders, exchange_replicas
from kafka_analysis.plan.rebalance.greedy import bring_home, change_leaders, keep_leaders, move_replicas
from kafka_analysis.plan.rebalance.placement import HIGH, LOW, ROUNDING, Model, Placement, penalty

# Penalty that must be mended for each byte: a byte from a full broker to an empty one mends two bytes of penalty.
# Counts and further resources mend more. Every round takes what is worth its bytes, so that the best come first.
_WORTH = (16.0, 8.0, 4.0, 2.7, 1.999, 1.6, 1.3, 0.999, 0.7, 0.5, 0.3, 0.15, 0.05, 0.0)
_INSIDE = 1e-5  # the trim keeps this far within the bands: what it leaves over then needs no further movement


def search(
    model: Model, placement: Placement, *, budget: np.ndarray, leaders_only: bool, seed: int, deadline: float
) -> None:
    """Improve a placement, in place, until nothing mends anything.

    Parameters
    ----------
    model, placement
        See :mod:`kafka_analysis.plan.rebalance.placement`.
    budget
        Bytes (in shares) and movements that may still be added; what is used is taken off.
    leaders_only
        Whether replicas stay where they are.
    seed
        Of the trim.
    deadline
        ``time.monotonic`` at which what was found so far is taken.
    """
    while change_leaders(model, placement) or (leaders_only and _exchange_leaders(model, placement)):
        pass
    if leaders_only:
        return
    walk = _Walk(model, placement, np.argsort(-model.cost, kind="stable"), budget, deadline)
    for worth in _WORTH:
        _round(walk, worth)
        if time.monotonic() > deadline:
            return
    _finish(walk)
    _trim(walk, seed)
    _finish(walk)
    _start_from_the_end(walk)


class _Walk(NamedTuple):
    """What each part of the search goes by: replicas from the dearest on, and what :func:`search` says."""

    model: Model
    placement: Placement
    order: np.ndarray
    budget: np.ndarray
    deadline: float


def _round(walk: _Walk, worth: float) -> int:
    changes = move_replicas(walk.model, walk.placement, walk.order, worth, walk.budget)
    while again := change_leaders(walk.model, walk.placement):
        changes += again
    return changes


def _exchange_leaders(model: Model, placement: Placement) -> int:
    at = placement.where[placement.leader]
    led = np.argsort(at, kind="stable")
    return exchange_leaders(model, placement, led, np.searchsorted(at[led], np.arange(len(model.rack) + 1)))


def _finish(walk: _Walk, *, keep: bool = True) -> None:
    """Repeat until no leader, movement or exchange mends anything, so that a finished plan is left alone."""
    model, placement, order, budget, deadline = walk
    while time.monotonic() < deadline:
        if _round(walk, 0.0):
            continue
        members = order[np.argsort(placement.where[order], kind="stable")]
        if not (exchange_replicas(model, placement, members, budget) or _exchange_leaders(model, placement)):
            break
    if keep:
        keep_leaders(model, placement)


def _start_from_the_end(walk: _Walk) -> None:
    """Search again from where the plan ends, as a second plan would: any improvement belongs to this plan."""
    model, placement = walk.model, walk.placement
    if not np.array_equal(model.cost, model.cost[model.first[:-1]][model.partition]):
        return  # replicas that differ in size cannot change places unseen
    while True:
        before = placement.where.copy(), placement.leader.copy()
        _finish(walk._replace(model=model._replace(home=before[0])), keep=False)
        if all(np.array_equal(*pair) for pair in zip(before, placement, strict=False)):
            return
        bring_home(model, placement)


def moved_bytes(model: Model, placement: Placement) -> float:
    """Add up the bytes (in shares) of the replicas that are not at home."""
    return float(model.cost[placement.where != model.home].sum())


def total_penalty(model: Model, placement: Placement) -> float:
    """Add up how far brokers are out of what they should carry."""
    return sum(penalty(band, load) for band, load in zip(model.band, placement.load, strict=True))


class _Course(NamedTuple):
    """How an annealing begins: bytes a step may add, as a part of the mean movement, and the weight of penalty."""

    heat: float
    weight: float


class _Effort(NamedTuple):
    """How hard a trim tries: courses, each from the best so far, and steps of each for every replica and at most."""

    courses: tuple[_Course, ...]
    most_steps: int
    steps_per_replica: int = 2000


# Measured on random clusters against exact optima. One replica more or less matters much where there are few, so that
# more ways are tried there; a large cluster has no time to begin anew.
_TINY = _Effort(2 * (_Course(1.0, 0.5), _Course(0.3, 0.5), _Course(1.0, 0.2), _Course(0.3, 0.2)), 60_000)
_SMALL = _Effort((_Course(0.05, 2.0), _Course(0.3, 0.5), _Course(0.1, 5.0)), 300_000)
_LARGE = _Effort((_Course(0.1, 30.0),), 250_000)


def _effort(replicas: int) -> _Effort:
    if replicas <= 500:
        return _TINY
    return _SMALL if replicas <= 5000 else _LARGE


def _trim(walk: _Walk, seed: int) -> None:
    """Anneal, and keep the outcome where it is more even, or as even and cheaper."""
    model, placement, _, budget, deadline = walk
    away = placement.where != model.home
    effort = _effort(len(model.home))
    steps = min(effort.most_steps, 10_000 + effort.steps_per_replica * len(model.home))
    for number, course in enumerate(effort.courses):
        if not away.any() or time.monotonic() > deadline:
            return
        tried = Placement(*(array.copy() for array in placement))
        heat = course.heat * float(model.cost[away].mean())
        _anneal(model, tried, heat=heat, weight=course.weight, steps=steps, seed=seed + number)
        left = budget + _freed(model, placement, tried)
        if total_penalty(model, tried) > total_penalty(model, placement) + ROUNDING:
            _round(walk._replace(placement=tried, budget=left), 0.0)
        saved = _freed(model, placement, tried)[0]
        mended = total_penalty(model, placement) - total_penalty(model, tried)
        if (mended > ROUNDING or (saved > 0 and mended >= -ROUNDING)) and (left >= 0).all():
            budget[:] = left
            for array, new in zip(placement, tried, strict=True):
                array[:] = new


def _anneal(model: Model, placement: Placement, *, heat: float, weight: float, steps: int, seed: int) -> None:
    by_home = np.argsort(model.home, kind="stable")
    begins = np.searchsorted(model.home[by_home], np.arange(len(model.rack) + 1))
    narrow = model.band.copy()
    inside = np.minimum(_INSIDE, (narrow[:, :, HIGH] - narrow[:, :, LOW]) / 4)
    narrow[:, :, LOW] += inside
    narrow[:, :, HIGH] -= inside
    anneal(model._replace(band=narrow), placement, by_home, begins, steps, heat, weight, seed)


def _freed(model: Model, placement: Placement, tried: Placement) -> np.ndarray:
    """Return the bytes (in shares) and movements that another placement needs less."""
    away, also = placement.where != model.home, tried.where != model.home
    return np.array([model.cost[away].sum() - model.cost[also].sum(), away.sum() - also.sum()])
