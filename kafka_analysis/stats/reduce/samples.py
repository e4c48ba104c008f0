"""Reduce raw samples to figures per window: the only code that looks at raw samples.

Counters are stored raw. What they grew by in a window is computed here, with four rules (design of the capture
contract):

1. Between two scrapes of one target a counter grows linearly; a window edge inside takes its share. Nothing is
   extrapolated beyond the first or last scrape.
2. A value that falls was reset and counts from 0: a lower bound, because what came before the reset is not known.
3. A series missing from a good scrape of its target has ended. When it is seen again, lower than before or after a
   restart, it began at 0 at the last scrape without it; so does one first seen after a good scrape. One that comes
   back and is not lower may only have been left out, as an odd value is: it grew by the difference, a lower bound for
   a topic's (its leader may have gone and come back), and all of it for an aggregate's, which ends with its process.
4. When an aggregate series (no topic) of a target falls, the process was restarted and all its series were reset.

Values that a metric cannot have (negative or infinite counters, NaN, beyond 2^63: :mod:`kafka_analysis.model.possible`)
count as missing. Of several samples of a counter at one time the last counts.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.model.frames import Frame, back_to, to_polars
from kafka_analysis.model.possible import is_possible
from kafka_analysis.model.samples import SERIES
from kafka_analysis.model.units import milliseconds_of
from kafka_analysis.stats.reduce.batches import Batch, batch_of, batches_of, cut, keeping
from kafka_analysis.stats.reduce.growth import (
    find_scrapes_and_resets,
    increases_between_scrapes,
    share_out_to_buckets,
)

_TARGET = ("cluster", "broker", "of_host")  # a broker's page and its host's are scraped at different times
T = TypeVar("T")
_RESULT = ("increase", "seconds", "rate_per_s", "resets", "uncovered_s")
_KEYS = ("group", "bucket")
ALL_TOPICS, OTHER_TOPICS = "*", "~"  # no topic can have these names


@dataclass(frozen=True)
class _Window:
    """Bounds of a window and the length of its buckets, in ms."""

    low: int
    high: int
    step: int


@dataclass(frozen=True)
class Sums:
    """By which columns series are added up, and which topics: ``by`` and ``topics`` of :func:`increase`."""

    by: Sequence[str] | None
    topics: Frame

    def groups(self, series: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.int64]]:
        """Return the columns of what is added up, and to which row of them each series belongs.

        Series that are added up get the same columns: null, and names that stand for many topics.
        """
        if self.by is None:
            return series.select(SERIES), np.arange(len(series))
        merged = [name for name in SERIES if name not in ("metric", "topic", *self.by)]
        nulls = [pl.lit(None, series.schema[name]).alias(name) for name in merged]
        topic = [] if "topic" in self.by else [self._topic(series)]
        named = series.with_columns(*nulls, *topic).select(SERIES)
        groups = named.unique(maintain_order=True)
        return groups, _number_in(groups, named)

    def _topic(self, series: pl.DataFrame) -> pl.Series:
        chosen = series.select("cluster", "topic").with_columns(name=pl.lit(ALL_TOPICS))
        if self.topics is not None:
            names = to_polars(self.topics).select("cluster", "topic", name=pl.lit(ALL_TOPICS)).unique()
            place = ["cluster", "topic"]
            chosen = chosen.select(place).join(names, on=place, how="left", maintain_order="left")
        name = pl.when(pl.col("topic").is_not_null()).then(pl.col("name").fill_null(OTHER_TOPICS))
        return chosen.select(name.alias("topic"))["topic"]

    def of_rates(self, rows: pl.DataFrame, keys: Sequence[str] = _KEYS) -> pl.DataFrame:
        """Add up what counters grew by, group by group and bucket by bucket."""
        rate = pl.col("rate_per_s")
        return self._add_up(
            rows,
            keys,
            increase=pl.col("increase").sum(),
            seconds=pl.col("seconds").max(),
            rate_per_s=pl.when(rate.count() > 0).then(rate.sum()),
            resets=pl.col("resets").sum(),
            uncovered_s=pl.col("uncovered_s").max(),
        )

    def of_gauges(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add up summaries of gauges, group by group and bucket by bucket."""
        nothing = pl.lit(None, pl.Float64)
        mean, last, n = (pl.col(name).sum() for name in ("mean", "last", "n"))
        return self._add_up(rows, _KEYS, mean=mean, min=nothing, max=nothing, last=last, n=n)

    def _add_up(self, rows: pl.DataFrame, keys: Sequence[str], **sums: pl.Expr) -> pl.DataFrame:
        return rows if self.by is None else rows.group_by(keys).agg(**sums)


