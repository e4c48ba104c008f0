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
        "records newer than this may be on their way, and are not compared; seconds, or text such as '1m'",
    )
    ages_s: Annotated[list[Seconds], Field(min_length=1, max_length=20)] = option(
        [0.0, 600.0, 3600.0, 86400.0],
        "both ends are asked for their offsets at these ages before that time; seconds",
    )
    positions: Annotated[int, Field(ge=0, le=50)] = option(
        3,
        "where each partition is sampled: oldest and newest records of both ends, and places between; 0 = nowhere",
    )
    records: Annotated[int, Field(ge=1, le=1000)] = option(5, "records in a row at each of these places")
    isolation: Literal["read_committed", "read_uncommitted"] = option(
        "read_committed",
        "read_committed leaves out records of aborted and open transactions; read_uncommitted compares them too, "
        "for a replicator that copies them",
    )
    transactions: bool = option(
        True, "also transactions, and the producers that partitions remember (with kafka-python only)"
    )
    certificates: bool = option(True, "also the certificates that brokers show, and the client's own")
    partitions_at_most: Count = option(2000, "of more partitions than this, as many are chosen at random")
    seed: Annotated[int, Field(ge=0)] = option(1, "the random choice is the same for the same number")
    seconds: Annotated[Seconds, Field(gt=0, le=3600)] = option(30.0, "all reading ends after this")
    bytes_at_most: Annotated[Amount, Field(gt=0)] = option(
        64e6, "bytes that brokers send for records, both ends together, such as '64 MB'"
    )
