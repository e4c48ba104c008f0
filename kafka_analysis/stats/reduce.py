"""Reduce raw samples to figures per window: the only code that looks at raw samples.

Counters are stored raw. What they grew by in a window is computed here, with four rules (design of the capture
contract):

1. Between two scrapes of one target a counter grows linearly; a window edge inside takes its share. Nothing is
   extrapolated beyond the first or last scrape.
2. A value that falls was reset and counts from 0: a lower bound, because what came before the reset is not known.
3. A series missing from a good scrape of its target has ended; when it is seen again it began at 0 at the last
   scrape without it. So does one first seen after a good scrape.
4. When an aggregate series (no topic) of a target falls, the process was restarted and all its series were reset.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.model.frames import Frame, back_to, to_polars
from kafka_analysis.model.metrics import HOST_METRICS
from kafka_analysis.stats.growth import news, shares, stretches

SERIES = ("metric", "cluster", "broker", "topic", "partition", "group", "entity", "stat")
BATCH_ROWS = 2_000_000
CUT_ROWS = 200_000
_TARGET = ("cluster", "broker", "of_host")  # a broker's page and its host's are scraped at different times
T = TypeVar("T")
_RESULT = ("increase", "seconds", "rate_per_s", "resets", "uncovered_s")


@dataclass(frozen=True)
class _Batch:
    """Whole series: a row of keys for each, where its samples begin, and all samples' times in ms and values."""

    series: pl.DataFrame
    starts: NDArray[np.int64]
    ts: NDArray[np.int64]
    value: NDArray[np.float64]


@dataclass(frozen=True)
class _Window:
    """Bounds of a window and the length of its buckets, in ms."""

    low: int
    high: int
    step: int


def increase(
    samples: Frame,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    every: timedelta | None = None,
) -> Frame:
    """Compute what each counter series grew by in a window, reset-safe.

    Parameters
    ----------
    samples
        Rows of the samples contract (``metric``, ``ts``, ``cluster``, ``broker`` … ``value``), counters only.
        Give the aggregate series along with the topics': they tell a restart from a moved leader, and when the
        target was scraped. A lazy frame of a capture's samples is read twice, in batches: memory stays bounded.
    start, end
        The window [start, end), UTC; None = from the first, to the last sample.
    every
        Also split the window into buckets of this length, from ``start``.

    Returns
    -------
    frame of the kind given
        A row per series (and bucket): the series' columns, ``window_start`` with ``every``, ``increase`` in the
        counter's unit, ``seconds`` in which the *target* was observed, ``rate_per_s`` = increase / seconds (null
        when the target was not observed), ``resets`` and ``uncovered_s``: seconds in which growth may have been
        lost to a reset. Read ``increase`` as a lower bound where ``uncovered_s`` > 0.

    Examples
    --------
    >>> import polars as pl
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in (0, 10, 20)]
    >>> rows = pl.DataFrame({"metric": "bytes_in_total", "ts": t, "cluster": "c", "broker": 1, "topic": None,
    ...     "partition": None, "group": None, "entity": None, "stat": None, "value": [100.0, 200.0, 50.0]})
    >>> increase(rows).select("increase", "seconds", "rate_per_s", "resets", "uncovered_s").row(0)
    (150.0, 20.0, 7.5, 1, 10.0)
    >>> increase(rows, start=t[0], end=datetime(2026, 1, 1, 0, 0, 5)).select("increase", "rate_per_s").row(0)
    (50.0, 10.0)
    """
    if isinstance(samples, pl.LazyFrame):
        batches: Callable[[], Iterable[_Batch]] = partial(_batches, samples)
    else:
        batches = [_batch(to_polars(samples))].copy
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        series, seen = zip(*_over(_seen, batches(), pool), strict=True)
        if len(series) > 1 and pl.concat(series).is_duplicated().any():  # a series lies in two batches
            return increase(samples.collect(), start=start, end=end, every=every)
        scrapes = pl.concat(seen).group_by(*_TARGET, "ts").agg(pl.col("restarted").any()).sort(*_TARGET, "ts")
        window = _window(scrapes["ts"], start, end, every)
        grown = pl.concat(_over(partial(_grown, scrapes=scrapes, window=window), batches(), pool))
    result = grown.join(_observed(scrapes, window), on=[*_TARGET, "bucket"], how="left", nulls_equal=True)
    named = result.with_columns(
        rate_per_s=pl.when(pl.col("seconds") > 0).then(pl.col("increase") / pl.col("seconds")),
        window_start=pl.from_epoch(window.low + pl.col("bucket") * window.step, "ms").dt.replace_time_zone(
            "UTC"
        ),
    ).sort([*SERIES, "bucket"])
    return back_to(named.select(*SERIES, *(["window_start"] if every else []), *_RESULT), samples)


