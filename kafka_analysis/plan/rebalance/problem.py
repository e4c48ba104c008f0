"""From checked frames and options to the arrays that the planner walks over."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError, InputError
from kafka_analysis.plan.common.checks import KEYS, named
from kafka_analysis.plan.common.movements import OWN_SIZES
from kafka_analysis.plan.rebalance.balance_limits import Bands, bands_of, cordoned_of, worst_allowed
from kafka_analysis.plan.rebalance.copies import Copies, copies_of
from kafka_analysis.plan.rebalance.options import RebalanceOptions
from kafka_analysis.plan.rebalance.placement import Model, Placement

_ON_EVERY_REPLICA = ("size_bytes", "bytes_in_per_s")


@dataclass(frozen=True)
class Problem:
    """The arrays, and what their rows stand for."""

    model: Model
    placement: Placement
    ids: np.ndarray  # i32[b]: the broker of every row; those that are gone come last
    bytes_per_share: float
    bands: Bands
    scale: np.ndarray  # f64[r]: how much a share is
    cordoned: np.ndarray  # bool[b]: takes no replica
    before_search: np.ndarray  # f64[b, r]: what brokers carry once the rules are kept


def build(
    rows: pl.DataFrame, cluster: pl.DataFrame, resources: tuple[str, ...], options: RebalanceOptions
) -> Problem:
    """Turn a checked cluster into arrays.

    Parameters
    ----------
    rows, cluster
        Partitions and brokers as :mod:`kafka_analysis.plan.common.checks` returns them, amounts checked too.
    resources
        What is planned for.
    options
        What was asked.

    Raises
    ------
    InputError
        An option names a broker or partition that is not there.
    GoalImpossibleError
        Not enough brokers are left for the copies that are asked for.
    """
    movable = movable_partitions(rows, options)
    ids = broker_ids(rows, cluster)
    _check_named_brokers(rows, cluster, movable, options)
    stays = np.isin(ids, cluster["broker"].to_numpy()) & ~np.isin(ids, list(options.remove_brokers))
    copies = copies_of(rows, ids, movable, stays, options.replication_factor)
    weight, lead_weight = _weights(rows, copies, resources)
    mean = (weight.sum(axis=0) + lead_weight.sum(axis=0)) / stays.sum()
    scale = np.where(mean > 0, mean, 1.0)
    weight, lead_weight = weight / scale, lead_weight / scale
    where, leader = copies.home.copy(), copies.first[:-1].copy()
    load = carried_by(where, leader, weight, lead_weight, len(ids))
    bands = bands_of(cluster, stays, load, scale, resources, options)
    least, most = worst_allowed(bands, load)
    size = _sizes(rows, copies)
    bytes_per_share = float(size.sum()) / stays.sum() or 1.0
    cordoned = cordoned_of(cluster, len(ids))
    racks, needed = _racks(cluster, stays, np.diff(copies.first))
    if cordoned.any():
        needed = _open_racks(racks, needed, stays & ~cordoned, copies)
    model = Model(
        partition=copies.partition,
        first=copies.first,
        home=copies.home,
        cost=size / bytes_per_share,
        weight=weight,
        lead_weight=lead_weight,
        movable=movable[copies.partition],
        racks_needed=needed,
        rack=racks,
        band=np.stack([bands.low, bands.high, least, most], axis=2),
        takes=bands.takes,
        gives=bands.gives,
        leads=stays,
    )
    return Problem(
        model, Placement(where, leader, load), ids, bytes_per_share, bands, scale, cordoned, load.copy()
    )


def movable_partitions(rows: pl.DataFrame, options: RebalanceOptions) -> np.ndarray:
    """Say of each partition whether it may be changed: not left out, not pinned.

    Raises
    ------
    InputError
        A pinned partition is not there, or nothing is left to move.
    """
    pinned = pl.DataFrame(
        sorted(options.pinned), schema={"topic": pl.String, "partition": pl.Int32}, orient="row"
    )
    unknown = pinned.join(rows, on=KEYS, how="anti")
    if len(unknown):
        names = named(unknown, " is", " are")
        raise InputError(f"pinned: {names} not in the cluster; pin partitions of the cluster only")
    topics = rows["topic"].unique()
    chosen = chosen_topics(topics, options)
    if not chosen:
        raise InputError("include_topics and exclude_topics leave no topic to plan for; allow at least one")
    strange = sorted(set(options.replication_factor or {}) - set(topics))
    if strange:
        raise InputError.unknown("topic", strange[0], topics.to_list())
    held = rows.join(pinned.with_columns(held=True), on=KEYS, how="left", maintain_order="left")["held"]
    return (rows["topic"].is_in(chosen) & held.is_null()).to_numpy()


def chosen_topics(topics: Iterable[str], options: RebalanceOptions) -> list[str]:
    """Return the topics that may change: included, and not excluded.

    Examples
    --------
    >>> chosen_topics(["orders", "clicks"], RebalanceOptions(include_topics=("o*",)))
    ['orders']
    """
    return [topic for topic in topics if _is_chosen(topic, options)]


def _is_chosen(topic: str, options: RebalanceOptions) -> bool:
    included = options.include_topics is None or _matches(topic, options.include_topics)
    return included and not _matches(topic, options.exclude_topics)


def _matches(topic: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(topic, pattern) for pattern in patterns)


def _check_named_brokers(
    rows: pl.DataFrame, cluster: pl.DataFrame, movable: np.ndarray, options: RebalanceOptions
) -> None:
    there = set(cluster["broker"])
    for name in ("remove_brokers", "add_brokers"):
        strange = sorted(getattr(options, name) - there)
        if strange:
            listed = ", ".join(map(str, sorted(there)))
            raise InputError(f"{name}: broker {strange[0]} is not in the cluster; allowed: {listed}")
    if there == options.remove_brokers:
        raise InputError(
            "remove_brokers: no broker would be left; keep at least as many as a partition has replicas"
        )
    leaving = pl.col("replicas").list.set_intersection(sorted(options.remove_brokers)).list.len() > 0
    stuck = rows.filter(leaving & pl.Series(~movable)) if options.remove_brokers else rows.clear()
    if len(stuck):
        names = named(stuck, " is", " are")
        why = f"{names} pinned or excluded, but on a broker that is to be removed; allow the move, or keep the broker"
        raise GoalImpossibleError("brokers that are there", why)


def broker_ids(rows: pl.DataFrame, cluster: pl.DataFrame) -> np.ndarray:
    """List the brokers of the cluster, and after them those that only replicas speak of: they are gone."""
    there = cluster["broker"].to_numpy()
    spoken_of = rows["replicas"].explode().unique().sort().to_numpy()
    return np.concatenate([there, spoken_of[~np.isin(spoken_of, there)]]).astype(np.int32)


def _weights(rows: pl.DataFrame, copies: Copies, resources: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return what every replica carries of each resource, and what the leader carries besides."""
    weight = np.zeros((len(copies.home), len(resources)))
    lead_weight = np.zeros((len(rows), len(resources)))
    for r, resource in enumerate(resources):
        if resource == "replicas":
            weight[:, r] = 1
        elif resource == "leaders":
            lead_weight[:, r] = 1
        elif resource == "size_bytes":
            weight[:, r] = _sizes(rows, copies)
        elif resource in _ON_EVERY_REPLICA:
            weight[:, r] = rows[resource].to_numpy()[copies.partition]
        elif resource == "bytes_out_per_s":
            followers = np.diff(copies.first) - 1
            lead_weight[:, r] = followers * rows["bytes_in_per_s"].to_numpy() + rows[resource].to_numpy()
        else:
            lead_weight[:, r] = rows[resource].to_numpy()
    return weight, lead_weight


