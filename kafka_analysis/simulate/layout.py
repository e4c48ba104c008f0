"""Who holds what in a simulated cluster: topics, partitions, replicas over racks, groups; drawn once by the seed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.simulate.community import Community, draw_community
from kafka_analysis.simulate.plan import Plan
from kafka_analysis.simulate.rates import partition_rates
from kafka_analysis.simulate.teams import numbered

Ints = NDArray[np.int64]
INTERNAL_TOPIC = "__consumer_offsets"
INTERNAL_PARTITIONS = 50
COMMIT_EVERY_S = 5.0
COMMIT_BYTES = 100
SOURCE = "monolith"
FEWEST_RECORD_BYTES, MOST_RECORD_BYTES = 50, 20_000
MOST_READERS = 3
RETENTION_STREAM = 5


@dataclass(frozen=True)
class Business:
    """The topics of the split, wherever they are: an entry per partition, topic by topic."""

    topic: Ints
    partition: Ints
    record_bytes: Ints
    records_per_s: NDArray[np.float64]
    retention_s: NDArray[np.float64]
    age_s: NDArray[np.float64]  # how long a topic was written before the capture
    pair_group: Ints  # who reads what: an entry per group and partition
    pair_place: Ints
    lagging: NDArray[np.bool_]  # of each group
    community: Community | None = None


@dataclass(frozen=True)
class Layout:
    """One cluster: an entry per partition, the business ones first, then those of ``__consumer_offsets``."""

    name: str
    role: Literal["source", "target"] | None
    brokers: int
    racks: int
    topics: tuple[str, ...]
    retention_s: tuple[float, ...]  # of each topic
    topic: Ints
    partition: Ints
    record_bytes: Ints
    replicas: Ints  # partitions × copies; brokers count from 0
    business: Ints  # the entries of ``Business`` that live here
    pairs: Ints  # the pairs of ``Business`` that read here

    @property
    def names(self) -> pl.Series:
        """Return the names of the topics, for gathering."""
        return pl.Series(self.topics, dtype=pl.String)

    @property
    def internal(self) -> slice:
        """Return where the partitions of ``__consumer_offsets`` lie."""
        return slice(len(self.business), len(self.topic))


def draw_business(plan: Plan) -> Business:
    """Draw topics, rates and readers of a plan.

    Examples
    --------
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> drawn = draw_business(plan_of({"brokers": 3, "partitions": 30, "topics": 2}))
    >>> np.bincount(drawn.topic).tolist(), round(float((drawn.records_per_s * drawn.record_bytes).sum()))
    ([18, 12], 300000)
    """
    rng = np.random.default_rng([plan.seed, 0])
    counts = _partition_counts(plan)
    topic = np.repeat(np.arange(plan.topics), counts)
    partition = np.arange(plan.partitions) - np.repeat(np.cumsum(counts) - counts, counts)
    sizes = np.clip(rng.lognormal(np.log(800), 0.8, plan.topics), FEWEST_RECORD_BYTES, MOST_RECORD_BYTES)
    record_bytes = sizes.astype(np.int64)[topic]
    weights = rng.lognormal(0, 0.8, plan.topics)[topic]
    leader = np.arange(plan.partitions) % plan.brokers
    bytes_per_s = partition_rates(plan, weights=weights, topic=topic, partition=partition, leader=leader)
    community = draw_community(plan) if plan.teams else None
    reads = _reads(plan, rng) if community is None else community.reads
    group, place = _pairs(reads, topic, plan.topics)
    retention_s = _retentions(plan)
    lagging = np.zeros(plan.groups, dtype=np.bool_)
    lagging[rng.choice(max(plan.groups, 1), plan.lagging_groups, replace=False)] = True
    return Business(
        topic=topic,
        partition=partition,
        record_bytes=record_bytes,
        records_per_s=bytes_per_s / record_bytes,
        retention_s=retention_s[topic],
        age_s=(rng.uniform(0.2, 2.0, plan.topics) * retention_s)[topic],
        pair_group=group,
        pair_place=place,
        lagging=lagging,
        community=community,
    )


def _retentions(plan: Plan) -> NDArray[np.float64]:
    """Return how long each topic keeps its records, in seconds."""
    rng = np.random.default_rng([plan.seed, RETENTION_STREAM])
    return rng.choice(plan.retentions or [plan.retention], plan.topics)


def _partition_counts(plan: Plan) -> Ints:
    """Spread the partitions over the topics, the first ones larger, each at least one."""
    weights = np.arange(1, plan.topics + 1) ** -0.6
    spare = plan.partitions - plan.topics
    exact = spare * weights / weights.sum()
    counts = 1 + np.floor(exact).astype(np.int64)
    lacking = plan.partitions - counts.sum()
    counts[np.argsort(np.floor(exact) - exact, kind="stable")[:lacking]] += 1
    return counts


def _reads(plan: Plan, rng: np.random.Generator) -> set[tuple[int, int]]:
    """Let each topic have one to three groups and each group a topic."""
    if plan.groups == 0:
        return set()
    reads = {(t, t % plan.groups) for t in range(plan.topics)} | {
        (g % plan.topics, g) for g in range(plan.groups)
    }
    fans = rng.integers(1, min(MOST_READERS, plan.groups) + 1, plan.topics)
    return reads | {
        (t, int(g)) for t in range(plan.topics) for g in rng.choice(plan.groups, fans[t], replace=False)
    }


def _pairs(reads: Iterable[tuple[int, int]], topic: Ints, topics: int) -> tuple[Ints, Ints]:
    """Return who reads which partition, sorted by partition."""
    of_topic: list[list[int]] = [[] for _ in range(topics)]
    for t, g in sorted(reads):
        of_topic[t].append(g)
    fan = np.array([len(groups) for groups in of_topic])[topic]
    group = np.array([g for t in topic for g in of_topic[t]], dtype=np.int64)
    return group, np.repeat(np.arange(len(topic)), fan)


def layouts(plan: Plan, business: Business) -> list[Layout]:
    """Lay the topics out on the source and on the cells they go to.

    Examples
    --------
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> plan = plan_of({"brokers": 3, "partitions": 30, "topics": 2, "cells": 2})
    >>> [(one.name, one.topics) for one in layouts(plan, draw_business(plan))][1]
    ('cell-1', ('topic-1', '__consumer_offsets'))
    """
    role: Literal["source"] | None = "source" if plan.cells else None
    source = _layout(plan, business, SOURCE, role, plan.brokers, np.arange(plan.partitions))
    cell = business.topic % max(plan.cells, 1)
    targets = [
        _layout(plan, business, name, "target", plan.cell_brokers, np.flatnonzero(cell == number))
        for number, name in enumerate(numbered("cell", plan.cells))
    ]
    return [source, *targets]


def _layout(
    plan: Plan,
    business: Business,
    name: str,
    role: Literal["source", "target"] | None,
    brokers: int,
    entries: Ints,
) -> Layout:
    topics, first, topic = np.unique(business.topic[entries], return_index=True, return_inverse=True)
    names = plan.topic_names
    internal = np.arange(INTERNAL_PARTITIONS)
    return Layout(
        name=name,
        role=role,
        brokers=brokers,
        racks=plan.racks,
        topics=(*[names[t] for t in topics], INTERNAL_TOPIC),
        retention_s=(*business.retention_s[entries][first].tolist(), plan.retention),
        topic=np.concatenate([topic, np.full(INTERNAL_PARTITIONS, len(topics))]),
        partition=np.concatenate([business.partition[entries], internal]),
        record_bytes=np.concatenate(
            [business.record_bytes[entries], np.full(INTERNAL_PARTITIONS, COMMIT_BYTES)]
        ),
        replicas=np.concatenate(
            [
                spread_replicas(count, brokers=brokers, racks=plan.racks, copies=plan.replication_factor)
                for count in (len(entries), INTERNAL_PARTITIONS)
            ]
        ),
        business=entries,
        pairs=np.flatnonzero(np.isin(business.pair_place, entries)),
    )


def spread_replicas(partitions: int, *, brokers: int, racks: int, copies: int) -> Ints:
    """Place replicas: leaders in turn, followers in other racks as far as there are, shifted from round to round.

    Parameters
    ----------
    brokers, racks
        Broker b (from 0) stands in rack b modulo ``racks``.

    Returns
    -------
    array
        A row per partition: the brokers of its copies, the preferred leader first.

    Examples
    --------
    >>> spread_replicas(5, brokers=4, racks=2, copies=2).tolist()
    [[0, 1], [1, 2], [2, 3], [3, 0], [0, 3]]
    """
    by_pattern: dict[tuple[int, int], list[int]] = {}
    rounds = max(brokers - 1, 1)
    rows = []
    for number in range(partitions):
        key = number % brokers, number // brokers % rounds
        if key not in by_pattern:
            by_pattern[key] = _copies(*key, brokers=brokers, racks=racks, copies=copies)
        rows.append(by_pattern[key])
    return np.array(rows, dtype=np.int64).reshape(partitions, copies)


def _copies(leader: int, shift: int, *, brokers: int, racks: int, copies: int) -> list[int]:
    others = [(leader + 1 + (shift + n) % (brokers - 1)) % brokers for n in range(brokers - 1)]
    chosen, used = [leader], {leader % racks}
    while len(chosen) < copies:
        fresh = [b for b in others if b not in chosen and b % racks not in used]
        if not fresh:  # every rack has a copy: go round again
            used = set()
            fresh = [b for b in others if b not in chosen]
        chosen.append(fresh[0])
        used.add(fresh[0] % racks)
    return chosen
