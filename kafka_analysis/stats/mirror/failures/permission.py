"""A topic that an MSK Replicator is not allowed to read any more."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.mirror.failures.rows import failure_rows
from kafka_analysis.stats.mirror.other_tools import MSK_REPLICATOR


def permission_failures(reported: Frame, logs: Frame) -> pl.DataFrame:
    """Find topics whose ReplicationLatency fell to 0 while records come in at a source.

    Parameters
    ----------
    reported
        Result of ``stats.reported_lag``.
    logs
        The capture's ``offsets``: ``ts``, ``cluster``, ``topic``, ``partition``, ``log_end_offset``.

    Returns
    -------
    polars.DataFrame
        Failures ``permission_lost``.

    Notes
    -----
    Amazon MSK documentation, MSK Replicator: a latency of 0 of a topic that receives data means that the replicator
    lacks a permission on it.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(3)]
    >>> rows = pl.DataFrame({"ts": t, "tool": "MSK Replicator", "target": "b", "connector": "r", "topic": "t",
    ...     "partition": None, "lag_records": None, "latency_s": [2.0, 0.0, 0.0]})
    >>> ends = pl.DataFrame({"ts": t, "cluster": "a", "topic": "t", "partition": 0, "log_end_offset": [5, 6, 9]})
    >>> permission_failures(rows, ends)["topic"].to_list()
    ['t']
    """
    keys = ["tool", "target", "connector", "topic"]
    latency = to_polars(reported).filter(tool=MSK_REPLICATOR).drop_nulls("latency_s").sort("ts")
    is_more = pl.col("latency_s") > 0
    last_more = pl.col("ts").filter(is_more).last()
    # what comes in before the first answer of 0 may have been copied by then
    fell = latency.group_by(keys).agg(since=pl.col("ts").filter(pl.col("ts") > last_more).first())
    zero = fell.drop_nulls("since")
    after = (
        to_polars(logs)
        .join(zero, on="topic")
        .filter(pl.col("ts") >= pl.col("since"), pl.col("cluster") != pl.col("target"))
    )
    place = [*keys, "cluster", "partition"]
    grown = (
        after.sort("ts")
        .group_by(place)
        .agg(records=pl.col("log_end_offset").last() - pl.col("log_end_offset").first())
    )
    sums = grown.group_by(keys).agg(pl.col("records").sum()).filter(pl.col("records") > 0)
    return failure_rows("permission_lost", sums.sort(keys))
