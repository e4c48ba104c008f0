"""Whether both ends are sound: every partition that moves has a leader and all its replicas in sync."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows


def broker_checks(moving: Moving, partitions: Frame, *, configs: Frame | None = None) -> pl.DataFrame:
    """Say of each partition that moves, at both ends, whether it has a leader and its replicas are in sync.

    Parameters
    ----------
    moving
        What moves.
    partitions
        A snapshot of ``partitions`` of both ends.
    configs
        A snapshot of ``topic_configs``: with fewer replicas in sync than ``min.insync.replicas``, the target refuses
        producers that wait for all (``acks=all``). None: not known.

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
            .select(*place, "name", "leader", "replicas", "isr", end_topic=pl.col(topic))
            for end, topic in ends
        ]
    ).unique([*place, "name"], maintain_order=True)
    found = found.join(_least(configs), on=["name", "end_topic"], how="left", maintain_order="left")
    replicas, in_sync = pl.col("replicas").list.len(), pl.col("isr").list.len()
    is_unknown = pl.col("leader").is_null() | in_sync.is_null() | (replicas > 0).not_().fill_null(value=True)
    has_none, is_short = pl.col("leader") < 0, in_sync < replicas
    is_refused = ((pl.col("name") == pl.col("target")) & (in_sync < pl.col("least"))).fill_null(value=False)
    judged = found.with_columns(
        state=pl.when(is_unknown)
        .then(pl.lit("unknown"))
        .when(has_none | is_short | is_refused)
        .then(pl.lit("blocks"))
        .otherwise(pl.lit("ok")),
        finding=pl.when(is_unknown)
        .then(pl.lit("partition unknown"))
        .when(has_none)
        .then(pl.lit("no leader"))
        .when(is_short)
        .then(pl.lit("replicas out of sync"))
        .when(is_refused)
        .then(pl.lit("producers would be refused")),
        detail=pl.when(is_unknown)
        .then(pl.format("it was not seen at {}", "name"))
        .when(is_refused)
        .then(
            pl.format(
                "{} of {} replicas in sync at {}, and min.insync.replicas is {}",
                in_sync,
                replicas,
                "name",
                "least",
            )
        )
        .otherwise(pl.format("{} of {} replicas in sync at {}", in_sync, replicas, "name")),
        value=in_sync.cast(pl.Float64),
        limit=replicas.cast(pl.Float64),
    )
    return check_rows("brokers", judged, unit="replicas")


def _least(configs: Frame | None) -> pl.DataFrame:
    """Return how many replicas of each topic have to be in sync; no row where that is not known."""
    if configs is None:
        return pl.DataFrame(schema={"name": pl.String, "end_topic": pl.String, "least": pl.Int64})
    rows = to_polars(configs).filter(name="min.insync.replicas")
    return rows.select(
        name="cluster", end_topic="topic", least=pl.col("value").cast(pl.Int64, strict=False)
    ).unique(["name", "end_topic"], keep="last")
