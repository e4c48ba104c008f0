"""Read a cluster from plain files: a reassignment JSON of how it is, and CSV tables of loads and brokers."""

from __future__ import annotations

import io

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.checks import KEYS, named
from kafka_analysis.plan.reassignment import read_reassignment

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
        JSON of the current assignment, as ``kafka-reassign-partitions --generate`` prints it.
    loads
        CSV with ``topic``, ``partition``, ``size_bytes`` and, where known, ``bytes_in_per_s``, ``bytes_out_per_s``.
    brokers
        CSV with ``broker``, ``rack`` and, where known, ``<resource>_capacity`` or ``disk_bytes``; None = all brokers
        that hold replicas, of unknown racks.

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
    rows = read_reassignment(assignment)
    told = _table(
        "loads",
        loads,
        _LOADS | dict.fromkeys(AMOUNTS, pl.Float64),
        needs=("topic", "partition", "size_bytes"),
    )
    twice = told.filter(told.select(KEYS).is_duplicated())
    if len(twice):
        message = f"loads: {named(twice)} come twice; give each partition once"
        raise InputError(message)
    missing = rows.join(told, on=KEYS, how="anti")
    if len(missing):
        message = f"loads: {named(missing)} are missing; give the size of every partition of the assignment"
        raise InputError(message)
    amounts = [name if name in told.columns else pl.lit(None, pl.Float64).alias(name) for name in AMOUNTS]
    partitions = rows.join(told, on=KEYS, how="left", maintain_order="left").select(
        *KEYS, "replicas", *amounts
    )
    if brokers is None:
        held = rows.select(broker=pl.col("replicas").explode().unique().sort())
        return partitions, held.with_columns(rack=pl.lit(None, pl.String))
    return partitions, read_brokers(brokers)


def read_brokers(text: str | bytes) -> pl.DataFrame:
    r"""Read brokers from CSV: ``broker`` and, where known, ``rack``, ``<resource>_capacity``, ``disk_bytes``.

    Examples
    --------
    >>> read_brokers("broker,rack\n1,a\n2,\n").rows()
    [(1, 'a'), (2, None)]
    """
    return _table("brokers", text, _BROKERS, needs=("broker",))


def _table(
    what: str, text: str | bytes, kinds: dict[str, pl.DataType], *, needs: tuple[str, ...]
) -> pl.DataFrame:
    source = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    try:
        table = pl.read_csv(source, schema_overrides=kinds)
    except pl.exceptions.PolarsError as error:
        message = f"{what}: {str(error).splitlines()[0]}; it must be CSV with {', '.join(needs)}"
        raise InputError(message) from None
    missing = [name for name in needs if name not in table.columns]
    if missing:
        message = f"{what}: the column {missing[0]!r} is missing; it must be CSV with {', '.join(needs)}"
        raise InputError(message)
    return table
