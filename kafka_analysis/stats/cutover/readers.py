"""Which groups still read what moves: a group with members may have only other topics assigned."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.moving import Moving

_WITHOUT_MEMBERS = ("EMPTY", "DEAD")
MOVING, OTHERS, NOTHING = "what moves", "other topics", "nothing"


def reading_groups(moving: Moving, groups: Frame, members: Frame) -> pl.DataFrame:
    """Say of each group that moves what it reads at the source now.

    Parameters
    ----------
    moving
        What moves.
    groups
        Latest row of each group: ``cluster``, ``group``, ``state``.
    members
        Members of groups by the last answer: ``cluster``, ``group``, ``assignments`` (texts ``topic-partition``).

    Returns
    -------
    polars.DataFrame
        ``source``, ``group``, ``state``, ``reads``: ``what moves``, ``other topics`` (members are known, and none is
        assigned a partition that moves) or ``nothing`` (no members); null where the state was not seen.

    Examples
    --------
    >>> topics = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "partition": 0, "group": "g"})
    >>> states = pl.DataFrame({"cluster": ["a"], "group": "g", "state": "STABLE"})
    >>> held = pl.DataFrame({"cluster": ["a"], "group": "g", "assignments": [["u-0"]]})
    >>> reading_groups(Moving(topics, topics, topics), states, held)["reads"].to_list()
    ['other topics']
    """
    own = moving.groups.select("source", "group").unique(maintain_order=True)
    states = (
        to_polars(groups).select("group", "state", source="cluster").unique(["source", "group"], keep="last")
    )
    places = moving.partitions.select(
        "source", assignments=pl.format("{}-{}", "topic", "partition"), moves=pl.lit(value=True)
    ).unique()
    assigned = (
        to_polars(members)
        .select("group", "assignments", source="cluster")
        .explode("assignments")
        .join(places, on=["source", "assignments"], how="left")
        .group_by("source", "group")
        .agg(
            known=pl.col("assignments").is_not_null().any(),
            moves=pl.col("moves").fill_null(value=False).any(),
        )
    )
    joined = own.join(states, on=["source", "group"], how="left", maintain_order="left").join(
        assigned, on=["source", "group"], how="left", maintain_order="left"
    )
    has_none = pl.col("state").str.to_uppercase().is_in(_WITHOUT_MEMBERS)
    # While members share partitions out, those that they have are not all that they read.
    is_settled = pl.col("state").str.to_uppercase() == "STABLE"
    elsewhere = (is_settled & pl.col("known") & ~pl.col("moves")).fill_null(value=False)
    reads = (
        pl.when(pl.col("state").is_null())
        .then(None)
        .when(has_none)
        .then(pl.lit(NOTHING))
        .when(elsewhere)
        .then(pl.lit(OTHERS))
        .otherwise(pl.lit(MOVING))
    )
    return joined.select("source", "group", "state", reads=reads)
