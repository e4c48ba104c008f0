"""What each cluster carried before and after, kinds of traffic apart, and by how much it changed."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.effect.each import EACH, NOTHING, ONLY_AFTER, ONLY_BEFORE, UNTOLD, measure_each
from kafka_analysis.stats.effect.sides import Sides
from kafka_analysis.stats.traffic.kinds import FLOWS

_KEYS = ["cluster", "kind"]
SCHEMA = {
    "flow": pl.String, "cluster": pl.String, "kind": pl.String, "before": pl.Float64, "after": pl.Float64, **EACH,
}  # fmt: skip


@same_kind
def cluster_effects(
    before: Frame, after: Frame, *, sums_before: Frame, sums_after: Frame, sides: Sides
) -> Frame:
    """Say of each cluster and kind of traffic by how much each flow changed, where both windows have some.

    Parameters
    ----------
    before, after
        Results of ``stats.traffic_over_time`` of the two windows, with buckets of the step.
    sums_before, sums_after
        Results of ``stats.sum_by_kind`` of the whole windows.
    sides
        The windows, the step, and whether hours of the week are matched.

    Returns
    -------
    frame of the kind given
        A row per flow, cluster and ``kind``: ``before``, ``after`` (per second), and what
        :func:`kafka_analysis.stats.effect.each.measure_each` returns. ``verdict`` is ``only before`` or ``only after``
        for a cluster that carried nothing in the other window: its level is known, there is no comparison.

    Examples
    --------
    >>> from datetime import UTC, datetime, timedelta
    >>> from kafka_analysis.stats.scope.windows import Window
    >>> t = [datetime(2026, 1, 1, h, tzinfo=UTC) for h in (0, 1, 2)]
    >>> rows = pl.DataFrame({"window_start": t[:2], "cluster": ["old", "new"], "kind": "business",
    ...     "bytes_in_per_s": 5.0, "bytes_out_per_s": None, "messages_in_per_s": None})
    >>> sides = Sides(Window(t[0], t[1]), Window(t[1], t[2]), ("old",), ("new",), timedelta(hours=1), "week")
    >>> sums = [part.drop("window_start") for part in (rows[:1], rows[1:])]
    >>> found = cluster_effects(rows[:1], rows[1:], sums_before=sums[0], sums_after=sums[1], sides=sides)
    >>> found.select("cluster", "before", "after", "verdict").rows()
    [('old', 5.0, None, 'only before'), ('new', None, 5.0, 'only after')]
    """
    levels = _levels(sums_before, "before").join(
        _levels(sums_after, "after"),
        on=["flow", *_KEYS],
        how="full",
        coalesce=True,
        maintain_order="left_right",
    )
    carried = pl.col("before").fill_null(0.0) + pl.col("after").fill_null(0.0)
    series = pl.concat([_steps(part) for part in (before, after)]).sort("ts")
    found = [
        measure_each(series.filter(flow=flow).drop("flow"), sides=sides).with_columns(flow=pl.lit(flow))
        for flow in FLOWS
    ]
    name = pl.concat_str(_KEYS, separator="\n").alias("name")
    rows = levels.filter(carried > 0).with_columns(name)
    rows = rows.join(pl.concat(found), on=["flow", "name"], how="left", maintain_order="left")
    verdict = (
        pl.when(pl.col("after").fill_null(0.0) <= 0)
        .then(pl.lit(ONLY_BEFORE))
        .when(pl.col("before").fill_null(0.0) <= 0)
        .then(pl.lit(ONLY_AFTER))
        .otherwise(pl.coalesce("verdict", pl.lit(UNTOLD)))
    )
    reason = pl.coalesce("reason", pl.lit(NOTHING))
    told = rows.with_columns(verdict=verdict, reason=reason)
    return told.select(pl.col(column).cast(kind) for column, kind in SCHEMA.items())


def _levels(sums: pl.DataFrame, name: str) -> pl.DataFrame:
    rows = sums.cast(dict.fromkeys(FLOWS, pl.Float64))
    return rows.unpivot(list(FLOWS), index=_KEYS, variable_name="flow", value_name=name)


def _steps(traffic: pl.DataFrame) -> pl.DataFrame:
    rows = traffic.cast({"window_start": pl.Datetime("ms", "UTC"), **dict.fromkeys(FLOWS, pl.Float64)})
    name = pl.concat_str(_KEYS, separator="\n")
    long = rows.with_columns(name=name).unpivot(
        list(FLOWS), index=["name", "window_start"], variable_name="flow"
    )
    return long.rename({"window_start": "ts"})
