"""The default number of cells of a split: as many as the capture has target clusters, else four."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars

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
     ['Nothing says how many cells: 2 are planned, as many as the capture has target clusters.'])
    >>> with_cells({"cells": 3}, clusters=clusters)
    ({'cells': 3}, [])
    """
    if any(options.get(name) is not None for name in _SAYS_HOW_MANY):
        return dict(options), []
    targets = to_polars(clusters).filter(pl.col("role") == "target").height
    many = targets > 1
    count = targets if many else _CELLS
    why = "as many as the capture has target clusters" if many else "so that there is something to compare"
    note = f"Nothing says how many cells: {count:,} are planned, {why}."
    return {**options, "cells": count}, [note]
