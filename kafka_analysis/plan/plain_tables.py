"""Read what splits and waves are planned from out of CSV."""

from __future__ import annotations

import io
from collections.abc import Mapping

import polars as pl

from kafka_analysis.model.errors import InputError

_NUMBERS = (
    "bytes_in_per_s",
    "bytes_out_per_s",
    "size_bytes",
    "retention_ms",
    "replication_factor",
    "bytes_per_s",
)
NEEDS: Mapping[str, tuple[str, ...]] = {
    "cells": ("topic", "cell"),
    "flows": ("client", "kind", "topic"),
    "topics": ("topic", "bytes_in_per_s", "bytes_out_per_s", "size_bytes"),
}


def read_table(what: str, text: str | bytes) -> pl.DataFrame:
    r"""Read one of the tables that splits and waves take: names as text, amounts as numbers, an empty field as unknown.

    Parameters
    ----------
    what
        ``cells``, ``flows`` or ``topics``.
    text
        CSV in UTF-8 with a header.

    Raises
    ------
    InputError
        It is not CSV, a column is missing, or an amount is no number.

    Examples
    --------
    >>> read_table("cells", "topic,cell\n007,cell-1\n").rows()
    [('007', 'cell-1')]
    """
    needs = ", ".join(NEEDS[what])
    source = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    try:
        table = pl.read_csv(source, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        message = f"{what}: {str(error).splitlines()[0]}; it must be CSV with {needs}"
        raise InputError(message) from None
    missing = [name for name in NEEDS[what] if name not in table.columns]
    if missing:
        message = f"{what}: the column {missing[0]!r} is missing; it must be CSV with {needs}"
        raise InputError(message)
    return table.with_columns(_number(table, name, what) for name in table.columns if name in _NUMBERS)


def _number(table: pl.DataFrame, name: str, what: str) -> pl.Series:
    amounts = table[name].cast(pl.Float64, strict=False)
    wrong = table[name].filter(amounts.is_null() & table[name].is_not_null())
    if len(wrong):
        message = f"{what}: {name} holds {wrong[0]!r}; give a number, or leave it empty where it is unknown"
        raise InputError(message)
    return amounts
