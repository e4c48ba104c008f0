"""Hold an analysis against what really happened: the producers' record and what Kafka's own tools said.

Every comparison is a pure function of frames and returns rows of `COMPARED`: a figure of a subject, what the
analysis says, and what the judge says.
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
HALF = 0.5  # records and bytes are whole: less than this is rounding
PLACE = ["cluster", "topic", "partition"]


def within(truth: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    """Return the record's rows of a window; a row stands for the whole second that begins at its time."""
    return truth.filter(pl.col("ts") >= pl.lit(start).dt.truncate("1s"), pl.col("ts") < end)


def sent_records(truth: pl.DataFrame) -> pl.DataFrame:
    """Return records acknowledged and control records written of each partition."""
    sent = truth.filter(pl.col("kind").is_in(["acknowledged", "markers"]))
    sums = sent.group_by(PLACE).agg(acknowledged=pl.col("records").sum(), markers=pl.col("markers").sum())
    return sums.filter(pl.col("acknowledged") > 0)


def sent_bytes(truth: pl.DataFrame) -> pl.DataFrame:
    """Return each topic's bytes on the wire: producers' batches and the control batches of transactions."""
    sent = truth.filter(pl.col("kind").is_in(["batches", "markers"]))
    of_batches = pl.col("kind") == "batches"
    sums = sent.group_by("cluster", "topic").agg(
        batches=pl.col("bytes").filter(of_batches).sum(),
        markers=pl.col("markers").sum(),
        any=of_batches.any(),
    )
    size = pl.col("batches") + pl.col("markers") * MARKER_BATCH_BYTES
    return sums.filter("any").select("cluster", "topic", sent_bytes=size)


