"""Read the Parquet files of a capture: exactly those named, and only as the contract describes them."""

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from kafka_analysis.capture.streams import contract_of, schema_of
from kafka_analysis.model.errors import CaptureDamagedError

_UNREADABLE = (OSError, ValueError, pa.ArrowException, pl.exceptions.PolarsError)


def scan_files(files: Sequence[Path], stream: str) -> pl.LazyFrame:
    """Return the rows of some files, lazily; their paths are taken to the letter.

    A column that an earlier version did not write is null, one that a later version added is passed over.

    Parameters
    ----------
    files
        Files of one stream's kind. Absolute paths are given to Polars, for it would expand ``~``, ``*`` and ``[``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a[1].parquet"
    ...     pl.DataFrame({"source": ["s"], "text": ["x"], "reason": ["r"]}).write_parquet(file)
    ...     scan_files([file], "rejected").collect().row(0)
    ('s', None, 'x', 'r')
    """
    return pl.scan_parquet(
        [file.absolute() for file in files],
        schema=schema_of(stream),
        missing_columns="insert",
        extra_columns="ignore",
        glob=False,
        hive_partitioning=False,
    )


def conform(rows: pl.DataFrame, stream: str) -> pl.DataFrame:
    """Return rows with the contract's columns: a missing one is null, one more is left out.

    Examples
    --------
    >>> conform(pl.DataFrame({"source": ["s"], "text": ["x"], "reason": ["r"]}), "rejected").row(0)
    ('s', None, 'x', 'r')
    """
    schema = schema_of(stream)
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in rows.columns]
    return rows.with_columns(missing).select(list(schema))


def content_fault(file: Path, stream: str, *, rows: int | None = None, decode: bool = False) -> str | None:
    """Return why a file is not what the contract says of its stream, or None.

    Parameters
    ----------
    rows
        How many rows it must hold, where that is known.
    decode
        Read it to its end too: a damaged page shows only then.

    Examples
    --------
    >>> content_fault(Path(__file__), "rejected")
    'is not a Parquet file'
    """
    try:
        with file.open("rb") as opened, pq.ParquetFile(opened) as parquet:
            columns, held = parquet.schema_arrow, parquet.metadata.num_rows
        fault = _schema_fault(columns, stream)
    except _UNREADABLE:
        return "is not a Parquet file"
    if fault is None and rows not in (None, held):
        fault = f"holds {held:,} rows, not {rows:,}"
    return fault or (_decoding_fault(file, stream) if decode else None)


def _schema_fault(columns: pa.Schema, stream: str) -> str | None:
    names = columns.names
    if len(set(names)) < len(names):
        return "has two columns with the same name"
    frame = pl.from_arrow(columns.empty_table())
    schema = frame.schema if isinstance(frame, pl.DataFrame) else pl.Schema()
    for name, dtype in schema_of(stream).items():
        if name not in schema and not nullable(stream, name):
            return f"has no column {name!r}"
        if name in schema and schema[name] != dtype:
            return f"has the column {name!r} as {schema[name]}, not {dtype}"
    return None


def _decoding_fault(file: Path, stream: str) -> str | None:
    try:
        lacking = scan_files([file], stream).select(pl.all().null_count()).collect(engine="streaming")
    except (*_UNREADABLE, pl.exceptions.PanicException):
        return "cannot be read to its end"
    for name, nulls in lacking.row(0, named=True).items():
        if nulls and not nullable(stream, name):
            return f"lacks {nulls:,} values in the column {name!r}"
    return None


@contextmanager
def damage_named(capture: Path, name: str) -> Iterator[None]:
    """Name the file of a capture that turns out to be unreadable.

    Raises
    ------
    CaptureDamagedError
        In place of what pyarrow or Polars raise.

    Examples
    --------
    >>> with damage_named(Path("c"), "tables/topics.parquet"):
    ...     pq.read_metadata(__file__)
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.CaptureDamagedError: capture c is damaged: tables/topics.parquet cannot be read ...
    """
    try:
        yield
    except (*_UNREADABLE, pl.exceptions.PanicException) as error:
        why = str(error).partition("\n")[0][:200]
        message = f"capture {capture} is damaged: {name} cannot be read ({why}); restore it from a copy"
        raise CaptureDamagedError(message) from None


@functools.cache
def nullable(stream: str, column: str) -> bool:
    """Return whether a column of a stream may hold nulls.

    Examples
    --------
    >>> nullable("samples/a", "topic"), nullable("samples/a", "value")
    (True, False)
    """
    return contract_of(stream).columns()[column].nullable