@dataclass(frozen=True)
class _Scrapes:
    """When targets were scraped, target after target, and which scrapes found them restarted.

    ``firsts``: where the scrapes of each target begin, and how many there are in all.
    """

    targets: pl.DataFrame
    firsts: NDArray[np.int64]
    ts: NDArray[np.int64]
    restarted: NDArray[np.bool_]


def increase(
    samples: Frame,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    every: timedelta | None = None,
    by: Sequence[str] | None = None,
    topics: Frame = None,
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
    by
        Columns such as ``cluster`` and ``broker`` by which series are added up, batch after batch, so that many
        buckets of many series fit into memory. The other columns are null then, and ``topic`` is ``*`` where it is not
        among them: aggregates are never added to topics. None = every series has rows of its own.
    topics
        ``cluster``, ``topic`` to add up under ``*``, the others under ``~``; None = all.

    Returns
    -------
    frame of the kind given
        A row per series (and bucket): the series' columns, ``window_start`` with ``every``, ``increase`` in the
        counter's unit, ``seconds`` in which the *target* was observed, ``rate_per_s`` = increase / seconds (null
        when the target was not observed), ``resets`` and ``uncovered_s``: seconds in which growth may have been
        lost to a reset. Read ``increase`` as a lower bound where ``uncovered_s`` > 0. With ``by`` ``seconds`` and
        ``uncovered_s`` are the longest, the others sums.

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
    read = _reader(samples)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        kept: list[Batch] = []
        scrapes, is_parted = _scrapes(_over(_seen, keeping(read(), kept), pool))
        if is_parted:
            return increase(samples.collect(), start=start, end=end, every=every, by=by, topics=topics)
        window = _window(scrapes.ts, start, end, every)
        sums = Sums(by, topics)
        grown = partial(
            _increase_and_rate, scrapes=scrapes, observed=_observed(scrapes, window), window=window, sums=sums
        )
        groups, parts = zip(*_over(grown, kept or read(), pool), strict=True)
    result = _put_together(groups, parts, sums.of_rates, low=window.low, step=window.step)
    return back_to(result if every else result.drop("window_start"), samples)


def gauge(
    samples: Frame,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    every: timedelta | None = None,
    by: Sequence[str] | None = None,
    topics: Frame = None,
) -> Frame:
    """Summarise each gauge series over a window [start, end).

    Parameters
    ----------
    samples, start, end, every, by, topics
        As for :func:`increase`, gauges only; ``every`` needs a ``start`` to count from.

    Returns
    -------
    frame of the kind given
        A row per series (and bucket, ``window_start``): ``mean``, ``min``, ``max``, ``last`` in the gauge's unit and
        ``n`` samples. A series without a sample in the window, or bucket, is absent, not 0. With ``by`` they are sums,
        but for ``min`` and ``max``, which do not add up: null.

    Examples
    --------
    >>> import polars as pl
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in (0, 10)]
    >>> rows = pl.DataFrame({"metric": "leader_count", "ts": t, "cluster": "c", "broker": 1, "topic": None,
    ...     "partition": None, "group": None, "entity": None, "stat": None, "value": [4.0, 6.0]})
    >>> gauge(rows).select("mean", "min", "max", "last", "n").row(0)
    (5.0, 4.0, 6.0, 6.0, 2)
    """
    rows = samples if isinstance(samples, pl.LazyFrame) else to_polars(samples)
    at = pl.col("ts").dt.timestamp("ms")
    if start is not None:
        rows = rows.filter(at >= milliseconds_of(start))
    if end is not None:
        rows = rows.filter(at < milliseconds_of(end))
    sums = Sums(by, topics)
    low = milliseconds_of(start) if start else 0
    step = every // timedelta(milliseconds=1) if every and start else None
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        summarised = partial(_summarised, low=low, step=step, sums=sums)
        answers = _over(summarised, _reader(rows, keep_repeats=True)(), pool)
        series, groups, parts = zip(*answers, strict=True)
    if _is_parted(series):
        return gauge(samples.collect(), start=start, end=end, every=every, by=by, topics=topics)
    result = _put_together(groups, parts, sums.of_gauges, low=low, step=step or 1)
    return back_to(result if step else result.drop("window_start"), samples)


