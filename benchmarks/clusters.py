"""Clusters for the plan benchmarks, each from a published seed."""

from __future__ import annotations

import numpy as np
import polars as pl

PLACEMENTS = ("uniform", "linear", "exponential")
Cluster = tuple[pl.DataFrame, pl.DataFrame]


def random_model(placement: str, *, own_sizes: bool, seed: int = 1) -> Cluster:
    """Draw a cluster like those of Cruise Control's random test model (RandomCluster and its default properties).

    40 brokers in 10 racks of 2 to 5, 3,000 topics, 16,667 partitions of 3 replicas that care for no rack. Loads are
    exponential around a topic's popularity, itself exponential. ``placement`` says how likely broker i is to get a
    replica: all alike, proportional to i, or to i² − (i − 1)². With ``own_sizes`` every replica draws its own size, as
    in that model; else a partition's replicas are of one size, as Kafka's are.
    """
    rng = np.random.default_rng(seed)
    brokers, topics, partitions = 40, 3000, 16_667
    rack = _racks(rng, brokers, racks=10, least=2, most=5)
    topic = np.sort(np.concatenate([np.arange(topics), rng.integers(0, topics, partitions - topics)]))
    step = np.arange(1, brokers + 1)
    chance = {"uniform": np.ones(brokers), "linear": step, "exponential": 2 * step - 1}[placement]
    drawn = np.log(chance) + rng.gumbel(
        size=(partitions, brokers)
    )  # Gumbel's trick: draws without replacement
    replicas = np.argsort(-drawn, axis=1)[:, :3]
    popularity = rng.exponential(1.0, topics)[topic]
    size, bytes_in, bytes_out = (rng.exponential(mean, partitions) * popularity for mean in (1e8, 1e5, 1e5))
    own = rng.exponential(1e8, (partitions, 3)) * popularity[:, None] if own_sizes else None
    return _frames(rack, topic, replicas, size, bytes_in, bytes_out, own)


