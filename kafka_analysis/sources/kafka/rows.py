"""Make tables of the capture of what a cluster answers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import polars as pl

from kafka_analysis.model.clock import now
from kafka_analysis.model.tables import empty_table

Row = dict[str, Any]


def table(name: str, cluster: str, rows: Iterable[Row], *, ts: datetime | None = None) -> pl.DataFrame:
    """Return rows as a table of the contract, with the snapshot's time and cluster.

    Examples
    --------
    >>> table("users", "c", [{"user": "ann", "mechanism": "SCRAM-SHA-512"}]).select("cluster", "user").rows()
    [('c', 'ann')]
    """
    schema = empty_table(name).schema
    stamp = ts or now()
    return pl.DataFrame([{"ts": stamp, "cluster": cluster, **row} for row in rows], schema=schema)
