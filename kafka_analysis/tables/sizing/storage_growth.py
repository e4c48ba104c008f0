"""Table of the steps in which volumes grow."""

from __future__ import annotations

from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("broker_type", "Broker type"),
    Column("volume_gib", "Volume to begin with", "GiB"),
    Column("step_gib", "Grows by at least", "GiB"),
    Column("fill_hours", "Peak fills that in", "h", missing="never"),
    Column("wait_hours", "Next growth after", "h"),
    Column("keeps_up", "Keeps up"),
    Column("steps_to_largest", "Steps to the largest", ""),
    Column("hours_to_largest", "Which takes at least", "h"),
)


def storage_growth(frame: Any) -> Table:
    """List how the volumes of the cheapest Standard options grow.

    Parameters
    ----------
    frame
        ``growth`` of ``plan.sizing_frames``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "broker_type": "t", "volume_gib": 50.0, "step_gib": 10.0,
    ...     "fill_hours": 2.5, "wait_hours": 6.0, "keeps_up": False, "steps_to_largest": 63, "hours_to_largest": 378.0})
    >>> storage_growth(rows).cells.row(0)[2:7]
    ('50 GiB', '10 GiB', '2.50 h', '6 h', 'no')
    """
    note = (
        "A volume grows by 10 % or 10 GiB, whichever is more, once in 6 hours, to 16,384 GiB at most, never shrinks. "
        "The peak is taken to last, and nothing to be deleted meanwhile: where it does not keep up, begin larger."
    )
    return build(to_polars(frame), _COLUMNS, function="storage_growth", title="How volumes grow", note=note)
