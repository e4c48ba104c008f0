"""Which groups a cluster has: the union over a window, because a list lacks those whose coordinator is moving."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind, to_polars
from kafka_analysis.model.units import counted, listed
from kafka_analysis.stats.scope.snapshots import snapshot_at
from kafka_analysis.stats.scope.windows import Window

DEAD = "DEAD"
_KEYS = ["cluster", "group"]
_some = partial(listed, most=5)


@same_kind
def groups_in(groups: Frame, windows: Mapping[str, Window]) -> Frame:
    """Return the latest row of every group that was there in the window of its cluster.

    Parameters
    ----------
    groups
        The capture's ``groups`` table: ``ts``, ``cluster``, ``group``, ``state`` and the rest.
    windows
        The window of each cluster.

    Returns
    -------
    frame of the kind given
        Rows of ``groups`` and ``in_last``: whether the group is in its cluster's last snapshot too. One that is not
        has gone since, or was not listed while its coordinator moved; ``ts`` says when it was last seen. A group of
        state ``DEAD`` has gone.

    Examples
    --------
    >>> from datetime import datetime
    >>> t = [datetime(2026, 1, 1, 12, m) for m in (0, 1, 1)]
    >>> table = pl.DataFrame({"ts": t, "cluster": "c", "group": ["a", "b", "c"], "state": "EMPTY"})
    >>> groups_in(table, {"c": Window(t[0], t[2])}).select("group", "in_last").rows()
    [('a', False), ('b', True), ('c', True)]
    """
    parts = [_latest(groups.filter(cluster=name), window) for name, window in windows.items()]
    return pl.concat([groups.clear().with_columns(in_last=pl.lit(None, pl.Boolean)), *parts])


def _latest(rows: pl.DataFrame, window: Window) -> pl.DataFrame:
    if rows.is_empty():
        return rows.with_columns(in_last=pl.lit(None, pl.Boolean))
    first, last = (snapshot_at(rows, moment)["ts"].max() for moment in (window.start, window.end))
    seen = rows.filter(pl.col("ts").is_between(first, last))
    latest = seen.sort(*_KEYS, "ts").group_by(_KEYS, maintain_order=True).last().select(rows.columns)
    return latest.with_columns(in_last=pl.col("ts") == last)


@same_kind
def present_groups(groups: Frame) -> Frame:
    """Leave out the groups that have gone.

    Examples
    --------
    >>> present_groups(pl.DataFrame({"group": ["a", "b"], "state": ["EMPTY", "DEAD"]}))["group"].to_list()
    ['a']
    """
    return groups.filter(pl.col("state") != DEAD)


def describe_groups(groups: Any) -> list[str]:
    """Say which groups the last snapshot lacks, and when they were last seen.

    Parameters
    ----------
    groups
        Result of :func:`groups_in`.

    Examples
    --------
    >>> from datetime import datetime
    >>> rows = {"ts": [datetime(2026, 1, 1, 12)], "cluster": "c", "group": "a", "state": "EMPTY", "in_last": False}
    >>> print(*describe_groups(pl.DataFrame(rows)))
    c: 1 group is not in the last snapshot (a, last seen 12:00:00 UTC): gone since, or its coordinator moved
    """
    sentences = []
    absent = present_groups(to_polars(groups)).filter(~pl.col("in_last"))
    for (cluster,), rows in absent.group_by("cluster", maintain_order=True):
        seen = [f"{name}, last seen {ts:%H:%M:%S} UTC" for name, ts in rows.select("group", "ts").iter_rows()]
        what = "group is" if len(seen) == 1 else "groups are"
        sentences.append(
            f"{cluster}: {len(seen)} {what} not in the last snapshot ({_some(seen, separator='; ')}): "
            "gone since, or its coordinator moved"
        )
    return sentences


def describe_unread(groups: Any, *, known: Collection[str] = ()) -> list[str]:
    """Say of which groups nobody knows what they read: share groups, of which Kafka keeps no committed offsets.

    Parameters
    ----------
    groups
        Rows of the capture's ``groups`` table; the latest of each group counts.
    known
        Groups whose topics are declared.

    Examples
    --------
    >>> rows = pl.DataFrame({"ts": 1, "cluster": "c", "group": ["q", "r"], "state": "STABLE", "kind": "share"})
    >>> print(*describe_unread(rows, known=["r"]))
    c: 1 share group (q) reads topics that committed offsets do not show, and its lag is unknown; declare its flows
    """
    sentences = []
    rows = to_polars(groups)
    latest = rows.sort("ts").group_by(_KEYS, maintain_order=True).last()
    shared = present_groups(latest).filter(~pl.col("group").is_in(list(known)), kind="share")
    for (cluster,), some in shared.sort(_KEYS).group_by("cluster", maintain_order=True):
        names = some["group"].to_list()
        verb, whose = ("reads", "its") if len(names) == 1 else ("read", "their")
        sentences.append(
            f"{cluster}: {counted(len(names), 'share group')} ({_some(names)}) {verb} topics that committed offsets do "
            f"not show, and {whose} lag is unknown; declare {whose} flows"
        )
    return sentences
