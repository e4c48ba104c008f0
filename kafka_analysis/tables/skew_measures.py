"""Table of the measures of skew."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.tables.base import Column, Table, build, to_polars

_WORDS = {
    "size_bytes": "bytes stored",
    "bytes_in_per_s": "bytes in",
    "bytes_out_per_s": "bytes out",
    "messages_in_per_s": "messages in",
    "leaders": "leaders",
    "replicas": "replicas",
}
_COLUMNS = (
    Column("cluster", "Cluster"),
    Column("resource", "What"),
    Column("max_over_mean", "Max ÷ mean", ""),
    Column("cv", "CV", ""),
    Column("gini", "Gini", ""),
    Column("top_share", "Top share", "%"),
    Column("top", "Fullest"),
)


def skew_measures(frame: Any) -> Table:
    """List how unevenly each resource lies on the brokers.

    Parameters
    ----------
    frame
        Result of ``stats.measure_skew``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "resource": ["leaders"], "max_over_mean": [1.5], "top": ["3"]})
    >>> "1.50" in skew_measures(rows).html()
    True
    """
    words = pl.col("resource").replace(_WORDS)
    note = "Even: max ÷ mean 1, CV 0, Gini 0, top share 1 ÷ number of brokers. What no broker carries is left out."
    rows = to_polars(frame)
    loaded = rows.filter(pl.col("max_over_mean").is_not_null()).with_columns(words)
    return build(loaded, _COLUMNS, function="skew_measures", title="Skew over the brokers", note=note)
