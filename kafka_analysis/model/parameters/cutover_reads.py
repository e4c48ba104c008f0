"""What a cut-over check reads of both ends of a replication, and how much of it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kafka_analysis.model.parameters.values import Amount, Count, Seconds, option


class CutoverReads(BaseModel):
    """What a cut-over check reads of both ends of a replication, and how much of it.

    Examples
    --------
    >>> CutoverReads(seconds="2m", bytes_at_most="100 MB").seconds
    120.0
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    seal_s: Seconds = option(
        30.0,
        "records newer than this may still be in flight and are not compared, such as '1m'",
    )
    ages_s: Annotated[list[Seconds], Field(min_length=1, max_length=20)] = option(
        [0.0, 600.0, 3600.0, 86400.0],
        "offsets of both ends are compared at these ages before that time; seconds",
    )
    positions: Annotated[int, Field(ge=0, le=50)] = option(
        3,
        "positions to sample in each partition: oldest and newest records of both ends, and between; 0 = none",
    )
    records: Annotated[int, Field(ge=1, le=1000)] = option(5, "consecutive records at each position")
    isolation: Literal["read_committed", "read_uncommitted"] = option(
        "read_committed",
        "read_committed skips records of aborted and open transactions; read_uncommitted compares them too, "
        "for replicators that copy them",
    )
    transactions: bool = option(
        True, "check transactions and producer states of partitions (kafka-python only)"
    )
    certificates: bool = option(True, "check the certificates of the brokers and of the client")
    partitions_at_most: Count = option(2000, "maximum partitions to read: a random sample if there are more")
    seed: Annotated[int, Field(ge=0)] = option(1, "random seed: the same seed gives the same sample")
    seconds: Annotated[Seconds, Field(gt=0, le=3600)] = option(30.0, "time limit for all reads")
    bytes_at_most: Annotated[Amount, Field(gt=0)] = option(
        64e6, "maximum bytes to fetch, both ends together, such as '64 MB'"
    )
