"""Table of which limit comes first on each hardware profile, and what a lost or added broker costs there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_duration, format_quantity
from kafka_analysis.tables.base import Column, Table, build, with_texts

_COLUMNS = (
    Column("profile", "Host or broker type"),
    Column("resource", "First limit"),
    Column("used", "Used of it", "%"),
    Column("replace", "To replace a broker, copy"),
    Column("add", "To add a broker, copy"),
)
_KEYS = ["cluster", "profile"]
OLDER = ("kafka.m5.", "kafka.t3.")
_OF_EXPRESS = {"disk": "bytes in", "network": "bytes out"}  # what is published of them instead


def hardware_limits(shift: Any, *, recovery: Any = None, leave_out: Sequence[str] = OLDER) -> Table:
    """List the first limit of each profile, with as many brokers as now.

    Parameters
    ----------
    shift
        ``shift`` of ``plan.sizing_frames``.
    recovery
        ``recovery`` of it; None = without what a replaced or added broker costs.
    leave_out
        Beginnings of names not shown: the older generation.

    Examples
    --------
    >>> shift = pl.DataFrame({"cluster": ["c"], "profile": "i3en.2xlarge", "resource": "disk", "used": 0.18,
    ...     "first": True, "evidence": "unverified"})
    >>> recovery = pl.DataFrame({"cluster": ["c"], "profile": "i3en.2xlarge", "storage": "instance",
    ...     "replace_bytes": 1e12, "replace_s": 2000.0, "add_bytes": 75e10, "add_s": 1500.0})
    >>> hardware_limits(shift, recovery=recovery).cells.row(0)[1:]
    ('i3en.2xlarge (unverified)', 'disk', '18 %', '1 TB, 33 min 20 s', '750 GB, 25 min 0 s')
    """
    older = pl.any_horizontal(pl.lit(value=False), *[pl.col("profile").str.starts_with(n) for n in leave_out])
    rows = to_polars(shift).filter(pl.col("first"), ~older)
    name = (
        pl.when(pl.col("evidence") == "unverified")
        .then(pl.col("profile") + " (unverified)")
        .otherwise("profile")
    )
    of_express = pl.col("profile").str.starts_with("express.")
    words = pl.when(of_express).then(pl.col("resource").replace(_OF_EXPRESS)).otherwise("resource")
    timed = rows if recovery is None else _with_recovery(rows, to_polars(recovery))
    shown = timed.with_columns(profile=name, resource=words)
    note = (
        "With as many brokers as now, each carrying the same; at 100 % and more they do not suffice. Times: at what "
        "disk and network leave beside the peak, so the least there can be. An attached volume outlives its broker. "
        "All types, the older generation too, are in the table file."
    )
    return build(shown, _COLUMNS, function="hardware_limits", title="Which limit comes first", note=note)


def _with_recovery(rows: pl.DataFrame, recovery: pl.DataFrame) -> pl.DataFrame:
    joined = rows.join(recovery, on=_KEYS, how="left", maintain_order="left")
    names = ("replace", "add")
    return with_texts(joined, names, lambda row: [_copied(row[f"{n}_bytes"], row[f"{n}_s"]) for n in names])


def _copied(size: float | None, seconds: float | None) -> str | None:
    if size is None:
        return None
    if size == 0:
        return "nothing"
    if seconds is None:
        took = "time unknown"
    elif math.isinf(seconds):
        took = "the peak leaves no room for it"
    else:
        took = "moments" if seconds < 1 else format_duration(seconds)
    return f"{format_quantity(size, 'B')}, {took}"