def _reader(samples: Frame, *, keep_repeats: bool = False) -> Callable[[], Iterable[Batch]]:
    """Return a function that iterates over batches of the samples; it can be called repeatedly."""
    if isinstance(samples, pl.LazyFrame):
        return partial(batches_of, samples.filter(is_possible()), keep_repeats=keep_repeats)
    return partial(iter, [batch_of(to_polars(samples).filter(is_possible()), keep_repeats=keep_repeats)])


def _window(
    seen: NDArray[np.int64], start: datetime | None, end: datetime | None, every: timedelta | None
) -> _Window:
    low = milliseconds_of(start) if start else int(seen.min()) if len(seen) else 0
    high = max(milliseconds_of(end) if end else int(seen.max(initial=low)), low)
    step = every // timedelta(milliseconds=1) if every else high - low
    return _Window(low, high, max(step, 1))


def _over(function: Callable[[Batch], T], batches: Iterable[Batch], pool: Executor) -> Iterator[T]:
    """Call a function on the parts of one batch after another."""
    for batch in batches:
        yield from pool.map(function, cut(batch))


def _scrapes(parts: Iterable[tuple[pl.DataFrame, pl.DataFrame]]) -> tuple[_Scrapes, bool]:
    """List each target's scrapes and which of them found it restarted; tell whether a series lies in two batches."""
    all_series, scrapes = [], None
    for series, seen in parts:
        all_series.append(series)
        if scrapes is None:
            scrapes = seen
        else:
            before = scrapes.filter(~pl.col("restarted"))
            fresh = seen.join(before, on=[*_TARGET, "ts"], how="anti", nulls_equal=True)
            scrapes = pl.concat([scrapes, fresh, seen.filter("restarted")])
    moments = scrapes.group_by(*_TARGET, "ts").agg(pl.col("restarted").any()).sort(*_TARGET, "ts")
    counted = moments.group_by(_TARGET, maintain_order=True).len()
    firsts = np.concatenate([[0], counted["len"].to_numpy().cumsum()]).astype(np.int64)
    listed = _Scrapes(
        counted.select(_TARGET), firsts, moments["ts"].to_numpy(), moments["restarted"].to_numpy()
    )
    return listed, _is_parted(all_series)


def _is_parted(series: Sequence[pl.DataFrame]) -> bool:
    """Return whether a series lies in two batches."""
    return len(series) > 1 and bool(pl.concat(series).is_duplicated().any())


def _seen(batch: Batch) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the keys of a batch's series, and when its targets were scraped and found restarted."""
    targets = batch.series.select(_TARGET).unique(maintain_order=True)
    target = _number_in(targets, batch.series.select(_TARGET))
    new, fell = find_scrapes_and_resets(batch.ts, batch.value, batch.starts, target, _is_total(batch))
    rows = np.flatnonzero(new | fell)
    owner = target[np.searchsorted(batch.starts, rows, side="right") - 1]
    seen = targets[owner].with_columns(ts=pl.Series(batch.ts[rows]), restarted=pl.Series(fell[rows]))
    return batch.series, seen


def _is_total(batch: Batch) -> NDArray[np.bool_]:
    return batch.series["topic"].is_null().to_numpy()


def _number_in(distinct: pl.DataFrame, rows: pl.DataFrame) -> NDArray[np.int64]:
    """Return the index of each row in the table of distinct rows."""
    numbers = distinct.with_columns(number=pl.int_range(pl.len()))
    joined = rows.join(numbers, on=rows.columns, how="left", nulls_equal=True, maintain_order="left")
    return joined["number"].to_numpy()