def compare_records(appended: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Compare the growth of logs, less control records, with the records acknowledged; they must be equal.

    Parameters
    ----------
    appended
        cluster, topic, partition, records: what the analysis made of the offsets table (`records_appended`).
    truth
        The record's rows of the same window.
    """
    both = sent_records(truth).join(appended, on=PLACE, how="left")
    subject = pl.format("{}-{}", "topic", "partition")
    said = pl.col("records") - pl.col("markers")
    return _compared("records per partition", "producers' acks", both, subject, said, pl.col("acknowledged"))


def compare_bytes(increases: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Compare the increase of each topic's bytes_in_total, over all brokers, with the batches sent.

    Parameters
    ----------
    increases
        cluster, topic, increase: what the analysis made of the counters, a row per broker and topic.
    truth
        The record's rows of the same window.
    """
    sums = increases.drop_nulls("topic").group_by("cluster", "topic").agg(pl.col("increase").sum())
    both = sent_bytes(truth).join(sums, on=["cluster", "topic"], how="left")
    judge = f"producers' batches + {MARKER_BATCH_BYTES} B per control batch"
    subject, said, judged = pl.col("topic"), pl.col("increase"), pl.col("sent_bytes")
    return _compared("bytes in per topic", judge, both, subject, said, judged)


def compare_partitions(load: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Compare how the analysis divides a topic's bytes among its partitions with what each was sent.

    The records' own bytes are known per partition, those of batches only per topic: so the estimated shares are taken
    of the records' bytes. A topic that put more into the bytes of some records than of others shows it here.

    Parameters
    ----------
    load
        cluster, topic, partition, bytes_in_per_s: result of `partition_load`.
    truth
        The record's rows of the same window.
    """
    sent = truth.filter(pl.col("kind") == "acknowledged").group_by(PLACE).agg(sent=pl.col("bytes").sum())
    both = sent.join(load, on=PLACE, how="left")
    of_topic = ["cluster", "topic"]
    share = pl.col("bytes_in_per_s") / pl.col("bytes_in_per_s").sum().over(of_topic)
    said = share * pl.col("sent").sum().over(of_topic)
    subject = pl.format("{}-{}", "topic", "partition")
    return _compared(
        "bytes in per partition (estimated)", "producers' acks", both, subject, said, pl.col("sent")
    )


def compare_business(traffic: pl.DataFrame, truth: pl.DataFrame, *, seconds: float) -> pl.DataFrame:
    """Compare business bytes in of all clusters together with the batches sent: a replicator's copies must not count.

    Parameters
    ----------
    traffic
        topic, kind, bytes_in_per_s: result of `traffic_by_kind`.
    truth
        The record's rows of the same window.
    seconds
        Length of the window.
    """
    sent = sent_bytes(truth).group_by("topic").agg(pl.col("sent_bytes").sum())
    business = (
        traffic.filter(pl.col("kind") == "business").group_by("topic").agg(pl.col("bytes_in_per_s").sum())
    )
    both = sent.join(business, on="topic", how="left").select(
        said=pl.col("bytes_in_per_s").sum() * seconds,
        judged=pl.col("sent_bytes").sum(),
        cluster=pl.lit("all together"),
    )
    judge = f"producers' batches + {MARKER_BATCH_BYTES} B per control batch"
    subject = pl.lit("all topics")
    return _compared("business bytes in (estimated)", judge, both, subject, pl.col("said"), pl.col("judged"))


def compare_aggregates(agreement: pl.DataFrame) -> pl.DataFrame:
    """Compare each broker's sum over its topics with its own aggregate.

    Parameters
    ----------
    agreement
        cluster, broker, aggregate, topics: result of `aggregate_agreement`.
    """
    subject = pl.format("broker {}", "broker")
    said, judged = pl.col("topics"), pl.col("aggregate")
    return _compared("bytes in of all topics", "the broker's own aggregate", agreement, subject, said, judged)


def compare_sizes(sizes: pl.DataFrame, judged: pl.DataFrame, *, cluster: str) -> pl.DataFrame:
    """Compare log_size_bytes (broker, topic, partition, last) with LogDirsCommand's sizes."""
    both = judged.join(sizes, on=["broker", "topic", "partition"], how="left").with_columns(
        cluster=pl.lit(cluster)
    )
    subject = pl.format("{}-{} on broker {}", "topic", "partition", "broker")
    return _compared(
        "size per replica", "LogDirsCommand", both, subject, pl.col("last"), pl.col("size_bytes")
    )


def compare_ends(offsets: pl.DataFrame, judged: pl.DataFrame, *, cluster: str) -> pl.DataFrame:
    """Compare the offsets table (topic, partition, log_end_offset) with GetOffsetShell's answer."""
    other = judged.rename({"log_end_offset": "judged"})
    both = other.join(offsets, on=["topic", "partition"], how="left").with_columns(cluster=pl.lit(cluster))
    subject = pl.format("{}-{}", "topic", "partition")
    return _compared(
        "log end offset", "GetOffsetShell", both, subject, pl.col("log_end_offset"), pl.col("judged")
    )


def compare_commits(commits: pl.DataFrame, judged: pl.DataFrame, *, cluster: str) -> pl.DataFrame:
    """Compare group_offsets (group, topic, partition, committed_offset) with ConsumerGroupCommand."""
    other = judged.drop_nulls("committed_offset").rename({"committed_offset": "judged"})
    both = other.join(commits, on=["group", "topic", "partition"], how="left").with_columns(
        cluster=pl.lit(cluster)
    )
    subject = pl.format("{} of {}-{}", "group", "topic", "partition")
    said = pl.col("committed_offset")
    return _compared("committed offset", "ConsumerGroupCommand", both, subject, said, pl.col("judged"))


def _compared(
    figure: str, judge: str, both: pl.DataFrame, subject: pl.Expr, said: pl.Expr, judged: pl.Expr
) -> pl.DataFrame:
    texts = {
        "figure": pl.lit(figure),
        "judge": pl.lit(judge),
        "cluster": pl.col("cluster"),
        "subject": subject,
    }
    return both.select(**texts, analysis=said, judged=judged).cast(COMPARED).sort("cluster", "subject")


def differences(compared: pl.DataFrame) -> pl.DataFrame:
    """Add the difference and its ratio to the judge; a figure the analysis lacks counts as wholly different.

    Examples
    --------
    >>> said, judged = [99.0, None, 0.0], [100.0, 5.0, 0.0]
    >>> differences(pl.DataFrame({"analysis": said, "judged": judged}))["relative"].to_list()
    [-0.01, -1.0, 0.0]
    """
    difference = pl.col("analysis").fill_null(0.0) - pl.col("judged")
    lacking = pl.col("analysis").is_null()
    relative = (
        pl.when(lacking).then(-1.0).when(pl.col("difference").abs() < HALF).then(0.0)
        .otherwise(pl.col("difference") / pl.col("judged"))
    )  # fmt: skip
    return compared.with_columns(difference=difference).with_columns(relative=relative)


def summarised(compared: pl.DataFrame) -> pl.DataFrame:
    """Return a row per window, figure and cluster: how many were compared, how many agree, and the worst."""
    return (
        differences(compared)
        .group_by("window", "figure", "judge", "cluster", maintain_order=True)
        .agg(
            compared=pl.len(),
            equal=(pl.col("relative") == 0).sum(),
            analysis=pl.col("analysis").sum(),
            judged=pl.col("judged").sum(),
            largest_difference=pl.col("difference").abs().max(),
            largest_relative=pl.col("relative").abs().max(),
        )
    )
