"""Read a cluster's metadata with confluent-kafka, as tables of the capture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime
from typing import Any, TypeVar

import polars as pl
from confluent_kafka import (
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AclOperation, AdminClient, ConfigResource, ConfigSource, OffsetSpec

from kafka_analysis.model.clock import now
from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.tables import table_schema
from kafka_analysis.sources.kafka_client import result_of, source_error

BATCH = 500
NO_LEADER = -1
RETRY_EVERY_S = 0.3
SHORTEST_WAIT_S = 0.5
T = TypeVar("T")
Row = dict[str, Any]


def table(name: str, cluster: str, rows: Iterable[Row], *, ts: datetime | None = None) -> pl.DataFrame:
    """Return rows as a table of the contract, with the snapshot's time and cluster."""
    schema = table_schema(name).create_empty().schema
    stamp = ts or now()
    return pl.DataFrame([{"ts": stamp, "cluster": cluster, **row} for row in rows], schema=schema)


def describe_cluster(admin: AdminClient, *, timeout_s: float) -> tuple[str, tuple[Any, ...], bool]:
    """Return the cluster's id, its nodes, and whether the caller may describe it.

    Without that right Kafka answers several questions with an empty list: unknown, not none.

    Raises
    ------
    SourceError
        When the cluster does not answer.
    """
    answer = result_of(
        admin.describe_cluster(include_authorized_operations=True, request_timeout=timeout_s), timeout_s
    )
    allowed = answer.authorized_operations
    return answer.cluster_id, tuple(answer.nodes), allowed is None or AclOperation.DESCRIBE in allowed


def read_brokers(
    admin: AdminClient, *, cluster: str, timeout_s: float, controller: int | None
) -> pl.DataFrame:
    """Return the ``brokers`` table.

    Parameters
    ----------
    controller
        The quorum's leader where it is known. The controller in the client protocol's answer is any live broker of
        a KRaft cluster, so it is not evidence; None leaves ``is_controller`` null.
    """
    _, nodes, _ = describe_cluster(admin, timeout_s=timeout_s)
    rows = [
        {
            "broker": node.id,
            "host": node.host,
            "port": node.port,
            "rack": node.rack or None,
            "is_controller": None if controller is None else node.id == controller,
        }
        for node in nodes
    ]
    return table("brokers", cluster, rows)


def read_topics(admin: AdminClient, *, cluster: str, timeout_s: float) -> dict[str, pl.DataFrame]:
    """Return the ``topics`` and ``partitions`` tables of all topics that may be described.

    Raises
    ------
    SourceError
        When the cluster does not answer.
    """
    names = _topic_names(admin, timeout_s)
    stamp = now()
    described = _each(
        lambda part: admin.describe_topics(TopicCollection(part), request_timeout=timeout_s), names, timeout_s
    )
    topics = [
        {"topic": t.name, "topic_id": str(t.topic_id), "internal": t.is_internal} for t in described.values()
    ]
    partitions = [
        {
            "topic": t.name,
            "partition": p.id,
            "leader": p.leader.id if p.leader is not None else NO_LEADER,
            "replicas": [node.id for node in p.replicas],
            "isr": [node.id for node in p.isr],
        }
        for t in described.values()
        for p in t.partitions
    ]
    return {
        "topics": table("topics", cluster, topics, ts=stamp),
        "partitions": table("partitions", cluster, partitions, ts=stamp),
    }


def read_configs(admin: AdminClient, *, cluster: str, timeout_s: float) -> dict[str, pl.DataFrame]:
    """Return the ``topic_configs`` and ``broker_configs`` tables; sensitive values stay null.

    Raises
    ------
    SourceError
        When the cluster does not answer.
    """
    metadata = _metadata(admin, timeout_s)
    stamp = now()
    topics = _configs(admin, ConfigResource.Type.TOPIC, sorted(metadata.topics), timeout_s)
    brokers = [  # Kafka answers for one broker at a time
        row for broker in sorted(metadata.brokers) for row in _broker_configs(admin, broker, timeout_s)
    ]
    return {
        "topic_configs": table("topic_configs", cluster, ({"topic": n, **r} for n, r in topics), ts=stamp),
        "broker_configs": table(
            "broker_configs", cluster, ({"broker": int(n), **r} for n, r in brokers), ts=stamp
        ),
    }


