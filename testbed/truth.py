"""Hold what the analysis says of a capture against what really happened: the producers' record and Kafka's own tools.

Every comparison is a pure function of frames and returns rows of `COMPARED`: a figure of a subject, what the analysis
says, what the judge says, and the difference.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

MARKER_BATCH_BYTES = 78  # a batch's header (61) and one control record (17)
COMPARED = {
    "figure": pl.String,
    "judge": pl.String,
    "cluster": pl.String,
    "subject": pl.String,
    "analysis": pl.Float64,
    "judged": pl.Float64,
}
PLACE = ["cluster", "topic", "partition"]


def windows(events: pl.DataFrame) -> pl.DataFrame:
    """Return the judged windows (phase, start, end) of an events table, in order.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in (0, 4)]
    >>> events = pl.DataFrame({"ts": at, "name": ["baseline:start", "baseline:end"], "kind": ["load", "load"]})
    >>> windows(events).select("phase", (pl.col("end") - pl.col("start")).dt.total_seconds()).rows()
    [('baseline', 240)]
    """
    edges = events.filter(pl.col("kind") == "load").with_columns(
        pl.col("name").str.split(":").list.first().alias("phase"), pl.col("name").str.split(":").list.last().alias("edge")
    )
    starts = edges.filter(pl.col("edge") == "start").select("phase", pl.col("ts").alias("start"))
    ends = edges.filter(pl.col("edge") == "end").select("phase", pl.col("ts").alias("end"))
    return starts.join(ends, on="phase").sort("start")


def within(truth: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    """Return the record's rows of a window; a row stands for the whole second that begins at its time."""
    return truth.filter(pl.col("ts") >= pl.lit(start).dt.truncate("1s"), pl.col("ts") < end)


def sent_records(truth: pl.DataFrame) -> pl.DataFrame:
    """Return records acknowledged and control records written of each partition."""
    sent = truth.filter(pl.col("kind").is_in(["acknowledged", "markers"]))
    sums = sent.group_by(PLACE).agg(pl.col("records").sum(), pl.col("markers").sum())
    return sums.filter(pl.col("records") > 0)


def sent_bytes(truth: pl.DataFrame) -> pl.DataFrame:
    """Return the bytes of each topic on the wire: the producers' batches and the control batches of transactions."""
    sent = truth.filter(pl.col("kind").is_in(["batches", "markers"]))
    batches = pl.col("bytes").filter(pl.col("kind") == "batches").sum()
    sums = sent.group_by("cluster", "topic").agg(batches, pl.col("markers").sum(), (pl.col("kind") == "batches").any().alias("own"))
    size = pl.col("bytes") + pl.col("markers") * MARKER_BATCH_BYTES
    return sums.filter("own").select("cluster", "topic", size.alias("bytes"))


