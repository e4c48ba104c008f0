"""What is compared: the old cluster in the window before, all targets in the window after."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, as_lazy, same_kind, to_polars
from kafka_analysis.stats.effect.comparable import EVEN
from kafka_analysis.stats.effect.measure import measure_effect
from kafka_analysis.stats.effect.rows import Asked, amounts_of
from kafka_analysis.stats.effect.traffic import Season, business_series
from kafka_analysis.stats.scope.windows import Window

_MS = pl.Datetime("ms", "UTC")


@dataclass(frozen=True)
class Sides:
    """Two windows, the clusters looked at in each, the step, and whether hours of the week are matched."""

    before: Window
    after: Window
    clusters_before: tuple[str, ...]
    clusters_after: tuple[str, ...]
    step: timedelta
    season: Season

    @property
    def each(self) -> tuple[tuple[str, Window, tuple[str, ...]], ...]:
        """Return name, window and clusters of each side."""
        return ("before", self.before, self.clusters_before), ("after", self.after, self.clusters_after)


@same_kind
def sides_of(clusters: Frame, *, windows: tuple[Window, Window], step: timedelta, season: Season) -> Sides:
    """Choose the clusters of each window: the sources before and the targets after, else all of them in both.

    Parameters
    ----------
    clusters
        ``cluster``, ``role`` of those chosen.
    windows, step, season
        Results of ``stats.before_and_after`` and :func:`kafka_analysis.stats.effect.traffic.steps_of`.

    Examples
    --------
    >>> from datetime import datetime
    >>> one = Window(datetime(2026, 1, 1), datetime(2026, 1, 2))
    >>> rows = pl.DataFrame({"cluster": ["old", "a", "b"], "role": ["source", "target", "target"]})
    >>> found = sides_of(rows, windows=(one, one), step=timedelta(hours=1), season="week")
    >>> found.clusters_before, found.clusters_after
    (('old',), ('a', 'b'))
    """
    old, new = (
        tuple(clusters.filter(pl.col("role") == role)["cluster"].to_list()) for role in ("source", "target")
    )
    if not (old and new):
        old = new = tuple(clusters["cluster"].to_list())
    return Sides(*windows, clusters_before=old, clusters_after=new, step=step, season=season)


def at_work(sides: Sides, before: Frame, after: Frame) -> Sides:
    """Narrow the windows of a made load to its steps at work: it begins and ends at rest.

    Parameters
    ----------
    before, after
        Results of ``stats.traffic_over_time`` of the two windows, with buckets of the step.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, 0, s, tzinfo=UTC) for s in range(0, 60, 10)]
    >>> rows = pl.DataFrame({"window_start": t, "cluster": "a", "kind": "business",
    ...     "bytes_in_per_s": [0.0, 2.0, 5.0, 5.0, 3.0, 0.0]})
    >>> whole = Window(t[0], t[5])
    >>> found = at_work(Sides(whole, whole, ("a",), ("a",), timedelta(seconds=10), "none"), rows, rows)
    >>> found.before.start.second, found.before.end.second
    (20, 40)
    """
    if sides.season != "none":
        return sides
    windows = [
        _narrowed(window, to_polars(traffic), sides.step)
        for window, traffic in ((sides.before, before), (sides.after, after))
    ]
    return replace(sides, before=windows[0], after=windows[1])


def _narrowed(window: Window, traffic: pl.DataFrame, step: timedelta) -> Window:
    busy = business_series(traffic.cast({"window_start": _MS}), "bytes_in_per_s", is_made=True)["ts"]
    if busy.is_empty():
        return window
    first, last = busy.min(), busy.max()
    return replace(window, start=max(window.start, first), end=min(window.end, last + step))  # type: ignore[operator]


def reduced(reduce: Callable[..., Any], samples: Frame, sides: Sides, **options: Any) -> pl.DataFrame:
    """Reduce the samples of each side step by step.

    Parameters
    ----------
    reduce
        ``stats.gauge`` or ``stats.increase``.
    samples
        Of the metrics wanted. Lazy ones are read in batches.
    **options
        Of ``reduce``, such as ``by``.

    Returns
    -------
    polars.DataFrame
        What ``reduce`` returns, with ``side``: before or after.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from kafka_analysis.stats.reduce.samples import gauge
    >>> t = [datetime(2026, 1, 1, 0, 0, s, tzinfo=UTC) for s in (0, 10, 20)]
    >>> rows = pl.DataFrame({"metric": "leader_count", "ts": t[:2], "cluster": ["a", "b"], "broker": 1, "topic": None,
    ...     "partition": None, "group": None, "entity": None, "stat": None, "value": [4.0, 6.0]})
    >>> sides = Sides(Window(t[0], t[1]), Window(t[1], t[2]), ("a",), ("b",), timedelta(seconds=10), "none")
    >>> reduced(gauge, rows, sides).select("side", "cluster", "mean").rows()
    [('before', 'a', 4.0), ('after', 'b', 6.0)]
    """
    is_lazy = isinstance(samples, pl.LazyFrame)
    parts = []
    for name, window, clusters in sides.each:
        here = as_lazy(samples).filter(pl.col("cluster").is_in(list(clusters)))
        given = here if is_lazy else here.collect()
        rows = to_polars(reduce(given, start=window.start, end=window.end, every=sides.step, **options))
        parts.append(rows.cast({"window_start": _MS}).select(pl.lit(name).alias("side"), pl.all()))
    return pl.concat(parts, how="vertical_relaxed")


def held_in(rows: pl.DataFrame) -> tuple[set[str], set[str]]:
    """Return the metrics that each side has.

    Examples
    --------
    >>> held_in(pl.DataFrame({"side": ["before", "after"], "metric": ["a", "b"]}))
    ({'a'}, {'b'})
    """
    before, after = (set(rows.filter(side=name)["metric"].unique()) for name in ("before", "after"))
    return before, after


def compared(asked: Asked, series: Frame, sides: Sides, *, step: timedelta | None = None) -> dict[str, Any]:
    """Compare one series in the two windows, and return the row of its question.

    Where a series is 0 in every step of both windows, as errors should be, it is the same.

    Parameters
    ----------
    series
        ``ts``, ``value``.
    step
        Of the series; None = that of the sides.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, 0, s, tzinfo=UTC) for s in range(40)]
    >>> sides = Sides(Window(t[0], t[20]), Window(t[20], t[39]), ("a",), ("a",), timedelta(seconds=1), "none")
    >>> row = compared(Asked("e", "Errors", ""), pl.DataFrame({"ts": t, "value": 0.0}), sides)
    >>> row["verdict"], row["reason"]
    ('same', 'none in either window')
    """
    found = measure_effect(
        series, before=sides.before, after=sides.after, step=step or sides.step, season=sides.season,
        better=asked.better, same_up_to=asked.same_up_to,
    )  # fmt: skip
    row = {**asked.names, **amounts_of(found)}
    if found.reason == EVEN and not (to_polars(series)["value"].drop_nulls() != 0).any():
        row |= {"verdict": "same", "reason": "none in either window"}
    return row
