"""What a split says in words: why none was found, and what was taken for granted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError
from kafka_analysis.plan.split.cell_limits import Limits, amount_of, enough
from kafka_analysis.plan.split.options import SplitOptions
from kafka_analysis.plan.split.summary import loads_of
from kafka_analysis.plan.split.topic_groups import TopicGroups
from kafka_analysis.plan.split.topics_and_flows import TopicsAndFlows

_SLACK = 1 + 1e-9


def not_found(source: TopicsAndFlows, cells: pl.DataFrame, limits: Limits) -> GoalImpossibleError:
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
            f"{amount_of(takes, name)} where {amount_of(limit, name)} are allowed; allow {needed}, {more}"
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
    why = f"no split into {count:,} cells was found that keeps all topics apart; take one pair out, {more}"
    return GoalImpossibleError("apart", why)


def notes(
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
        yield f"{moved:,} topics of the plan before move, more than asked for: limits could not be kept otherwise."
