"""Prove goals that no plan can meet, and find those that moving brings no nearer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from kafka_analysis.model.resources import PLANNED_RESOURCES, goal_words
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plan.common.checks import broker_names, names_of
from kafka_analysis.plan.rebalance.placement import HIGH, LEAST, LOW, MOST, ROUNDING
from kafka_analysis.plan.rebalance.problem import Problem

if TYPE_CHECKING:
    from kafka_analysis.plan.rebalance.placement import Model
    from kafka_analysis.plan.rebalance.plan import RebalanceSummary

_WORTH = 0.01  # of a broker's share: moving is not worth it where a goal that stays unmet comes no nearer than that
_MOST_A_BROKER = 8  # items a broker holds, up to which they are counted out


class _Items(NamedTuple):
    """What one resource consists of: replicas, or leaders where those alone carry it; loads in shares."""

    load: np.ndarray  # f64[i]
    partition: np.ndarray  # i64[i]
    copies: np.ndarray  # i64[i]: items of the same partition, each on a broker of its own
    words: str


class _Limits(NamedTuple):
    """What the brokers that stay should carry at least and may carry at most, in shares; and how much a share is."""

    low: np.ndarray
    high: np.ndarray
    scale: float
    unit: str

    def written(self, load: float) -> str:
        return format_quantity(load * self.scale, self.unit)


def unreachable(problem: Problem, rows: pl.DataFrame, planned: tuple[str, ...]) -> dict[str, str]:
    """Prove of each goal that no plan can meet it, where a simple proof does.

    Parameters
    ----------
    problem
        Before anything moved.
    rows
        The partitions, in the order of the problem.
    planned
        The resources, in the order of the problem.

    Returns
    -------
    dict
        Resource → why, a clause. A goal that is not named may still be out of reach: packing is hard to disprove.

    Notes
    -----
    Proofs: an item larger than a broker may carry, or than enough brokers may for all its copies; the j largest items,
    of which the brokers hold fewer than j; fewer items than brokers that need one; a rack that must hold a copy of
    each partition and may not carry as much, or cannot get what it needs; what may not move is too much already; a
    broker that takes nothing and carries too little.
    """
    reasons = {}
    for r, resource in enumerate(planned):
        why = next(_reasons(problem, rows, r, resource), None)
        if why is not None:
            reasons[resource] = why
    return reasons


def _reasons(problem: Problem, rows: pl.DataFrame, r: int, resource: str) -> Iterator[str]:
    model = problem.model
    items, at = _items(problem, r), np.flatnonzero(model.leads)
    unit = PLANNED_RESOURCES[resource].unit if resource in PLANNED_RESOURCES else ""
    limits = _Limits(model.band[at, r, LOW], model.band[at, r, HIGH], float(problem.scale[r]), unit)
    yield from _too_large(items, limits, rows)
    yield from _too_many(items, limits)
    yield from _too_few(items, limits)
    if model.weight[:, r].any():
        yield from _racks(problem, r, limits, at)
        yield from _takes_nothing(problem, limits, at, r)
    yield from _stays_put(problem, limits, at, r)


def _items(problem: Problem, r: int) -> _Items:
    model = problem.model
    copies = np.diff(model.first)
    if model.weight[:, r].any():
        return _Items(model.weight[:, r], model.partition, copies[model.partition], "replicas")
    return _Items(model.lead_weight[:, r], np.arange(len(copies)), np.ones(len(copies), np.int64), "leaders")


def _too_large(items: _Items, limits: _Limits, rows: pl.DataFrame) -> Iterator[str]:
    """Find the largest item that fewer brokers may carry than it has copies."""
    ordered = np.sort(limits.high)
    able = len(ordered) - np.searchsorted(ordered, items.load * (1 - ROUNDING))
    beyond = np.flatnonzero(able < items.copies)
    if not len(beyond):
        return
    i = beyond[np.argmax(items.load[beyond])]
    name, size = _name(rows, int(items.partition[i])), limits.written(items.load[i])
    what = (
        f"one copy of {name} is {size}"
        if items.words == "replicas"
        else f"{name} alone puts {size} on its leader"
    )
    most = limits.written(limits.high.max())
    yield (
        f"{what}, and a broker may carry at most {most}"
        if able[i] == 0
        else f"{what}, it has {counted(int(items.copies[i]), 'copy', 'copies')}, and only "
        f"{counted(int(able[i]), 'broker')} may carry as much"
    )


def _too_many(items: _Items, limits: _Limits) -> Iterator[str]:
    """Count out the largest items: a broker holds no more of them than times the smallest fits."""
    heavy = np.sort(items.load[items.load > limits.high.max() / _MOST_A_BROKER])[::-1]
    if not len(heavy):
        return
    smallest, last = np.unique(heavy[::-1], return_index=True)
    holds = np.floor(limits.high[None, :] / smallest[:, None] + ROUNDING).sum(axis=1)
    lacks = np.flatnonzero(holds < len(heavy) - last)
    if len(lacks):
        k = lacks[-1]
        size = limits.written(smallest[k])
        yield (
            f"{counted(int(len(heavy) - last[k]), items.words[:-1])} carry {size} or more each, and brokers may carry "
            f"at most {int(holds[k])} of them"
        )


def _too_few(items: _Items, limits: _Limits) -> Iterator[str]:
    """Say that there are fewer items than the brokers need to carry enough."""
    loaded = items.load[items.load > 0]
    if not len(loaded):
        return
    needed = int(np.ceil(limits.low / loaded.max() - ROUNDING).clip(0).sum())
    if needed > len(loaded):
        few = counted(len(loaded), items.words[:-1])
        carry = "carries any" if len(loaded) == 1 else "carry any"
        yield f"only {few} {carry}, and {counted(len(limits.low), 'broker')} would need {needed:,} for an even load"


def _racks(problem: Problem, r: int, limits: _Limits, at: np.ndarray) -> Iterator[str]:
    """Compare what a rack must hold, and can hold at most, with what its brokers may carry and should."""
    model = problem.model
    racks = np.unique(model.rack[at])
    copies = np.diff(model.first)
    each = np.maximum.reduceat(model.weight[:, r], model.first[:-1])
    least = float(each[(model.racks_needed == len(racks)) & (each == _smallest(model, r))].sum())
    most = float((each * (copies - model.racks_needed + 1)).sum())
    for rack in racks if len(racks) > 1 else ():
        here = model.rack[at] == rack
        brokers = counted(int(here.sum()), "broker")
        where = f"the rack of {broker_names(problem.ids[at[here]], most=3)}"
        if least > limits.high[here].sum() * (1 + ROUNDING):
            room = limits.written(limits.high[here].sum())
            yield f"{where} must hold a copy of everything ({limits.written(least)}); its {brokers} may carry {room}"
        if most < limits.low[here].sum() * (1 - ROUNDING):
            need = limits.written(limits.low[here].sum())
            yield f"{where} can hold one copy of everything ({limits.written(most)}); its {brokers} would need {need}"


def _smallest(model: Model, r: int) -> np.ndarray:
    return np.minimum.reduceat(model.weight[:, r], model.first[:-1])


def _takes_nothing(problem: Problem, limits: _Limits, at: np.ndarray, r: int) -> Iterator[str]:
    carries = problem.placement.load[at, r]
    short = np.flatnonzero(problem.cordoned[at] & (carries < limits.low * (1 - ROUNDING)))
    if len(short):
        broker = int(problem.ids[at[short[0]]])
        carried, need = limits.written(carries[short[0]]), limits.written(limits.low[short[0]])
        yield f"broker {broker} is cordoned and takes no replica; it carries {carried} and would need {need}"


def _stays_put(problem: Problem, limits: _Limits, at: np.ndarray, r: int) -> Iterator[str]:
    """Add up what may not move; a leader may not where its partition may not."""
    model = problem.model
    held = np.zeros(len(model.rack))
    fixed = np.flatnonzero(~model.movable)
    np.add.at(held, model.home[fixed], model.weight[fixed, r])
    still = np.flatnonzero(~model.movable[model.first[:-1]])
    np.add.at(held, model.home[model.first[:-1]][still], model.lead_weight[still, r])
    over = np.flatnonzero(held[at] > limits.high * (1 + ROUNDING))
    if len(over):
        b = over[np.argmax(held[at][over] - limits.high[over])]
        much, most = limits.written(held[at][b]), limits.written(limits.high[b])
        yield f"broker {int(problem.ids[at[b]])} holds {much} that may not move, but may carry at most {most}"


def _name(rows: pl.DataFrame, partition: int) -> str:
    return names_of(rows[[partition]])


def unmet(summary: RebalanceSummary) -> tuple[str, ...]:
    """Say which goals no plan can meet, a sentence each, for the reader of the plan."""
    words = set(map(goal_words, summary.goals["goal"]))
    return tuple(f"No plan can meet {why}." for why in summary.cannot if why.partition(":")[0] in words)


def no_nearer(problem: Problem) -> np.ndarray:
    """Find the resources that are out of bounds and that moving brought no nearer, less than 1 % of a share in all.

    Parameters
    ----------
    problem
        After the search.

    Returns
    -------
    array of int
        The resources.
    """
    was, now = (_off(problem, load) for load in (problem.before_search, problem.placement.load))
    return np.flatnonzero((now > ROUNDING) & (was - now < _WORTH))


def _off(problem: Problem, load: np.ndarray) -> np.ndarray:
    """Add up for each resource how far brokers that stay are out of bounds, in shares."""
    band = problem.model.band
    beyond = np.maximum(load - band[:, :, HIGH], 0) + np.maximum(band[:, :, LOW] - load, 0)
    return beyond[problem.model.leads].sum(axis=0)


def left_alone(problem: Problem, resources: Iterable[int]) -> Problem:
    """Ask no more of some resources than that they get no worse."""
    band = problem.model.band.copy()
    stays = np.flatnonzero(problem.model.leads)
    for r in resources:
        band[stays, r, HIGH] = np.maximum(band[stays, r, HIGH], band[stays, r, MOST])
        band[stays, r, LOW] = np.minimum(band[stays, r, LOW], band[stays, r, LEAST])
    return replace(problem, model=problem.model._replace(band=band))
