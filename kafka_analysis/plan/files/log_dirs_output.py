"""Read the sizes of partitions from what ``kafka-log-dirs --describe`` prints."""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.common.checks import first_few
from kafka_analysis.plan.files.printed import decoded, documents, is_log_dirs

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
        message = f"{what}: not what kafka-log-dirs prints: {where}: {first['msg']}; save its output as it is"
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
