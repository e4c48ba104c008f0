"""Records that the source will delete before they are mirrored."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.lag.partitions import MAY_BE_MARKER
from kafka_analysis.stats.mirror.failures.rows import failure_rows

INTERVALS_LEFT = 2  # sampling intervals before the first loss from which it is announced in any case


def retention_failures(
    partitions: Frame, *, interval_s: float, amber: float, red: float, commit_interval_s: float = 60.0
) -> pl.DataFrame:
    """Find partitions whose oldest record not mirrored is close to the end of its retention.

    Parameters
    ----------
    partitions
        ``partitions`` of :func:`~kafka_analysis.stats.mirror.measure.measure_mirrors`.
    interval_s
        Seconds between two answers.
    amber, red
        Shares of the retention used up, from which it is nearing and close.
    commit_interval_s
        Seconds between two commits of positions: what waits for less may have been mirrored.

    Returns
    -------
    polars.DataFrame
        Failures ``retention_close`` (two sampling intervals or less are left, or the share ``red`` is used up) and
        ``retention_nearing``; ``records`` not mirrored yet, ``seconds`` that are left. Bounds of a lag count for
        neither, nor partitions that lost records already, nor the one record of a log at rest that may be the marker of
        a transaction.

    Examples
    --------
    >>> rows = pl.DataFrame({"tool": "m", "source": "a", "target": "b", "connector": "c", "topic": "t",
    ...     "partition": [0, 1], "lag_records": 5, "produced_per_s": 0.0, "lag_seconds": [95.0, 70.0],
    ...     "retention_s": 100.0, "retention_used": [0.95, 0.7], "lost_records": 0, "is_at_most": False})
    >>> retention_failures(rows, interval_s=1, amber=0.5, red=0.8).select("failure", "partition", "seconds").rows()
    [('retention_close', 0, 5.0), ('retention_nearing', 1, 30.0)]
    """
    left = pl.col("retention_s") - pl.col("lag_seconds")
    waiting = to_polars(partitions).filter(
        pl.col("lag_records") > 0,
        ~MAY_BE_MARKER,
        pl.col("lag_seconds") > commit_interval_s,
        ~pl.col("is_at_most"),
        pl.col("lost_records").fill_null(0) == 0,
    )
    rows = waiting.with_columns(seconds=left.clip(lower_bound=0.0), records=pl.col("lag_records"))
    is_close = (pl.col("retention_used") >= red) | (pl.col("seconds") <= INTERVALS_LEFT * interval_s)
    close = rows.filter(is_close.fill_null(value=False))
    nearing = rows.filter(~is_close.fill_null(value=False), pl.col("retention_used") >= amber)
    order = ["source", "target", "topic", "partition"]
    return pl.concat(
        [
            failure_rows("retention_close", close.sort(order)),
            failure_rows("retention_nearing", nearing.sort(order)),
        ]
    )
