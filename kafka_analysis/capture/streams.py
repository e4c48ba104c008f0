"""The streams a capture is written in: the samples of one cluster, one table, the rejected lines."""

import re
from functools import cache
from urllib.parse import quote, unquote

import dataframely as dy
import polars as pl

from kafka_analysis.model.samples import SERIES, Rejected, Samples
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


def contract_of(stream: str) -> type[dy.Schema]:
    """Return what the contract says of a stream's rows.

    Examples
    --------
    >>> contract_of("tables/offsets").__name__
    'Offsets'
    """
    kind, _, name = stream.partition("/")
    if kind == "samples":
        return Samples
    return Rejected if kind == REJECTED_STREAM else table_schema(name)


def schema_of(stream: str) -> pl.Schema:
    """Return the columns of a stream's rows and their types, in the order of the contract.

    Examples
    --------
    >>> schema_of("rejected").names()
    ['source', 'position', 'text', 'reason']
    """
    return _columns_of(contract_of(stream)).copy()


@cache
def _columns_of(contract: type[dy.Schema]) -> pl.Schema:
    return contract.create_empty().schema


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
    schema = _columns_of(TABLES[name])
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
    if kind == "samples" and (match := re.fullmatch(r"(.+)-\d+", name, re.DOTALL)):
        return samples_of(unquote(match[1]))
    if kind == "tables" and name in TABLES:
        return f"{kind}/{name}"
    return REJECTED_STREAM if path == f"{REJECTED_STREAM}.parquet" else None