def _configs(
    admin: AdminClient, kind: ConfigResource.Type, names: Sequence[str], timeout_s: float
) -> list[tuple[str, Row]]:
    resources = [ConfigResource(kind, name) for name in names]
    described = _each(
        lambda part: admin.describe_configs(part, request_timeout=timeout_s), resources, timeout_s
    )
    return [
        (
            resource.name,
            {
                "name": entry.name,
                "value": None if entry.is_sensitive else entry.value,
                "is_default": bool(entry.is_default),
                "source": ConfigSource(entry.source).name,
            },
        )
        for resource, entries in described.items()
        for entry in entries.values()
    ]


def _broker_configs(admin: AdminClient, broker: int, timeout_s: float) -> list[tuple[str, Row]]:
    try:
        return _configs(admin, ConfigResource.Type.BROKER, [str(broker)], timeout_s)
    except SourceError:
        return []


def read_offsets(admin: AdminClient, *, cluster: str, timeout_s: float) -> pl.DataFrame:
    """Return the ``offsets`` table: first and next offset of every partition that has a leader.

    A partition whose leader is moving is asked again until the time is up; then its offsets are null.

    Raises
    ------
    SourceError
        When no partition's leader answered.
    """
    deadline = time.monotonic() + timeout_s
    places = _places(admin, timeout_s)
    ends = _offsets(admin, places, OffsetSpec.latest(), deadline)
    stamp = now()
    starts = _offsets(admin, places, OffsetSpec.earliest(), deadline)
    if places and not ends:
        raise SourceError("no partition's leader answered in time")
    rows = [
        {
            "topic": topic,
            "partition": partition,
            "log_start_offset": starts.get((topic, partition)),
            "log_end_offset": ends.get((topic, partition)),
        }
        for topic, partition in places
    ]
    return table("offsets", cluster, rows, ts=stamp)


def _places(admin: AdminClient, timeout_s: float) -> list[tuple[str, int]]:
    topics = _metadata(admin, timeout_s).topics
    return sorted((name, partition) for name, topic in topics.items() for partition in topic.partitions)


def _offsets(
    admin: AdminClient, places: Sequence[tuple[str, int]], spec: OffsetSpec, deadline: float
) -> dict[tuple[str, int], int]:
    """Ask for offsets; ask again, with fresh metadata, for those whose leader has moved."""
    found: dict[tuple[str, int], int] = {}
    missing = list(places)
    while missing:
        left = max(deadline - time.monotonic(), SHORTEST_WAIT_S)
        request = {TopicPartition(topic, partition): spec for topic, partition in missing}
        answers = admin.list_offsets(request, request_timeout=left)
        for place, future in answers.items():
            try:
                offset = future.result(timeout=left + 1).offset
            except (KafkaException, FutureTimeoutError):
                continue
            if offset >= 0:  # a partition that nobody leads has none: the client says -1001 and no error
                found[(place.topic, place.partition)] = offset
        missing = [place for place in missing if place not in found]
        if missing and time.monotonic() + RETRY_EVERY_S >= deadline:
            break
        if missing:
            time.sleep(RETRY_EVERY_S)
            _metadata(admin, left)
    return found


def _topic_names(admin: AdminClient, timeout_s: float) -> list[str]:
    return sorted(_metadata(admin, timeout_s).topics)


def _metadata(admin: AdminClient, timeout_s: float) -> Any:
    try:
        return admin.list_topics(timeout=timeout_s)
    except KafkaException as error:
        raise source_error(error) from None


def _each(
    ask: Callable[[Sequence[Any]], Mapping[Any, Future[T]]], keys: Sequence[Any], timeout_s: float
) -> dict[Any, T]:
    """Ask in batches; leave out what may not be seen or has gone, fail when nothing at all is answered."""
    found: dict[Any, T] = {}
    for start in range(0, len(keys), BATCH):
        found |= _answered(ask(keys[start : start + BATCH]), timeout_s)
    return found


def _answered(futures: Mapping[Any, Future[T]], timeout_s: float) -> dict[Any, T]:
    found, last = {}, None
    for key, future in futures.items():
        try:
            found[key] = future.result(timeout=timeout_s + 1)
        except (KafkaException, FutureTimeoutError) as error:
            last = error
    if last is not None and not found:
        raise source_error(last)
    return found
