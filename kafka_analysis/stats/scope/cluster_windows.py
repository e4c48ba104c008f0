"""Look at each cluster in a window of its own: a source as it was before a migration, a target as it is after."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import narwhals as nw
import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.moments import as_time
from kafka_analysis.stats.scope.snapshots import snapshot_at
from kafka_analysis.stats.scope.windows import Window, choose_window, phases, steady

Windows = Mapping[str, Window]


@same_kind
def choose_windows(
    events: Frame,
    *,
    clusters: Frame,
    start: datetime | None,
    end: datetime | None,
    capture_start: datetime,
    capture_end: datetime,
) -> dict[str, Window]:
    """Choose the window of each cluster: what was asked for, else a steady phase, else the whole capture.

    Of the steady phases a target takes the last one, when it carries what it is meant to; every other cluster the
    first.

    Parameters
    ----------
    events
        The capture's ``events`` table.
    clusters
        ``cluster``, ``role``: a capture's ``cluster_table``.

    Raises
    ------
    WindowError
        When the window asked for is empty or does not overlap the capture.

    Examples
    --------
    >>> from datetime import UTC
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(4)]
    >>> rows = pl.DataFrame({"ts": t, "kind": "load", "name": ["a:start", "a:end", "b:start", "b:end"]})
    >>> clusters = pl.DataFrame({"cluster": ["old", "new"], "role": ["source", "target"]})
    >>> windows = choose_windows(rows, clusters=clusters, start=None, end=None, capture_start=t[0], capture_end=t[3])
    >>> {name: window.name for name, window in windows.items()}
    {'old': "steady phase 'a'", 'new': "steady phase 'b'"}
    """
    first = choose_window(events, start=start, end=end, capture_start=capture_start, capture_end=capture_end)
    steady_phases = phases(events) if start is None and end is None else phases(events).clear()
    last = steady(steady_phases.row(-1, named=True)) if len(steady_phases) else first
    return {
        row["cluster"]: last if row["role"] == "target" else first for row in clusters.iter_rows(named=True)
    }


def in_windows(function: Callable[..., Any], frame: Any, windows: Windows, **options: Any) -> Any:
    """Call a function with the rows of each cluster and its window's ``start`` and ``end``; put the results together.

    Parameters
    ----------
    function
        Such as ``increase``, ``gauge`` or ``records_appended``.
    frame
        Its first argument, with ``cluster``; rows of clusters without a window are left out.
    **options
        Handed on to the function.

    Returns
    -------
    frame
        What the function returns, cluster after cluster.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> t0 = datetime(2026, 1, 1, tzinfo=UTC)
    >>> rows = pl.DataFrame({"cluster": ["a", "b"], "value": [1, 2]})
    >>> lasts = lambda frame, start, end: frame.with_columns(seconds=(end - start).total_seconds())
    >>> in_windows(lasts, rows, {"a": Window(t0, t0 + timedelta(seconds=5))}).rows()
    [('a', 1, 5.0)]
    """
    rows = nw.from_native(frame)
    every = windows or {"": Window(datetime.min, datetime.max)}  # noqa: DTZ901 - no cluster has that name
    parts = [
        function(rows.filter(nw.col("cluster") == name).to_native(), start=w.start, end=w.end, **options)
        for name, w in every.items()
    ]
    return nw.concat([nw.from_native(part) for part in parts]).to_native()


@same_kind
def snapshots_in(table: Frame, windows: Windows) -> Frame:
    """Return the last snapshot of each cluster in its window; clusters without a window are left out.

    Parameters
    ----------
    table
        A metadata table: ``ts``, ``cluster`` and the rest.
    windows
        The window of each cluster.

    Returns
    -------
    frame of the kind given
        Rows of ``table``. Of partitions also ``leader_moved``: whether another broker led it earlier in the window.

    Examples
    --------
    >>> t = [datetime(2026, 1, d) for d in (1, 3, 5)]
    >>> table = pl.DataFrame({"ts": t, "cluster": "c", "topic": "t", "partition": 0, "leader": [1, 2, 3]})
    >>> snapshots_in(table, {"c": Window(t[0], datetime(2026, 1, 4))}).select("leader", "leader_moved").rows()
    [(2, True)]
    """
    parts = [_last(table.filter(cluster=name), w) for name, w in windows.items()]
    return pl.concat([_last(table.clear(), None), *parts])


def _last(rows: pl.DataFrame, window: Window | None) -> pl.DataFrame:
    """Return the last snapshot in a window; of partitions, whether their leaders moved in it."""
    place = ["cluster", "topic", "partition"]
    last = rows if window is None else snapshot_at(rows, window.end)
    if not {*place, "leader"} <= set(rows.columns):
        return last
    if window is None or last.is_empty():
        return last.with_columns(leader_moved=pl.lit(None, pl.Boolean))
    first = snapshot_at(rows, window.start)["ts"].min()
    inside = rows.filter(pl.col("ts").is_between(first, as_time(window.end, rows.schema["ts"])))
    led = pl.col("leader").filter(pl.col("leader") >= 0)  # −1: nobody leads
    moved = inside.group_by(place).agg(leader_moved=led.n_unique() > 1)
    return last.join(moved, on=place, how="left", maintain_order="left")


@same_kind
def gaps_in(gaps: Frame, windows: Windows) -> Frame:
    """Keep the gaps that touch the window of their cluster.

    Examples
    --------
    >>> t = [datetime(2026, 1, d) for d in (1, 2, 3, 4)]
    >>> gaps = pl.DataFrame({"cluster": "c", "start": t[:3], "end": t[1:]})
    >>> len(gaps_in(gaps, {"c": Window(t[2], t[3])}))
    1
    """
    edges = {
        name: [as_time(at, gaps.schema["start"]) for at in (w.start, w.end)] for name, w in windows.items()
    }
    parts = [
        gaps.filter(pl.col("start") < end, pl.col("end") > start, cluster=name)
        for name, (start, end) in edges.items()
    ]
    return pl.concat([gaps.clear(), *parts]).sort("start")


def describe_windows(windows: Windows) -> list[str]:
    """Say which window each cluster was looked at in; once, when all share it.

    Examples
    --------
    >>> describe_windows({name: Window(datetime(2026, 1, 1), datetime(2026, 1, 2)) for name in ("a", "b")})
    ['Window: 2026-01-01 00:00:00 UTC to 2026-01-02 00:00:00 UTC']
    """
    if len(set(windows.values())) == 1:
        return [f"Window: {next(iter(windows.values()))}"]
    return [f"Window of {name}: {window}" for name, window in windows.items()]


def span(windows: Windows) -> tuple[datetime | None, datetime | None]:
    """Return the start of the earliest and the end of the latest window; None without windows.

    Examples
    --------
    >>> t = [datetime(2026, 1, d) for d in (1, 2, 3, 4)]
    >>> [edge.day for edge in span({"a": Window(t[0], t[1]), "b": Window(t[2], t[3])})]
    [1, 4]
    """
    if not windows:
        return None, None
    return min(w.start for w in windows.values()), max(w.end for w in windows.values())
