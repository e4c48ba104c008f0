"""Read what confluent-kafka lacks with kafka-python: sizes of replicas on disk, and the quorum's leader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import polars as pl

from kafka_analysis.model.errors import ProfileError, SourceError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.kafka.client import first_line, kafka_python_config
from kafka_analysis.sources.kafka.metadata import now, table

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

MISSING = "kafka-python is not installed; install kafka-analysis[kafka-admin]"


@contextmanager
def admin_client(cluster: ClusterProfile, *, timeout_s: float) -> Iterator[KafkaAdminClient]:
    """Open kafka-python's admin client for the time of a block.

    Raises
    ------
    SourceError
        When kafka-python is not installed or the cluster does not answer.
    """
    try:
        from kafka import KafkaAdminClient
        from kafka.errors import KafkaError
    except ImportError:
        raise SourceError(MISSING) from None
    client = KafkaAdminClient.__new__(KafkaAdminClient)
    try:
        client.__init__(**kafka_python_config(cluster, timeout_s=timeout_s))  # type: ignore[misc]
    except (KafkaError, OSError, ValueError, ProfileError) as error:  # AWS credentials may be gone meanwhile
        _close_unconnected(client)
        raise SourceError(first_line(error)) from None
    try:
        yield client
    except (KafkaError, OSError, ProfileError) as error:
        raise SourceError(first_line(error)) from None
    finally:
        client.close()


def _close_unconnected(client: KafkaAdminClient) -> None:
    """Close a client whose constructor failed: it would keep its thread and its sockets."""
    with suppress(AttributeError):  # it failed before there was anything to close
        client._closed = False  # noqa: SLF001 (close() looks at it, and the constructor sets it last)
        client.close()


def read_log_dirs(client: KafkaAdminClient, *, cluster: str, brokers: Sequence[int]) -> pl.DataFrame:
    """Return the ``log_dirs`` table; the rows of a broker that does not answer are absent."""
    from kafka.errors import KafkaError

    rows: list[dict[str, Any]] = []
    stamp = now()
    last: Exception | None = None
    for broker in brokers:
        try:
            rows += _rows(client.describe_log_dirs(brokers=[broker]))
        except (KafkaError, OSError) as error:
            last = error
    if last is not None and not rows:
        raise SourceError(first_line(last))
    return table("log_dirs", cluster, rows, ts=stamp)


def _rows(answers: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for answer in answers:
        for folder in answer["log_dirs"]:
            for topic in folder["topics"]:
                for part in topic["partitions"]:
                    yield {
                        "broker": answer["broker"],
                        "path": folder["log_dir"],
                        "topic": topic["name"],
                        "partition": part["partition_index"],
                        "size_bytes": part["partition_size"],
                        "is_future": part["is_future_key"],
                        "is_cordoned": folder.get("is_cordoned"),  # brokers before 4.3 do not say
                    }


def quorum_leader(client: KafkaAdminClient) -> int | None:
    """Return the id of the active controller of a KRaft cluster, None where there is no quorum to ask."""
    from kafka.errors import KafkaError

    try:
        answer = client.describe_metadata_quorum()
    except (KafkaError, OSError, NotImplementedError):
        return None
    leaders = [p["leader_id"] for topic in answer["topics"] for p in topic["partitions"]]
    return leaders[0] if leaders and leaders[0] >= 0 else None
