"""Table of the clients that use more than one cell."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("client", "Client"),
    Column("kind", "Kind"),
    Column("home_cell", "Home", whole=True),
    Column("others", "Also uses"),
    Column("bytes_per_s", "Bytes in all", "B/s"),
    Column("cross_cell_bytes_per_s", "With other cells", "B/s"),
)


def spread_clients(frame: Any, *, top_n: int = 15) -> Table:
    """List the clients that use several cells, those of most cells first, then those with most bytes away from home.

    Parameters
    ----------
    frame
        ``clients`` of ``plan.split_frames``.
    top_n
        How many at most.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "client": ["x", "y"], "kind": "group", "cells": [["a"], ["a", "b"]],
    ...     "home_cell": "a", "extra_cells": [0, 1], "bytes_per_s": [5.0, 4.0], "cross_cell_bytes_per_s": [0.0, 1.0]})
    >>> spread_clients(rows).cells.row(0)
    ('c', 'y', 'group', 'a', 'b', '4 B/s', '1 B/s')
    """
    rows = to_polars(frame).filter(pl.col("extra_cells") > 0)
    order = rows.sort(
        "extra_cells", "cross_cell_bytes_per_s", "cluster", "client",
        descending=[True, True, False, False], nulls_last=True,
    )  # fmt: skip
    others = pl.col("cells").list.set_difference(pl.concat_list("home_cell")).list.sort()
    note = f"{len(rows):,} in all. Home: the cell where most of a client's bytes are."
    return build(
        order.head(top_n).with_columns(others=others),
        _COLUMNS,
        function="spread_clients",
        title="Clients of several cells",
        note=note,
    )
