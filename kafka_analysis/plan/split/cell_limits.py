"""What a cell may carry, and whether all topics can fit at all."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError, InputError
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plan.split.options import EVENNESS, SplitOptions
from kafka_analysis.plan.split.sizes import profile_limits
from kafka_analysis.plan.split.topic_groups import TopicGroups
from kafka_analysis.plan.split.topics_and_flows import TopicsAndFlows, names_of

_SLACK = 1 + 1e-9


@dataclass(frozen=True)
class Limits:
    """What each cell may carry, and by how many clients it may be touched; infinite: no limit.

    ``amount``: for each resource an amount per cell, in the cells' order. ``given``: the resources whose limit was
    asked for, or follows from a profile; the others follow from evenness, or are free.
    """

    cells: tuple[str, ...]
    amount: dict[str, np.ndarray]
    clients: float
    given: frozenset[str]

    def of(self, name: str) -> dict[str, float]:
        """Return the limit of a resource by cell."""
        return dict(zip(self.cells, self.amount[name].tolist(), strict=True))


def cell_limits(
    source: TopicsAndFlows, options: SplitOptions, groups: TopicGroups, cells: Sequence[str]
) -> Limits:
    """Return the limits of each cell: the lower of what is given and what the profile carries.

    Without both, a resource may be 1.15 × its even share, or as large as the largest piece where that is more. With one
    of them, what is not limited is free.

    Raises
    ------
    InputError
        A limit by cell leaves a cell out, or the profile is not known.

    Examples
    --------
    >>> from kafka_analysis.plan.split.topic_groups import find_topic_groups
    >>> from kafka_analysis.plan.split.topics_and_flows import check_topics_and_flows
    >>> from kafka_analysis.plan.split.options import SplitOptions
    >>> topics = pl.DataFrame({"topic": ["a", "b"], "bytes_in_per_s": [1.0, 3.0]})
    >>> source = check_topics_and_flows(topics, pl.DataFrame({"client": ["c"], "topic": ["a"]}))
    >>> options, cells = SplitOptions(cells=2), ("cell-1", "cell-2")
    >>> groups = find_topic_groups(["a", "b"], options, cells)
    >>> cell_limits(source, options, groups, cells).amount["bytes_in_per_s"].tolist()
    [3.0, 3.0]
    """
    load, count = group_loads(source, groups), len(cells)
    given = {name: _by_cell(name, value, cells) for name, value in (options.limits or {}).items()}
    for name, most in _of_profile(source, options, cells).items():
        if np.isfinite(most).any():
            given[name] = np.minimum(given[name], most) if name in given else most
    amount = {}
    for number, name in enumerate(source.resources):
        even = max(EVENNESS * load[:, number].sum() / count, load[:, number].max())
        amount[name] = given.get(name, np.full(count, math.inf if given else float(even)))
    clients = source.flows["client"].n_unique()
    most_clients = [math.inf if options.max_clients is None else options.max_clients]
    if options.max_client_share is not None:
        most_clients.append(math.floor(options.max_client_share * clients))
    return Limits(tuple(cells), amount, min(most_clients), frozenset(given))


def _by_cell(name: str, value: float | dict[str, float], cells: Sequence[str]) -> np.ndarray:
    if not isinstance(value, dict):
        return np.full(len(cells), float(value))
    missing = [cell for cell in cells if cell not in value]
    if missing:
        message = f"limits of {name} leave out {missing[0]!r}; give one for each cell, or one number for all"
        raise InputError(message)
    return np.array([float(value[cell]) for cell in cells])


def _of_profile(source: TopicsAndFlows, options: SplitOptions, cells: Sequence[str]) -> dict[str, np.ndarray]:
    if options.profile is None:
        return {}
    total = {name: source.topics[name].sum() for name in source.resources}
    bytes_in = total.get("bytes_in_per_s", 0.0)
    fanout = total.get("bytes_out_per_s", 0.0) / bytes_in if bytes_in else 1.0
    limits = profile_limits(
        options.profile, cells, max_brokers=options.max_brokers, peak_ratio=options.peak_ratio, fanout=fanout
    )
    return {name: np.array(amounts) for name, amounts in limits.items() if name in source.resources}


def group_loads(source: TopicsAndFlows, groups: TopicGroups) -> np.ndarray:
    """Add up what the topics of each group take: a row per group, a column per resource.

    Examples
    --------
    >>> groups = TopicGroups(np.array([0, 0]), np.array([-1]), np.array([-1]), np.zeros((0, 2)))
    >>> group_loads(TopicsAndFlows(pl.DataFrame({"topic": ["a", "b"], "partitions": [1.0, 2.0]}), pl.DataFrame(),
    ...     ("partitions",)), groups).tolist()
    [[3.0]]
    """
    load = np.zeros((groups.count, len(source.resources)))
    np.add.at(load, groups.of_topic, source.topics.select(source.resources).to_numpy())
    return load


def fewest_cells(
    source: TopicsAndFlows, options: SplitOptions, groups: TopicGroups, cells: Sequence[str]
) -> int:
    """Return the number of cells below which the totals cannot fit.

    Examples
    --------
    >>> from kafka_analysis.plan.split.options import SplitOptions
    >>> groups = TopicGroups(np.array([0, 1]), np.full(2, -1), np.full(2, -1), np.zeros((0, 2), int))
    >>> source = TopicsAndFlows(pl.DataFrame({"topic": ["a", "b"], "partitions": [3.0, 2.0]}),
    ...     pl.DataFrame({"client": ["c"]}), ("partitions",))
    >>> fewest_cells(source, SplitOptions(limits={"partitions": 4}), groups, ["cell-1"])
    2
    """
    limits = cell_limits(source, options, groups, cells)
    totals = dict(zip(source.resources, group_loads(source, groups).sum(axis=0), strict=True))
    needed = [math.ceil(totals[name] / limits.amount[name].max() / _SLACK) for name in limits.given]
    clients = source.flows["client"].n_unique()
    crowd = math.ceil(clients / limits.clients) if 0 < limits.clients < math.inf else 1
    apart = max((len(set(names)) for names in options.apart), default=1)
    pins = len(set(options.pinned.values()))
    return max(1, crowd, apart, pins, *needed)


def check_fits(source: TopicsAndFlows, options: SplitOptions, groups: TopicGroups, limits: Limits) -> None:
    """Check that every group fits into a cell, and all of them into all cells.

    Raises
    ------
    GoalImpossibleError
        One does not; it says the smallest change that would let it.
    """
    load, count = group_loads(source, groups), len(limits.cells)
    for number, name in enumerate(source.resources):
        most, room, largest = (
            limits.amount[name].max(),
            limits.amount[name].sum(),
            int(load[:, number].argmax()),
        )
        if load[largest, number] > most * _SLACK:
            raise _too_large(source, groups, largest, name, load[largest, number], most)
        total = load[:, number].sum()
        if total > room * _SLACK:
            why = (
                f"all topics take {amount_of(total, name)}, but {count:,} cells hold at most {amount_of(room, name)}; "
                f"give {math.ceil(total / most):,} cells, or a limit of at least {enough(total / count, name)}"
            )
            raise GoalImpossibleError(name, why)
    _check_clients(source, limits)
    for names in options.apart:
        if len(set(names)) > count:
            why = f"{names_of(names)} cannot be apart in {counted(count, 'cell')}; give {len(set(names)):,} cells"
            raise GoalImpossibleError("apart", why)


def _too_large(
    source: TopicsAndFlows, groups: TopicGroups, group: int, name: str, takes: float, limit: float
) -> GoalImpossibleError:
    topics = source.topics["topic"].filter(pl.Series(groups.of_topic == group))
    alone = len(topics) == 1
    who = f"topic {topics[0]!r} takes" if alone else f"topics {names_of(topics)}, which stay together, take"
    why = (
        f"{who} {amount_of(takes, name)}, more than the {amount_of(limit, name)} that a cell may carry; raise the "
        f"limit, or the brokers of a cell, to at least {enough(takes, name)}, or "
        f"{'divide the topic' if alone else 'let them go to different cells'}"
    )
    return GoalImpossibleError(name, why)


def _check_clients(source: TopicsAndFlows, limits: Limits) -> None:
    if limits.clients == math.inf:
        return
    count = len(limits.cells)
    widest = source.flows.group_by("topic").agg(n=pl.col("client").n_unique()).sort("n", "topic")
    if len(widest) and widest["n"][-1] > limits.clients:
        topic, clients = widest["topic"][-1], widest["n"][-1]
        why = (
            f"topic {topic!r} alone is used by {clients:,} clients, more than the {limits.clients:,.0f} allowed; "
            f"allow at least {clients:,}"
        )
        raise GoalImpossibleError("max_clients", why)
    clients = source.flows["client"].n_unique()
    if clients > count * limits.clients:
        why = (
            f"{clients:,} clients do not fit into {count:,} cells of at most {limits.clients:,.0f}; give "
            f"{math.ceil(clients / limits.clients):,} cells, or allow at least {math.ceil(clients / count):,} clients"
        )
        raise GoalImpossibleError("max_clients", why)


def enough(value: float, name: str) -> str:
    """Write an amount rounded up, so that what is written would do.

    Examples
    --------
    >>> enough(2_501_000, "bytes_in_per_s")
    '2.51 MB/s bytes in'
    """
    unit = 10.0 ** (math.floor(math.log10(value)) - 2) if value > 0 else 1.0
    return amount_of(math.ceil(value / unit * (1 - 1e-12)) * unit, name)


def amount_of(value: float, name: str) -> str:
    """Write an amount with its unit.

    Examples
    --------
    >>> amount_of(2.5e6, "bytes_in_per_s"), amount_of(1200, "partitions"), amount_of(2e9, "size_bytes")
    ('2.50 MB/s bytes in', '1,200 partitions', '2 GB stored')
    """
    words = {"bytes_in_per_s": "bytes in", "bytes_out_per_s": "bytes out", "size_bytes": "stored"}
    if name.endswith("_per_s") and "bytes" in name:
        return f"{format_quantity(value, 'B/s')} {words.get(name, name)}"
    if name.endswith("_bytes"):
        return f"{format_quantity(value, 'B')} {words.get(name, name)}"
    shown = f"{math.ceil(value):,}" if value >= 100 else f"{value:,.4g}"
    return f"{shown} {name.replace('_', ' ')}"
