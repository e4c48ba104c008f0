"""Table of the options that do not fit, and which quota forbids each."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build, whole_dollars

_COLUMNS = (
    Column("broker_type", "Broker type"),
    Column("why", "Why not"),
    Column("clusters_by_quota", "Clusters it would take", "", missing="–"),
    Column("accounts_by_quota", "Accounts", "", missing="–"),
    Column("usd", "USD a month", ""),
)


def sizing_shortfalls(frame: Any) -> Table:
    """List the options that quotas forbid, or of which too little is published.

    Parameters
    ----------
    frame
        ``shortfalls`` of ``plan.sizing_frames``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "broker_type": "t", "shortfall": "63 brokers, the quota is 60",
    ...     "clusters_by_quota": 2, "accounts_by_quota": 1, "monthly_usd": 5000.4})
    >>> sizing_shortfalls(rows).cells.row(0)
    ('c', 't', '63 brokers, the quota is 60', '2', '1', '5,000')
    """
    rows = to_polars(frame)
    note = "By S2. Clusters and accounts: into how many the quotas of brokers force it; other quotas may still bind."
    shown = rows.with_columns(whole_dollars("monthly_usd"), why=pl.col("shortfall"))
    return build(shown, _COLUMNS, function="sizing_shortfalls", title="What does not fit", note=note)
