"""Table of what the loss of each cell takes along."""

from __future__ import annotations

from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_WHAT = {
    "clients": "Clients",
    "producers": "Producers",
    "groups": "Groups",
    "bytes_in_per_s": "Bytes in",
    "bytes_out_per_s": "Bytes out",
}


def cell_blast(frame: Any) -> Table:
    """List for each cell which share of clients and bytes loses service with it, largest first.

    Parameters
    ----------
    frame
        Result of ``stats.cell_blast``: ``cell``, ``what``, ``share``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cell": ["a", "b"], "what": "clients", "share": [0.25, 0.8]})
    >>> cell_blast(rows).cells.rows()
    [('b', '80 %'), ('a', '25 %')]
    """
    rows = to_polars(frame)
    names = [name for name in _WHAT if name in set(rows["what"])]
    wide = rows.pivot("what", index="cell", values="share") if len(rows) else rows.select("cell")
    first = [name for name in names if name in wide.columns][:1]
    keys = [*first, "cell"]
    ordered = wide.sort(keys, descending=[name != "cell" for name in keys], nulls_last=True)
    columns = (Column("cell", "Cell"), *(Column(name, _WHAT[name], "%") for name in names))
    note = "Shares of all. A client of several cells counts in each. Before the split, one outage takes all: 100 %."
    return build(
        ordered, columns, function="cell_blast", title="What the loss of one cell takes along", note=note
    )
