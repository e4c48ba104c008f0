"""The plan's problem in numbers: sets of topics, the clients that tie them, and what a wave may hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError
from kafka_analysis.model.units import format_quantity
from kafka_analysis.plan.common.outcome import NotRecordedError
from kafka_analysis.plan.waves.input import CLIENT, named
from kafka_analysis.plan.waves.options import WaveOptions
from kafka_analysis.plan.waves.topic_groups import topic_groups_of
from kafka_analysis.plan.waves.wave_limits import check_limits

_MOST_WAVES = 64  # of a client of its own weight, all teams together weigh less than one step of it


@dataclass(frozen=True)
class Problem:
    """Sets of topics to be put into waves.

    ``group``: the set of each topic. ``load`` (sets × bytes in, topics, backfill) and ``most`` bound a wave, ``pilot``
    the first. ``tied[a]``: clients and teams of a set, by number: clients first, ``clients`` of them. ``weight``: what
    a tie costs for each wave it spans. ``late``: sets that move last.
    """

    group: np.ndarray
    load: np.ndarray
    most: np.ndarray
    pilot: np.ndarray | None
    tied: tuple[np.ndarray, ...]
    clients: int
    most_clients: float
    pilot_clients: float
    weight: np.ndarray
    late: np.ndarray
    wave_weight: float

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return each tie with its set of topics, a row each, in the order of the sets."""
        group = np.repeat(np.arange(len(self.tied)), [len(ties) for ties in self.tied])
        return np.concatenate(self.tied), group

    def caps(self, wave: int) -> tuple[np.ndarray, float]:
        """Return what a wave may hold, and how many clients; waves count from 0 here."""
        first = wave == 0 and self.pilot is not None
        return (self.pilot, self.pilot_clients) if first else (self.most, self.most_clients)


def by_load(topics: pl.DataFrame) -> pl.DataFrame:
    """Put topics in an order that names decide only between equals, so that other names give the same plan.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": ["a", "b"], "bytes_in_per_s": [1.0, 2.0], "stored_bytes": 5.0,
    ...     "bytes_out_per_s": 1.0})
    >>> by_load(rows)["topic"].to_list()
    ['b', 'a']
    """
    amounts = ["bytes_in_per_s", "stored_bytes", "bytes_out_per_s"]
    return topics.sort(*amounts, "topic", descending=[True, True, True, False], nulls_last=True)


def build(topics: pl.DataFrame, flows: pl.DataFrame, options: WaveOptions) -> Problem:
    """Put the problem into numbers.

    Parameters
    ----------
    topics
        Result of :func:`kafka_analysis.plan.waves.input.check_topics`, in the order of :func:`by_load`.
    flows
        Result of :func:`kafka_analysis.plan.waves.input.check_flows`, of these topics only.

    Raises
    ------
    InputError
        ``together`` names what is not there.
    GoalImpossibleError
        A set of topics is larger than a wave may be; the message says what would do.
    NotRecordedError
        A limit needs what was not measured.
    """
    group = topic_groups_of(topics["topic"].to_list(), flows, options.together)
    total = float(topics["bytes_in_per_s"].sum())
    tied, clients, weight = _ties(topics, flows, group)
    load = _loads(topics, group, options)
    late = np.zeros(len(load), bool)
    grave = flows.filter(pl.col("criticality").is_in(options.move_last))["topic"].unique()
    late[group[topics["topic"].is_in(grave.implode()).to_numpy()]] = True
    problem = Problem(
        group=group,
        load=load,
        most=np.array([_most_bytes(options, total), options.max_topics_per_wave or math.inf, _most_backfill(options)]),
        pilot=None,
        tied=tied,
        clients=clients,
        most_clients=options.max_clients_per_wave or math.inf,
        pilot_clients=math.inf,
        weight=weight,
        late=late,
        wave_weight=options.wave_weight,
    )  # fmt: skip
    check_limits(load, client_counts(problem), group=group, topics=topics, options=options)
    return (
        problem if options.first_wave_share is None else _with_pilot(problem, options.first_wave_share, total)
    )


