"""Read what splits and waves are planned from out of CSV."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.files.printed import decoded, documents, kind_of

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
    table = csv_of(what, text, needs=NEEDS[what], infer_schema=False)
    return table.with_columns(_number(table, name, what) for name in table.columns if name in _NUMBERS)


def csv_of(
    what: str, data: str | bytes, *, needs: Sequence[str], other: str = "", **options: Any
) -> pl.DataFrame:
    r"""Read CSV with a header.

    Parameters
    ----------
    what
        Its name in messages.
    needs
        Columns that must be there.
    other
        What else than CSV is read in its place, for messages.
    **options
        Handed on to ``polars.read_csv``.

    Raises
    ------
    InputError
        It is no text, no CSV, a file of another kind, or a column is missing.

    Examples
    --------
    >>> csv_of("brokers", "broker\n1\n", needs=("broker",)).rows()
    [(1,)]
    """
    must = f"it must be CSV with {', '.join(needs)}{other and f', or {other}'}"
    text = decoded(what, data)
    first = next(iter(documents(what, text)), None) if text.lstrip()[:1] not in ("", '"') else None
    if kind := kind_of(text, None if first is None else first.content):
        raise InputError(f"{what}: this is {kind}; {must}")
    try:
        table = pl.read_csv(io.BytesIO(text.encode()), **options)
    except pl.exceptions.PolarsError as error:
        raise InputError(f"{what}: {str(error).splitlines()[0]}; {must}") from None
    missing = [name for name in needs if name not in table.columns]
    if missing:
        raise InputError(f"{what}: the column {missing[0]!r} is missing; {must}")
    return table


def _number(table: pl.DataFrame, name: str, what: str) -> pl.Series:
    amounts = table[name].cast(pl.Float64, strict=False)
    wrong = table[name].filter(amounts.is_null() & table[name].is_not_null())
    if len(wrong):
        message = f"{what}: {name} is {wrong[0]!r}; give a number, or leave it empty if unknown"
        raise InputError(message)
    return amounts
