"""Lay out the replicas of partitions one after the other, fewer or more where the replication factor changes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError
from kafka_analysis.model.units import counted
from kafka_analysis.plan.common.checks import named
from kafka_analysis.plan.rebalance.placement import NOWHERE


@dataclass(frozen=True)
class Copies:
    """A row per replica, partition by partition, the preferred leader first."""

    partition: np.ndarray  # i32[n]
    first: np.ndarray  # i64[p + 1]
    home: np.ndarray  # i32[n]: the row of its broker; NOWHERE for a copy that is yet to be made
    source: np.ndarray  # i64[n]: which of the partition's replicas it is; −1 for a new one


def copies_of(
    rows: pl.DataFrame,
    ids: np.ndarray,
    movable: np.ndarray,
    stays: np.ndarray,
    replication_factor: Mapping[str, int] | None,
) -> Copies:
    """Lay out the replicas.

    Parameters
    ----------
    rows
        ``topic``, ``partition``, ``replicas``, sorted.
    ids, stays
        The broker of each row of the arrays, and whether it is there and stays.
    movable
        Of each partition, whether it may be changed.
    replication_factor
        How many copies a topic's partitions are to have; others, and with None all, keep theirs.

    Raises
    ------
    GoalImpossibleError
        A partition that may be changed needs more brokers than stay.
    """
    now = rows["replicas"].list.len().to_numpy().astype(np.int64)
    wanted = now.copy()
    if replication_factor:
        factor = (
            rows["topic"]
            .replace_strict(dict(replication_factor), default=0, return_dtype=pl.Int64)
            .to_numpy()
        )
        wanted = np.where((factor > 0) & movable, factor, now)
    short = movable & (wanted > stays.sum())
    if short.any():
        most = int(wanted[short].max())
        needs = named(rows.filter(short), " needs", " need")
        why = f"{needs} {counted(most, 'broker')}, but only {stays.sum()} would be left; remove fewer brokers"
        raise GoalImpossibleError("replication factor", why)
    order = np.argsort(ids, kind="stable")
    held = rows["replicas"].explode().to_numpy()
    home = order[np.searchsorted(ids[order], held)].astype(np.int32)
    partition = np.repeat(np.arange(len(rows), dtype=np.int32), now)
    source = np.arange(len(home)) - np.repeat(np.cumsum(now) - now, now)
    kept = ~_dropped(partition, home, source, now - wanted, stays)
    more = np.repeat(np.arange(len(rows), dtype=np.int32), np.maximum(wanted - now, 0))
    partition = np.concatenate([partition[kept], more])
    sequence = np.argsort(partition, kind="stable")
    nowhere = np.full(len(more), NOWHERE)
    return Copies(
        partition=partition[sequence],
        first=np.concatenate([[0], np.cumsum(wanted)]),
        home=np.concatenate([home[kept], nowhere.astype(np.int32)])[sequence],
        source=np.concatenate([source[kept], nowhere])[sequence],
    )


def _dropped(
    partition: np.ndarray, home: np.ndarray, source: np.ndarray, too_many: np.ndarray, stays: np.ndarray
) -> np.ndarray:
    """Choose copies to give up: those on brokers that go, then those on the brokers that hold most; the leader last."""
    dropped = np.zeros(len(home), bool)
    held = np.bincount(home, minlength=len(stays))
    for p in np.flatnonzero(too_many > 0):
        begin, end = np.searchsorted(partition, [p, p + 1])
        for _ in range(too_many[p]):
            left = [i for i in range(begin, end) if not dropped[i]]
            gone = max(left, key=lambda i: (not stays[home[i]], source[i] > 0, held[home[i]], i))
            dropped[gone] = True
            held[home[gone]] -= 1
    return dropped
