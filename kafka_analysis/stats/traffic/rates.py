"""Rates of traffic from what a capture has: counters, or where there are none, what brokers report as rates."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from kafka_analysis.model.frames import Frame, as_lazy, back_to
from kafka_analysis.model.possible import is_possible
from kafka_analysis.model.samples import SERIES
from kafka_analysis.model.units import capitalized, milliseconds_of
from kafka_analysis.stats.load.brokers import TRAFFIC_COUNTERS
from kafka_analysis.stats.reduce.samples import Sums, increase

REPORTED = {name.replace("_total", "_per_s"): name for name in TRAFFIC_COUNTERS}
TRAFFIC_METRICS = (*TRAFFIC_COUNTERS, *REPORTED)


def traffic_rates(
    samples: Frame,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    every: timedelta | None = None,
    by: Sequence[str] | None = None,
    topics: Frame = None,
) -> Frame:
    """Compute the rate of every series of traffic in a window.

    A cluster's flow (bytes in, say) comes from its counters. Where no counter of it was captured, it is the mean of the
    rates the brokers report: Amazon CloudWatch's averages, or the meters' one-minute rates, which are exponentially
    weighted and wrong for minutes after a topic or a broker starts. The two are never mixed within a cluster's flow.

    Parameters
    ----------
    samples
        Samples of ``TRAFFIC_METRICS``; other counters may be among them. Lazy ones are read in batches.
    start, end, every, by, topics
        As for :func:`kafka_analysis.stats.increase`.

    Returns
    -------
    frame of the kind given
        As of :func:`kafka_analysis.stats.increase`, under the counters' names, with ``source``: ``counter`` or
        ``reported``. For the latter ``increase`` is the rate times ``seconds``, the time the samples stand for.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, m) for m in (0, 1)]
    >>> rows = pl.DataFrame({"metric": "bytes_in_per_s", "ts": t, "cluster": "c", "broker": 1, "topic": "t",
    ...     "partition": None, "group": None, "entity": None, "stat": None, "value": [10.0, 30.0]})
    >>> traffic_rates(rows).select("metric", "rate_per_s", "seconds", "source").row(0)
    ('bytes_in_total', 20.0, 120.0, 'reported')
    """
    rows = as_lazy(samples).filter(is_possible())
    counters = rows.filter(~pl.col("metric").is_in(list(REPORTED)))
    given = counters if isinstance(samples, pl.LazyFrame) else counters.collect()
    rates = increase(given, start=start, end=end, every=every, by=by, topics=topics)
    rates = rates.with_columns(source=pl.lit("counter"))
    reported = _without_counters(rows)
    if not reported.is_empty():
        sums, means = Sums(by, topics), _means(reported, start, end, every)
        names, group = sums.groups(means)
        named = means.with_columns(*names[group].get_columns())
        keys = [*SERIES, "source"] if every is None else [*SERIES, "window_start", "source"]
        means = sums.of_rates(named, keys)
        rates = pl.concat([rates, means.select(rates.columns)], how="vertical_relaxed")
    return back_to(rates, samples)


def _without_counters(samples: pl.LazyFrame) -> pl.DataFrame:
    """Return the reported rates of the flows a cluster has no counters of, under the counters' names."""
    is_reported, flow = pl.col("metric").is_in(list(REPORTED)), ["cluster", "metric"]
    reported = samples.filter(is_reported).with_columns(pl.col("metric").replace(REPORTED))
    flows = reported.select(flow).unique().collect(engine="streaming")
    if flows.is_empty():  # as most captures are: nothing else is read
        return reported.clear().collect()
    counted = samples.filter(~is_reported).select(flow).unique().collect(engine="streaming")
    wanted = reported.join(counted.lazy(), on=flow, how="anti").collect(engine="streaming")
    # CloudWatch tells a topic's rate broker by broker and, besides, of the whole cluster: once is enough.
    apart = wanted.filter(pl.col("broker").is_not_null() & pl.col("topic").is_not_null())
    keys = ["cluster", "metric", "topic"]
    whole = wanted.filter(pl.col("broker").is_null()).join(apart, on=keys, how="anti")
    return pl.concat([wanted.filter(pl.col("broker").is_not_null()), whole])


def _means(
    reported: pl.DataFrame, start: datetime | None, end: datetime | None, every: timedelta | None
) -> pl.DataFrame:
    """Average the reported rates of each series, bucket by bucket."""
    timed = reported.with_columns(at=pl.col("ts").dt.timestamp("ms"))
    low = milliseconds_of(start) if start else int(timed["at"].min())
    high = milliseconds_of(end) if end else int(timed["at"].max()) + 1
    gaps = timed.select("cluster", gap=pl.col("at").diff().over(*SERIES, order_by="at"))
    steps = gaps.group_by("cluster").agg(step_s=pl.col("gap").median() / 1000)
    inside = timed.filter(pl.col("at").is_between(low, high, closed="left")).join(steps, on="cluster")
    keys = list(SERIES)
    if every is not None:
        step = every // timedelta(milliseconds=1)
        since = low + (pl.col("at") - low) // step * step
        inside = inside.with_columns(window_start=pl.from_epoch(since, "ms").dt.replace_time_zone("UTC"))
        keys.append("window_start")
    rate, seconds = pl.col("value").mean(), pl.len() * pl.col("step_s").first()
    means = inside.group_by(keys).agg(rate_per_s=rate, seconds=seconds)
    return means.with_columns(
        increase=pl.col("rate_per_s") * pl.col("seconds"),
        resets=pl.lit(0, pl.Int64),
        uncovered_s=pl.lit(0.0),
        source=pl.lit("reported"),
    ).sort(keys)


def describe_rates(samples: Frame) -> list[str]:
    """Say of which clusters the traffic is what brokers report rather than what counters say.

    Parameters
    ----------
    samples
        Samples of ``TRAFFIC_METRICS``.

    Examples
    --------
    >>> describe_rates(pl.DataFrame({"cluster": "c", "metric": ["bytes_in_per_s"], "broker": 1, "topic": "t"}))
    ['Bytes in of c: means of the rates that its brokers report, because there are no counters.']
    """
    flows = _without_counters(as_lazy(samples)).select("cluster", "metric").unique()
    reported = flows.group_by("cluster").agg(pl.col("metric").sort()).sort("cluster")
    return [
        f"{_listed(names)} of {cluster}: means of the rates that its brokers report, because there are no counters."
        for cluster, names in reported.iter_rows()
    ]


def _listed(metrics: list[str]) -> str:
    names = [metric.removesuffix("_total").replace("_", " ") for metric in metrics]
    return capitalized(", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0])
