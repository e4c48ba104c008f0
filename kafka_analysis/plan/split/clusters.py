"""Split each source of a capture: the plan, what more or fewer cells would bring, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError, InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.common.topic_families import ONE_CELL, whole_families
from kafka_analysis.plan.split.curve import CURVE, curve_row, split_curve
from kafka_analysis.plan.split.plan import SplitPlan, plan_split

_NEEDED = ("bytes_in_per_s", "bytes_out_per_s", "size_bytes", "partitions")


@dataclass(frozen=True)
class SourceSplit:
    """The split of one source; None where ``unknown`` or ``impossible`` says why.

    ``topics``, ``flows``: what it was planned from; ``curve``: other numbers of cells; ``options``: what was asked;
    ``left_out``: topics whose load is not known, which are in no cell.
    """

    cluster: str
    topics: pl.DataFrame
    flows: pl.DataFrame
    plan: SplitPlan | None = None
    curve: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CURVE))
    unknown: str = ""
    impossible: str = ""
    left_out: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


def plan_source_splits(
    topics: Frame,
    flows: Frame,
    *,
    families: Frame | None = None,
    peak_ratios: Mapping[str, float] | None = None,
    curve: Sequence[int] = (),
    together: Sequence[Sequence[str]] = (),
    **options: Any,
) -> list[SourceSplit]:
    """Split each source among cells, or say why not.

    Parameters
    ----------
    topics
        Result of ``stats.topic_totals``.
    flows
        Result of ``stats.client_flows``.
    families
        Result of ``stats.internal_families``: topics that stay together.
    peak_ratios
        Peak ÷ mean of the traffic, by cluster; those not named: 1.
    curve
        Numbers of cells to compare with, those above the number of topics left out; none: no comparison.
    together, **options
        As for :func:`kafka_analysis.plan.split.plan_split`.

    Returns
    -------
    list of SourceSplit
        One for each cluster of ``topics``.

    Raises
    ------
    InputError
        An option is wrong.

    Examples
    --------
    >>> topics = pl.DataFrame({"cluster": "c", "topic": ["a", "b"], "bytes_in_per_s": 1e6, "bytes_out_per_s": 1e6,
    ...     "size_bytes": 9e9, "partitions": 9})
    >>> flows = pl.DataFrame({"cluster": "c", "client": ["x", "y"], "topic": ["a", "b"], "bytes_per_s": 1e6})
    >>> (found,) = plan_source_splits(topics, flows, cells=2)
    >>> found.plan.summary.cells, found.plan.summary.brokers
    (2, 6)
    """
    rows, used = to_polars(topics), to_polars(flows)
    tied = None if families is None else to_polars(families)
    found = []
    for cluster in rows["cluster"].unique(maintain_order=True):
        own = rows.filter(cluster=cluster).drop("cluster")
        known = own.drop_nulls(list(_NEEDED))
        hers = used.filter(cluster=cluster).drop("cluster").join(known, on="topic", how="semi")
        whole = [] if tied is None else whole_families(tied.filter(cluster=cluster), known, kinds=ONE_CELL)
        asked = {
            **options,
            "peak_ratio": (peak_ratios or {}).get(cluster, 1.0),
            "together": (*together, *whole),
        }
        left_out = tuple(own.join(known, on="topic", how="anti")["topic"].sort())
        base = SourceSplit(cluster, known, hers, left_out=left_out, options=asked)
        found.append(_planned(base, curve))
    return found


def _planned(base: SourceSplit, curve: Sequence[int]) -> SourceSplit:
    if base.topics.is_empty():
        why = "load and size of its topics were not captured; record metrics and bootstrap_servers"
        return replace(base, unknown=why)
    if base.flows.is_empty():
        why = "no client of it is known; record its consumer groups, or declare flows"
        return replace(base, unknown=why)
    try:
        plan = plan_split(base.topics, base.flows, **base.options)
    except GoalImpossibleError as error:
        return replace(base, impossible=str(error))
    except InputError as error:
        if "no topic has any traffic" not in str(error):
            raise
        return replace(base, unknown="no topic of it had any traffic in the window; choose another window")
    return replace(base, plan=plan, curve=_curve(base, plan, curve) if curve else base.curve)


def _curve(base: SourceSplit, plan: SplitPlan, numbers: Sequence[int]) -> pl.DataFrame:
    """Compare with other numbers of cells, none above that of topics; the plan itself is among them."""
    others = {number for number in numbers if number <= len(base.topics)} - {plan.summary.cells}
    found = split_curve(base.topics, base.flows, numbers=sorted(others), **base.options)
    own = pl.DataFrame([curve_row(plan.summary)], schema=CURVE)
    return pl.concat([found, own]).sort("cells")
