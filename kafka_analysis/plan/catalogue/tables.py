"""Tables of the catalogue: their columns, and how a row of a CSV file is checked."""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from kafka_analysis.model.errors import InputError

Kind = Literal["text", "number", "count"]
_DTYPES = {"text": pl.String, "number": pl.Float64, "count": pl.Int64}
_WORDS = {"number": "a number of 0 or more", "count": "a whole number of 0 or more"}
_LEAST = {"number": "a number above 0", "count": "a whole number above 0"}


@dataclass(frozen=True)
class Field:
    """A column of a catalogue table; ``known``: it may not be empty; ``positive``: 0 makes no sense."""

    kind: Kind
    known: bool = True
    positive: bool = True

    @property
    def dtype(self) -> pl.DataType:
        """Return the column's type in a frame."""
        return _DTYPES[self.kind]()


@dataclass(frozen=True)
class TableSpec:
    """A table of the catalogue: the column that names a row, and all columns in order."""

    key: str
    fields: Mapping[str, Field]

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Return the columns with their types."""
        return {name: field.dtype for name, field in self.fields.items()}


_TEXT, _MAYBE = Field("text"), Field("number", known=False)
_NUMBER, _COUNT = Field("number"), Field("count")
_ORIGIN = {"source": _TEXT, "date": _TEXT, "evidence": _TEXT}
_SIZE = {"vcpu": _COUNT, "memory_gib": _NUMBER}
_PARTITIONS = {"partitions_recommended": _COUNT, "partitions_max": Field("count", known=False)}
_USD = {"usd_per_h": Field("number", known=False, positive=False)}

TABLES: dict[str, TableSpec] = {
    "msk_standard": TableSpec(
        "broker_type",
        {"broker_type": _TEXT, **_SIZE, "ebs_mib_per_s": _MAYBE, "network_mib_per_s": _MAYBE, **_PARTITIONS,
         "provisioned_mib_per_s": _MAYBE, "max_storage_gib": _NUMBER, **_USD, **_ORIGIN},
    ),
    "msk_express": TableSpec(
        "broker_type",
        {"broker_type": _TEXT, **_SIZE, "in_sustained_mb_per_s": _NUMBER, "in_max_mb_per_s": _NUMBER,
         "out_sustained_mb_per_s": _NUMBER, "out_max_mb_per_s": _NUMBER, **_PARTITIONS, **_USD, **_ORIGIN},
    ),
    "msk_serverless": TableSpec(
        "broker_type",
        {"broker_type": _TEXT, "in_max_mb_per_s": _NUMBER, "out_max_mb_per_s": _NUMBER,
         "leader_partitions_max": _COUNT, "compacted_partitions_max": _COUNT,
         "partition_in_max_mb_per_s": _NUMBER, "partition_out_max_mb_per_s": _NUMBER, **_ORIGIN},
    ),
    "self_managed": TableSpec(
        "host",
        {"host": _TEXT, **_SIZE, "storage": _TEXT, "disk_write_mb_per_s": _NUMBER, "disk_read_mb_per_s": _NUMBER,
         "network_mb_per_s": _NUMBER, "storage_gb": _NUMBER, **_USD, **_ORIGIN},
    ),
    "prices": TableSpec(
        "item",
        {"item": _TEXT, "usd": Field("number", positive=False), "unit": _TEXT, "region": _TEXT, **_ORIGIN},
    ),
    "quotas": TableSpec(
        "quota",
        {"quota": _TEXT, "name": _TEXT, "value": _NUMBER, "unit": _TEXT, "adjustable": _TEXT, **_ORIGIN},
    ),
}  # fmt: skip


def parse(text: str, *, table: str, where: str) -> pl.DataFrame:
    r"""Read and check a CSV of one table.

    Parameters
    ----------
    text
        The CSV, with a heading.
    table
        One of ``TABLES``.
    where
        Name of the file, for errors.

    Raises
    ------
    InputError
        A column is missing, unknown or not the table's; a value is empty, of the wrong kind or negative; a row comes
        twice. The line is named.

    Examples
    --------
    >>> head = "item,usd,unit,region,source,date,evidence\n"
    >>> parse(head + "ebs_storage,0.11,GB-month,eu-west-1,our contract,2026-01-01,declared", table="prices",
    ...     where="prices.csv")["usd"].to_list()
    [0.11]
    """
    spec = TABLES[table]
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        _check_heading(reader.fieldnames or [], spec, where)
        rows = [_row(row, spec, f"{where}, line {reader.line_num}") for row in reader]
    except csv.Error as error:
        message = f"{where}, line {reader.line_num}: {error}; it must be CSV with {', '.join(spec.fields)}"
        raise InputError(message) from None
    frame = pl.DataFrame(rows, schema=spec.schema)
    twice = frame.filter(frame[spec.key].is_duplicated())[spec.key]
    if len(twice):
        raise InputError(f"{where}: {spec.key} {twice[0]!r} is listed twice; list each once")
    return frame


def table_of(heading: list[str], *, stem: str, where: str) -> str:
    """Tell which table a file is of: by its name, else by its columns.

    Raises
    ------
    InputError
        Neither says it.

    Examples
    --------
    >>> table_of(list(TABLES["prices"].fields), stem="ours", where="ours.csv")
    'prices'
    """
    if stem in TABLES:
        return stem
    matching = [name for name, spec in TABLES.items() if set(spec.fields) == set(heading)]
    if not matching:
        names = ", ".join(f"{name}.csv" for name in TABLES)
        raise InputError(f"{where} is not a table of the catalogue; rename it to one of {names}")
    return matching[0]


def _check_heading(heading: list[str] | tuple[str, ...], spec: TableSpec, where: str) -> None:
    for name in heading:
        if name not in spec.fields:
            what = f"column of {where}"
            raise InputError.unknown(what, name, spec.fields)
    missing = [name for name in spec.fields if name not in heading]
    if missing:
        message = f"{where}, line 1: the column {missing[0]!r} is missing; give {', '.join(spec.fields)}"
        raise InputError(message)


def _row(row: Mapping[str | None, object], spec: TableSpec, where: str) -> dict[str, object]:
    if None in row or None in row.values():
        raise InputError(f"{where}: the number of values differs from the heading; give {len(spec.fields)}")
    return {name: _value(str(row[name]).strip(), name, field, where) for name, field in spec.fields.items()}


def _value(text: str, name: str, field: Field, where: str) -> object:
    if not text:
        if field.known:
            raise InputError(f"{where}: {name} is empty; give {_wanted(field)}")
        return None
    if field.kind == "text":
        return text
    try:
        value = int(text) if field.kind == "count" else float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0 or (field.positive and value == 0):
        raise InputError(f"{where}: {name} is {text!r}; give {_wanted(field)}")
    return value


def _wanted(field: Field) -> str:
    return "a text" if field.kind == "text" else (_LEAST if field.positive else _WORDS)[field.kind]
