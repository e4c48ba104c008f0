"""The streams a capture is written in: the samples of one cluster, one table, the rejected lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote, unquote

from kafka_analysis.model.samples import REJECTED, SAMPLES, SERIES
from kafka_analysis.model.tables import TABLES, table_schema

REJECTED_STREAM = "rejected"


def samples_of(cluster: str) -> str:
    """Return the stream of a cluster's samples.

    Examples
    --------
    >>> samples_of("monolith")
    'samples/monolith'
    """
    return f"samples/{cluster}"


def columns_of(stream: str) -> list[str]:
    """Return the columns of a stream's rows, in the order of the contract.

    Examples
    --------
    >>> columns_of("rejected")
    ['source', 'position', 'text', 'reason']
    """
    kind, _, name = stream.partition("/")
    if kind == "samples":
        return list(SAMPLES)
    return list(REJECTED) if kind == REJECTED_STREAM else table_schema(name).create_empty().columns


def has_columns(stream: str, names: Sequence[str]) -> bool:
    """Tell whether columns are those of a stream; nullable ones of a table may be absent, as in older captures.

    Examples
    --------
    >>> has_columns("tables/users", ["ts", "cluster", "user"]), has_columns("tables/users", ["ts", "cluster"])
    (True, False)
    """
    kind, _, name = stream.partition("/")
    expected = columns_of(stream)
    if kind == "tables":
        optional = {field for field, column in table_schema(name).columns().items() if column.nullable}
        expected = [column for column in expected if column in names or column not in optional]
    return list(names) == expected


def sort_key(stream: str) -> list[str]:
    """Return the columns a stream's rows are sorted by.

    Examples
    --------
    >>> sort_key("tables/offsets")
    ['cluster', 'topic', 'partition', 'ts']
    """
    kind, _, name = stream.partition("/")
    if kind == "samples":
        return [*(c for c in SERIES if c != "cluster"), "ts"]
    if kind == REJECTED_STREAM:
        return ["source", "position"]
    schema = TABLES[name].create_empty().schema
    named = [c for c in ("topic", "broker", "group", "partition", "name") if c in schema]
    return ["cluster", "ts"] if name in ("events", "truth") else ["cluster", *named, "ts"]


def file_of(stream: str, number: int) -> str:
    """Return the path of a stream's file in the capture; a cluster's name is quoted.

    Parameters
    ----------
    number
        From 1; the first file of a table or of rejected lines has none in its name.

    Examples
    --------
    >>> file_of("samples/cell-a", 1), file_of("tables/offsets", 1), file_of("samples/../x", 2)
    ('samples/cell-a-1.parquet', 'tables/offsets.parquet', 'samples/..%2Fx-2.parquet')
    """
    kind, _, name = stream.partition("/")
    if kind == "samples":
        return f"samples/{quote(name, safe='')}-{number}.parquet"
    return f"{stream}.parquet"


def stream_of(path: str) -> str | None:
    """Return the stream of a file of a capture; None when the contract knows no such file.

    Examples
    --------
    >>> stream_of("samples/cell-a-1.parquet"), stream_of("tables/offsets.parquet"), stream_of("tables/x.parquet")
    ('samples/cell-a', 'tables/offsets', None)
    """
    kind, _, name = path.removesuffix(".parquet").partition("/")
    if kind == "samples" and (found := re.fullmatch(r"(.+)-\d+", name, re.DOTALL)):
        return samples_of(unquote(found[1]))
    if kind == "tables" and name in TABLES:
        return f"{kind}/{name}"
    return REJECTED_STREAM if path == f"{REJECTED_STREAM}.parquet" else None
