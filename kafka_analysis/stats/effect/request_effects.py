"""How long requests took and how many failed, before and after."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, as_lazy, back_to
from kafka_analysis.stats.effect.rows import SCHEMA, Asked, cannot_tell, not_held
from kafka_analysis.stats.effect.sides import Sides, compared, held_in, reduced
from kafka_analysis.stats.reduce.samples import gauge, increase

_TIMES, _REQUESTS = "request_total_ms", "requests_total"
_WAY = ["side", "cluster", "broker", "window_start"]
_OF_FETCH = ("FetchConsumer", "FetchFollower")  # brokers count each of these as Fetch too
_OF_DATA = ("Produce", "Fetch", *_OF_FETCH)  # errors of others are tools' and transactions' everyday
_PER_1000 = "per 1,000 requests"
_COARSE_MS = 1.0  # brokers count whole milliseconds
_FEW = 1.0  # of 1,000 requests
_LATENCIES = tuple(
    (Asked(f"{name}_{stat}", f"{words}, {stat}", "ms", same_up_to=_COARSE_MS), entity, stat)
    for name, words, entity in (
        ("produce", "Time of a produce request", "Produce"),
        ("fetch", "Time of a consumer's fetch", "FetchConsumer"),
    )
    for stat in ("p50", "p99")
)
_FAILURES = (
    (
        Asked("failed_produce", "Failed produce requests", _PER_1000, same_up_to=_FEW),
        "failed_produce_requests_total",
        "produce_requests_total",
    ),
    (
        Asked("failed_fetch", "Failed fetch requests", _PER_1000, same_up_to=_FEW),
        "failed_fetch_requests_total",
        "fetch_requests_total",
    ),
    (
        Asked("errors", "Errors in answers to produce and fetch requests", _PER_1000, same_up_to=_FEW),
        "request_errors_total",
        _REQUESTS,
    ),
)
REQUEST_METRICS = (_TIMES, *(name for _, *names in _FAILURES for name in names))


def request_effects(samples: Frame, *, sides: Sides) -> Any:
    """Say by how much the time of requests and their errors changed, with intervals.

    Parameters
    ----------
    samples
        Samples of ``REQUEST_METRICS``. Lazy ones are read in batches.
    sides
        Result of :func:`kafka_analysis.stats.effect.sides.sides_of`.

    Returns
    -------
    frame of the kind given
        A row per question (``SCHEMA`` of :mod:`kafka_analysis.stats.effect.rows`): p50 and p99 of produce requests
        and of consumers' fetches (ms), failed produce and fetch requests, errors of both (per 1,000). A
        question whose metrics are not held on both sides is ``cannot tell``, and says which.

    Examples
    --------
    >>> from datetime import UTC, datetime, timedelta
    >>> from kafka_analysis.model.samples import empty_samples
    >>> from kafka_analysis.stats.scope.windows import Window
    >>> t = [datetime(2026, 1, 1, h, tzinfo=UTC) for h in range(3)]
    >>> sides = Sides(Window(t[0], t[1]), Window(t[1], t[2]), ("a",), ("b",), timedelta(hours=1), "week")
    >>> request_effects(empty_samples(), sides=sides)["reason"][0]
    'the capture holds no request_total_ms of either window (Produce, p50)'
    """
    wanted = as_lazy(samples)
    names = [entity for _, entity, _ in _LATENCIES]
    times = wanted.filter(
        pl.col("metric") == _TIMES, pl.col("entity").is_in(names), pl.col("stat").is_in(["p50", "p99"])
    )
    counters = wanted.filter(
        pl.col("metric").is_in([m for m in REQUEST_METRICS if m != _TIMES]),
        pl.col("topic").is_null(),
        pl.col("entity").is_in(_OF_DATA).fill_null(value=True),
    )
    seen = reduced(gauge, times, sides)
    counted = reduced(increase, counters, sides, by=["cluster", "broker", "entity"])
    rows = [_latency(asked, seen, counted, entity, stat, sides) for asked, entity, stat in _LATENCIES]
    rows += [_failures(asked, counted, failed, of, sides) for asked, failed, of in _FAILURES]
    return back_to(pl.DataFrame(rows, schema=SCHEMA), samples)


def _latency(
    asked: Asked, seen: pl.DataFrame, counted: pl.DataFrame, entity: str, stat: str, sides: Sides
) -> dict[str, Any]:
    of = seen.filter(entity=entity, stat=stat)
    if missing := not_held([_TIMES], *held_in(of)):
        return cannot_tell(asked, f"{missing} ({entity}, {stat})")
    return compared(asked, latency_series(of, counted.filter(metric=_REQUESTS, entity=entity)), sides)


def latency_series(times: pl.DataFrame, requests: pl.DataFrame) -> pl.DataFrame:
    """Average the brokers' percentiles step by step, each weighted by its requests: percentiles do not add up.

    Parameters
    ----------
    times
        ``side``, ``cluster``, ``broker``, ``window_start``, ``mean`` of one percentile of one kind of request.
    requests
        The same keys and ``increase``: requests of that kind; without rows brokers count alike.

    Returns
    -------
    polars.DataFrame
        ``ts``, ``value``; null where no broker had such a request.

    Examples
    --------
    >>> keys = {"side": "after", "cluster": "c", "broker": [1, 2], "window_start": 0}
    >>> times = pl.DataFrame({**keys, "mean": [10.0, 20.0]})
    >>> latency_series(times, pl.DataFrame({**keys, "increase": [3.0, 1.0]})).rows()
    [(0, 12.5)]
    >>> latency_series(times, pl.DataFrame({**keys, "increase": 1.0}).clear()).rows()
    [(0, 15.0)]
    """
    if requests.is_empty():
        weighted = times.with_columns(increase=pl.lit(1.0))
    else:
        weighted = times.join(requests.select(*_WAY, "increase"), on=_WAY, nulls_equal=True)
    weight = pl.col("increase").sum()
    mean = pl.when(weight > 0).then((pl.col("mean") * pl.col("increase")).sum() / weight)
    return weighted.group_by(ts="window_start").agg(value=mean).sort("ts")


def _failures(asked: Asked, counted: pl.DataFrame, failed: str, of: str, sides: Sides) -> dict[str, Any]:
    held = held_in(counted.drop_nulls("rate_per_s"))
    if missing := "; ".join(filter(None, (not_held([name], *held) for name in (of, failed)))):
        return cannot_tell(asked, missing)
    return compared(asked, failure_series(counted, failed=failed, of=of), sides)


def failure_series(counted: pl.DataFrame, *, failed: str, of: str) -> pl.DataFrame:
    """Divide what failed by what was asked, step by step, all brokers together; per 1,000.

    Parameters
    ----------
    counted
        ``metric``, ``entity``, ``window_start``, ``increase``. Brokers count each fetch twice, as ``Fetch`` and as
        ``FetchConsumer`` or ``FetchFollower``: it is taken once.

    Returns
    -------
    polars.DataFrame
        ``ts``, ``value``; null where nothing was asked.

    Examples
    --------
    >>> rows = pl.DataFrame({"metric": ["r", "r", "r", "e"], "entity": ["Produce", "Fetch", "FetchConsumer", "Fetch"],
    ...     "window_start": 0, "increase": [400.0, 100.0, 100.0, 1.0]})
    >>> failure_series(rows, failed="e", of="r").rows()
    [(0, 2.0)]
    """
    twice = pl.col("entity").is_in(_OF_FETCH) & (pl.col("entity") == "Fetch").any()
    once = counted.filter(~twice.fill_null(value=False))
    sums = once.group_by(ts="window_start").agg(
        failed=pl.col("increase").filter(metric=failed).sum(),
        asked=pl.col("increase").filter(metric=of).sum(),
    )
    share = pl.when(pl.col("asked") > 0).then(1000 * pl.col("failed") / pl.col("asked"))
    return sums.sort("ts").select("ts", value=share)
