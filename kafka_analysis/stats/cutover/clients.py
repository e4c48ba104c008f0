"""Whether producers are stopped and consumers have read everything and left."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.counted import counted
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.readers import MOVING, OTHERS, reading_groups
from kafka_analysis.stats.cutover.rows import check_rows

_PARTITION = ["source", "topic", "partition"]


def producer_checks(moving: Moving, offsets: Frame, producers: Frame, transactions: Frame) -> pl.DataFrame:
    """Say of each partition at the source whether somebody still writes to it.

    Parameters
    ----------
    moving
        What moves.
    offsets
        Every answer about the sources' logs within the window: ``ts``, ``cluster``, ``topic``, ``partition``,
        ``log_end_offset``. The window begins after the producers were stopped.
    producers
        The capture's ``active_producers``: who wrote last; only idempotent producers are known.
    transactions
        The capture's ``transactions``: the transactional id of a producer id.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``producers``; ``value``: records written within the window. ``unknown`` where a log was
        answered about only once, or became shorter.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "remote_topic": "t", "partition": 0},
    ...     schema_overrides={"partition": pl.Int32})
    >>> t = [datetime(2026, 1, 1, 0, 0, s, tzinfo=UTC) for s in (0, 30)]
    >>> ends = pl.DataFrame({"ts": t, "cluster": "a", "topic": "t", "partition": 0, "log_end_offset": [5, 9]},
    ...     schema_overrides={"partition": pl.Int32})
    >>> wrote = pl.DataFrame({"cluster": ["a"], "topic": "t", "partition": 0, "producer_id": 7,
    ...     "last_written_at": [t[1]]}, schema_overrides={"partition": pl.Int32})
    >>> ids = pl.DataFrame({"cluster": ["a"], "transactional_id": "tx", "producer_id": 7})
    >>> rows = producer_checks(Moving(topics, topics, topics), ends, wrote, ids)
    >>> rows.select("state", "value", "detail").row(0)
    ('blocks', 4.0, '4 records were written within 30 s, by producer 7 (tx)')
    """
    logs = (
        to_polars(offsets)
        .select("ts", "topic", "partition", "log_end_offset", source="cluster")
        .drop_nulls("log_end_offset")
        .join(moving.partitions, on=_PARTITION, how="semi")
    )
    grown = (
        logs.sort("ts")
        .group_by(_PARTITION)
        .agg(
            answers=pl.col("ts").n_unique(),
            began=pl.col("ts").first(),
            ended=pl.col("ts").last(),
            written=pl.col("log_end_offset").last() - pl.col("log_end_offset").first(),
            is_shorter=(pl.col("log_end_offset").diff() < 0).any(),
        )
    )
    named = (
        to_polars(producers)
        .rename({"cluster": "source"})
        .join(grown.select(*_PARTITION, "began"), on=_PARTITION)
        .filter(pl.col("last_written_at") >= pl.col("began"))
        .join(
            to_polars(transactions)
            .select("producer_id", "transactional_id", source="cluster")
            .sort("transactional_id")
            .unique(["source", "producer_id"], keep="first", maintain_order=True),
            on=["source", "producer_id"],
            how="left",
        )
        .sort("producer_id")
        .with_columns(
            who=pl.format("producer {}", "producer_id")
            + pl.when(pl.col("transactional_id").is_not_null())
            .then(pl.format(" ({})", "transactional_id"))
            .otherwise(pl.lit(""))
        )
        .group_by(_PARTITION)
        .agg(pl.col("who").unique(maintain_order=True))
        .with_columns(pl.col("who").list.head(3).list.join(", "))
    )
    rows = (
        moving.partitions.unique(_PARTITION, maintain_order=True)
        .join(grown, on=_PARTITION, how="left", maintain_order="left")
        .join(named, on=_PARTITION, how="left", maintain_order="left")
    )
    is_shorter = pl.col("is_shorter").fill_null(value=False)
    is_unknown = (pl.col("answers") < 2).fill_null(value=True) | is_shorter
    is_written = pl.col("written") > 0
    seconds = ((pl.col("ended") - pl.col("began")).dt.total_milliseconds() / 1000).round(0).cast(pl.Int64)
    by = (
        pl.when(pl.col("who").is_not_null())
        .then(pl.format(", by {}", "who"))
        .otherwise(pl.lit(", by a producer that the brokers do not name"))
    )
    judged = rows.with_columns(
        state=pl.when(is_unknown)
        .then(pl.lit("unknown"))
        .when(is_written)
        .then(pl.lit("blocks"))
        .otherwise(pl.lit("ok")),
        finding=pl.when(is_unknown)
        .then(pl.lit("producers unknown"))
        .when(is_written)
        .then(pl.lit("a producer still writes to the source")),
        detail=pl.when(is_shorter)
        .then(pl.lit("the log became shorter: the topic was recreated, or records were lost"))
        .when(is_unknown)
        .then(pl.lit("there are fewer than two answers about the log"))
        .when(is_written)
        .then(
            counted("written", "record was written", "records were written")
            + pl.format(" within {} s", seconds)
            + by
        )
        .otherwise(pl.format("nothing was written within {} s", seconds)),
        value=pl.col("written").cast(pl.Float64),
        limit=pl.lit(0.0),
    )
    return check_rows("producers", judged, unit="records")


def consumer_checks(
    moving: Moving, groups: Frame, logs: Frame, reads: Frame, *, members: Frame, may_lag: bool
) -> pl.DataFrame:
    """Say of each group whether it has left the source, and of each partition of it whether it has read everything.

    Parameters
    ----------
    moving
        What moves.
    groups
        Latest row of each group: ``cluster``, ``group``, ``state``.
    logs
        The last answer about each log: ``cluster``, ``topic``, ``partition``, ``log_end_offset``.
    reads
        The capture's ``record_reads``: where no record follows a committed offset, what is left are markers.
    members
        Members of groups by the last answer: ``cluster``, ``group``, ``assignments``.
    may_lag
        A group that has not read everything is no hindrance: it reads the rest at the target.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``consumers``; ``value``: records left to read.

    Examples
    --------
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "partition": 0, "group": "g",
    ...     "committed_offset": 4}, schema_overrides={"partition": pl.Int32})
    >>> states = pl.DataFrame({"cluster": ["a"], "group": "g", "state": "EMPTY"})
    >>> ends = pl.DataFrame({"cluster": ["a"], "topic": "t", "partition": 0, "log_end_offset": 9})
    >>> from kafka_analysis.model.tables import empty_table
    >>> none = {"reads": empty_table("record_reads"), "members": empty_table("group_members")}
    >>> rows = consumer_checks(Moving(topics, topics, topics), states, ends, **none, may_lag=False)
    >>> rows.select("topic", "state", "value").rows()
    [(None, 'ok', None), ('t', 'blocks', 5.0)]
    """
    states = reading_groups(moving, groups, members)
    ends = to_polars(logs).select(
        "topic", pl.col("partition").cast(pl.Int32), "log_end_offset", source="cluster"
    )
    nothing_left = (
        to_polars(reads)
        .filter(pl.col("purpose") == "committed offset", pl.col("ended") == "end of log")
        .filter(pl.col("next_offset").fill_null(0) <= pl.col("wanted_offset"))
        .select("topic", "partition", source="cluster", committed_offset="wanted_offset", nothing_left=True)
        .unique()
    )
    own = moving.groups.select("source", "target", "group").unique(maintain_order=True)
    listed = own.join(states, on=["source", "group"], how="left", maintain_order="left").rename(
        {"state": "seen"}
    )
    is_unknown, is_left = pl.col("reads").is_null(), pl.col("reads") != MOVING
    left = listed.with_columns(
        state=pl.when(is_unknown)
        .then(pl.lit("unknown"))
        .when(is_left)
        .then(pl.lit("ok"))
        .otherwise(pl.lit("blocks")),
        finding=pl.when(is_unknown)
        .then(pl.lit("group unknown"))
        .when(~is_left)
        .then(pl.lit("the group still reads at the source")),
        detail=pl.when(is_unknown)
        .then(pl.lit("its state was not seen"))
        .when(pl.col("reads") == OTHERS)
        .then(pl.lit("its members at the source read other topics only"))
        .when(is_left)
        .then(pl.lit("it has no members at the source"))
        .otherwise(pl.format("its state is {}", "seen")),
    )
    rows = (
        moving.groups.join(ends, on=_PARTITION, how="left", maintain_order="left")
        .join(nothing_left, on=[*_PARTITION, "committed_offset"], how="left", maintain_order="left")
        .with_columns(
            left=pl.when(pl.col("nothing_left"))
            .then(0)
            .otherwise((pl.col("log_end_offset") - pl.col("committed_offset")).clip(lower_bound=0))
        )
    )
    is_done = pl.col("left") == 0
    drained = rows.with_columns(
        state=pl.when(pl.col("left").is_null())
        .then(pl.lit("unknown"))
        .when(is_done)
        .then(pl.lit("ok"))
        .otherwise(pl.lit("note" if may_lag else "blocks")),
        finding=pl.when(pl.col("left").is_null())
        .then(pl.lit("unread records unknown"))
        .when(~is_done & (not may_lag))
        .then(pl.lit("records unread at the source")),
        detail=pl.when(pl.col("left").is_null())
        .then(pl.lit("the end of the log was not seen"))
        .when(is_done)
        .then(pl.lit("it has read everything"))
        .otherwise(counted("left", "record is unread at the source", "records are unread at the source")),
        value=pl.col("left").cast(pl.Float64),
        limit=pl.lit(None if may_lag else 0.0, pl.Float64),
    )
    return pl.concat([check_rows("consumers", left), check_rows("consumers", drained, unit="records")])
