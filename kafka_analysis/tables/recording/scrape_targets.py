"""Table of the targets asked while recording."""

from __future__ import annotations

from typing import Any

from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("target", "Target"),
    Column("dialect", "Dialect", missing=""),
    Column("attempts", "Asked", ""),
    Column("ok", "Answered", ""),
    Column("gaps", "Gaps", ""),
    Column("samples_stored", "Samples", "", missing=""),
    Column("rejected", "Rejected lines", "", missing=""),
)


def scrape_targets(frame: Any) -> Table:
    """List the targets with how often each answered.

    Parameters
    ----------
    frame
        A capture's ``targets``.

    Examples
    --------
    >>> import polars as pl
    >>> "jmx of broker 1" in scrape_targets(pl.DataFrame({"target": ["jmx of broker 1"], "ok": [4]})).html()
    True
    """
    return build(frame, _COLUMNS, function="scrape_targets", title="Targets asked")
