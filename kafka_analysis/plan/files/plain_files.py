"""Read a cluster from files: how it is assigned, sizes as kafka-log-dirs prints them, tables of loads and brokers."""

from typing import Any, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.common.checks import KEYS, first_few, named, with_absent
from kafka_analysis.plan.files.assignment_files import read_current
from kafka_analysis.plan.files.plain_tables import csv_of
from kafka_analysis.plan.files.printed import decoded, documents, is_log_dirs

AMOUNTS = ("size_bytes", "bytes_in_per_s", "bytes_out_per_s")
_LOADS = {"topic": pl.String, "partition": pl.Int32}
_BROKERS = {"broker": pl.Int32, "rack": pl.String}


_SIZES = {"topic": pl.String, "partition": pl.Int32, "size_bytes": pl.Float64}


class LogDirSizes(NamedTuple):
    """Sizes of partitions: ``topic``, ``partition``, ``size_bytes``; and which directories were not read, in words."""

    sizes: pl.DataFrame
    unread: str


class _Replica(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    partition: str = Field(pattern=r"^.+-\d+$", max_length=260)
    size: int = Field(ge=0)
    is_future: bool = Field(default=False, alias="isFuture")


class _Directory(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    path: str = Field(default="", alias="logDir")
    error: str | None = None
    partitions: list[_Replica] = []


class _Broker(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    broker: int
    directories: list[_Directory] = Field(alias="logDirs")


def read_log_dirs(data: str | bytes, *, what: str = "loads") -> LogDirSizes:
    """Read the size of every partition: that of its largest replica, because followers may lag behind.

    Parameters
    ----------
    data
        What the tool prints, lines before the JSON included. Runs for single brokers may follow one another. Copies
        on their way to another directory of the same broker (``isFuture``) are no replicas and left out.
    what
        The name of the file in messages.

    Raises
    ------
    InputError
        It is something else.

    Examples
    --------
    >>> shown = '''Querying brokers for log directories information
    ... Received log directory information from brokers 1
    ... {"version": 1, "brokers": [{"broker": 1, "logDirs": [{"logDir": "/d", "error": null, "partitions":
    ...   [{"partition": "my-topic-0", "size": 7, "offsetLag": 0, "isFuture": false}]}]}]}'''
    >>> read_log_dirs(shown).sizes.rows()
    [('my-topic', 0, 7.0)]
    """
    outputs = [
        document.content for document in documents(what, decoded(what, data)) if is_log_dirs(document.content)
    ]
    brokers = [_checked(what, row) for content in outputs for row in content["brokers"]]
    rows = [
        (*_named(replica.partition), float(replica.size))
        for broker in brokers
        for directory in broker.directories
        for replica in directory.partitions
        if not replica.is_future
    ]
    sizes = pl.DataFrame(rows, schema=_SIZES, orient="row")
    largest = sizes.group_by("topic", "partition").agg(pl.col("size_bytes").max()).sort("topic", "partition")
    return LogDirSizes(largest, _unread(brokers))


def _checked(what: str, row: Any) -> _Broker:
    try:
        return _Broker.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        message = (
            f"{what}: not the output of kafka-log-dirs: {where}: {first['msg']}; save the output unchanged"
        )
        raise InputError(message) from None


def _named(partition: str) -> tuple[str, int]:
    topic, _, number = partition.rpartition("-")
    return topic, int(number)


def _unread(brokers: list[_Broker]) -> str:
    """Say which directories answered with an error: what is in them has no size."""
    failed = [
        f"{directory.path} of broker {broker.broker}: {directory.error.rpartition('.')[2]}"
        for broker in brokers
        for directory in broker.directories
        if directory.error
    ]
    return f" (kafka-log-dirs could not read {first_few(failed)})" if failed else ""


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
        names = named(twice, " is", " are")
        raise InputError(f"loads: {names} listed twice; list each partition once")
    alive = pl.col("replicas").list.set_intersection(there["broker"].implode()).list.len() > 0
    missing = rows.join(sizes, on=KEYS, how="anti").filter(alive)  # partitions on no broker have no size
    if len(missing):
        names = named(missing, " is", " are")
        raise InputError(f"loads: {names} missing{why}; give the size of every partition of the assignment")
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