def _sizes(rows: pl.DataFrame, copies: Copies) -> np.ndarray:
    """Return every replica's bytes: its own size where that is known, else the partition's."""
    sizes = rows["size_bytes"].cast(pl.Float64).to_numpy()[copies.partition]
    if OWN_SIZES not in rows.columns:
        return sizes
    copies_now = rows["replicas"].list.len().to_numpy().astype(np.int64)
    begins = np.cumsum(copies_now) - copies_now
    own_sizes = rows[OWN_SIZES].explode().cast(pl.Float64).to_numpy()
    return np.where(
        copies.source >= 0, own_sizes[begins[copies.partition] + np.maximum(copies.source, 0)], sizes
    )


def carried_by(
    where: np.ndarray, leader: np.ndarray, weight: np.ndarray, lead_weight: np.ndarray, brokers: int
) -> np.ndarray:
    """Add up what every broker carries."""
    load = np.zeros((brokers, weight.shape[1]))
    placed = where >= 0
    np.add.at(load, where[placed], weight[placed])
    np.add.at(load, where[leader], lead_weight)
    return load


def _racks(cluster: pl.DataFrame, stays: np.ndarray, copies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give racks numbers, one of its own to each broker of unknown rack; say how many each partition needs."""
    names = dict.fromkeys(cluster["rack"].drop_nulls().sort())
    number = {name: n for n, name in enumerate(names)}
    rack_of = cluster["rack"].to_list()
    racks = np.arange(len(number), len(number) + len(stays), dtype=np.int32)
    racks[: len(rack_of)] = [racks[b] if name is None else number[name] for b, name in enumerate(rack_of)]
    there = {name for name, kept in zip(rack_of, stays, strict=False) if kept and name is not None}
    return racks, np.minimum(copies, max(1, len(there))).astype(np.int32)


def _open_racks(racks: np.ndarray, needed: np.ndarray, takes: np.ndarray, copies: Copies) -> np.ndarray:
    """Ask of no partition to come into a rack in which every broker is cordoned."""
    is_open = np.isin(racks, racks[takes])
    held = np.where(copies.home >= 0, copies.home, 0)
    closed = ~is_open[held] & (copies.home >= 0)
    pairs = np.unique(np.stack([copies.partition[closed], racks[held[closed]]]), axis=1)
    inside = np.bincount(pairs[0], minlength=len(needed))
    return np.minimum(needed, len(np.unique(racks[takes])) + inside).astype(np.int32)
