"""Merge sorted Parquet files into one sorted stream of frames, in memory that does not grow with them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from kafka_analysis.model.errors import CaptureConflictError

ROWS_IN_MEMORY = 250_000
LEAST_ROWS = 100
_RUN, _FRONTIER = "_run", "_frontier"


def merge_sorted(files: Sequence[Path], key: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield the rows of sorted files in the order of the key; of equal rows those of earlier files come first.

    Some rows of every file are in memory at a time, in proportion to its length. All rows up to the first *frontier*
    (a file's last row in memory) are final, because every file can only bring later ones.

    Parameters
    ----------
    files
        Parquet files of the same columns, each sorted by ``key``, nulls first. A column that some of them lack (a new
        one, in a capture that an older version began) is null there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = [Path(folder) / name for name in "ab"]
    ...     pl.DataFrame({"a": [1, 4]}).write_parquet(files[0])
    ...     pl.DataFrame({"a": [2, 3]}).write_parquet(files[1])
    ...     pl.concat(merge_sorted(files, ["a"]))["a"].to_list()
    [1, 2, 3, 4]
    """
    with ExitStack() as stack:
        opened = [stack.enter_context(pq.ParquetFile(file.absolute())) for file in files]
        total = max(sum(file.metadata.num_rows for file in opened), 1)
        shares = [max(ROWS_IN_MEMORY * file.metadata.num_rows // total, LEAST_ROWS) for file in opened]
        whole = _all_columns(opened)
        runs = {
            n: _batches(file, n, share, whole)
            for n, (file, share) in enumerate(zip(opened, shares, strict=True))
        }
        held, short = None, set(runs)
        while runs or held is not None:
            held = _refilled(held, runs, short)
            if held is None:
                return
            held = held.sort([*key, _RUN], maintain_order=True)
            frontier = held.select(
                (pl.col(_FRONTIER) & pl.col(_RUN).is_in(list(runs))).arg_true().first()
            ).item()
            final = len(held) if frontier is None else frontier + 1
            yield held.head(final).drop(_RUN, _FRONTIER)
            held = held.slice(final) if final < len(held) else None
            short = {n for n in runs if _rows_of(held, n) * 2 < shares[n]}


def _all_columns(files: Sequence[pq.ParquetFile]) -> pl.DataFrame:
    """Return an empty frame with the columns of all files, in the order of the file that has most."""
    empty = [pl.DataFrame(file.schema_arrow.empty_table()) for file in files]
    return (
        pl.concat(sorted(empty, key=lambda frame: -frame.width), how="diagonal") if empty else pl.DataFrame()
    )


def _batches(file: pq.ParquetFile, number: int, rows: int, whole: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for batch in file.iter_batches(batch_size=rows):
        if not batch.num_rows:
            continue
        frame = pl.DataFrame(batch)
        if frame.columns != whole.columns:
            frame = pl.concat([whole, frame], how="diagonal")
        last = pl.int_range(pl.len()) == pl.len() - 1
        yield frame.with_columns(pl.lit(number, dtype=pl.Int32).alias(_RUN), last.alias(_FRONTIER))


def _refilled(
    held: pl.DataFrame | None, runs: dict[int, Iterator[pl.DataFrame]], short: set[int]
) -> pl.DataFrame | None:
    """Append the next rows of the runs that are short of them; a run that has ended is taken off."""
    fresh = []
    for number in sorted(short):
        frame = next(runs[number], None)
        if frame is None:
            del runs[number]
        else:
            fresh.append(frame)
    if held is None:
        return pl.concat(fresh) if fresh else None
    older = held.with_columns(pl.col(_FRONTIER) & ~pl.col(_RUN).is_in(sorted(short)))
    return pl.concat([older, *fresh])


def _rows_of(held: pl.DataFrame | None, number: int) -> int:
    return 0 if held is None else int((held[_RUN] == number).sum())


def unique_rows(
    rows: Iterator[pl.DataFrame], key: Sequence[str], *, one_per_key: bool
) -> Iterator[pl.DataFrame]:
    """Leave out rows that equal another; equal keys may be split over frames.

    Parameters
    ----------
    rows
        Frames sorted by ``key``, all together.
    one_per_key
        Whether rows of the same key must be equal.

    Raises
    ------
    CaptureConflictError
        When they must and are not; the first such row is named.

    Examples
    --------
    >>> frames = [pl.DataFrame({"a": [1, 2], "b": [1, 1]}), pl.DataFrame({"a": [2, 2], "b": [2, 1]})]
    >>> pl.concat(unique_rows(iter(frames), ["a"], one_per_key=False)).rows()
    [(1, 1), (2, 1), (2, 2)]
    """
    held: pl.DataFrame | None = None
    for frame in rows:
        joined = frame if held is None else pl.concat([held, frame])
        open_key = joined.select(
            pl.all_horizontal(pl.col(c).eq_missing(pl.col(c).last()) for c in key)
        ).to_series()
        yield _unique(joined.filter(~open_key), key, one_per_key=one_per_key)
        held = _unique(joined.filter(open_key), key, one_per_key=one_per_key)
    if held is not None:
        yield held


def _unique(rows: pl.DataFrame, key: Sequence[str], *, one_per_key: bool) -> pl.DataFrame:
    unique = rows.unique(maintain_order=True)
    if one_per_key:
        twice = unique.filter(unique.select(key).is_duplicated())
        if len(twice):
            about = {name: value for name, value in twice.row(0, named=True).items() if value is not None}
            values = ", ".join(f"{value:g}" for value in twice["value"].head(2))
            series = " ".join(f"{k}={v!s:.60}" for k, v in about.items() if k not in ("value", "ts"))
            raise CaptureConflictError(
                f"the captures disagree: {series} at {about['ts']:%Y-%m-%d %H:%M:%S.%f} UTC is {values}; "
                "they come from different clusters: rename one with --rename old=new"
            )
    return unique