def _loads(topics: pl.DataFrame, group: np.ndarray, options: WaveOptions) -> np.ndarray:
    """Add up bytes in, topics and backfill; the last so that a wave's limit of time is one of bytes."""
    flow = topics["bytes_in_per_s"].to_numpy()
    stored = np.zeros(len(flow))
    if options.max_backfill_s is not None and options.replication_bytes_per_s is not None:
        if topics["stored_bytes"].null_count():
            unknown = named(topics.filter(pl.col("stored_bytes").is_null())["topic"])
            message = (
                f"max_backfill_s needs the size of every topic, and that of {unknown} is unknown; measure it"
            )
            raise NotRecordedError(message)
        stored = topics["stored_bytes"].to_numpy() + options.max_backfill_s * flow
    rows = np.column_stack([flow, np.ones(len(flow)), stored])
    summed = np.zeros((group.max() + 1, 3))
    np.add.at(summed, group, rows)
    return summed


def _most_bytes(options: WaveOptions, total: float) -> float:
    bandwidth = options.replication_bytes_per_s
    limits = (
        options.max_bytes_in_per_s_per_wave,
        None if options.max_share_per_wave is None else options.max_share_per_wave * total,
        None if bandwidth is None else options.arriving_share * bandwidth,
    )
    return min((limit for limit in limits if limit is not None), default=math.inf)


def _most_backfill(options: WaveOptions) -> float:
    low = options.backfill_bytes_per_s_low
    return math.inf if low is None or options.max_backfill_s is None else options.max_backfill_s * low


def _ties(
    topics: pl.DataFrame, flows: pl.DataFrame, group: np.ndarray
) -> tuple[tuple[np.ndarray, ...], int, np.ndarray]:
    """Give every client and team a number, and list those of every set of topics."""
    placed = topics.with_columns(group=pl.Series(group))
    by_client = _numbered(
        flows.select(*CLIENT, "topic").join(placed.select("topic", "group"), on="topic"), CLIENT
    )
    clients = by_client["tie"].n_unique()
    by_team = _numbered(placed.drop_nulls("team").select("team", "group"), ["team"])
    teams = by_team["tie"].n_unique()
    shifted = by_team.with_columns(pl.col("tie") + clients)
    pairs = pl.concat([by_client, shifted]).unique().sort("group", "tie")
    numbers, counts = (
        pairs["tie"].to_numpy(),
        np.bincount(pairs["group"].to_numpy(), minlength=group.max() + 1),
    )
    tied = tuple(np.split(numbers.astype(np.int64), np.cumsum(counts)[:-1]))
    weight = np.ones(clients + teams)
    weight[clients:] = 0.5 / (max(teams, 1) * _MOST_WAVES)
    return tied, clients, weight


def _numbered(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Give clients or teams numbers by the sets of topics they tie; names decide only between equals."""
    sets = rows.group_by(keys).agg(pl.col("group").unique().sort())
    ranked = sets.with_columns(rank=pl.col("group").cast(pl.List(pl.String)).list.join(" ")).sort(
        "rank", *keys
    )
    return ranked.with_row_index("tie").select("group", "tie").explode("group")


def client_counts(problem: Problem) -> np.ndarray:
    """Return how many clients each set of topics has."""
    return np.array([(tied < problem.clients).sum() for tied in problem.tied])


def _with_pilot(problem: Problem, share: float, total: float) -> Problem:
    """Bound the first wave by a share of bytes in and of clients, at least one client."""
    clients = client_counts(problem)
    pilot = problem.most.copy()
    pilot[0] = min(pilot[0], share * total)
    most = min(problem.most_clients, max(math.ceil(share * problem.clients - 1e-9), 1))
    may = np.ones(len(problem.late), bool) if problem.late.all() else ~problem.late
    fits = may & (problem.load[:, 0] <= pilot[0]) & (clients <= most)
    if not fits.any():
        needs = np.maximum(problem.load[:, 0] / total, clients / max(problem.clients, 1))[may].min()
        why = (
            f"no topic that may move first has {format_quantity(share, '%')} of bytes in and of "
            f"clients or less; give {math.ceil(needs * 1000) / 1000:g} or more, or None for no pilot wave"
        )
        raise GoalImpossibleError("first_wave_share", why)
    return replace(problem, pilot=pilot, pilot_clients=float(most))
