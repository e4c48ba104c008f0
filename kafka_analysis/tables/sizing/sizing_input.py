"""Table of what a cluster is sized for."""

from __future__ import annotations

from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (Column("quantity", "What"), Column("value", "Value"), Column("evidence", "Rests on"))


def sizing_input(frame: Any) -> Table:
    """List what is sized for, and what each number rests on.

    Parameters
    ----------
    frame
        ``input`` of ``plan.sizing_frames``: ``cluster``, ``quantity``, ``value``, ``evidence``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "quantity": ["kept"], "value": ["24 h"], "evidence": ["declared"]})
    >>> sizing_input(rows).cells.row(0)
    ('c', 'kept', '24 h', 'declared')
    """
    note = "Declared: by a person or by the topics' configuration. An unknown value is not checked."
    return build(to_polars(frame), _COLUMNS, function="sizing_input", title="What is sized for", note=note)
