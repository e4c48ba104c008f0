"""Lag of consumer groups over time, in records."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

_PLACE = ["cluster", "topic", "partition"]


@same_kind
def group_lag(committed: Frame, offsets: Frame) -> Frame:
    """Return how many records each group was behind, each time its committed offset was read.

    Parameters
    ----------
    committed
        The capture's ``group_offsets``: ts, cluster, group, topic, partition, committed_offset.
    offsets
        The capture's ``offsets``: ts, cluster, topic, partition, log_end_offset.

    Returns
    -------
    frame of the kind given
        ts, cluster, group, topic, partition, ``lag_records``: the last log end offset read until then − the committed
        one, at least 0. Log ends are read before commits, so a lag is rather too small than too large. Null where no
        log end was read before.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> place = {"ts": [datetime(2026, 1, 1, tzinfo=UTC)], "cluster": ["c"], "topic": ["t"], "partition": [0]}
    >>> committed = pl.DataFrame({**place, "group": "g", "committed_offset": [7]})
    >>> group_lag(committed, pl.DataFrame({**place, "log_end_offset": [9]}))["lag_records"].to_list()
    [2]
    """
    ends = offsets.select("ts", *_PLACE, "log_end_offset").sort("ts")
    joined = committed.sort("ts").join_asof(
        ends, on="ts", by=_PLACE, strategy="backward", check_sortedness=False
    )
    behind = (pl.col("log_end_offset") - pl.col("committed_offset").cast(pl.Int64)).clip(lower_bound=0)
    return joined.select("ts", "cluster", "group", "topic", "partition", lag_records=behind)