def gauge(samples: Frame, *, start: datetime | None = None, end: datetime | None = None) -> Frame:
    """Summarise each gauge series over a window [start, end).

    Returns
    -------
    frame of the kind given
        A row per series: ``mean``, ``min``, ``max``, ``last`` in the gauge's unit and ``n`` samples. A series
        without a sample in the window is absent, not 0.

    Examples
    --------
    >>> import polars as pl
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in (0, 10)]
    >>> rows = pl.DataFrame({"metric": "leader_count", "ts": t, "cluster": "c", "broker": 1, "topic": None,
    ...     "partition": None, "group": None, "entity": None, "stat": None, "value": [4.0, 6.0]})
    >>> gauge(rows).select("mean", "min", "max", "last", "n").row(0)
    (5.0, 4.0, 6.0, 6.0, 2)
    """
    frame = samples if isinstance(samples, pl.LazyFrame) else to_polars(samples).lazy()
    if start is not None:
        frame = frame.filter(pl.col("ts") >= start)
    if end is not None:
        frame = frame.filter(pl.col("ts") < end)
    value, latest = pl.col("value"), pl.col("ts") == pl.col("ts").max()
    found = frame.group_by(SERIES).agg(
        mean=value.mean(), min=value.min(), max=value.max(), last=value.filter(latest).max(), n=pl.len()
    )
    return back_to(found.sort(SERIES).collect(engine="streaming"), samples)


