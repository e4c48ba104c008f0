"""The plan's problem in numbers: sets of topics, the clients that tie them, what a wave may hold, and what none can."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError
from kafka_analysis.model.units import format_duration, format_quantity
from kafka_analysis.plan.common.outcome import NotRecordedError
from kafka_analysis.plan.waves.input import CLIENT, named
from kafka_analysis.plan.waves.options import WaveOptions
from kafka_analysis.plan.waves.topic_groups import topic_groups_of

_MOST_WAVES = 64  # of a client of its own weight, all teams together weigh less than one step of it


_ROUNDING = 1 + 1e-12


def check_limits(
    load: np.ndarray, clients: np.ndarray, *, group: np.ndarray, topics: pl.DataFrame, options: WaveOptions
) -> None:
    """Refuse a set of topics that is larger than a wave may be.

    Parameters
    ----------
    load
        Bytes in, topics and backfill of each set.
    clients
        How many clients each set has.
    group
        The set of each topic of ``topics``.
    topics, options
        As given to the plan.

    Raises
    ------
    GoalImpossibleError
        There is such a set; the message says what would do.
    NotRecordedError
        Shares are asked for where nothing flows.
    """
    flow, several, _ = load.T
    total = float(flow.sum())
    if total == 0 and (options.max_share_per_wave is not None or options.first_wave_share is not None):
        raise NotRecordedError(
            "the topics have no traffic (0 B/s), so a share of it limits nothing; "
            "measure a window with traffic, or set max_share_per_wave and first_wave_share to None"
        )
    for option, amounts, words, unit in (
        ("max_bytes_in_per_s_per_wave", flow, "receives {}", "B/s"),
        ("max_share_per_wave", flow / (total or 1), "receives {} of all bytes", "%"),
        ("max_topics_per_wave", several, "has {}", "topics"),
        ("max_clients_per_wave", clients, "has {}", "clients"),
    ):
        most = getattr(options, option)
        if most is not None and amounts.max() > most * _ROUNDING:
            largest = float(amounts.max())
            said = words.format(format_quantity(largest, unit))
            limit = format_quantity(most, unit if unit in ("B/s", "%") else "")
            why = (
                f"{_whose(amounts, group, topics)} {said}, more than {limit}; "
                f"give {option} = {round_up(largest):.12g} or more"
            )
            raise GoalImpossibleError(option, why)
    _check_bandwidth(flow, group, topics, options)
    _check_backfill(load, group, topics, options)


def round_up(value: float) -> float:
    """Return three significant digits that are no less; whole numbers up to 999 as they are.

    Examples
    --------
    >>> round_up(0.33341), round_up(7.0), round_up(1234567.0)
    (0.334, 7.0, 1240000.0)
    """
    if value == 0 or (value == int(value) and value < 1000):
        return value
    digits = 2 - math.floor(math.log10(value))
    return round(math.ceil(round(value * 10.0**digits, 6)) / 10.0**digits, max(digits, 0))


def _check_bandwidth(flow: np.ndarray, group: np.ndarray, topics: pl.DataFrame, options: WaveOptions) -> None:
    bandwidth = options.replication_bytes_per_s
    if bandwidth is None or flow.max() <= options.arriving_share * bandwidth * _ROUNDING:
        return
    comes, of = format_quantity(float(flow.max()), "B/s"), format_quantity(bandwidth, "B/s")
    share = format_quantity(options.arriving_share, "%")
    needs = format_quantity(round_up(float(flow.max()) / options.arriving_share), "B/s")
    why = (
        f"{_whose(flow, group, topics)} receives {comes}, but at most {share} of {of} may be used for "
        f"new records (arriving_share); give at least {needs}"
    )
    raise GoalImpossibleError("replication_bytes_per_s", why)


def _check_backfill(load: np.ndarray, group: np.ndarray, topics: pl.DataFrame, options: WaveOptions) -> None:
    counted_on, most = options.backfill_bytes_per_s_low, options.max_backfill_s
    if most is None or counted_on is None:
        return
    flow, backfill = load[:, 0], load[:, 2]
    if backfill.max() <= most * counted_on * _ROUNDING:
        return
    seconds = (backfill - most * flow) / (counted_on - flow)
    longest = math.ceil(seconds.max())
    why = (
        f"{_whose(seconds, group, topics)} takes {format_duration(longest)} to copy; "
        f"give max_backfill_s = {longest} or more, or more bandwidth"
    )
    raise GoalImpossibleError("max_backfill_s", why)


def _whose(amounts: np.ndarray, group: np.ndarray, topics: pl.DataFrame) -> str:
    names = topics.filter(pl.Series(group == int(amounts.argmax())))["topic"]
    return f"topic {names[0]}" if len(names) == 1 else f"what moves together ({named(names)})"


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
            raise NotRecordedError(
                f"max_backfill_s needs the size of every topic, but that of {unknown} is unknown; measure it"
            )
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
            f"every topic that may move first has more than {format_quantity(share, '%')} of bytes in or of "
            f"clients; give {math.ceil(needs * 1000) / 1000:g} or more, or None for no pilot wave"
        )
        raise GoalImpossibleError("first_wave_share", why)
    return replace(problem, pilot=pilot, pilot_clients=float(most))
