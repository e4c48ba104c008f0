"""Table of what is known of who uses what, and how."""

from __future__ import annotations

from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build, with_texts

_COLUMNS = (
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
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "kind": "group", "evidence": "measured", "flows": 38, "clients": 21,
    ...     "bytes_per_s": 1.7e6})
    >>> flow_evidence(rows).cells.row(0)
    ('c', 'consumer groups read', 'measured', 'committed offsets', '21', '38', '1.70 MB/s')
    """
    rows = to_polars(frame).sort("cluster", "kind", "evidence")
    note = "A declared flow can be wrong as easily as a measured one is missed: ask its owner before its cut-over."
    return build(
        with_texts(rows, ["who", "from"], _texts),
        _COLUMNS,
        function="flow_evidence",
        title="What rests on what",
        note=note,
    )


def _texts(row: dict[str, Any]) -> tuple[str, str]:
    kind = row["kind"]
    return _WHO.get(kind, kind), _FROM.get((kind, row["evidence"]), "what was declared")