def _milliseconds(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def _window(
    seen: pl.Series, start: datetime | None, end: datetime | None, every: timedelta | None
) -> _Window:
    low = _milliseconds(start) if start else int(seen.min() or 0)
    high = max(_milliseconds(end) if end else int(seen.max() or 0), low)
    step = every // timedelta(milliseconds=1) if every else high - low
    return _Window(low, high, max(step, 1))


def _batches(samples: pl.LazyFrame) -> Iterator[_Batch]:
    """Read samples in batches of whole series."""
    held = None
    for part in samples.select(*SERIES, "ts", "value").collect_batches(chunk_size=BATCH_ROWS):
        rows = part if held is None else pl.concat([held, part])
        last = int(_starts(rows)[-2])
        held = rows[last:]
        if last:
            yield _batch(rows[:last])
    if held is not None:
        yield _batch(held)


def _over(function: Callable[[_Batch], T], batches: Iterable[_Batch], pool: Executor) -> Iterator[T]:
    """Call a function on the parts of one batch after another."""
    for batch in batches:
        yield from pool.map(function, _cut(batch))


def _cut(batch: _Batch) -> Iterator[_Batch]:
    """Cut a batch into smaller ones of whole series: what is computed on the way fits the processor's cache."""
    if batch.series.is_empty():
        yield batch
    first = 0
    while first < len(batch.series):
        after = int(np.searchsorted(batch.starts, batch.starts[first] + CUT_ROWS))
        after = min(max(after, first + 1), len(batch.series))
        begin, end = batch.starts[first], batch.starts[after]
        starts = batch.starts[first : after + 1] - begin
        yield _Batch(batch.series[first:after], starts, batch.ts[begin:end], batch.value[begin:end])
        first = after


def _batch(samples: pl.DataFrame) -> _Batch:
    """Bring samples into the order of series and times, if they are not."""
    typed = samples.with_columns(
        pl.col("broker", "partition").cast(pl.Int32),
        pl.col("topic", "group", "entity", "stat").cast(pl.String),
        pl.col("ts").dt.timestamp("ms"),
    )
    starts, ts = _starts(typed), typed["ts"].to_numpy()
    series = typed.select(SERIES)[starts[:-1]]
    falls = np.flatnonzero(ts[1:] < ts[:-1]) + 1
    if series.is_duplicated().any() or not np.isin(falls, starts).all():
        return _batch(samples.sort(*SERIES, "ts"))
    of_host = pl.col("metric").is_in(sorted(HOST_METRICS))
    return _Batch(series.with_columns(of_host=of_host), starts, ts, typed["value"].to_numpy())


def _starts(samples: pl.DataFrame) -> NDArray[np.int64]:
    """Return the row at which each series begins, and the number of rows: where any key changes."""
    keys = [samples[key] for key in SERIES if samples[key].null_count() < len(samples)]
    ends = [key.rle().struct.field("len").to_numpy().cumsum(dtype=np.int64) for key in keys]
    return np.unique(np.concatenate([np.zeros(1, np.int64), *ends]))


def _seen(batch: _Batch) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the keys of a batch's series, and when its targets were scraped and found restarted."""
    targets = batch.series.select(_TARGET).unique(maintain_order=True)
    target = _number_in(targets, batch.series)
    is_total = batch.series["topic"].is_null().to_numpy()
    new, fell = news(batch.ts, batch.value, batch.starts, target, is_total)
    rows = np.flatnonzero(new | fell)
    owner = target[np.searchsorted(batch.starts, rows, side="right") - 1]
    seen = targets[owner].with_columns(ts=pl.Series(batch.ts[rows]), restarted=pl.Series(fell[rows]))
    return batch.series, seen


def _number_in(targets: pl.DataFrame, series: pl.DataFrame) -> NDArray[np.int64]:
    numbers = targets.with_columns(number=pl.int_range(pl.len()))
    joined = series.join(numbers, on=_TARGET, how="left", nulls_equal=True, maintain_order="left")
    return joined["number"].to_numpy()


def _grown(batch: _Batch, scrapes: pl.DataFrame, window: _Window) -> pl.DataFrame:
    """Compute what the series of a batch grew by, bucket by bucket."""
    targets, firsts = _firsts(scrapes)
    times, restarted = scrapes["ts"].to_numpy(), scrapes["restarted"].to_numpy()
    target = _number_in(targets, batch.series)
    found = stretches(batch.ts, batch.value, batch.starts, target, times, firsts, restarted)
    of, bucket, increase_, resets, lost_ms = shares(*found, window.low, window.high, window.step)
    return batch.series[of].with_columns(
        bucket=pl.Series(bucket),
        increase=pl.Series(increase_),
        resets=pl.Series(resets),
        uncovered_s=pl.Series(lost_ms) / 1000,
    )


def _observed(scrapes: pl.DataFrame, window: _Window) -> pl.DataFrame:
    """Compute the seconds of each bucket in which each target was observed."""
    targets, firsts = _firsts(scrapes)
    ts = scrapes["ts"].to_numpy()
    later = np.setdiff1d(np.arange(len(ts)), firsts)
    since, until = ts[later - 1], ts[later]
    begins = firsts - np.arange(len(firsts))
    nothing = np.zeros(len(later), np.bool_)
    of, bucket, seconds, _, _ = shares(
        since, until, (until - since) / 1000, nothing, begins, window.low, window.high, window.step
    )
    return targets[of].with_columns(bucket=pl.Series(bucket), seconds=pl.Series(seconds))


def _firsts(scrapes: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Return the targets, and where the scrapes of each begin."""
    counted = scrapes.group_by(_TARGET, maintain_order=True).len()
    return counted.select(_TARGET), np.concatenate([[0], counted["len"].cum_sum().to_numpy()]).astype(
        np.int64
    )
