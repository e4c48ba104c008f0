"""Read and write the files of Kafka's own tool, kafka-reassign-partitions."""

import json
from typing import Annotated, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, same_kind, to_polars
from kafka_analysis.plan.common.checks import KEYS

ASSIGNMENT = {"topic": pl.String, "partition": pl.Int32, "replicas": pl.List(pl.Int32)}
_ONCE = "list each partition once, with a list of different brokers"
_SHAPE = 'it must be {"version": 1, "partitions": [{"topic": …, "partition": …, "replicas": […]}, …]}'
_Broker = Annotated[int, Field(strict=True, ge=0, lt=2**31)]


class _Partition(BaseModel):
    """One partition of the file; log directories and what else may be there are passed over."""

    model_config = ConfigDict(extra="ignore")

    topic: Annotated[str, Field(strict=True, min_length=1, max_length=249)]
    partition: _Broker
    replicas: Annotated[list[_Broker], Field(min_length=1)]


class _File(BaseModel):
    """The file."""

    model_config = ConfigDict(extra="ignore")

    version: Literal[1]
    partitions: list[_Partition]


def read_reassignment(text: str | bytes) -> pl.DataFrame:
    """Read a reassignment: which brokers are to hold each partition, the preferred leader first.

    Parameters
    ----------
    text
        JSON as ``kafka-reassign-partitions`` takes it, and prints it as the current assignment.

    Returns
    -------
    polars.DataFrame
        ``topic``, ``partition``, ``replicas``, by topic and partition.

    Raises
    ------
    InputError
        It is not such JSON, a partition comes twice, or a partition is to be on a broker twice.

    Examples
    --------
    >>> read_reassignment('{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[2,1]}]}').row(0)
    ('t', 0, [2, 1])
    """
    try:
        content = _File.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        message = f"not a reassignment: {where + ': ' if where else ''}{first['msg']}; {_SHAPE}"
        raise InputError(message) from None
    rows = [(entry.topic, entry.partition, entry.replicas) for entry in content.partitions]
    assignment = pl.DataFrame(rows, schema=ASSIGNMENT, orient="row").sort("topic", "partition")
    twice = assignment.filter(assignment.select("topic", "partition").is_duplicated())
    same = assignment.filter(pl.col("replicas").list.n_unique() < pl.col("replicas").list.len())
    for wrong, what in ((twice, "is listed twice"), (same, "has two replicas on one broker")):
        if len(wrong):
            raise InputError(
                f"not a reassignment: {wrong['topic'][0]}-{wrong['partition'][0]} {what}; {_ONCE}"
            )
    return assignment


def reassignment_json(assignment: Frame) -> str:
    """Write a reassignment as ``kafka-reassign-partitions`` takes it, one partition a line.

    Parameters
    ----------
    assignment
        ``topic``, ``partition``, ``replicas``, the preferred leader first.

    Examples
    --------
    >>> print(reassignment_json(pl.DataFrame({"topic": ["t"], "partition": [0], "replicas": [[2, 1]]})), end="")
    {"version": 1, "partitions": [
      {"topic": "t", "partition": 0, "replicas": [2, 1], "log_dirs": ["any", "any"]}
    ]}
    """
    rows = to_polars(assignment).select(list(ASSIGNMENT)).sort("topic", "partition")
    lines = [
        "  " + json.dumps(row | {"log_dirs": ["any"] * len(row["replicas"])}, ensure_ascii=False)
        for row in rows.iter_rows(named=True)
    ]
    inside = "\n" + ",\n".join(lines) + "\n" if lines else ""
    return f'{{"version": 1, "partitions": [{inside}]}}\n'


@same_kind
def changed(before: Frame, after: Frame) -> Frame:
    """Return the partitions of ``after`` that are not as they were; a new order of the same brokers is a change.

    Raises
    ------
    InputError
        ``after`` has a partition that ``before`` has not.

    Examples
    --------
    >>> one = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[1, 2], [1, 2]]})
    >>> changed(one, pl.DataFrame({"topic": ["t"], "partition": [1], "replicas": [[2, 1]]})).rows()
    [('t', 1, [2, 1])]
    """
    unknown = after.join(before, on=KEYS, how="anti")
    if len(unknown):
        name = f"{unknown['topic'][0]}-{unknown['partition'][0]}"
        raise InputError(f"{name} is not a partition of the cluster; remove it from the plan")
    both = after.join(before.select(*KEYS, was="replicas"), on=KEYS, how="left")
    return both.filter(pl.col("replicas") != pl.col("was")).drop("was").sort(KEYS)
