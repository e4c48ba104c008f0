"""Split each source of a capture: how many cells, the plan, what more or fewer would bring, or why there is none."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.common.outcome import NotRecordedError, Outcome, plan_each
from kafka_analysis.plan.common.topic_families import ONE_CELL, whole_families
from kafka_analysis.plan.split.options import SplitOptions
from kafka_analysis.plan.split.plan import SplitPlan, plan_split
from kafka_analysis.plan.split.summary import CURVE, SplitSummary

_NEEDED = ("bytes_in_per_s", "bytes_out_per_s", "size_bytes", "partitions")


_SAYS_HOW_MANY = ("cells", "limits", "profile", "max_clients", "max_client_share")
_CELLS = 4


def with_cells(options: Mapping[str, Any], *, clusters: Frame) -> tuple[dict[str, Any], list[str]]:
    """Return the options of a split with a number of cells where nothing asks for one, and the sentence that says so.

    Parameters
    ----------
    asked
        Options of :func:`kafka_analysis.plan.split.plan.plan_split`.
    clusters
        ``cluster``, ``role`` (source | target) of the capture.

    Returns
    -------
    options, notes
        As many cells as there are target clusters, where there are several, else 4; no notes where cells, limits, a
        profile, ``max_clients`` or ``max_client_share`` are given.

    Examples
    --------
    >>> clusters = pl.DataFrame({"cluster": ["m", "a", "b"], "role": ["source", "target", "target"]})
    >>> with_cells({"cells": None, "seed": 0}, clusters=clusters)
    ({'cells': 2, 'seed': 0},
     ['The number of cells is not given: 2 are planned, as many as the capture has target clusters.'])
    >>> with_cells({"cells": 3}, clusters=clusters)
    ({'cells': 3}, [])
    """
    if any(options.get(name) is not None for name in _SAYS_HOW_MANY):
        return dict(options), []
    targets = to_polars(clusters).filter(pl.col("role") == "target").height
    many = targets > 1
    count = targets if many else _CELLS
    why = "as many as the capture has target clusters" if many else "so that there is something to compare"
    note = f"The number of cells is not given: {count:,} are planned, {why}."
    return {**options, "cells": count}, [note]


def split_curve(topics: Frame, flows: Frame, *, numbers: Sequence[int], **options: Any) -> pl.DataFrame:
    """Split into each of several numbers of cells and say what each costs and risks.

    Parameters
    ----------
    topics, flows, **options
        As for :func:`kafka_analysis.plan.plan_split`; ``cells``, ``max_clients``, ``max_client_share`` and what
        names cells are not looked at, so that the curve shows what they would ask for.
    numbers
        Of cells.

    Returns
    -------
    polars.DataFrame
        A row per number, in rising order; ``impossible`` says why there is no split, null where there is one.

    Examples
    --------
    >>> topics = pl.DataFrame({"topic": ["a", "b"], "bytes_in_per_s": 1e6})
    >>> flows = pl.DataFrame({"client": ["x", "y"], "topic": ["a", "b"], "bytes_per_s": 1e6})
    >>> split_curve(topics, flows, numbers=[1, 2]).select("cells", "worst_client_share").rows()
    [(1, 1.0), (2, 0.5)]
    """
    free = ("cells", "max_clients", "max_client_share", "pinned", "previous", "max_moved_share")
    kept = {name: value for name, value in options.items() if name not in free}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = list(pool.map(lambda count: _row(topics, flows, count, kept), sorted(set(numbers))))
    return pl.DataFrame(rows, schema=CURVE)


def _row(topics: Frame, flows: Frame, count: int, options: dict[str, Any]) -> dict[str, object]:
    try:
        return curve_row(plan_split(topics, flows, cells=count, **options).summary) | {"cells": count}
    except GoalImpossibleError as error:
        return {"cells": count, "impossible": str(error)}


def curve_row(summary: SplitSummary) -> dict[str, object]:
    """Return what a split costs and risks, as a row of the curve.

    Examples
    --------
    >>> topics = pl.DataFrame({"topic": ["a", "b"], "bytes_in_per_s": 1e6})
    >>> flows = pl.DataFrame({"client": ["x", "y"], "topic": ["a", "b"], "bytes_per_s": 1e6})
    >>> curve_row(plan_split(topics, flows, cells=2).summary)["worst_client_share"]
    0.5
    """
    return {name: getattr(summary, name) for name in CURVE if name != "impossible"} | {"impossible": None}


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
        As for :func:`kafka_analysis.plan.plan_split`.

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
            raise NotRecordedError(
                "none of its clients is known; record its consumer groups, or declare flows"
            )
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