def compare_records(growth: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Compare log end offset growth, less control records, with the records acknowledged; they must be equal.

    Parameters
    ----------
    growth
        cluster, topic, partition, growth_records: what the analysis made of the offsets table.
    truth
        The record's rows of the same window.
    """
    both = sent_records(truth).join(growth, on=PLACE, how="left")
    subject = pl.format("{}-{}", "topic", "partition")
    said = pl.col("growth_records") - pl.col("markers")
    return _compared("records per partition", "producers' acknowledgements", both, subject, said, pl.col("records"))


def compare_bytes(increase: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Compare the increase of each topic's bytes_in_total over all brokers with the bytes of the batches sent.

    Parameters
    ----------
    increase
        cluster, topic, increase_bytes: what the analysis made of the counters, summed over brokers.
    truth
        The record's rows of the same window.
    """
    both = sent_bytes(truth).join(increase, on=["cluster", "topic"], how="left")
    judge = "producers' batch sizes + 78 B per control batch"
    return _compared("bytes in per topic", judge, both, pl.col("topic"), pl.col("increase_bytes"), pl.col("bytes"))


def compare_aggregates(by_topic: pl.DataFrame, aggregate: pl.DataFrame) -> pl.DataFrame:
    """Compare each broker's sum over topics (internal ones too) with its own aggregate of all topics.

    Parameters
    ----------
    by_topic
        cluster, broker, topic, increase_bytes.
    aggregate
        cluster, broker, increase_bytes: the row without a topic.
    """
    sums = by_topic.group_by("cluster", "broker").agg(pl.col("increase_bytes").sum().alias("topics"))
    both = aggregate.join(sums, on=["cluster", "broker"], how="left").with_columns(pl.col("topics").fill_null(0.0))
    judge = "the broker's own aggregate"
    subject = pl.format("broker {}", "broker")
    return _compared("bytes in of all topics", judge, both, subject, pl.col("topics"), pl.col("increase_bytes"))


def compare_sizes(sizes: pl.DataFrame, judged: pl.DataFrame, *, cluster: str) -> pl.DataFrame:
    """Compare log_size_bytes (broker, topic, partition, log_size_bytes) with LogDirsCommand's sizes."""
    both = judged.join(sizes, on=["broker", "topic", "partition"], how="left").with_columns(pl.lit(cluster).alias("cluster"))
    subject = pl.format("{}-{} on broker {}", "topic", "partition", "broker")
    return _compared("size per replica", "LogDirsCommand", both, subject, pl.col("log_size_bytes"), pl.col("size_bytes"))


def compare_ends(offsets: pl.DataFrame, judged: pl.DataFrame, *, cluster: str) -> pl.DataFrame:
    """Compare the offsets table (topic, partition, log_end_offset) with GetOffsetShell's answer."""
    other = judged.rename({"log_end_offset": "judged_offset"})
    both = other.join(offsets, on=["topic", "partition"], how="left").with_columns(pl.lit(cluster).alias("cluster"))
    subject = pl.format("{}-{}", "topic", "partition")
    return _compared("log end offset", "GetOffsetShell", both, subject, pl.col("log_end_offset"), pl.col("judged_offset"))


def compare_lag(lag: pl.DataFrame, judged: pl.DataFrame, *, cluster: str) -> pl.DataFrame:
    """Compare lag (group, topic, partition, lag_records) with ConsumerGroupCommand's answer, where that gives one."""
    other = judged.filter(pl.col("lag_records").is_not_null()).rename({"lag_records": "judged_lag"})
    both = other.join(lag, on=["group", "topic", "partition"], how="left").with_columns(pl.lit(cluster).alias("cluster"))
    subject = pl.format("{} of {}-{}", "group", "topic", "partition")
    return _compared("lag", "ConsumerGroupCommand", both, subject, pl.col("lag_records"), pl.col("judged_lag"))


def _compared(
    figure: str, judge: str, both: pl.DataFrame, subject: pl.Expr, said: pl.Expr, judged: pl.Expr
) -> pl.DataFrame:
    texts = [pl.lit(figure).alias("figure"), pl.lit(judge).alias("judge"), pl.col("cluster"), subject.alias("subject")]
    rows = both.select(*texts, said.alias("analysis"), judged.alias("judged"))
    return rows.cast(COMPARED).sort("cluster", "subject")


def differences(compared: pl.DataFrame) -> pl.DataFrame:
    """Add the difference, absolute and relative to the judge; a figure the analysis lacks counts as wholly different.

    Examples
    --------
    >>> rows = [("f", "j", "c", "s", 99.0, 100.0), ("f", "j", "c", "t", None, 100.0), ("f", "j", "c", "u", 0.0, 0.0)]
    >>> differences(pl.DataFrame(rows, schema=COMPARED, orient="row"))["relative"].to_list()
    [-0.01, -1.0, 0.0]
    """
    difference = (pl.col("analysis").fill_null(0.0) - pl.col("judged")).alias("difference")
    relative = pl.when(pl.col("difference") == 0).then(0.0).otherwise(pl.col("difference") / pl.col("judged"))
    return compared.with_columns(difference).with_columns(relative.alias("relative"))


def summarised(compared: pl.DataFrame) -> pl.DataFrame:
    """Return one row per window, figure and cluster: how many were compared, how many agree exactly, the worst."""
    keys = ["window", "figure", "judge", "cluster"]
    relative = pl.col("relative").abs()
    return (
        differences(compared)
        .group_by(keys, maintain_order=True)
        .agg(
            pl.len().alias("compared"),
            (pl.col("difference") == 0).sum().alias("equal"),
            pl.col("analysis").sum(),
            pl.col("judged").sum(),
            pl.col("difference").abs().max().alias("largest_difference"),
            relative.max().alias("largest_relative"),
        )
    )
