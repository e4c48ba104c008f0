"""Table of what else one could do in place of a split."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("alternative", "Cells made"),
    Column("clients_in_extra_cells", "Clients in extra cells", ""),
    Column("cross_cell_share", "Bytes that cross cells", "%"),
    Column("worst_client_share", "Worst cell reaches, of clients", "%"),
    Column("worst_byte_share", "Of bytes", "%"),
    Column("fullest", "Fullest of its limit", "%"),
    Column("keeps_limits", "Keeps limits"),
)


def split_alternatives(frame: Any) -> Table:
    """List the plan beside cells by team, by size alone and at random, as many of them.

    Parameters
    ----------
    frame
        ``alternatives`` of ``plan.split_frames``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "alternative": "by team", "clients_in_extra_cells": 7,
    ...     "cross_cell_share": 0.1, "worst_client_share": 0.5, "worst_byte_share": 0.6, "fullest": 1.2,
    ...     "keeps_limits": False})
    >>> split_alternatives(rows).cells.row(0)
    ('c', 'by team', '7', '10 %', '50 %', '60 %', '120 %', 'no')
    """
    shown = to_polars(frame).with_columns(pl.col("keeps_limits").cast(pl.Boolean))
    note = (
        "In each, topics that must stay together do. By team: each team whole. By size only: clients are not "
        "looked at. Above 100 % of a limit, the cells would be too full."
    )
    return build(shown, _COLUMNS, function="split_alternatives", title="What else one could do", note=note)
