"""Table of the metrics a capture holds."""

from __future__ import annotations

from typing import Any

from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("metric", "Metric"),
    Column("kind", "Kind"),
    Column("clusters", "Clusters", ""),
    Column("series", "Series", ""),
    Column("samples", "Samples", ""),
)


def metrics_seen(frame: Any) -> Table:
    """List the canonical metrics with the number of their series and samples.

    Parameters
    ----------
    frame
        Result of a capture's ``metrics()``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"metric": ["bytes_in_total"], "kind": ["counter"], "samples": [12345]})
    >>> "12,345" in metrics_seen(rows).html()
    True
    """
    return build(frame, _COLUMNS, function="metrics_seen", title="Metrics in this capture")
