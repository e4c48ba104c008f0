"""Read a cluster from plain files: how it is assigned, and tables of loads and brokers."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.common.checks import KEYS, named, with_absent
from kafka_analysis.plan.files.assignment_files import read_current
from kafka_analysis.plan.files.log_dirs_output import LogDirSizes, read_log_dirs
from kafka_analysis.plan.files.plain_tables import csv_of
from kafka_analysis.plan.files.printed import decoded, documents, is_log_dirs

AMOUNTS = ("size_bytes", "bytes_in_per_s", "bytes_out_per_s")
_LOADS = {"topic": pl.String, "partition": pl.Int32}
_BROKERS = {"broker": pl.Int32, "rack": pl.String}


def read_cluster(
    assignment: str | bytes, *, loads: str | bytes, brokers: str | bytes | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    r"""Read partitions and brokers.

    Parameters
    ----------
    assignment
        How the cluster is assigned now: see :func:`kafka_analysis.plan.files.assignment_files.read_current`.
    loads
        CSV with ``topic``, ``partition``, ``size_bytes`` and, where known, ``bytes_in_per_s``, ``bytes_out_per_s``;
        or what ``kafka-log-dirs --describe`` prints, of which a partition's largest replica is its size.
    brokers
        CSV with ``broker``, ``rack`` and, where known, ``<resource>_capacity`` or ``disk_bytes``, and ``cordoned``
        (true: it takes no replica); None = all brokers that hold replicas, of unknown racks.

    Returns
    -------
    tuple of polars.DataFrame
        ``partitions`` (with a column for every amount, null where it is not told) and ``brokers``, as
        :func:`kafka_analysis.plan.rebalance.plan.plan_rebalance` takes them.

    Raises
    ------
    InputError
        A file is not what it should be, or the loads miss a partition.

    Examples
    --------
    >>> now = '{"version": 1, "partitions": [{"topic": "t", "partition": 0, "replicas": [1, 2]}]}'
    >>> partitions, brokers = read_cluster(now, loads="topic,partition,size_bytes\nt,0,5e9")
    >>> partitions.row(0), brokers["broker"].to_list()
    (('t', 0, [1, 2], 5000000000.0, None, None), [1, 2])
    """
    rows = read_current(assignment)
    held = rows.select(broker=pl.col("replicas").explode().unique().sort())
    there = held.with_columns(rack=pl.lit(None, pl.String)) if brokers is None else read_brokers(brokers)
    sizes, why = _loads(loads)
    twice = sizes.filter(sizes.select(KEYS).is_duplicated())
    if len(twice):
        message = f"loads: {named(twice)} come twice; give each partition once"
        raise InputError(message)
    alive = pl.col("replicas").list.set_intersection(there["broker"].implode()).list.len() > 0
    missing = rows.join(sizes, on=KEYS, how="anti").filter(alive)  # partitions on no broker have no size
    if len(missing):
        message = (
            f"loads: {named(missing)} are missing{why}; give the size of every partition of the assignment"
        )
        raise InputError(message)
    state = [name for name in ("leader", "isr") if name in rows.columns]
    joined = rows.join(sizes, on=KEYS, how="left", maintain_order="left")
    full = with_absent(joined, dict.fromkeys(AMOUNTS, pl.Float64))
    return full.select(*KEYS, "replicas", *AMOUNTS, *state), there


def read_brokers(text: str | bytes) -> pl.DataFrame:
    r"""Read brokers from CSV, as :func:`read_cluster` takes them.

    Examples
    --------
    >>> read_brokers("broker,rack\n1,a\n2,\n").rows()
    [(1, 'a'), (2, None)]
    """
    return csv_of("brokers", text, needs=("broker",), schema_overrides=_BROKERS)


def _loads(data: str | bytes) -> tuple[pl.DataFrame, str]:
    """Read loads from CSV or from what ``kafka-log-dirs`` prints; with what that could not read, in words."""
    text = decoded("loads", data)
    if any(is_log_dirs(document.content) for document in documents("loads", text)):
        from_log_dirs: LogDirSizes = read_log_dirs(text)
        return from_log_dirs.sizes, from_log_dirs.unread
    kinds = _LOADS | dict.fromkeys(AMOUNTS, pl.Float64)
    needs, other = ("topic", "partition", "size_bytes"), "what kafka-log-dirs --describe prints"
    return csv_of("loads", text, needs=needs, other=other, schema_overrides=kinds), ""
