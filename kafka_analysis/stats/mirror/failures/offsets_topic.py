"""A topic of committed source offsets that was deleted, so that the mirror began anew."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.mirror_topics import mirror_topic
from kafka_analysis.stats.mirror.failures.rows import failure_rows, no_failures

_SERIES = ["tool", "source", "target", "connector", "topic", "partition"]


def offsets_topic_failures(places: Frame, topics: Frame, aliases: Frame, logs: Frame) -> pl.DataFrame:
    """Find flows whose topic of committed source offsets is another one than before: they read all records again.

    Parameters
    ----------
    places
        Positions of flows over time.
    topics
        The capture's ``topics``: ``ts``, ``cluster``, ``topic``, ``topic_id``, of all snapshots.
    aliases
        Result of ``stats.mirror_aliases``.
    logs
        The capture's ``offsets`` of the sources.

    Returns
    -------
    polars.DataFrame
        Failures ``restarted_without_offsets``; ``records``: those between the start of the log and the first position
        that was seen, at least so many.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from kafka_analysis.stats.mirror.places import SCHEMA
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(2)]
    >>> at = [(t[0], "MirrorMaker 2", "a", "b", "m", "t", 0, 9, 0.0, "committed position")]
    >>> ids = pl.DataFrame({"ts": t, "cluster": "b", "topic": "mm2-offsets.a.internal", "topic_id": ["x", "y"]})
    >>> named = pl.DataFrame({"cluster": ["b"], "alias": ["a"], "means": ["a"]})
    >>> ends = pl.DataFrame({"ts": t, "cluster": "a", "topic": "t", "partition": 0, "log_start_offset": 2},
    ...     schema_overrides={"partition": pl.Int32})
    >>> offsets_topic_failures(pl.DataFrame(at, schema=SCHEMA, orient="row"), ids, named, ends)["records"].to_list()
    [7]
    """
    ids = to_polars(topics).drop_nulls("topic_id").sort("ts")
    is_new = pl.col("topic_id") != pl.col("topic_id").shift(1).over("cluster", "topic")
    last = ids.filter(is_new).group_by("cluster", "topic").agg(pl.col("ts").last())
    means = {(c, a): m or a for c, a, m in to_polars(aliases).select("cluster", "alias", "means").iter_rows()}
    changed = [
        (cluster, None if found.alias is None else means.get((cluster, found.alias), found.alias), topic, ts)
        for cluster, topic, ts in last.sort("cluster", "topic").iter_rows()
        if (found := mirror_topic(topic)) is not None and found.kind == "offsets"
    ]
    schema = {"target": pl.String, "of": pl.String, "detail": pl.String, "ts": pl.Datetime("ms", "UTC")}
    new = pl.DataFrame(changed, schema=schema, orient="row")
    if new.is_empty():
        return no_failures()
    stored = to_polars(places).filter(known_by="committed position")
    first = stored.sort("ts").group_by(_SERIES).agg(pl.col("position").first(), first=pl.col("ts").first())
    hit = first.join(new, on="target").filter(
        pl.col("of").is_null() | (pl.col("of") == pl.col("source")), pl.col("first") < pl.col("ts")
    )
    starts = (
        to_polars(logs)
        .rename({"cluster": "source"})
        .group_by("source", "topic", "partition")
        .agg(start=pl.col("log_start_offset").sort_by("ts").first())
    )
    rows = hit.join(starts, on=["source", "topic", "partition"], how="left").with_columns(
        records=pl.col("position") - pl.col("start").fill_null(0),
        detail=pl.format("{} is another topic than before", "detail"),
    )
    return failure_rows("restarted_without_offsets", rows.filter(pl.col("records") > 0).sort(_SERIES))
