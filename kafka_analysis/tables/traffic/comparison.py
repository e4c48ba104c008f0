"""Table of two windows side by side."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import UNKNOWN, format_quantity
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("what", "Business traffic"),
    Column("before", "Before"),
    Column("after", "After"),
    Column("change", "Change"),
)


def comparison(frame: Any) -> Table:
    """Show business traffic before and after, and its change.

    Parameters
    ----------
    frame
        ``flow``, ``before``, ``after`` (per second), ``change``: result of ``stats.compare_windows``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"flow": ["bytes_in_per_s"], "before": [1e6], "after": [1.1e6], "change": [0.1]})
    >>> "+10.0 %" in comparison(rows).html()
    True
    """
    rows = [_row(row) for row in to_polars(frame).iter_rows(named=True)]
    schema = dict.fromkeys(("what", "before", "after", "change"), pl.String)
    note = "All clusters together, the replicator's copies left out. Change: after ÷ before − 1."
    return build(
        pl.DataFrame(rows, schema=schema),
        _COLUMNS,
        function="comparison",
        title="Before and after",
        note=note,
    )


def _row(row: dict[str, Any]) -> dict[str, str]:
    words, unit = RESOURCES[row["flow"]]
    change = UNKNOWN if row["change"] is None else f"{row['change']:+.1%}".replace("%", " %")
    values = {name: format_quantity(row[name], unit) for name in ("before", "after")}
    return {"what": words, **values, "change": change}
