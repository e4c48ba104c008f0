"""Skew bucket by bucket: how uneven the load of the brokers was, and when."""

from datetime import datetime, timedelta

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.load.brokers import SKEW_RESOURCES, TRAFFIC
from kafka_analysis.stats.scope.selection import keep_topics
from kafka_analysis.stats.skew.measures import measure_skew
from kafka_analysis.stats.traffic.timeline import bucket_length

LONGEST_BUCKET = timedelta(hours=3)
_KEYS = ["cluster", "window_start", "broker"]
_COUNTS = {"leader_count": "leaders", "partition_count": "replicas"}
TIMED_METRICS = ("log_size_bytes", *_COUNTS)


def skew_bucket_length(start: datetime, end: datetime, *, interval_s: float) -> timedelta:
    """Choose the length of buckets: as for traffic over time, but at most 3 h, so that a day has at least 8.

    Examples
    --------
    >>> t0 = datetime(2026, 1, 1)
    >>> skew_bucket_length(t0, t0 + timedelta(days=60), interval_s=60).total_seconds()
    10800.0
    """
    longest = max(LONGEST_BUCKET, timedelta(seconds=2 * interval_s))
    return min(bucket_length(start, end, interval_s=interval_s), longest)


@same_kind
def skew_over_time(rates: Frame, *, gauges: Frame, topics: Frame = None) -> Frame:
    """Measure the skew of each cluster's brokers in every bucket.

    Parameters
    ----------
    rates
        Result of ``stats.traffic_rates`` with ``every``; at size also with ``by=["cluster", "broker"]`` and
        ``topics``, as for ``gauges``.
    gauges
        Result of ``stats.gauge`` over ``TIMED_METRICS`` with the same ``start`` and ``every``: bytes stored at the end
        of each bucket, leaders and replicas on the average. Brokers count the latter over all topics.
    topics
        ``cluster``, ``topic`` to count in bytes; None = all.

    Returns
    -------
    frame of the kind given
        ``window_start``, ``cluster``, ``resource``, ``n`` brokers, ``mean``, ``max_over_mean``, ``net_imbalance``,
        ``net_imbalance_share``, ``top``, ``complete``: whether every broker there was at the time is in it. A broker is
        there from its first to its last bucket; without it the mean is that of others.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1)]
    >>> rates = pl.DataFrame({"metric": "bytes_in_total", "cluster": "c", "broker": [1, 1, 2, 2], "window_start": t * 4,
    ...     "topic": ["t", None, "t", None], "rate_per_s": [3.0, 3.0, 1.0, 1.0]})
    >>> gauges = pl.DataFrame(schema={"metric": pl.String, "cluster": pl.String, "broker": pl.Int32,
    ...     "window_start": pl.Datetime("us"), "topic": pl.String, "mean": pl.Float64, "last": pl.Float64})
    >>> skew_over_time(rates, gauges=gauges).select("resource", "n", "max_over_mean", "complete").row(0)
    ('bytes_in_per_s', 2, 1.5, True)
    """
    parts = [*(_flow(rates, name, topics) for name in TRAFFIC), _sizes(gauges, topics), *_counts(gauges)]
    long = pl.concat(parts).drop_nulls("value")
    wide = long.pivot("resource", index=_KEYS, values="value")
    resources = [name for name in (*SKEW_RESOURCES, "messages_in_per_s") if name in wide.columns]
    measured = measure_skew(wide, resources=resources, by=("cluster", "window_start")).filter(pl.col("n") > 0)
    there = _brokers_there(long)
    rows = measured.join(there, on=["cluster", "resource", "window_start"], how="left")
    columns = ["n", "mean", "max_over_mean", "net_imbalance", "net_imbalance_share", "top"]
    complete = (pl.col("n") >= pl.col("there")).alias("complete")
    timed = rows.select("window_start", "cluster", "resource", *columns, complete)
    return timed.sort("cluster", "resource", "window_start")


def _flow(rates: pl.DataFrame, name: str, topics: pl.DataFrame | None) -> pl.DataFrame:
    """Return what each broker carried of a flow: its topics', or its own total where a cluster tells no topic apart."""
    rows = rates.filter(metric=f"{name}_total").drop_nulls("rate_per_s")
    of_topics = rows.drop_nulls("topic")
    kept = of_topics if topics is None else keep_topics(of_topics, topics)
    carried = kept.group_by(_KEYS).agg(of_topics=pl.col("rate_per_s").sum())
    whole = rows.filter(pl.col("topic").is_null(), pl.col("broker").is_not_null())
    seen = whole.group_by(_KEYS).agg(whole=pl.col("rate_per_s").sum())
    is_apart = pl.col("cluster").is_in(of_topics["cluster"].unique().implode())
    value = pl.coalesce("of_topics", pl.when(is_apart).then(0.0).otherwise("whole"))
    joined = seen.join(carried, on=_KEYS, how="full", coalesce=True).drop_nulls("broker")
    return joined.select(*_KEYS, resource=pl.lit(f"{name}_per_s"), value=value)


def _sizes(gauges: pl.DataFrame, topics: pl.DataFrame | None) -> pl.DataFrame:
    sizes = gauges.filter(metric="log_size_bytes")
    kept = sizes if topics is None else keep_topics(sizes, topics)
    stored = kept.group_by(_KEYS).agg(value=pl.col("last").sum())
    seen = gauges.join(sizes, on="cluster", how="semi").select(_KEYS).unique()  # an empty broker stores 0
    filled = seen.join(stored, on=_KEYS, how="left").with_columns(pl.col("value").fill_null(0.0))
    return filled.select(*_KEYS, resource=pl.lit("size_bytes"), value=pl.col("value"))


def _counts(gauges: pl.DataFrame) -> list[pl.DataFrame]:
    return [
        gauges.filter(metric=metric).select(*_KEYS, resource=pl.lit(name), value=pl.col("mean"))
        for metric, name in _COUNTS.items()
    ]


def _brokers_there(long: pl.DataFrame) -> pl.DataFrame:
    """Count the brokers of each cluster and bucket that were seen before or then, and then or after."""
    at = pl.col("window_start")
    spans = long.group_by("cluster", "resource", "broker").agg(first=at.min(), last=at.max())
    buckets = long.select("cluster", "resource", "window_start").unique()
    pairs = buckets.join(spans, on=["cluster", "resource"]).filter(
        at.is_between(pl.col("first"), pl.col("last"))
    )
    return pairs.group_by("cluster", "resource", "window_start").agg(there=pl.len())
