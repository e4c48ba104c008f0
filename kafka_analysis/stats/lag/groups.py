"""Lag of whole groups: the sum of their partitions, their state, and what it comes to."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

_GROUP = ["cluster", "group"]
_WORST_FIRST = ("stuck", "slow", "catching up", "unknown", "keeps up")
_REBALANCING = 0.3  # share of the answers
_SPREAD = 1.96  # standard errors on each side of a mean: 95 %
EMPTY, DEAD, SHARE = "EMPTY", "DEAD", "share"


@same_kind
def lag_by_group(partitions: Frame, over_time: Frame, *, groups: Frame, states: Frame) -> Frame:
    """Sum each group's lag up, with its state and condition.

    Parameters
    ----------
    partitions
        Result of :func:`~kafka_analysis.stats.lag.retention.retention_used`.
    over_time
        ``over_time`` of :func:`~kafka_analysis.stats.lag.partitions.measure_lag`.
    groups
        Result of ``stats.groups_in``: the latest row of each group; groups without committed offsets too.
    states
        The capture's ``groups`` table in the window: every answer about every group.

    Returns
    -------
    frame of the kind given
        A row per cluster and group: ``kind``, ``state``, ``condition``, ``lag_records``, ``lag_seconds`` (of the
        partition farthest behind), ``is_at_least``, ``peak_lag_records``, ``consumed_per_s``, ``produced_per_s``,
        ``seconds_to_close`` (of the partition that takes longest; null where one does not close) with
        ``seconds_to_close_low`` and ``seconds_to_close_high`` (95 % interval of the mean pace; high null: perhaps
        never), ``retention_used`` (highest), ``seconds_to_loss`` (soonest), ``lost_records``, ``partitions``,
        ``partitions_unknown``, ``partitions_stuck``.

        ``condition`` is that of the worst partition, but for ``dead`` (the group is gone), ``empty`` (no member),
        ``rebalancing`` (in three of ten answers or more) and ``unknown``: no committed offsets, as share groups.

    Examples
    --------
    >>> none = {"seconds_to_close": None, "retention_used": 0.1, "seconds_to_loss": None, "lost_records": 0}
    >>> rows = pl.DataFrame({"cluster": "c", "group": "g", "topic": "t", "partition": [0, 1], "lag_records": [5, 0],
    ...     "lag_seconds": [9.0, 0.0], "is_at_least": False, "consumed_per_s": 1.0, "produced_per_s": 2.0,
    ...     "condition": ["slow", "keeps up"], **none})
    >>> time = pl.DataFrame({"ts": [1], "cluster": "c", "group": "g", "lag_records": [7]})
    >>> kinds = {"group": ["g", "h"], "kind": ["classic", "share"]}
    >>> listed = pl.DataFrame({"ts": 1, "cluster": "c", "state": "STABLE", **kinds})
    >>> table = lag_by_group(rows, time, groups=listed, states=listed)
    >>> table.select("group", "condition", "lag_records", "peak_lag_records").rows()
    [('g', 'slow', 5, 7), ('h', 'unknown', None, None)]
    """
    sums = _sums(partitions)
    known = groups.select(*_GROUP, "kind", "state").join(sums, on=_GROUP, how="full", coalesce=True)
    peaks = over_time.group_by(_GROUP).agg(peak_lag_records=pl.col("lag_records").max())
    rebalancing = states.group_by(_GROUP).agg(_rebalancing=pl.col("state").str.contains("REBALANC").mean())
    rows = known.join(peaks, on=_GROUP, how="left").join(rebalancing, on=_GROUP, how="left")
    rows = rows.join(_certainty(over_time), on=_GROUP, how="left")
    point = pl.col("seconds_to_close")
    table = rows.with_columns(
        condition=_condition(),
        seconds_to_close_low=point * pl.col("_low"),
        seconds_to_close_high=point * pl.col("_high"),
        lost_records=pl.col("lost_records").cast(pl.Int64),
        partitions=pl.col("partitions").fill_null(0),
    )
    return table.select(
        *_GROUP, "kind", "state", "condition", "lag_records", "lag_seconds", "is_at_least", "peak_lag_records",
        "consumed_per_s", "produced_per_s", "seconds_to_close", "seconds_to_close_low", "seconds_to_close_high",
        "retention_used", "seconds_to_loss", "lost_records", "partitions", "partitions_unknown", "partitions_stuck",
    ).sort(_GROUP)  # fmt: skip


def _sums(partitions: pl.DataFrame) -> pl.DataFrame:
    records, close = pl.col("lag_records"), pl.col("seconds_to_close")
    is_late = pl.col("condition").is_in(["stuck", "slow", "catching up"])
    order = pl.col("condition").replace_strict(
        {name: number for number, name in enumerate(_WORST_FIRST)}, return_dtype=pl.Int64
    )
    return partitions.group_by(_GROUP).agg(
        worst=pl.col("condition").sort_by(order).first(),
        lag_records=pl.when(records.count() > 0).then(records.sum()),
        lag_seconds=pl.col("lag_seconds").max(),
        is_at_least=pl.col("is_at_least").filter(pl.col("lag_seconds") == pl.col("lag_seconds").max()).any(),
        consumed_per_s=_sum("consumed_per_s"),
        produced_per_s=_sum("produced_per_s"),
        seconds_to_close=pl.when(~(is_late & close.is_null()).any()).then(close.max()),
        retention_used=pl.col("retention_used").max(),
        seconds_to_loss=pl.col("seconds_to_loss").min(),
        lost_records=pl.col("lost_records").sum(),
        partitions=pl.len(),
        partitions_unknown=records.null_count(),
        partitions_stuck=(pl.col("condition") == "stuck").sum(),
    )


def _sum(name: str) -> pl.Expr:
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum())


def _condition() -> pl.Expr:
    state = pl.col("state").fill_null("")
    return (
        pl.when(state == DEAD)
        .then(pl.lit("dead"))
        .when((pl.col("kind") == SHARE).fill_null(value=False) | pl.col("worst").is_null())
        .then(pl.lit("unknown"))
        .when(state == EMPTY)
        .then(pl.lit("empty"))
        .when(pl.col("_rebalancing").fill_null(0.0) >= _REBALANCING)
        .then(pl.lit("rebalancing"))
        .otherwise("worst")
    )


def _certainty(over_time: pl.DataFrame) -> pl.DataFrame:
    """Return by which factors the time to close may be shorter or longer: 95 % interval of the mean closing speed."""
    steps = over_time.sort("ts").with_columns(
        closed=-pl.col("lag_records").cast(pl.Float64).diff().over(_GROUP),
    )
    last = steps.drop_nulls("closed").group_by(_GROUP).agg(pl.col("closed").tail(9))
    speed = last.with_columns(
        mean=pl.col("closed").list.mean(),
        error=pl.col("closed").list.std() / pl.col("closed").list.len().sqrt(),
    )
    half = _SPREAD * pl.col("error")
    return speed.select(
        *_GROUP,
        _low=pl.when(pl.col("mean") > 0).then(pl.col("mean") / (pl.col("mean") + half)),
        _high=pl.when(pl.col("mean") > half).then(pl.col("mean") / (pl.col("mean") - half)),
    )
