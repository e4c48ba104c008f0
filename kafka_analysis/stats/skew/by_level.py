"""Skew level by level: brokers, racks, log directories, topics, partitions."""

from collections.abc import Mapping

import polars as pl

from kafka_analysis.model.frames import Frame, back_to, same_kind, to_polars
from kafka_analysis.stats.load.brokers import BROKER_RESOURCES, SKEW_RESOURCES
from kafka_analysis.stats.skew.measures import measure_skew

LEVELS = {
    "broker": BROKER_RESOURCES,
    "rack": SKEW_RESOURCES,
    "log_dir": ("size_bytes", "replicas"),
    "topic": ("size_bytes", "bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s"),
    "partition": ("size_bytes", "records_per_s", "bytes_in_per_s", "bytes_out_per_s"),
}
_FLOWS = ("bytes_in_per_s", "bytes_out_per_s")


def skew_by_level(loads: Mapping[str, Frame]) -> Frame:
    """Measure the skew of each cluster's resources over the brokers, racks, log directories, topics and partitions.

    Parameters
    ----------
    loads
        A load by level: ``broker`` (``load.broker_load``), ``rack`` (``stats.rack_load``), ``log_dir``
        (:func:`log_dir_load`), ``topic`` (:func:`topic_sizes_and_traffic`), ``partition`` (``stats.partition_load``).
        Levels and resources that are not there are left out.

    Returns
    -------
    frame of the kind given
        ``level``, the columns of ``stats.measure_skew``, and ``evidence``: ``estimated`` for the bytes that flow
        through partitions, unless all of them are measured. A resource nobody measured has ``n`` 0.

    Examples
    --------
    >>> brokers = pl.DataFrame({"cluster": "c", "broker": [1, 2], "leaders": [3, 1]})
    >>> skew_by_level({"broker": brokers}).select("level", "resource", "max_over_mean", "evidence").row(0)
    ('broker', 'leaders', 1.5, 'measured')
    """
    levels = []
    for level, frame in loads.items():
        rows = to_polars(frame)
        if level == "partition":
            rows = rows.with_columns(partition=pl.format("{}-{}", "topic", "partition"))
        resources = [name for name in LEVELS[level] if name in rows.columns]
        measured = measure_skew(rows, resources=resources, key=level)
        levels.append(measured.select(pl.lit(level).alias("level"), pl.all(), evidence=_evidence(rows)))
    first = next(iter(loads.values()), None)
    return back_to(pl.concat(levels), first)


def _evidence(rows: pl.DataFrame) -> pl.Expr:
    if "evidence" not in rows.columns:
        return pl.lit("measured")
    doubtful = rows.filter(pl.col("evidence") != "measured")["cluster"].unique()
    estimated = pl.col("cluster").is_in(doubtful.implode()) & pl.col("resource").is_in(_FLOWS)
    return pl.when(estimated).then(pl.lit("estimated")).otherwise(pl.lit("measured"))


@same_kind
def log_dir_load(log_dirs: Frame) -> Frame:
    """Sum what every log directory of every broker holds.

    Parameters
    ----------
    log_dirs
        One snapshot of the table: ``cluster``, ``broker``, ``path``, ``topic``, ``partition``, ``size_bytes``,
        ``is_future`` (a copy on its way into the directory: counted in bytes, not as a replica).

    Returns
    -------
    frame of the kind given
        ``cluster``, ``broker``, ``log_dir`` (such as ``2 of broker 1``, by path), ``path``, ``size_bytes``,
        ``replicas``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "broker": 1, "path": ["/d2", "/d1", "/d1"], "topic": "t",
    ...     "partition": [0, 1, 2], "size_bytes": [5, 1, 2], "is_future": False})
    >>> log_dir_load(rows).select("log_dir", "size_bytes", "replicas").rows()
    [('1 of broker 1', 3.0, 2), ('2 of broker 1', 5.0, 1)]
    """
    keys = ["cluster", "broker", "path"]
    sums = log_dirs.group_by(keys).agg(
        size_bytes=pl.col("size_bytes").sum().cast(pl.Float64),
        replicas=(~pl.col("is_future").fill_null(value=False) & pl.col("topic").is_not_null())
        .sum()
        .cast(pl.Int64),
    )
    number = pl.col("path").rank("dense").over("cluster", "broker")
    named = sums.with_columns(log_dir=pl.format("{} of broker {}", number, "broker"))
    return named.select("cluster", "broker", "log_dir", "path", "size_bytes", "replicas").sort(keys)


@same_kind
def topic_sizes_and_traffic(traffic: Frame, *, sizes: Frame) -> Frame:
    """Put together what each topic stores, all copies, and what flows through it.

    Parameters
    ----------
    traffic
        Result of ``stats.topic_load``.
    sizes
        Result of ``stats.gauge`` over ``log_size_bytes``.

    Examples
    --------
    >>> traffic = pl.DataFrame({"cluster": "c", "topic": ["t"], "bytes_in_per_s": [3.0]})
    >>> sizes = pl.DataFrame({"cluster": "c", "topic": ["t", "t"], "last": [5.0, 5.0]})
    >>> topic_sizes_and_traffic(traffic, sizes=sizes).row(0)
    ('c', 't', 3.0, 10.0)
    """
    stored = sizes.group_by("cluster", "topic").agg(size_bytes=pl.col("last").sum())
    return traffic.join(stored, on=["cluster", "topic"], how="left", maintain_order="left")
