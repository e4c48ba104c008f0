"""Whether the two ends are what they are taken for, and whether there is a way back."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.counted import counted
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows


def cluster_checks(moving: Moving, clusters: Frame, *, flows: Frame, answered: Frame) -> pl.DataFrame:
    """Say of each pair of clusters whether both answered, are two, and are not swapped.

    Parameters
    ----------
    moving
        What moves.
    clusters
        ``cluster``, ``kafka_cluster_id``.
    flows
        ``source``, ``target`` of every replication that was seen.
    answered
        ``cluster``: those that answered about their logs within the window.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``clusters``; a topic that moves and has no source has a row of its own.

    Examples
    --------
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "remote_topic": "t"})
    >>> ids = pl.DataFrame({"cluster": ["a", "b"], "kafka_cluster_id": ["x", "y"]})
    >>> turned = pl.DataFrame({"source": ["b"], "target": ["a"]})
    >>> rows = cluster_checks(Moving(topics, topics, topics), ids, flows=turned, answered=ids.select("cluster"))
    >>> rows.select("state", "finding").rows()
    [('blocks', 'source and target are swapped')]
    """
    names = to_polars(clusters).select("cluster", "kafka_cluster_id").unique("cluster")
    seen = to_polars(answered)["cluster"].unique().implode()
    copied = to_polars(flows).select("source", "target").unique()
    ends = moving.topics.select("source", "target").drop_nulls().unique().sort("source", "target")
    joined = (
        ends.join(
            names.rename({"cluster": "source", "kafka_cluster_id": "source_id"}), on="source", how="left"
        )
        .join(names.rename({"cluster": "target", "kafka_cluster_id": "target_id"}), on="target", how="left")
        .join(copied.with_columns(is_copied=True), on=["source", "target"], how="left")
        .join(
            copied.select(source="target", target="source", is_turned=pl.lit(value=True)),
            on=["source", "target"],
            how="left",
        )
        .sort("source", "target")
    )
    is_one = (pl.col("source_id") == pl.col("target_id")).fill_null(value=False)
    is_swapped = pl.col("is_copied").is_null() & pl.col("is_turned").is_not_null()
    silent = (
        pl.when(~pl.col("source").is_in(seen))
        .then("source")
        .when(~pl.col("target").is_in(seen))
        .then("target")
    )
    judged = joined.with_columns(
        state=pl.when(is_one | is_swapped)
        .then(pl.lit("blocks"))
        .when(silent.is_not_null())
        .then(pl.lit("unknown"))
        .otherwise(pl.lit("ok")),
        finding=pl.when(is_one)
        .then(pl.lit("source and target are one cluster"))
        .when(is_swapped)
        .then(pl.lit("source and target are swapped"))
        .when(silent.is_not_null())
        .then(pl.lit("a cluster did not answer")),
        detail=pl.when(is_one)
        .then(pl.format("both have the cluster id {}", "source_id"))
        .when(is_swapped)
        .then(pl.format("{} is copied to {}, and nothing in the other direction", "target", "source"))
        .when(silent.is_not_null())
        .then(pl.format("{} did not answer about its logs", silent))
        .otherwise(pl.lit("both answered, and are two clusters")),
    )
    nowhere = moving.topics.filter(pl.col("source").is_null() | pl.col("target").is_null())
    return pl.concat(
        [
            check_rows("clusters", judged),
            check_rows(
                "clusters",
                nowhere,
                state="unknown",
                finding="topic without a source",
                detail="no cluster other than the target has a topic of this name",
            ),
        ]
    )


def way_back_checks(moving: Moving, flows: Frame, *, is_needed: bool) -> pl.DataFrame:
    """Say of each pair of clusters whether what is written at the target comes back to the source.

    Parameters
    ----------
    moving
        What moves.
    flows
        ``source``, ``target`` of every replication that was seen.
    is_needed
        Without a way back a wave may not move.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``way back``; ``value``: groups whose offsets at the source this capture holds.

    Examples
    --------
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "remote_topic": "t"})
    >>> groups = pl.DataFrame({"source": ["a"], "target": "b", "group": "g"})
    >>> none = pl.DataFrame(schema={"source": pl.String, "target": pl.String})
    >>> way_back_checks(Moving(topics, topics, groups), none, is_needed=False).select("state", "value").rows()
    [('note', 1.0)]
    """
    back = to_polars(flows).select(source="target", target="source", is_back=pl.lit(value=True)).unique()
    known = moving.groups.group_by("source", "target").agg(groups=pl.col("group").n_unique())
    ends = moving.topics.select("source", "target").drop_nulls().unique().sort("source", "target")
    rows = ends.join(back, on=["source", "target"], how="left", maintain_order="left").join(
        known, on=["source", "target"], how="left", maintain_order="left"
    )
    has_way = pl.col("is_back").is_not_null()
    offsets = pl.format(
        "the capture has the source offsets of {}", counted(pl.col("groups").fill_null(0), "group")
    )
    judged = rows.with_columns(
        state=pl.when(has_way).then(pl.lit("ok")).otherwise(pl.lit("blocks" if is_needed else "note")),
        finding=pl.when(~has_way & pl.lit(is_needed)).then(pl.lit("nothing is replicated back")),
        detail=pl.when(has_way)
        .then(pl.format("{} is replicated back to {}; ", "target", "source") + offsets)
        .otherwise(
            pl.format("records written to {} after the move are not at {}; ", "target", "source") + offsets
        ),
        value=pl.col("groups").fill_null(0).cast(pl.Float64),
    )
    return check_rows("way back", judged, unit="groups")
