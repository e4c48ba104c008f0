"""Write a capture's Parquet files row group by row group, and describe and replace files safely."""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from kafka_analysis.model.manifest import FileInfo
from kafka_analysis.model.whole_files import sync

ROWS_PER_GROUP = 100_000
ROWS_PER_FILE = 20_000_000
BYTES_PER_FILE = 120_000_000  # and a row group and the footer more: under 128 MB
_ZSTD_LEVEL = 9
_PAGE_BYTES = 4 * 1024 * 1024


def write_parquet_files(
    rows: Iterable[pl.DataFrame], file_at: Callable[[int], Path], *, split: bool = True
) -> list[Path]:
    """Write sorted rows that come piece by piece into as many files as they need.

    Parameters
    ----------
    rows
        Frames of the same columns.
    file_at
        Where the file of a number lies, from 1.
    split
        Whether to begin another file when one is full.

    Returns
    -------
    list of Path
        The files written, each safely on disk; none when there is no row.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = write_parquet_files([pl.DataFrame({"a": [1, 2]})], lambda n: Path(folder) / f"{n}.parquet")
    ...     [(file.name, len(pl.read_parquet(file))) for file in files]
    [('1.parquet', 2)]
    """
    files: list[Path] = []
    groups = row_groups(rows)
    group = next(groups, None)
    while group is not None:
        target = file_at(len(files) + 1)
        target.parent.mkdir(parents=True, exist_ok=True)
        _, group = write_groups(target, group, groups, split=split, **_options(group))
        sync(target)
        files.append(target)
    return files


def write_groups(
    target: Path, first: pa.Table, groups: Iterator[pa.Table], *, split: bool, **options: object
) -> tuple[int, pa.Table | None]:
    """Write row groups, until the file is full if they may be split; return how many rows, and the group left over.

    Examples
    --------
    >>> import tempfile
    >>> groups = row_groups([pl.DataFrame({"a": [1, 2]})])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_groups(Path(folder, "rows.parquet"), next(groups), groups, split=False)
    (2, None)
    """
    written, group = 0, first
    with (
        pa.OSFile(str(target.absolute()), "wb") as stream,
        pq.ParquetWriter(stream, first.schema, **options) as to,
    ):
        while group is not None:
            to.write_table(group, row_group_size=len(group))
            written += len(group)
            group = next(groups, None)
            if split and (written >= ROWS_PER_FILE or stream.tell() >= BYTES_PER_FILE):
                break
    return written, group


def row_groups(rows: Iterable[pl.DataFrame]) -> Iterator[pa.Table]:
    """Cut rows that come in pieces of any length into row groups.

    Examples
    --------
    >>> pieces = [pl.DataFrame({"a": range(ROWS_PER_GROUP - 1)}), pl.DataFrame({"a": range(3)})]
    >>> [len(group) for group in row_groups(pieces)]
    [100000, 2]
    """
    held: list[pl.DataFrame] = []
    for frame in rows:
        held.append(frame)
        if sum(map(len, held)) < ROWS_PER_GROUP:
            continue
        whole = pl.concat(held)
        full = len(whole) - len(whole) % ROWS_PER_GROUP
        for begin in range(0, full, ROWS_PER_GROUP):
            yield _arrow(whole.slice(begin, ROWS_PER_GROUP))
        held = [whole.slice(full)]
    rest = pl.concat(held) if held else None
    if rest is not None and len(rest):
        yield _arrow(rest)


def _arrow(rows: pl.DataFrame) -> pa.Table:
    return rows.to_arrow(compat_level=pl.CompatLevel.oldest())


def _options(table: pa.Table) -> dict[str, object]:
    """Choose what sorted series compress best with, by measurement on recorded samples.

    Values and times plain, each group a single page: zstd finds the times and values that many series share. Delta and
    byte-stream-split encodings hide them, and cost more to read; dictionaries suit all that names a series.
    """
    flat = [f for f in table.schema if not pa.types.is_nested(f.type)]
    named = [f.name for f in flat if not pa.types.is_floating(f.type) and not pa.types.is_timestamp(f.type)]
    return {
        "compression": "zstd",
        "compression_level": _ZSTD_LEVEL,
        "use_dictionary": named,
        "max_rows_per_page": ROWS_PER_GROUP,
        "data_page_size": _PAGE_BYTES,
    }


def describe_file(root: Path, file: Path) -> FileInfo:
    """Return what the manifest says about a Parquet file: path in the capture, rows, bytes, sha256.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.parquet"
    ...     pl.DataFrame({"a": [1, 2]}).write_parquet(file)
    ...     info = describe_file(Path(folder), file)
    >>> info.path, info.rows
    ('a.parquet', 2)
    """
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        rows = pq.read_metadata(stream).num_rows
    return FileInfo(
        path=file.relative_to(root).as_posix(), rows=rows, bytes=file.stat().st_size, sha256=digest
    )


@contextmanager
def removed_on_error(*paths: Path) -> Iterator[None]:
    """Remove new folders and files again when an error ends what writes them.

    Examples
    --------
    >>> with removed_on_error(Path("no/such/folder")):
    ...     pass
    """
    try:
        yield
    except BaseException:
        for path in paths:
            shutil.rmtree(path, ignore_errors=True)
            with suppress(OSError):  # it was a folder, or the error on its way out says more
                path.unlink()
        raise
