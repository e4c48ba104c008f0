"""Whether both ends are sound: every partition that moves has a leader and all its replicas in sync."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows


def broker_checks(moving: Moving, partitions: Frame) -> pl.DataFrame:
    """Say of each partition that moves, at both ends, whether it has a leader and its replicas are in sync.

    Parameters
    ----------
    moving
        What moves.
    partitions
        A snapshot of ``partitions`` of both ends.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``brokers``; ``name``: the cluster the row is about; ``value``: replicas in sync, of ``limit``.

    Examples
    --------
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "remote_topic": "t", "partition": 0},
    ...     schema_overrides={"partition": pl.Int32})
    >>> held = pl.DataFrame({"cluster": ["a", "b"], "topic": "t", "partition": 0, "leader": [1, -1],
    ...     "replicas": [[1, 2], [1]], "isr": [[1], []]})
    >>> rows = broker_checks(Moving(topics, topics, topics), held)
    >>> rows.select("name", "state", "finding").rows()
    [('a', 'blocks', 'replicas out of sync'), ('b', 'blocks', 'no leader')]
    """
    held = to_polars(partitions).select("cluster", "topic", "partition", "leader", "replicas", "isr")
    ends = [("source", "topic"), ("target", "remote_topic")]
    place = ["source", "target", "topic", "partition"]
    found = pl.concat(
        [
            moving.partitions.select(*place, "remote_topic", name=end)
            .join(
                held.rename({"cluster": "name", "topic": "_topic"}),
                left_on=["name", topic, "partition"],
                right_on=["name", "_topic", "partition"],
                how="left",
                maintain_order="left",
            )
            .select(*place, "name", "leader", "replicas", "isr")
            for end, topic in ends
        ]
    ).unique([*place, "name"], maintain_order=True)
    replicas, in_sync = pl.col("replicas").list.len(), pl.col("isr").list.len()
    is_unknown = pl.col("leader").is_null() | in_sync.is_null() | (replicas > 0).not_().fill_null(value=True)
    has_none, is_short = pl.col("leader") < 0, in_sync < replicas
    judged = found.with_columns(
        state=pl.when(is_unknown)
        .then(pl.lit("unknown"))
        .when(has_none | is_short)
        .then(pl.lit("blocks"))
        .otherwise(pl.lit("ok")),
        finding=pl.when(is_unknown)
        .then(pl.lit("partition unknown"))
        .when(has_none)
        .then(pl.lit("no leader"))
        .when(is_short)
        .then(pl.lit("replicas out of sync")),
        detail=pl.when(is_unknown)
        .then(pl.format("it was not seen at {}", "name"))
        .otherwise(pl.format("{} of {} replicas in sync at {}", in_sync, replicas, "name")),
        value=in_sync.cast(pl.Float64),
        limit=replicas.cast(pl.Float64),
    )
    return check_rows("brokers", judged, unit="replicas")
