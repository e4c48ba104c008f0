"""What more or fewer cells would bring: cost against blast radius."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError
from kafka_analysis.model.frames import Frame
from kafka_analysis.plan.split.plan import plan_split
from kafka_analysis.plan.split.summary import CURVE, SplitSummary


def split_curve(topics: Frame, flows: Frame, *, numbers: Sequence[int], **options: Any) -> pl.DataFrame:
    """Split into each of several numbers of cells and say what each costs and risks.

    Parameters
    ----------
    topics, flows, **options
        As for :func:`kafka_analysis.plan.split.plan_split`; ``cells``, ``max_clients``, ``max_client_share`` and what
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
