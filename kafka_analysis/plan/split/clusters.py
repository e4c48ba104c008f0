"""Split each source of a capture: the plan, what more or fewer cells would bring, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.common.outcome import NotRecordedError, Outcome, plan_each
from kafka_analysis.plan.common.topic_families import ONE_CELL, whole_families
from kafka_analysis.plan.split.curve import curve_row, split_curve
from kafka_analysis.plan.split.options import SplitOptions
from kafka_analysis.plan.split.plan import SplitPlan, plan_split
from kafka_analysis.plan.split.summary import CURVE

_NEEDED = ("bytes_in_per_s", "bytes_out_per_s", "size_bytes", "partitions")


def plan_source_splits(
    topics: Frame,
    flows: Frame,
    *,
    families: Frame | None = None,
    peak_ratios: Mapping[str, float] | None = None,
    curve: Sequence[int] = (),
    together: Sequence[Sequence[str]] = (),
    **options: Any,
) -> list[Outcome[SplitPlan]]:
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
    list of Outcome
        The :class:`~kafka_analysis.plan.split.plan.SplitPlan` of each cluster of ``topics``, or why there is none.

    Raises
    ------
    InputError
        An option is wrong.

    Examples
    --------
    >>> topics = pl.DataFrame({"cluster": "c", "topic": ["a", "b"], "bytes_in_per_s": 1e6, "bytes_out_per_s": 1e6,
    ...     "size_bytes": 9e9, "partitions": 9})
    >>> flows = pl.DataFrame({"cluster": "c", "client": ["x", "y"], "topic": ["a", "b"], "bytes_per_s": 1e6})
    >>> (outcome,) = plan_source_splits(topics, flows, cells=2)
    >>> outcome.plan.summary.cells, outcome.plan.summary.brokers
    (2, 6)
    """
    SplitOptions(
        together=together, **{**options, "previous": None}
    )  # checked even where nothing can be planned
    rows, ratios = to_polars(topics), peak_ratios or {}

    def plan_one(
        cluster: str, *, topics: pl.DataFrame, flows: pl.DataFrame, families: pl.DataFrame | None
    ) -> SplitPlan:
        measured = topics.drop_nulls(list(_NEEDED))
        if measured.is_empty():
            raise NotRecordedError(
                "load and size of its topics were not captured; record metrics and bootstrap_servers"
            )
        used = flows.join(measured, on="topic", how="semi")
        if used.is_empty():
            raise NotRecordedError("no client of it is known; record its consumer groups, or declare flows")
        whole = [] if families is None else whole_families(families, measured, kinds=ONE_CELL)
        chosen = {**options, "peak_ratio": ratios.get(cluster, 1.0), "together": (*together, *whole)}
        plan = plan_split(measured, used, **chosen)
        return replace(
            plan,
            curve=_curve(plan, measured, used, curve, chosen) if curve else plan.curve,
            left_out=tuple(topics.join(measured, on="topic", how="anti")["topic"].sort()),
        )

    sources = rows["cluster"].unique(maintain_order=True)
    return plan_each(sources, plan_one, topics=rows, flows=flows, families=families)


def _curve(
    plan: SplitPlan,
    topics: pl.DataFrame,
    flows: pl.DataFrame,
    numbers: Sequence[int],
    options: Mapping[str, Any],
) -> pl.DataFrame:
    """Compare with other numbers of cells, none above that of topics; the plan itself is among them."""
    others = {number for number in numbers if number <= len(topics)} - {plan.summary.cells}
    rows = split_curve(topics, flows, numbers=sorted(others), **options)
    return pl.concat([rows, pl.DataFrame([curve_row(plan.summary)], schema=CURVE)]).sort("cells")
