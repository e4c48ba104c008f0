"""Records at rest that a mirror read and had nothing to copy of: aborted transactions and their markers."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars

_PARTITION = ["source", "flow", "topic", "partition"]
_LATE = ("stuck", "slow", "catching up")
_STORED_AT = pl.col("ts") - pl.duration(milliseconds=pl.col("age_s") * 1000)


def passed_over(
    partitions: Frame, places: Frame, offsets: Frame, *, interval_s: float, late_s: float
) -> pl.DataFrame:
    """Return the partitions whose last records a mirror passed over, as far as positions can tell.

    A mirror that reads committed data copies neither the records of an aborted transaction nor the marker that ends
    one, so that its position stays before them until the next record. Its worker stores the positions of all
    partitions at once: whatever was written before the flow last stored any position was read by then, if nothing else
    in the flow is late.

    Parameters
    ----------
    partitions
        ``source``, ``flow``, ``topic``, ``partition``, ``known_by``, ``lag_records``, ``lag_seconds``,
        ``condition``.
    places
        Positions of the flows over time, with ``flow``.
    offsets
        The capture's ``offsets``.
    interval_s
        Seconds between two commits of positions: a partition whose position was stored for as long as half of that
        before the flow's last one rests.
    late_s
        Seconds behind from which a partition is late.

    Returns
    -------
    polars.DataFrame
        ``source``, ``flow``, ``topic``, ``partition``. None of a flow in which another partition is late: there it may
        be that the mirror has not come to them. Whether a task of its own stands still is not told.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(5)]
    >>> place = {"source": "a", "flow": "a → b", "topic": "t"}
    >>> rows = pl.DataFrame({**place, "partition": [0, 1], "known_by": "committed position", "lag_records": [7, 0],
    ...     "lag_seconds": [240.0, 0.0], "condition": ["stuck", "keeps up"]})
    >>> at = pl.DataFrame({"ts": t[4], **place, "partition": [0, 1], "age_s": [200.0, 5.0],
    ...     "known_by": "committed position"})
    >>> ends = pl.DataFrame({"ts": t, "cluster": "a", "topic": "t", "partition": 0, "log_end_offset": [1, 9, 9, 9, 9]})
    >>> passed_over(rows, at, ends, interval_s=60, late_s=90)["partition"].to_list()
    [0]
    """
    rows, logs = to_polars(partitions), to_polars(offsets).rename({"cluster": "source"})
    if not rows["condition"].is_in(_LATE).any():
        return rows.clear().select(_PARTITION)
    stored = to_polars(places).filter(known_by="committed position").drop_nulls("age_s")
    own = stored.group_by(_PARTITION).agg(own=_STORED_AT.max())
    of_flow = own.group_by("flow").agg(of_flow=pl.col("own").max())
    ends = logs.drop_nulls("log_end_offset").join(rows, on=["source", "topic", "partition"], how="semi")
    is_end = pl.col("log_end_offset") == pl.col("log_end_offset").sort_by("ts").last()
    grown = ends.group_by("source", "topic", "partition").agg(grown=pl.col("ts").filter(is_end).min())
    known = (
        rows.join(own, on=_PARTITION, how="left")
        .join(of_flow, on="flow", how="left")
        .join(grown, on=["source", "topic", "partition"], how="left")
    )
    is_late = pl.col("condition").is_in(_LATE)
    is_behind = is_late | (pl.col("lag_seconds") > late_s).fill_null(value=False)
    rests = (pl.col("of_flow") - pl.col("own")).dt.total_milliseconds() >= 500 * interval_s
    is_read = (pl.col("grown") < pl.col("of_flow")) & (rests | (pl.col("lag_records") == 1))
    is_passed = is_behind & is_read & (pl.col("known_by") == "committed position")
    judged = known.with_columns(is_passed=is_passed.fill_null(value=False))
    is_alone = ~(is_behind & ~pl.col("is_passed")).any().over("flow")
    return judged.filter(pl.col("is_passed") & is_late & is_alone).select(_PARTITION)
