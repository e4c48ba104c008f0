"""Bring samples into arrays, series after series, in batches that fit into memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.model.metrics import HOST_METRICS
from kafka_analysis.model.samples import SERIES

BATCH_ROWS = 1_000_000
CUT_ROWS = 200_000
KEPT_ROWS = 16_000_000  # 256 MB


@dataclass(frozen=True)
class Batch:
    """Samples of whole series, one series after another, times rising in each.

    ``series``: a row of keys for each, and whether it is of the broker's host. ``starts``: the row at which each
    begins, and the number of rows. ``ts``: times in ms since the epoch. ``value``: values.
    """

    series: pl.DataFrame
    starts: NDArray[np.int64]
    ts: NDArray[np.int64]
    value: NDArray[np.float64]


def batches_of(samples: pl.LazyFrame, *, keep_repeats: bool = False) -> Iterator[Batch]:
    """Read samples in batches of whole series; a series that is parted in them comes in several batches.

    Parameters
    ----------
    keep_repeats
        Keep all samples that a series has at one time, instead of the last.

    Examples
    --------
    >>> from datetime import datetime
    >>> rows = pl.DataFrame({"metric": "m", "ts": [datetime(2026, 1, 1)], "cluster": "c", "broker": 1, "topic": ["t"],
    ...     "partition": None, "group": None, "entity": None, "stat": None, "value": [1.0]})
    >>> [batch.starts.tolist() for batch in batches_of(rows.lazy())]
    [[0, 1]]
    """
    held: Batch | None = None  # the last series may go on in the next batch
    for part in samples.select(*SERIES, "ts", "value").collect_batches(chunk_size=BATCH_ROWS):
        batch = batch_of(part, keep_repeats=keep_repeats)
        batch = batch if held is None else _joined(held, batch, keep_repeats=keep_repeats)
        last = len(batch.series) - 1
        held = _part(batch, last, last + 1)
        if last:
            yield _part(batch, 0, last)
    yield held or batch_of(samples.clear().collect())


def keeping(batches: Iterable[Batch], kept: list[Batch]) -> Iterator[Batch]:
    """Hand batches on, and keep them for a second look if all of them fit; else nothing is kept.

    Examples
    --------
    >>> kept = []
    >>> [len(batch.ts) for batch in keeping([Batch(pl.DataFrame(), np.zeros(1), np.zeros(2), np.zeros(2))], kept)]
    [2]
    >>> len(kept)
    1
    """
    rows = 0
    for batch in batches:
        rows += len(batch.ts)
        if rows <= KEPT_ROWS:
            kept.append(batch)
        else:
            kept.clear()
        yield batch


def _joined(held: Batch, batch: Batch, *, keep_repeats: bool) -> Batch:
    """Append the samples of a batch to those of one series."""
    is_same = held.series.row(0) == batch.series.row(0)
    if is_same and not keep_repeats and held.ts[-1] == batch.ts[0]:
        held = Batch(held.series, np.array([0, len(held.ts) - 1]), held.ts[:-1], held.value[:-1])
    starts = np.concatenate([held.starts[:1] if is_same else held.starts[:-1], batch.starts + len(held.ts)])
    starts = np.delete(starts, 1) if is_same else starts
    series = batch.series if is_same else pl.concat([held.series, batch.series])
    ts, value = np.concatenate([held.ts, batch.ts]), np.concatenate([held.value, batch.value])
    return Batch(series, starts, ts, value)


def _part(batch: Batch, first: int, after: int) -> Batch:
    """Return some series of a batch."""
    begin, end = batch.starts[first], batch.starts[after]
    starts = batch.starts[first : after + 1] - begin
    return Batch(batch.series[first:after], starts, batch.ts[begin:end], batch.value[begin:end])


def cut(batch: Batch) -> Iterator[Batch]:
    """Cut a batch into smaller ones of whole series: what is computed on the way fits the processor's cache.

    Examples
    --------
    >>> from datetime import datetime
    >>> rows = pl.DataFrame({"metric": "m", "ts": [datetime(2026, 1, 1)], "cluster": "c", "broker": 1, "topic": ["t"],
    ...     "partition": None, "group": None, "entity": None, "stat": None, "value": [1.0]})
    >>> len(list(cut(batch_of(rows))))
    1
    """
    if batch.series.is_empty():
        yield batch
    first = 0
    while first < len(batch.series):
        after = int(np.searchsorted(batch.starts, batch.starts[first] + CUT_ROWS))
        after = min(max(after, first + 1), len(batch.series))
        yield _part(batch, first, after)
        first = after


def batch_of(samples: pl.DataFrame, *, keep_repeats: bool = False) -> Batch:
    """Bring samples into the order of series and times, if they are not.

    Parameters
    ----------
    keep_repeats
        As for :func:`batches_of`.

    Examples
    --------
    >>> from datetime import datetime
    >>> rows = pl.DataFrame({"metric": "m", "ts": [datetime(2026, 1, 2), datetime(2026, 1, 1)], "cluster": "c",
    ...     "broker": 1, "topic": ["t", "t"], "partition": None, "group": None, "entity": None, "stat": None,
    ...     "value": [2.0, 1.0]})
    >>> batch_of(rows).value.tolist()
    [1.0, 2.0]
    """
    typed = samples.with_columns(
        pl.col("broker", "partition").cast(pl.Int32),
        pl.col("topic", "group", "entity", "stat").cast(pl.String),
        pl.col("ts").dt.timestamp("ms"),
    )
    starts, ts = _starts(typed), typed["ts"].to_numpy()
    keys = typed.select(SERIES)[starts[:-1]]
    # made anew: rows chosen from a frame keep alive all texts it was chosen from
    series = pl.DataFrame(keys.rows(), schema=keys.schema, orient="row")
    falls = np.flatnonzero(ts[1:] < ts[:-1]) + 1
    if series.is_duplicated().any() or not np.isin(falls, starts).all():
        return batch_of(samples.sort(*SERIES, "ts", maintain_order=True), keep_repeats=keep_repeats)
    again = np.setdiff1d(np.flatnonzero(ts[1:] == ts[:-1]) + 1, starts)
    if len(again) and not keep_repeats:  # the last sample of a series at a time counts
        return batch_of(samples[np.setdiff1d(np.arange(len(ts)), again - 1)])
    of_host = pl.col("metric").is_in(sorted(HOST_METRICS))
    return Batch(series.with_columns(of_host=of_host), starts, ts, typed["value"].to_numpy())


def _starts(samples: pl.DataFrame) -> NDArray[np.int64]:
    """Return the row at which each series begins, and the number of rows: where any key changes."""
    keys = [samples[key] for key in SERIES if samples[key].null_count() < len(samples)]
    ends = [key.rle().struct.field("len").to_numpy().cumsum(dtype=np.int64) for key in keys]
    return np.unique(np.concatenate([np.zeros(1, np.int64), *ends]))
