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

from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
from narwhals.typing import IntoFrameT

from kafka_analysis.model.metrics import HOST_METRICS

SERIES = ("metric", "cluster", "broker", "topic", "partition", "group", "entity", "stat")
_TARGET = ("cluster", "broker", "of_host")  # a broker's page and its host's are scraped at different times
_TEXT_GAP, _NUMBER_GAP = "\x00", -1


def increase(
    samples: IntoFrameT,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    every: timedelta | None = None,
) -> IntoFrameT:
    """Compute what each counter series grew by in a window, reset-safe.

    Parameters
    ----------
    samples
        Rows of the samples contract (``metric``, ``ts``, ``cluster``, ``broker`` … ``value``), counters only.
        Give the aggregate series along with the topics': they tell a restart from a moved leader, and when the
        target was scraped.
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
    frame = _eager(samples)
    edges_ms = _edges(frame, start, end, every)
    filled = _fill(frame)
    scrapes = _scrapes(filled)
    points = _points(filled, scrapes)
    pieces = nw.concat([_clip(_growth(points), edges_ms), _clip(_losses(points), edges_ms)])
    keys = [*SERIES, "of_host", "bucket"]
    grown = pieces.group_by(keys).agg(
        nw.col("increase").sum(), nw.col("resets").sum(), nw.col("uncovered_s").sum()
    )
    observed = (
        _clip(_observation(scrapes), edges_ms)
        .group_by([*_TARGET, "bucket"])
        .agg(nw.col("increase").sum().alias("seconds"))
    )
    result = grown.join(observed, on=[*_TARGET, "bucket"], how="left").with_columns(
        rate_per_s=nw.when(nw.col("seconds") > 0).then(nw.col("increase") / nw.col("seconds"))
    )
    columns = [*SERIES, "bucket", "increase", "seconds", "rate_per_s", "resets", "uncovered_s"]
    result = _restore(result.select(columns).sort([*SERIES, "bucket"]))
    return nw.to_native(_named_buckets(result, edges_ms) if every else result.drop("bucket"))


def gauge(samples: IntoFrameT, *, start: datetime | None = None, end: datetime | None = None) -> IntoFrameT:
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
    frame = _fill(_eager(samples))
    if start is not None:
        frame = frame.filter(nw.col("ts") >= _milliseconds(start))
    if end is not None:
        frame = frame.filter(nw.col("ts") < _milliseconds(end))
    value = nw.col("value")
    ranked = frame.with_columns(latest=nw.col("ts") == nw.col("ts").max().over(*SERIES))
    result = ranked.group_by(list(SERIES)).agg(
        value.mean().alias("mean"), value.min().alias("min"), value.max().alias("max"), value.len().alias("n")
    )
    last = ranked.filter(nw.col("latest")).group_by(list(SERIES)).agg(value.max().alias("last"))
    joined = result.join(last, on=list(SERIES), how="left").select(
        [*SERIES, "mean", "min", "max", "last", "n"]
    )
    return nw.to_native(_restore(joined.sort(list(SERIES))))


def _eager(samples: IntoFrameT) -> nw.DataFrame[Any]:
    return nw.from_native(samples).lazy().collect()


def _milliseconds(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def _edges(
    frame: nw.DataFrame[Any], start: datetime | None, end: datetime | None, every: timedelta | None
) -> list[int]:
    """List the edges of the buckets in ms since the epoch; two edges when there is one bucket."""
    seen = frame["ts"].dt.timestamp("ms")
    low = _milliseconds(start) if start else int(seen.min() or 0)
    high = _milliseconds(end) if end else int(seen.max() or 0)
    step = max(every // timedelta(milliseconds=1), 1) if every else max(high - low, 1)
    return [*range(low, high, step), high] if high > low else [low, low]


def _fill(frame: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Give null keys a stand-in (engines disagree on how null groups and joins) and times as integers."""
    numbers = nw.col("broker", "partition").cast(nw.Float64).fill_null(_NUMBER_GAP)
    return frame.with_columns(
        numbers.cast(nw.Int32),
        nw.col("topic", "group", "entity", "stat").cast(nw.String).fill_null(_TEXT_GAP),
        ts=nw.col("ts").dt.timestamp("ms"),
        of_host=nw.col("metric").is_in(sorted(HOST_METRICS)),
    )