def _increase_and_rate(
    batch: Batch, *, scrapes: _Scrapes, observed: pl.DataFrame, window: _Window, sums: Sums
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Compute what the series of a batch, or what they are added up to, grew by, bucket by bucket."""
    target = _number_in(scrapes.targets, batch.series.select(_TARGET))
    walked = (batch.ts, batch.value, batch.starts, target, _is_total(batch))
    steps = increases_between_scrapes(*walked, scrapes.ts, scrapes.firsts, scrapes.restarted)
    of, bucket, amount, resets, lost_ms = share_out_to_buckets(*steps, window.low, window.high, window.step)
    groups, group = sums.groups(batch.series)
    grown = pl.DataFrame(
        {
            "target": target[of],
            "group": group[of],
            "bucket": bucket,
            "increase": amount,
            "resets": resets,
            "uncovered_s": lost_ms / 1000,
        }
    ).join(observed, on=["target", "bucket"], how="left")
    rate = pl.when(pl.col("seconds") > 0).then(pl.col("increase") / pl.col("seconds"))
    return groups, sums.of_rates(grown.with_columns(rate_per_s=rate)).select("group", "bucket", *_RESULT)


def _put_together(
    groups: Sequence[pl.DataFrame],
    parts: Sequence[pl.DataFrame],
    add_up: Callable[[pl.DataFrame], pl.DataFrame],
    *,
    low: int,
    step: int,
) -> pl.DataFrame:
    """Join the parts of a result, in the order of series and buckets; numbers are sorted, not names."""
    every_group = pl.concat(groups)
    distinct = every_group.unique().sort(SERIES)
    numbers = np.split(_number_in(distinct, every_group), np.cumsum([len(names) for names in groups])[:-1])
    numbered = [
        part.with_columns(group=pl.Series(number[part["group"]]))
        for number, part in zip(numbers, parts, strict=True)
    ]
    rows = add_up(pl.concat(numbered)).sort("group", "bucket")
    start = (
        (pl.lit(low) + pl.col("bucket") * step).cast(pl.Datetime("ms", "UTC")).cast(pl.Datetime("us", "UTC"))
    )
    return distinct[rows["group"]].hstack(
        rows.with_columns(window_start=start).select(
            "window_start", pl.exclude("group", "bucket", "window_start")
        )
    )


def _summarised(
    batch: Batch, *, low: int, step: int | None, sums: Sums
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the series of a batch, and what they are added up to: its columns, and a summary bucket by bucket."""
    of = np.repeat(np.arange(len(batch.series)), np.diff(batch.starts))
    bucket = (batch.ts - low) // step if step else np.zeros(len(of), np.int64)
    begins = np.flatnonzero(np.diff(of, prepend=-1) | np.diff(bucket, prepend=-1))
    ends = np.append(begins, len(of))[1:]
    is_last = batch.ts == np.repeat(batch.ts[ends - 1], ends - begins)
    latest = np.where(is_last, batch.value, -np.inf)
    groups, group = sums.groups(batch.series)
    summarised = pl.DataFrame(
        {
            "group": group[of[begins]],
            "bucket": bucket[begins],
            "mean": _folded(np.add, batch.value, begins) / (ends - begins),
            "min": _folded(np.minimum, batch.value, begins),
            "max": _folded(np.maximum, batch.value, begins),
            "last": _folded(np.maximum, latest, begins),
            "n": (ends - begins).astype(np.uint32),
        }
    )
    return batch.series, groups, sums.of_gauges(summarised)


def _folded(fold: np.ufunc, values: NDArray[np.float64], begins: NDArray[np.int64]) -> NDArray[np.float64]:
    return fold.reduceat(values, begins) if len(values) else values


def _observed(scrapes: _Scrapes, window: _Window) -> pl.DataFrame:
    """Compute the seconds of each bucket in which each target was observed; targets by their numbers."""
    later = np.setdiff1d(np.arange(len(scrapes.ts)), scrapes.firsts)
    since, until = scrapes.ts[later - 1], scrapes.ts[later]
    begins = scrapes.firsts - np.arange(len(scrapes.firsts))
    nothing = np.zeros(len(later), np.bool_)
    of, bucket, seconds, _, _ = share_out_to_buckets(
        since, until, (until - since) / 1000, nothing, begins, window.low, window.high, window.step
    )
    return pl.DataFrame({"target": of, "bucket": bucket, "seconds": seconds})
