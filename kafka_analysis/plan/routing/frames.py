"""Take the columns a routing table is made from out of a frame of any kind."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars


def chosen(frame: Frame, what: str, columns: Sequence[str]) -> pl.DataFrame:
    """Return some columns of a frame.

    Raises
    ------
    InputError
        One is missing; ``what`` is what the message calls the frame.

    Examples
    --------
    >>> chosen(pl.DataFrame({"topic": ["t"], "cell": ["c"]}), "cells", ["topic", "wave"])
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.InputError: cells: the column 'wave' is missing; give topic, wave
    """
    rows = to_polars(frame)
    missing = [name for name in columns if name not in rows.columns]
    if missing:
        message = f"{what}: the column {missing[0]!r} is missing; give {', '.join(columns)}"
        raise InputError(message)
    return rows.select(columns)
