"""The size of every replica: from the brokers' metrics, and where those do not tell it, from the log directories."""

from collections.abc import Mapping

import polars as pl

from kafka_analysis.model.frames import Frame, back_to, to_polars
from kafka_analysis.model.moments import as_time
from kafka_analysis.model.samples import SERIES
from kafka_analysis.model.units import counted, format_time
from kafka_analysis.stats.reduce.samples import gauge
from kafka_analysis.stats.scope.cluster_windows import Window, in_windows

SIZE = "log_size_bytes"
_REPLICA = ["cluster", "broker", "topic", "partition"]
_VALUES = ("mean", "min", "max", "last")
_NOTHING = pl.DataFrame(
    schema={
        "cluster": pl.String, "broker": pl.Int32, "topic": pl.String, "partition": pl.Int32, "size_bytes": pl.Float64,
        "sized_at": pl.Datetime("ms", "UTC"),
    }
)  # fmt: skip


def replica_sizes(samples: Frame, *, log_dirs: Frame, windows: Mapping[str, Window]) -> Frame:
    """Return the size of every replica in its cluster's window.

    ``log_size_bytes`` is the authority. The replicas of a broker that tells none (its page never answered, or its rules
    leave ``kafka.log`` out) have the sizes of the broker's answers about its log directories: between the last at or
    before the end of the window and the first after it a log is taken to grow evenly; with one of them that one counts.

    Parameters
    ----------
    samples
        Samples of ``log_size_bytes``.
    log_dirs
        The table of that name, answers before and after the windows included. Copies on their way to another directory
        (``is_future``) are no replicas.
    windows
        The window of each cluster.

    Returns
    -------
    frame of the kind given
        As of ``stats.gauge``, and ``sized_at``: when the log directories told the size, the nearest answer; null: the
        metric did.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from kafka_analysis.model.samples import empty_samples
    >>> t = datetime(2026, 1, 1, tzinfo=UTC)
    >>> listed = pl.DataFrame({"ts": [t], "cluster": ["c"], "broker": [2], "topic": ["t"], "partition": [0],
    ...     "size_bytes": [7], "is_future": [False]})
    >>> sizes = replica_sizes(empty_samples(), log_dirs=listed, windows={"c": Window(t, t)})
    >>> sizes.select("broker", "topic", "partition", "last").row(0), sizes["sized_at"][0] == t
    ((2, 't', 0, 7.0), True)
    """
    measured = to_polars(in_windows(gauge, samples, windows))
    table = to_polars(log_dirs)
    present = table.filter(~pl.col("is_future"), pl.col("topic").is_not_null())
    listed = pl.concat(
        [_at_end(present, cluster, window) for cluster, window in windows.items()] or [_NOTHING]
    )
    more = listed.join(measured, on=["cluster", "broker"], how="anti")
    values = [pl.col("size_bytes").cast(pl.Float64).alias(name) for name in _VALUES]
    filled = more.select(
        *_REPLICA, *values, metric=pl.lit(SIZE), n=pl.lit(1, measured.schema["n"]), sized_at="sized_at"
    )
    together = pl.concat([measured, filled], how="diagonal_relaxed")
    return back_to(together.sort(list(SERIES)), samples)


def _at_end(table: pl.DataFrame, cluster: str, window: Window) -> pl.DataFrame:
    """Return the size of each replica of a cluster at the end of its window, from the answers before and after it."""
    end = as_time(window.end, table.schema["ts"])
    rows = table.filter(cluster=cluster).sort("ts")
    now = pl.col("ts") == pl.col("ts").filter(pl.col("ts") <= end).max().over("broker")
    then = pl.col("ts") == pl.col("ts").filter(pl.col("ts") > end).min().over("broker")
    before, after = (
        rows.filter(which).group_by(_REPLICA).agg(t=pl.col("ts").last(), size=pl.col("size_bytes").last())
        for which in (now, then)
    )
    answered = before["broker"].unique().implode()
    both = before.join(after, on=_REPLICA, how="full", coalesce=True, suffix="_then")
    # what came later was not there
    both = both.filter(pl.col("t").is_not_null() | ~pl.col("broker").is_in(answered))
    share = (end - pl.col("t")) / (pl.col("t_then") - pl.col("t"))
    between = pl.col("size") + (pl.col("size_then") - pl.col("size")) * share
    later = pl.col("t").is_null() | ((pl.col("t_then") - end) < (end - pl.col("t"))).fill_null(value=False)
    return both.select(
        *_REPLICA,
        size_bytes=pl.coalesce(between, "size", "size_then").cast(pl.Float64),
        sized_at=pl.when(later).then("t_then").otherwise("t"),
    )


