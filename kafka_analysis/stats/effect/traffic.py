"""How much traffic changed between two windows, how sure that is, and what noise it was told from."""

from datetime import timedelta
from typing import Any, Literal

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind, to_polars
from kafka_analysis.stats.effect.measure import measure_effect
from kafka_analysis.stats.effect.rows import AMOUNTS, amounts_of
from kafka_analysis.stats.scope.windows import Window, phases
from kafka_analysis.stats.traffic.kinds import FLOWS

HOUR = timedelta(hours=1)
SCHEMA = {"flow": pl.String, **AMOUNTS}
Season = Literal["week", "none"]


@same_kind
def steps_of(events: Frame, *, before: Window, after: Window, interval_s: float) -> tuple[timedelta, Season]:
    """Choose how finely two windows are compared, and whether hours of the week are matched.

    Hours, matched, where traffic has a day and a week; scrapes where the capture's ``load`` events say that both
    windows are steady phases of a made load, which has no season.

    Parameters
    ----------
    events
        The capture's ``events``.
    interval_s
        Seconds between scrapes.

    Returns
    -------
    (step, season)
        As for :func:`kafka_analysis.stats.effect.measure.measure_effect`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in (0, 5)]
    >>> rows = pl.DataFrame({"ts": t, "kind": "load", "name": ["a:start", "a:end"]})
    >>> steps_of(rows, before=Window(*t), after=Window(*t), interval_s=10.0)
    (datetime.timedelta(seconds=10), 'none')
    """
    made = set(phases(to_polars(events)).select("start", "end").rows())
    if all((window.start, window.end) in made for window in (before, after)):
        return timedelta(seconds=interval_s), "none"
    return HOUR, "week"


@same_kind
def business_series(traffic: Frame, flow: str, *, is_made: bool = False) -> Frame:
    """Add up the business traffic of all clusters, step by step.

    Parameters
    ----------
    traffic
        One window of ``stats.traffic_over_time``: ``window_start``, ``cluster``, ``kind`` and the flows.
    flow
        One of the flows, such as ``bytes_in_per_s``.
    is_made
        The window is a phase of a made load, which begins and ends at rest: those steps are left out.

    Returns
    -------
    frame of the kind given
        ``ts``, ``value``; null where a cluster that carries business traffic in the window was not seen: the others'
        sum would be too low.

    Examples
    --------
    >>> rows = pl.DataFrame({"window_start": [1, 1, 2], "cluster": ["a", "b", "a"], "kind": "business",
    ...     "bytes_in_per_s": [1.0, 2.0, 3.0]})
    >>> business_series(rows, "bytes_in_per_s").rows()
    [(1, 3.0), (2, None)]
    """
    rows = traffic.filter(kind="business").drop_nulls(flow)
    clusters = rows["cluster"].n_unique()
    sums = rows.group_by(ts="window_start").agg(pl.col(flow).sum(), seen=pl.col("cluster").n_unique())
    value = pl.when(pl.col("seen") == clusters).then(pl.col(flow))
    series = sums.sort("ts").select("ts", value=value)
    return _at_work(series) if is_made else series


def _at_work(series: pl.DataFrame) -> pl.DataFrame:
    """Leave out the steps before and after the load, and the one in which it begins or ends."""
    busy = series.with_row_index().filter(pl.col("value") > pl.col("value").median() / 2)["index"]
    if busy.is_empty():
        return series
    return series[int(busy.min()) + 1 : int(busy.max())]  # type: ignore[arg-type]


def traffic_effects(before: Frame, after: Frame, *, windows: tuple[Window, Window], **how: Any) -> Any:
    """Say of each flow by how much it changed, with an interval, or that the data do not say.

    Parameters
    ----------
    before, after
        Results of ``stats.traffic_over_time`` of the two windows, with buckets of ``step``.
    windows
        The two windows.
    **how
        ``step`` and ``season`` as :func:`steps_of` chooses them.

    Returns
    -------
    frame of the kind given
        A row per flow: ``verdict`` (same, worse, cannot tell: more traffic is neither better nor worse), ``is_share``
        (amounts are shares of the value before, else in its unit), ``effect`` with ``low`` and ``high`` (95 %),
        ``least`` effect that could have been seen, the ``placebo`` (the two halves of the window before, between which
        nothing happened), ``noise``, ``method``, ``reason``, hours.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, h, tzinfo=UTC) for h in range(4)]
    >>> rows = pl.DataFrame({"window_start": t[:2], "cluster": "a", "kind": "business", "bytes_in_per_s": 1.0,
    ...     "bytes_out_per_s": 1.0, "messages_in_per_s": 1.0})
    >>> windows = Window(t[0], t[2]), Window(t[2], t[3])
    >>> found = traffic_effects(rows, rows, windows=windows, step=HOUR, season="week")
    >>> found.row(0, named=True)["verdict"]
    'cannot tell'
    """
    is_made = how["season"] == "none"
    rows = []
    for flow in FLOWS:
        sides = [
            business_series(
                to_polars(side).cast({"window_start": pl.Datetime("ms", "UTC")}), flow, is_made=is_made
            )
            for side in (before, after)
        ]
        series = pl.concat(sides).unique("ts").sort("ts")
        found = measure_effect(series, before=windows[0], after=windows[1], better="held", **how)
        rows.append({"flow": flow, **amounts_of(found)})
    return pl.DataFrame(rows, schema=SCHEMA)
