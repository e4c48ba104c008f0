"""Plan which topic goes into which cell: clients in as few cells as possible, no cell above its limits."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError
from kafka_analysis.model.frames import Frame
from kafka_analysis.plan.common.checks import with_columns_needed
from kafka_analysis.plan.split.alternatives import alternatives
from kafka_analysis.plan.split.cell_limits import (
    Limits,
    amount_of,
    cell_limits,
    check_fits,
    enough,
    fewest_cells,
)
from kafka_analysis.plan.split.options import SplitOptions
from kafka_analysis.plan.split.reasons import reasons
from kafka_analysis.plan.split.search import build_model, search
from kafka_analysis.plan.split.sizes import cell_sizes
from kafka_analysis.plan.split.summary import CURVE, SplitSummary, clients_of, loads_of, summarise
from kafka_analysis.plan.split.topic_groups import TopicGroups, find_topic_groups
from kafka_analysis.plan.split.topics_and_flows import TopicsAndFlows, check_topics_and_flows

_BROKEN, _SLACK = 1e-9, 1 + 1e-9
_COMPARED, _TRIED = 2, 5  # numbers of cells of which the cheapest is taken, and that are tried to find them
_GROWTH, _NEAR = 1.5, 0.05  # how fast the number grows until it will do, and how near the least it must come


@dataclass(frozen=True)
class SplitPlan:
    """Which topic is in which cell, and what follows.

    ``cells``: ``topic``, ``cell``. ``clients``: ``client``, ``kind``, ``cells`` it touches, ``home_cell``,
    ``extra_cells``, ``bytes_per_s``, ``cross_cell_bytes_per_s``. ``summary``: the figures. ``reasons``: why each topic
    is where it is. ``alternatives``: what else one could do. ``evidence``: what flows rest on. ``topics``, ``flows``,
    ``options``: what it was planned from. ``notes``: assumptions, a sentence each. ``curve``: other numbers of cells;
    ``left_out``: topics whose load is not known, which are in no cell; both of
    :func:`kafka_analysis.plan.split.clusters.plan_source_splits`.
    """

    cells: pl.DataFrame
    clients: pl.DataFrame
    summary: SplitSummary
    reasons: pl.DataFrame
    alternatives: pl.DataFrame
    evidence: pl.DataFrame
    topics: pl.DataFrame
    flows: pl.DataFrame
    options: SplitOptions
    notes: tuple[str, ...] = ()
    curve: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CURVE))
    left_out: tuple[str, ...] = ()


def plan_split(
    topics: Frame,
    flows: Frame,
    *,
    previous: SplitPlan | Frame | Mapping[str, str] | None = None,
    **options: Any,
) -> SplitPlan:
    """Divide the topics of a cluster among cells.

    Hard: limits, together, apart, pinned, max_clients. Of the splits that keep them, the one searched for has few
    clients in several cells, few bytes between cells, and a worst cell that few clients touch, weighed by ``weights``.

    Parameters
    ----------
    topics
        ``topic`` and ``bytes_in_per_s``, ``bytes_out_per_s`` (B/s), ``size_bytes`` (B, all replicas), ``partitions``
        (replicas included, as Amazon MSK counts them), where known; ``team``, for the comparison.
    flows
        ``client``, ``topic`` and, where known, ``kind`` (producer, group), ``bytes_per_s``, ``evidence``. A client that
        writes and reads under one name is one client.
    **options
        Those that follow; types and defaults are those of
        :class:`kafka_analysis.plan.split.options.SplitOptions`.

    Other Parameters
    ----------------
    cells
        How many, or their names. None: the cheapest number in which everything fits, of about the fewest and one
        more.
    limits
        The most of a column of ``topics`` that a cell may carry, a number or one by cell. Neither limits nor profile:
        1.15 × the even share of each resource, or the largest topic where that is more.
    profile, max_brokers
        Broker type of the cells (one, or by cell), such as ``express.m7g.4xlarge``, and how many a cell may have at
        most (None: MSK's quota): what they carry limits the cell. Without a profile each cell is priced with the
        cheapest.
    peak_ratio
        Peak ÷ mean of the traffic, when ``topics`` are means: brokers are sized for the peak.
    together, apart
        Topics that must share a cell; topics of which no two may.
    pinned
        Topic → cell.
    max_clients, max_client_share
        Clients that may touch a cell, as a number and as a share of all: the blast radius accepted.
    weights
        See :class:`SplitWeights`.
    previous
        The plan before (or ``topic``, ``cell`` of it): its cells keep their names, and at most ``max_moved_share`` of
        its topics move, and only where that saves more than three clients in an extra cell each. Limits come first:
        where they cannot be kept so, more move, and ``notes`` says so.
    seed
        The same seed and input give the same plan.

    Returns
    -------
    SplitPlan

    Raises
    ------
    GoalImpossibleError
        Limits cannot be kept; the message says the smallest change found that would let them.
    InputError
        Topics, flows or options are wrong or contradict each other.

    Examples
    --------
    >>> topics = pl.DataFrame({"topic": ["a", "b", "c", "d"], "bytes_in_per_s": [1e6, 1e6, 1e6, 1e6]})
    >>> flows = pl.DataFrame({"client": ["x", "x", "y", "y"], "topic": ["a", "c", "b", "d"], "bytes_per_s": 1e6})
    >>> plan = plan_split(topics, flows, cells=2, limits={"bytes_in_per_s": 2e6})
    >>> plan.summary.clients_in_extra_cells, plan.summary.worst_client_share
    (0, 0.5)
    """
    before = previous.cells if isinstance(previous, SplitPlan) else previous
    chosen = SplitOptions(previous=_cells_before(before), **options)
    source = check_topics_and_flows(topics, flows, limited=tuple(chosen.limits or ()))
    if chosen.cells is None:
        return _cheapest(source, chosen)
    count = chosen.cells if isinstance(chosen.cells, int) else len(chosen.cells)
    return _planned(source, chosen, count)[1]


def _cells_before(previous: Frame | Mapping[str, str] | None) -> dict[str, str] | None:
    if previous is None or isinstance(previous, Mapping):
        return None if previous is None else dict(previous)
    frame = with_columns_needed(previous, "the previous plan", ["topic", "cell"])
    return dict(frame.select("topic", "cell").iter_rows())


def _cheapest(source: TopicsAndFlows, options: SplitOptions) -> SplitPlan:
    """Plan with as few cells as will do, and with one more; return what weighs least, dollars included."""
    plans: list[tuple[float, SplitPlan]] = []
    least = _fewest(source, options)
    for count in range(least, least + _TRIED):
        try:
            plans.append(_planned(source, options, count))
        except GoalImpossibleError:
            if not plans and (count == least + _TRIED - 1 or count >= len(source.topics)):
                raise
        if plans and (len(plans) == _COMPARED or plans[0][1].summary.monthly_usd is None):
            break
    dollars = [plan.summary.monthly_usd for _, plan in plans]
    if None in dollars or not min(dollars):
        return plans[0][1]
    weigh = options.weights.cost / min(dollars)
    return min(plans, key=lambda plan: plan[0] + weigh * plan[1].summary.monthly_usd)[1]


def _fewest(source: TopicsAndFlows, options: SplitOptions) -> int:
    """Find about the fewest cells in which limits can be kept, by quick searches: in growing steps, then halving."""
    names = options.names(1)
    groups = find_topic_groups(source.topics["topic"], options, names)
    low = max(fewest_cells(source, options, groups, names), len(names)) - 1
    step, high = 1, low + 1
    while high < len(source.topics) and not _can_be(source, options, high):
        low, step = high, math.ceil(_GROWTH * step)
        high += step
    while high - low > max(1, math.floor(_NEAR * high)):
        middle = (low + high) // 2
        low, high = (low, middle) if _can_be(source, options, middle) else (middle, high)
    return min(high, len(source.topics))


def _can_be(source: TopicsAndFlows, options: SplitOptions, count: int) -> bool:
    names = options.names(count)
    groups = find_topic_groups(source.topics["topic"], options, names)
    limits = cell_limits(source, options, groups, names)
    try:
        check_fits(source, options, groups, limits)
    except GoalImpossibleError:
        if len(names) >= fewest_cells(source, options, groups, names):
            raise  # no number of cells would do
        return False
    return search(build_model(source, options, groups, limits), options, quick=True).broken <= _BROKEN


def _planned(source: TopicsAndFlows, options: SplitOptions, count: int) -> tuple[float, SplitPlan]:
    """Plan for so many cells; return what the plan weighs, and the plan."""
    names = options.names(count)
    groups = find_topic_groups(source.topics["topic"], options, names)
    limits = cell_limits(source, options, groups, names)
    check_fits(source, options, groups, limits)
    model = build_model(source, options, groups, limits)
    result = search(model, options)
    used, compact = np.unique(result.cell, return_inverse=True)
    if options.cells is None and len(used) < len(names) and not (options.pinned or options.previous):
        result, names = replace(result, cell=compact), options.names(len(used))
        limits = cell_limits(source, options, groups, names)
        model = build_model(source, options, groups, limits)
    where = pl.Series([names[k] for k in result.cell[groups.of_topic]], dtype=pl.String)
    cells = source.topics.select("topic", cell=where)
    if result.broken > _BROKEN:
        raise _not_found(source, cells, limits)
    sizes = cell_sizes(loads_of(source, cells), profile=options.profile, peak_ratio=options.peak_ratio)
    plan = SplitPlan(
        cells=cells,
        clients=clients_of(source, cells),
        summary=summarise(source, cells, limits, sizes=sizes, previous=options.previous),
        reasons=reasons(source, model, groups, result.cell, names),
        alternatives=alternatives(source, cells, groups, limits, seed=options.seed),
        evidence=_evidence(source),
        topics=source.topics,
        flows=source.flows,
        options=options,
        notes=tuple(_notes(source, options, limits, groups, result.cell)),
    )
    return result.cost, plan


def _evidence(source: TopicsAndFlows) -> pl.DataFrame:
    keys = ["kind", "evidence"]
    counts = source.flows.group_by(keys).agg(
        flows=pl.len().cast(pl.Int64),
        clients=pl.col("client").n_unique().cast(pl.Int64),
        bytes_per_s=pl.when(pl.col("bytes_per_s").is_not_null().any()).then(pl.col("bytes_per_s").sum()),
    )
    return counts.sort(keys)


def _not_found(source: TopicsAndFlows, cells: pl.DataFrame, limits: Limits) -> GoalImpossibleError:
    """Say which limit the nearest split breaks, and what would let it be kept."""
    count, loads = len(limits.cells), loads_of(source, cells)
    more = f"or try {count + 1:,} cells"
    over = [
        (row[name] / limit[row["cell"]], name, row[name], limit[row["cell"]])
        for name in source.resources
        for limit in (limits.of(name),)
        for row in loads.iter_rows(named=True)
        if row[name] > limit[row["cell"]] * _SLACK
    ]
    if over:
        _, name, takes, limit = max(over)
        worst = {
            resource: max(amount for _, which, amount, _ in over if which == resource)
            for resource in sorted({row[1] for row in over})
        }
        needed = ", ".join(enough(value, resource) for resource, value in worst.items())
        why = (
            f"no split into {count:,} cells was found that keeps every limit; the nearest has a cell with "
            f"{amount_of(takes, name)}, more than {amount_of(limit, name)}; allow {needed}, {more}"
        )
        return GoalImpossibleError(name, why)
    touching = source.flows.join(cells, on="topic").group_by("cell").agg(pl.col("client").n_unique())
    crowd, all_touched = touching["client"].max() or 0, touching["client"].sum()
    if crowd > limits.clients:
        why = (
            f"no split into {count:,} cells was found with at most {limits.clients:,.0f} clients in each; the nearest "
            f"has {crowd:,}; allow that many, or try {max(count + 1, -(-all_touched // int(limits.clients))):,} cells"
        )
        return GoalImpossibleError("max_clients", why)
    why = f"no split into {count:,} cells was found that separates all topics of apart; remove a pair, {more}"
    return GoalImpossibleError("apart", why)


def _notes(
    source: TopicsAndFlows, options: SplitOptions, limits: Limits, groups: TopicGroups, cell: np.ndarray
) -> Iterator[str]:
    """Yield what was taken for granted, a sentence each; ``cell``: of each group."""
    if not limits.given:
        yield (
            "No limits were given: a cell may carry 1.15 times its even share of each resource, or the largest topic "
            "where that is more."
        )
    elif free := [name for name in source.resources if name not in limits.given]:
        yield f"Not limited: {', '.join(free)}."
    alone = source.topics.join(source.flows, on="topic", how="anti")
    if len(alone):
        yield f"{len(alone):,} of {len(source.topics):,} topics have no known client: they go where there is room."
    unknown = source.flows["bytes_per_s"].null_count()
    if unknown:
        yield f"The bytes of {unknown:,} of {len(source.flows):,} flows are unknown: they count for co-location only."
    before = groups.home[groups.of_topic]
    moved = int(((before >= 0) & (cell[groups.of_topic] != before)).sum())
    if moved > options.max_moved_share * max(int((before >= 0).sum()), 1):
        yield f"{moved:,} topics of the previous plan move, more than allowed: limits could not be kept otherwise."