def _nearest(table: pl.DataFrame, windows: Mapping[str, Window]) -> pl.DataFrame:
    """Return each broker's answer nearest to the end of its cluster's window: sizes grow, so the nearest is closest."""
    parts = [table.clear()]
    for cluster, window in windows.items():
        rows = table.filter(cluster=cluster)
        away = (pl.col("ts") - as_time(window.end, table.schema["ts"])).abs()
        nearest = pl.col("ts").sort_by(away, "ts").first().over("broker")
        parts.append(rows.filter(ts=nearest))
    return pl.concat(parts)


def sized_by_log_dirs(partitions: Frame) -> str:
    """Say of how many partitions the log directories told the size, and when; empty: of none.

    Parameters
    ----------
    partitions
        Result of ``partition_load``.

    Examples
    --------
    >>> sized_by_log_dirs(pl.DataFrame({"topic": ["t"], "partition": [0]}))
    ''
    """
    rows = to_polars(partitions)
    if "sized_at" not in rows.columns or rows["sized_at"].null_count() == len(rows):
        return ""
    sized = rows.drop_nulls("sized_at")
    leaders = sorted(sized["leader"].unique().to_list())
    which = f"broker{'s' if len(leaders) > 1 else ''} {', '.join(map(str, leaders))}"
    ends = sized["sized_at"].cast(pl.Datetime("ms", "UTC")).sort()
    times = " to ".join(dict.fromkeys(format_time(ends[at]) for at in (0, -1)))
    what = counted(len(sized), "partition")
    return (
        f"The sizes of {what} led by {which} come from the log directories (answer of {times}, or between that and the "
        "next), because the metrics do not include them."
    )


def with_cordoned(brokers: Frame, *, log_dirs: Frame, windows: Mapping[str, Window]) -> Frame:
    """Say of brokers whether all their log directories are cordoned, so that they take no replica (KIP-1066).

    Parameters
    ----------
    brokers
        ``cluster``, ``broker``.
    log_dirs
        The table of that name; with ``is_cordoned`` where the brokers tell it (Kafka 4.3).
    windows
        The window of each cluster.

    Returns
    -------
    frame of the kind given
        With ``cordoned`` where ``log_dirs`` has ``is_cordoned``; null: not known. A directory that holds no replica is
        not among ``log_dirs``: it is taken to be as the others.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = datetime(2026, 1, 1, tzinfo=UTC)
    >>> listed = pl.DataFrame({"ts": t, "cluster": "c", "broker": [1, 1, 2], "path": ["/a", "/b", "/a"],
    ...     "is_cordoned": [True, False, True]})
    >>> nodes = pl.DataFrame({"cluster": "c", "broker": [1, 2, 3]})
    >>> with_cordoned(nodes, log_dirs=listed, windows={"c": Window(t, t)})["cordoned"].to_list()
    [False, True, None]
    """
    table = to_polars(log_dirs)
    if "is_cordoned" not in table.columns:
        return brokers
    last = _nearest(table, windows)
    flag = pl.col("is_cordoned")
    flags = last.group_by("cluster", "broker").agg(
        cordoned=pl.when(flag.null_count() == 0)
        .then(flag.all())
        .when((~flag).any())
        .then(pl.lit(value=False))
    )
    return back_to(
        to_polars(brokers).join(flags, on=["cluster", "broker"], how="left", maintain_order="left"), brokers
    )
