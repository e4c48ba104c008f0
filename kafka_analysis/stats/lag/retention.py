"""How much of the retention a lag has used up, and when records will be deleted before they are read."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.lag.partitions import MAY_BE_MARKER

_TOPIC = ["cluster", "topic"]
_NAMES = ("retention.ms", "cleanup.policy")


@same_kind
def topic_retention(topic_configs: Frame) -> Frame:
    """Read from one snapshot of the topics' configuration how long records are kept.

    Parameters
    ----------
    topic_configs
        ``cluster``, ``topic``, ``name``, ``value``.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``retention_s``, ``is_unlimited``: time deletes nothing (``retention.ms`` −1, or a
        policy that only compacts). Both null where the configuration was not read.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "topic": ["t", "t", "u", "u"],
    ...     "name": ["retention.ms", "cleanup.policy"] * 2, "value": ["60000", "delete", "60000", "compact"]})
    >>> topic_retention(rows).rows()
    [('c', 't', 60.0, False), ('c', 'u', None, True)]
    """
    wide = (
        topic_configs.filter(pl.col("name").is_in(_NAMES))
        .group_by(_TOPIC)
        .agg(pl.col("value").filter(pl.col("name") == name).first().alias(name) for name in _NAMES)
    )
    kept_ms, policy = pl.col("retention.ms").cast(pl.Float64, strict=False), pl.col("cleanup.policy")
    is_kept = (kept_ms < 0) | ~policy.fill_null("delete").str.contains("delete")
    return wide.select(
        *_TOPIC, retention_s=pl.when(~is_kept).then(kept_ms / 1000), is_unlimited=is_kept
    ).sort(_TOPIC)


@same_kind
def retention_used(partitions: Frame, retention: Frame) -> Frame:
    """Tell how near each reader is to the end of what is kept.

    By time: age of the record that is read next ÷ ``retention.ms``. Where the log's start moved, also by the log
    itself: records not read ÷ records kept; that covers ``retention.bytes`` and whatever else deletes. The larger
    counts. Kafka deletes whole segments, so a record is deleted then at the earliest, and up to a segment's time later.

    Parameters
    ----------
    partitions
        ``partitions`` of :func:`~kafka_analysis.stats.lag.partitions.measure_lag`.
    retention
        Result of :func:`topic_retention`.

    Returns
    -------
    frame of the kind given
        ``partitions`` with ``retention_s``, ``retention_used`` (share; 0 where time deletes nothing, null where the
        retention is unknown) and ``seconds_to_loss``: until the first record is deleted before it is read, if reading
        goes on as in the last answers; 0 where records are lost already, null: not at this pace, or unknown.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "topic": "t", "lag_records": [10], "lag_seconds": [45.0],
    ...     "age_growth": [0.5], "committed_offset": 90, "log_start_offset": 0, "log_end_offset": 100,
    ...     "lost_records": 0, "deleted_per_s": 0.0, "consumed_per_s": 1.0, "produced_per_s": 2.0})
    >>> kept = pl.DataFrame({"cluster": "c", "topic": "t", "retention_s": [60.0], "is_unlimited": [False]})
    >>> retention_used(rows, kept).select("retention_used", "seconds_to_loss").row(0)
    (0.75, 30.0)
    """
    joined = partitions.join(retention, on=_TOPIC, how="left", maintain_order="left")
    has_lag, growth = (pl.col("lag_records") > 0) & ~MAY_BE_MARKER, pl.col("age_growth")
    by_time = pl.when("is_unlimited").then(0.0).otherwise(pl.col("lag_seconds") / pl.col("retention_s"))
    held = pl.col("log_end_offset") - pl.col("log_start_offset")
    deletes = pl.col("deleted_per_s") > 0
    by_log = pl.when(deletes & (held > 0)).then(pl.col("lag_records") / held)
    used = (
        pl.when(has_lag).then(pl.max_horizontal(by_time, by_log)).when(pl.col("lag_records") >= 0).then(0.0)
    )
    left_s = (pl.col("retention_s") - pl.col("lag_seconds")).clip(lower_bound=0.0)
    in_time = pl.when(growth > 0).then(left_s / growth)
    nearing = pl.col("deleted_per_s") - pl.col("consumed_per_s")
    ahead = (pl.col("committed_offset") - pl.col("log_start_offset")).clip(lower_bound=0)
    in_log = pl.when(deletes & (nearing > 0)).then(ahead / nearing)
    loss = (
        pl.when(pl.col("lost_records") > 0).then(0.0).when(has_lag).then(pl.min_horizontal(in_time, in_log))
    )
    return joined.with_columns(retention_used=used, seconds_to_loss=loss).drop("is_unlimited")