def fleet(brokers: int, partitions: int, *, seed: int = 1) -> Cluster:
    """Draw a cluster as large fleets are: 3 racks, one replica in each, brokers filled unevenly over the years.

    Topics differ in rate, retention and number of partitions (lognormal), so that bytes stored and bytes in do not
    go together; brokers' chances to be chosen differ too (lognormal, 0.3).
    """
    rng = np.random.default_rng(seed)
    topics = max(20, partitions // 50)
    share = rng.lognormal(0, 1, topics)
    topic = np.sort(rng.choice(topics, partitions, p=share / share.sum()))
    bytes_in = rng.lognormal(np.log(2e5), 1.2, topics)[topic] * rng.lognormal(0, 0.3, partitions)
    kept_s = rng.lognormal(np.log(6 * 3600), 1, topics)[topic]
    size = bytes_in * kept_s * rng.lognormal(0, 0.2, partitions)
    groups = rng.integers(0, 5, topics)[topic]
    rack = np.arange(brokers) % 3
    weight = rng.lognormal(0, 0.3, brokers)
    columns = []
    for number in range(3):
        ids = np.flatnonzero(rack == number)
        columns.append(ids[rng.choice(len(ids), partitions, p=weight[ids] / weight[ids].sum())])
    replicas = np.column_stack(columns)
    order = np.argsort(rng.random(replicas.shape), axis=1)
    return _frames(
        rack, topic, np.take_along_axis(replicas, order, 1), size, bytes_in, bytes_in * groups, None
    )


def uneven_pairs(*, seed: int = 1) -> Cluster:
    """Draw 256 partitions of 2 replicas on 23 brokers that hold 6 to 45 of them."""
    rng = np.random.default_rng(seed)
    brokers, partitions = 23, 256
    while True:
        drawn = np.log(np.linspace(1, 7, brokers)) + rng.gumbel(size=(partitions, brokers))
        replicas = np.argsort(-drawn, axis=1)[:, :2]
        held = np.bincount(replicas.ravel(), minlength=brokers)
        if held.min() == 6 and held.max() == 45:
            break
    nothing = np.zeros(partitions)
    return _frames(
        np.arange(brokers) % 3, np.zeros(partitions, int), replicas, nothing, nothing, nothing, None
    )


def small(seed: int) -> Cluster:
    """Draw a small cluster: 3 to 8 brokers, 6 to 60 partitions of 2 or 3 replicas, no racks known, or 2 or 3 of them.

    There are as many racks as copies only where every rack holds as many brokers: nothing else can be even. Brokers'
    chances to hold a replica differ (lognormal, 0.5); with racks, three of four clusters keep the replicas of a
    partition in as many racks as possible. Sizes are whole bytes: all alike, steps of one size (1, 2, 3 …), or
    lognormal (0.3 or 0.7). In one of three clusters only sizes are known; else traffic differs too (lognormal, 0.5),
    goes with the size in part, and every partition is read by 0 to 3 groups.
    """
    rng = np.random.default_rng([14, seed])
    brokers, partitions = int(rng.integers(3, 9)), int(rng.integers(6, 61))
    copies = int(rng.integers(2, 4))
    racks = int(rng.choice([n for n in (0, 2, 3) if n != copies or brokers % n == 0]))
    rack = np.arange(brokers) % racks if racks else np.zeros(brokers, int)
    weight = rng.lognormal(0, 0.5, brokers)
    spread = racks > 0 and rng.random() < 0.75
    replicas = np.array([_drawn(rng, weight, rack, copies, spread=spread) for _ in range(partitions)])
    step = np.arange(1, partitions + 1)
    shape = int(rng.integers(4))
    drawn = (np.ones(partitions), step, rng.lognormal(0, 0.3, partitions), rng.lognormal(0, 0.7, partitions))
    size = np.ceil(1e6 * drawn[shape])
    bytes_in = np.ceil(1e-2 * size**0.5 * 1e3**0.5 * rng.lognormal(0, 0.5, partitions))
    bytes_out = bytes_in * rng.integers(0, 4, partitions)
    topic = np.sort(rng.integers(0, max(1, partitions // 8), partitions))
    rows, there = _frames(rack, topic, replicas, size, bytes_in, bytes_out, None)
    if rng.random() < 1 / 3:
        rows = rows.drop("bytes_in_per_s", "bytes_out_per_s")
    return rows, there if racks else there.with_columns(rack=pl.lit(None, pl.String))


def _drawn(
    rng: np.random.Generator, weight: np.ndarray, rack: np.ndarray, copies: int, *, spread: bool
) -> list[int]:
    """Draw a partition's brokers, the heavier ones more often; with ``spread`` in as many racks as there can be."""
    most = min(copies, len(np.unique(rack)))
    while True:
        chosen = rng.choice(len(weight), copies, replace=False, p=weight / weight.sum())
        if not spread or len(np.unique(rack[chosen])) == most:
            return chosen.tolist()


def _racks(rng: np.random.Generator, brokers: int, *, racks: int, least: int, most: int) -> np.ndarray:
    while True:
        drawn = np.concatenate([np.arange(racks), rng.integers(0, racks, brokers - racks)])
        held = np.bincount(drawn, minlength=racks)
        if held.min() >= least and held.max() <= most:
            return drawn


def _frames(
    rack: np.ndarray,
    topic: np.ndarray,
    replicas: np.ndarray,
    size: np.ndarray,
    bytes_in: np.ndarray,
    bytes_out: np.ndarray,
    own: np.ndarray | None,
) -> Cluster:
    begins = np.concatenate([[0], np.flatnonzero(np.diff(topic)) + 1, [len(topic)]])
    number = np.arange(len(topic)) - np.repeat(begins[:-1], np.diff(begins))
    partitions = pl.DataFrame(
        {
            "topic": [f"t{name:05d}" for name in topic],
            "partition": pl.Series(number, dtype=pl.Int32),
            "replicas": pl.Series(replicas.tolist(), dtype=pl.List(pl.Int32)),
            "size_bytes": size,
            "bytes_in_per_s": bytes_in,
            "bytes_out_per_s": bytes_out,
        }
    )
    if own is not None:
        partitions = partitions.with_columns(replica_sizes_bytes=pl.Series(own.tolist()))
    brokers = {
        "broker": pl.Series(np.arange(len(rack)), dtype=pl.Int32),
        "rack": [f"r{name}" for name in rack],
    }
    return partitions, pl.DataFrame(brokers)
