"""Lag of groups before, during and after a migration."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.moments import as_time
from kafka_analysis.stats.scope.windows import Window

PHASES = ("before", "during", "after")


@same_kind
def lag_in_phases(over_time: Frame, *, before: Window, after: Window) -> Frame:
    """Summarise each group's lag in the windows before and after, and in the time between them.

    Parameters
    ----------
    over_time
        ``over_time`` of :func:`~kafka_analysis.stats.lag.partitions.measure_lag`.
    before, after
        Results of ``stats.before_and_after``.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``group``, ``phase``, median and highest ``lag_records`` and ``lag_seconds``, ``is_at_least``
        of the highest, ``answers``; a group has no row of a phase in which it was not seen.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(4)]
    >>> rows = pl.DataFrame({"ts": t, "cluster": "c", "group": "g", "lag_records": [1, 9, 9, 2],
    ...     "lag_seconds": [1.0, 60.0, 90.0, 2.0], "is_at_least": False})
    >>> phases = lag_in_phases(rows, before=Window(t[0], t[1]), after=Window(t[3], datetime(2026, 1, 1, 1)))
    >>> phases.select("phase", "lag_seconds_max").rows()
    [('before', 1.0), ('during', 90.0), ('after', 2.0)]
    """
    ts = pl.col("ts")
    edges = [
        as_time(moment, over_time.schema["ts"])
        for moment in (before.start, before.end, after.start, after.end)
    ]
    phase = (
        pl.when(ts.is_between(edges[0], edges[1], closed="left"))
        .then(pl.lit(PHASES[0]))
        .when(ts.is_between(edges[1], edges[2], closed="left"))
        .then(pl.lit(PHASES[1]))
        .when(ts.is_between(edges[2], edges[3], closed="left"))
        .then(pl.lit(PHASES[2]))
    )
    seconds = pl.col("lag_seconds")
    rows = over_time.with_columns(phase=phase.cast(pl.Enum(PHASES))).drop_nulls("phase")
    return (
        rows.group_by("cluster", "group", "phase")
        .agg(
            lag_records_median=pl.col("lag_records").median(),
            lag_records_max=pl.col("lag_records").max(),
            lag_seconds_median=seconds.median(),
            lag_seconds_max=seconds.max(),
            is_at_least=pl.col("is_at_least").filter(seconds == seconds.max()).any(),
            answers=pl.len(),
        )
        .sort("cluster", "group", "phase")
        .with_columns(pl.col("phase").cast(pl.String))
    )
