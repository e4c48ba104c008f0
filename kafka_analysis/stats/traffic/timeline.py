"""Throughput over time, by kind of traffic: what a reader sees before believing two windows."""

import math
from datetime import datetime, timedelta

import polars as pl

from kafka_analysis.model.frames import Frame, as_lazy, back_to, to_polars
from kafka_analysis.stats.traffic.comparison import chosen_traffic
from kafka_analysis.stats.traffic.kinds import sum_by_kind
from kafka_analysis.stats.traffic.mirroring import MIRROR_METRICS, mirror_flows
from kafka_analysis.stats.traffic.rates import traffic_rates

MOST_BUCKETS = 120


def bucket_length(start: datetime, end: datetime, *, interval_s: float) -> timedelta:
    """Choose the length of buckets: whole scrapes, at least two, and at most 120 buckets.

    Examples
    --------
    >>> t0 = datetime(2026, 1, 1)
    >>> bucket_length(t0, t0 + timedelta(minutes=10), interval_s=10).total_seconds()
    20.0
    >>> bucket_length(t0, t0 + timedelta(days=1), interval_s=15).total_seconds()
    720.0
    """
    scrapes = math.ceil((end - start).total_seconds() / (MOST_BUCKETS * interval_s))
    return timedelta(seconds=max(scrapes, 2) * interval_s)


def traffic_over_time(
    samples: Frame,
    *,
    start: datetime,
    end: datetime,
    every: timedelta,
    topics: Frame = None,
    flows: Frame = None,
) -> Frame:
    """Split the traffic of each cluster into business, internal and migration, bucket by bucket.

    Parameters
    ----------
    samples
        Samples of ``TRAFFIC_METRICS`` and, where there is a replicator, of ``mirror_records_total``. Lazy ones are
        read in batches.
    every
        Length of a bucket.
    topics, flows
        As for :func:`kafka_analysis.stats.traffic.comparison.traffic_in`; no topics = all of them.

    Returns
    -------
    frame of the kind given
        ``window_start``, ``cluster``, ``kind``, ``bytes_in_per_s``, ``bytes_out_per_s``, ``messages_in_per_s``,
        ``evidence``; a bucket in which a cluster was not scraped is absent.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in (0, 10, 20)]
    >>> rows = pl.DataFrame({"metric": "bytes_in_total", "ts": t, "cluster": "c", "broker": 1, "topic": "t",
    ...     "partition": None, "group": None, "entity": None, "stat": None, "value": [0.0, 100.0, 400.0]})
    >>> traffic_over_time(rows, start=t[0], end=t[2], every=timedelta(seconds=10))["bytes_in_per_s"].to_list()
    [10.0, 30.0]
    """
    rows = topic_traffic_over_time(samples, start=start, end=end, every=every, topics=topics, flows=flows)
    return back_to(sum_by_kind(to_polars(rows)).sort("cluster", "window_start", "kind"), samples)


def topic_traffic_over_time(
    samples: Frame,
    *,
    start: datetime,
    end: datetime,
    every: timedelta,
    topics: Frame = None,
    flows: Frame = None,
) -> Frame:
    """Split the traffic of each topic into business, internal and migration, bucket by bucket.

    Parameters
    ----------
    samples, start, end, every, topics, flows
        As for :func:`traffic_over_time`, which adds up what this returns.

    Returns
    -------
    frame of the kind given
        As of ``stats.traffic_by_kind``, with ``window_start``; a bucket in which no counter of a topic was seen is
        absent.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in (0, 10, 20)]
    >>> rows = pl.DataFrame({"metric": "bytes_in_total", "ts": t, "cluster": "c", "broker": 1, "topic": "t",
    ...     "partition": None, "group": None, "entity": None, "stat": None, "value": [0.0, 100.0, 400.0]})
    >>> found = topic_traffic_over_time(rows, start=t[0], end=t[2], every=timedelta(seconds=10))
    >>> found.select("topic", "kind", "bytes_in_per_s").rows()
    [('t', 'business', 10.0), ('t', 'business', 30.0)]
    """
    flows = _mirror_flows(samples) if flows is None else flows
    window = {"start": start, "end": end, "every": every}
    rates = to_polars(traffic_rates(samples, **window, by=["cluster", "topic", "entity"]))
    split = chosen_traffic(rates.drop_nulls("rate_per_s"), topics=topics, flows=flows)
    return back_to(split.cast({"window_start": pl.Datetime("ms", "UTC")}), samples)


def _mirror_flows(samples: Frame) -> pl.DataFrame:
    """Find what MirrorMaker 2 mirrors from samples alone; the topics are read only where there is a replicator."""
    rows = as_lazy(samples)
    mirrored = (
        rows.filter(pl.col("metric").is_in(MIRROR_METRICS)).select("metric", "entity", "topic").unique()
    )
    series = mirrored.collect(engine="streaming").cast({"entity": pl.String, "topic": pl.String})
    topics = rows.filter(pl.col("broker").is_not_null(), pl.lit(len(series) > 0)).select("cluster", "topic")
    return mirror_flows(series, topics=topics.unique().collect(engine="streaming"))