def _restore(frame: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    known = [nw.when(nw.col(n) != _NUMBER_GAP).then(nw.col(n)).alias(n) for n in ("broker", "partition")]
    named = [
        nw.when(nw.col(n) != _TEXT_GAP).then(nw.col(n)).alias(n) for n in ("topic", "group", "entity", "stat")
    ]
    return frame.with_columns(*known, *named)


def _scrapes(filled: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """List the good scrapes of each target with the one before and the one after."""
    unique = filled.select(*_TARGET, "ts").unique()
    return unique.with_columns(
        before=nw.col("ts").shift(1).over(*_TARGET, order_by="ts"),
        after=nw.col("ts").shift(-1).over(*_TARGET, order_by="ts"),
    )


def _points(filled: nw.DataFrame[Any], scrapes: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Give each sample its neighbours and say whether the series continues, was reset, or ends here."""
    points = filled.join(scrapes, on=[*_TARGET, "ts"], how="left").with_columns(
        previous_ts=nw.col("ts").shift(1).over(*SERIES, order_by="ts"),
        previous=nw.col("value").shift(1).over(*SERIES, order_by="ts"),
        next_ts=nw.col("ts").shift(-1).over(*SERIES, order_by="ts"),
    )
    fell = (nw.col("value") < nw.col("previous")).fill_null(value=False)
    points = points.with_columns(fell=fell, restart=(fell & (nw.col("topic") == _TEXT_GAP)).cast(nw.Int8))
    points = points.with_columns(restart=nw.col("restart").max().over(*_TARGET, "ts") > 0)
    continues = (nw.col("previous_ts") == nw.col("before")).fill_null(value=False)
    followed = (nw.col("next_ts") == nw.col("after")).fill_null(value=False)
    return points.with_columns(
        continues=continues & ~(nw.col("fell") | nw.col("restart")),
        reset=continues & (nw.col("fell") | nw.col("restart")),
        ended=~followed & ~nw.col("after").is_null(),
    )


def _growth(points: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Return the stretches (since, until] between scrapes and what the counter grew by in each."""
    known = points.filter(~nw.col("before").is_null())
    grown = nw.when(nw.col("continues")).then(nw.col("value") - nw.col("previous")).otherwise(nw.col("value"))
    return known.select(
        *SERIES, "of_host", nw.col("before").alias("since"), nw.col("ts").alias("until"),
        increase=grown, resets=nw.lit(0), uncovered_s=nw.lit(0.0),
    )  # fmt: skip


def _losses(points: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Return the stretches in which growth may have been lost: up to a fall, or after a series' last sight."""
    falls = points.filter(nw.col("reset")).select(
        *SERIES, "of_host", nw.col("before").alias("since"), nw.col("ts").alias("until")
    )
    ends = points.filter(nw.col("ended")).select(
        *SERIES, "of_host", nw.col("ts").alias("since"), nw.col("after").alias("until")
    )
    both = nw.concat([falls, ends])
    return both.with_columns(
        increase=nw.lit(0.0), resets=nw.lit(1), uncovered_s=(nw.col("until") - nw.col("since")) / 1000
    )


def _observation(scrapes: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    known = scrapes.filter(~nw.col("before").is_null())
    return known.select(
        *_TARGET, nw.col("before").alias("since"), nw.col("ts").alias("until"),
        increase=(nw.col("ts") - nw.col("before")) / 1000, resets=nw.lit(0), uncovered_s=nw.lit(0.0),
    )  # fmt: skip


def _clip(stretches: nw.DataFrame[Any], edges_ms: list[int]) -> nw.DataFrame[Any]:
    """Cut stretches at the buckets' edges; each piece takes its share, the one holding the end the reset."""
    low, high, step = edges_ms[0], edges_ms[-1], max(edges_ms[1] - edges_ms[0], 1)
    last = max(len(edges_ms) - 2, 0)
    inside = stretches.filter((nw.col("until") > low) & (nw.col("since") < high)).with_columns(
        first=((nw.col("since") - low) // step).clip(0, last),
        final=((nw.col("until") - 1 - low) // step).clip(0, last),
    )
    widest = int((inside["final"] - inside["first"]).max() or 0) if len(inside) else 0
    pieces = [
        _piece(inside.filter(nw.col("first") + k <= nw.col("final")).with_columns(bucket=nw.col("first") + k),
               low=low, high=high, step=step)
        for k in range(widest + 1)
    ]  # fmt: skip
    return nw.concat(pieces)


def _piece(cut: nw.DataFrame[Any], *, low: int, high: int, step: int) -> nw.DataFrame[Any]:
    edge = nw.col("bucket") * step + low
    begin = nw.max_horizontal(nw.col("since"), edge)
    stop = nw.min_horizontal(nw.col("until"), edge + step, nw.lit(high))
    share = (stop - begin) / (nw.col("until") - nw.col("since"))
    whole = (nw.col("until") <= edge + step) & (nw.col("until") <= high)
    return cut.with_columns(
        increase=nw.col("increase") * share,
        uncovered_s=nw.col("uncovered_s") * share,
        resets=nw.col("resets") * whole.cast(nw.Int32),
    ).drop("since", "until", "first", "final")


def _named_buckets(result: nw.DataFrame[Any], edges_ms: list[int]) -> nw.DataFrame[Any]:
    starts = [datetime.fromtimestamp(ms / 1000, UTC) for ms in edges_ms[:-1]]
    names = nw.from_dict(
        {"bucket": list(range(len(starts))), "window_start": starts}, backend=result.implementation
    )
    names = names.with_columns(nw.col("window_start").cast(nw.Datetime("ms", "UTC")))
    columns = [*SERIES, "window_start", "increase", "seconds", "rate_per_s", "resets", "uncovered_s"]
    return result.join(names, on="bucket", how="left").select(columns).sort([*SERIES, "window_start"])
