"""Traffic of whole clusters over time, without a kind told apart: what sizing takes its peaks from."""

import math
from datetime import datetime, timedelta

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.scope.selection import keep_topics

_MOST_BUCKETS = 1000
_SHORTEST_S = 60.0
_FLOWS = {"bytes_in_total": "bytes_in_per_s", "bytes_out_total": "bytes_out_per_s"}


def peak_bucket_length(start: datetime, end: datetime, *, interval_s: float) -> timedelta:
    """Choose over how long a time a peak is taken: a minute, at least two scrapes, and at most 1000 buckets.

    Examples
    --------
    >>> t0 = datetime(2026, 1, 1)
    >>> [peak_bucket_length(t0, t0 + timedelta(days=n), interval_s=15).total_seconds() for n in (0.1, 7)]
    [60.0, 615.0]
    """
    shortest = max(_SHORTEST_S, 2 * interval_s, (end - start).total_seconds() / _MOST_BUCKETS)
    return timedelta(seconds=math.ceil(shortest / interval_s) * interval_s)


@same_kind
def cluster_rates(rates: Frame, *, topics: Frame) -> Frame:
    """Add up the traffic of chosen topics for each cluster and bucket.

    Parameters
    ----------
    rates
        Result of ``stats.traffic_rates`` with ``every``: ``cluster``, ``topic``, ``metric``, ``window_start``,
        ``rate_per_s``. At size let it add up the topics: ``by=["cluster"], topics=topics``.
    topics
        ``cluster``, ``topic`` of those that count.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``window_start``, ``bytes_in_per_s``, ``bytes_out_per_s``; null where nothing was seen. The
        broker aggregates are not looked at, or every byte would count twice.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "topic": ["a", "b", None], "metric": "bytes_in_total", "window_start": 0,
    ...     "rate_per_s": [1.0, 2.0, 3.0]})
    >>> cluster_rates(rows, topics=rows.head(2)).row(0)
    ('c', 0, 3.0, None)
    """
    keys = ["cluster", "window_start"]
    chosen = keep_topics(rates, topics)
    seen = chosen.drop_nulls("rate_per_s")
    sums = [
        seen.filter(metric=metric).group_by(keys).agg(pl.col("rate_per_s").sum().alias(name))
        for metric, name in _FLOWS.items()
    ]
    buckets = chosen.select(keys).unique()
    for flow in sums:
        buckets = buckets.join(flow, on=keys, how="left")
    return buckets.sort(keys)
