"""Table of what is known of who uses what, and how."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("cluster", "Cluster"),
    Column("who", "Who"),
    Column("evidence", "Evidence"),
    Column("from", "Known from"),
    Column("clients", "Clients", ""),
    Column("flows", "Flows", ""),
    Column("bytes_per_s", "Bytes", "B/s"),
)
_WHO = {"producer": "producers write", "group": "consumer groups read"}
_FROM = {
    ("group", "measured"): "committed offsets",
    ("producer", "measured"): "client metrics",
    ("producer", "estimated"): "bytes of a topic, shared among its producers",
}


def flow_evidence(frame: Any) -> Table:
    """List how many flows of producers and of groups are measured, estimated or declared.

    Parameters
    ----------
    frame
        ``evidence`` of ``plan.split_frames``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "kind": "group", "evidence": "measured", "flows": 38, "clients": 21,
    ...     "bytes_per_s": 1.7e6})
    >>> flow_evidence(rows).cells.row(0)
    ('c', 'consumer groups read', 'measured', 'committed offsets', '21', '38', '1.70 MB/s')
    """
    rows = to_polars(frame).sort("cluster", "kind", "evidence")
    pairs = rows.select("kind", "evidence").rows()
    told = {
        "who": [_WHO.get(kind, kind) for kind, _ in pairs],
        "from": [_FROM.get(pair, "what was declared") for pair in pairs],
    }
    return build(
        rows.with_columns(pl.Series(name, texts, pl.String) for name, texts in told.items()),
        _COLUMNS,
        function="flow_evidence",
        title="What rests on what",
        note="A declared flow can be wrong as easily as a measured one is missed: ask its owner before its cut-over.",
    )
