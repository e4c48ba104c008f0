"""Tables of what brokers, topics, partitions and groups carry."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build, by_cluster

_AGGREGATE_AGREEMENT = (
    Column("broker", "Broker"),
    Column("aggregate", "Broker's own total", "B"),
    Column("topics", "Sum of its topics", "B"),
    Column("uncovered_share", "Not in any topic", "%", missing="no traffic"),
)


def aggregate_agreement(frame: Any) -> Table:
    """Show for each broker whether its topics add up to its own total of bytes in.

    Parameters
    ----------
    frame
        Result of ``stats.aggregate_agreement``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "broker": [1], "aggregate": [100.0], "topics": [99.0],
    ...     "uncovered_share": [0.01]})
    >>> "1 %" in aggregate_agreement(rows).html()
    True
    """
    note = (
        "Bytes in over the window, all topics. Not in any topic: counted by topic meters that were "
        "dropped when a leader moved."
    )
    title = "Brokers' own totals and the sums of their topics"
    return build("aggregate_agreement", title, frame, _AGGREGATE_AGREEMENT, note)


_BROKERS = (
    Column("broker", "Broker"),
    Column("rack", "Rack", missing="none"),
    Column("leaders", "Leaders", ""),
    Column("replicas", "Replicas", ""),
    Column("size_bytes", "Stored", "B"),
    Column("bytes_in_per_s", "Bytes in", "B/s"),
    Column("bytes_out_per_s", "Bytes out", "B/s"),
    Column("replication_bytes_in_per_s", "Replication in", "B/s"),
)


def brokers(frame: Any) -> Table:
    """List the brokers with what each carries.

    Parameters
    ----------
    frame
        Result of ``stats.broker_load``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "broker": [1], "bytes_in_per_s": [None]})
    >>> "unknown" in brokers(rows).html()
    True
    """
    note = (
        "Bytes in come from producers, bytes out go to consumers (a replicator is one), both for the chosen topics; "
        "replication in covers all topics."
    )
    return build("brokers", "Brokers and their load", frame, _BROKERS, note)


_GROUPS = (
    Column("group", "Group"),
    Column("kind", "Kind"),
    Column("state", "State"),
    Column("protocol", "Assignor", missing="none"),
    Column("coordinator", "Coordinator"),
    Column("last_seen", "Last seen"),
)


def groups(frame: Any) -> Table:
    """List the consumer groups with their state.

    Parameters
    ----------
    frame
        Result of ``stats.groups_in``, or one snapshot of the capture's ``groups`` table. The kind is shown where it is
        known, and when a group was last seen where some group is not in the last snapshot.

    Examples
    --------
    >>> "EMPTY" in groups(pl.DataFrame({"cluster": ["c"], "group": ["g"], "state": ["EMPTY"]})).html()
    True
    """
    rows = to_polars(frame)
    note = "EMPTY: no members; committed offsets remain until they expire."
    if "kind" in rows.columns and rows["kind"].null_count() == len(rows):
        rows = rows.drop("kind")
    elif "kind" in rows.columns and (rows["kind"] == "share").any():
        note += " The lag of a share group is unknown: Kafka keeps no committed offsets for it."
    if "in_last" in rows.columns and not rows["in_last"].all():
        time = pl.col("ts").dt.strftime("%H:%M:%S UTC")
        seen = pl.when("in_last").then(pl.lit("in the last snapshot")).otherwise(time)
        rows = rows.with_columns(last_seen=seen)
    return build("groups", "Consumer groups", by_cluster(rows, "group"), _GROUPS, note)


_PARTITIONS = (
    Column("place", "Partition"),
    Column("leader", "Leader"),
    Column("records_per_s", "Records", "records/s"),
    Column("bytes_in_per_s", "Bytes in", "B/s"),
    Column("bytes_out_per_s", "Bytes out", "B/s"),
    Column("size_bytes", "Stored", "B"),
    Column("evidence", "Bytes are"),
)


def partitions(frame: Any, *, top_n: int = 10) -> Table:
    """List the partitions with most records.

    Parameters
    ----------
    frame
        Result of ``stats.partition_load``.
    top_n
        Rows shown.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "topic": ["t"], "partition": [0], "records_per_s": [3.0],
    ...     "evidence": ["estimated"]})
    >>> "t-0" in partitions(rows).html()
    True
    """
    rows = to_polars(frame).with_columns(place=pl.format("{}-{}", "topic", "partition"))
    ranked = rows.sort(["records_per_s", "place"], descending=[True, False], nulls_last=True)
    note = (
        "Records are measured from log end offsets. Bytes of a partition are measured only where it is alone of its "
        "topic on its leader; otherwise the topic's counter there is shared out by records. Stored: the "
        "leader's replica."
    )
    shown, left_out = ranked.head(top_n), len(rows) - top_n
    return build("partitions", "Busiest partitions", shown, _PARTITIONS, note, left_out=left_out)


_TOPICS = (
    Column("topic", "Topic"),
    Column("partitions", "Partitions", ""),
    Column("replication_factor", "Replicas", ""),
    Column("size_bytes", "Stored", "B"),
    Column("bytes_in_per_s", "Bytes in", "B/s"),
    Column("bytes_out_per_s", "Bytes out", "B/s"),
    Column("messages_in_per_s", "Messages in", "records/s"),
)


def topics(frame: Any, *, top_n: int = 15) -> Table:
    """List the topics with most bytes in.

    Parameters
    ----------
    frame
        Result of ``stats.topic_inventory``.
    top_n
        Rows shown.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": "c", "topic": ["a", "b"], "bytes_in_per_s": [1.0, 2.0]})
    >>> "1 more" in topics(rows, top_n=1).html()
    True
    """
    rows = to_polars(frame)
    order = [column for column in ("bytes_in_per_s", "size_bytes") if column in rows.columns]
    ranked = rows.sort([*order, "topic"], descending=[*[True] * len(order), False], nulls_last=True)
    note = "Stored: all replicas. Bytes out include reads by replicators."
    shown, left_out = ranked.head(top_n), len(rows) - top_n
    return build("topics", "Topics, by bytes in", shown, _TOPICS, note, left_out=left_out)
