"""Tables of traffic before and after."""

from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import format_quantity
from kafka_analysis.tables.base import Column, Table, build, with_texts

_COMPARISON = (
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
    rows = with_texts(to_polars(frame), ["what", "before", "after", "change"], _comparison_texts)
    note = "All clusters together, the replicator's copies left out. Change: after ÷ before − 1."
    return build("comparison", "Before and after", rows, _COMPARISON, note)


def _comparison_texts(row: dict[str, Any]) -> tuple[str | None, ...]:
    words, unit = RESOURCES[row["flow"]]
    change = None if row["change"] is None else f"{row['change']:+.1%}".replace("%", " %")
    return words, *(format_quantity(row[name], unit) for name in ("before", "after")), change
