"""Read a cluster's metadata with confluent-kafka, as tables of the capture."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

import polars as pl
from confluent_kafka import KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AclOperation, AdminClient, ConfigResource, ConfigSource, OffsetSpec

from kafka_analysis.model.clock import now
from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.kafka.client import (
    code_of,
    is_forbidden,
    reason,
    result_of,
    results_of,
    source_error,
)
from kafka_analysis.sources.kafka.contact import ensure_contact, lost
from kafka_analysis.sources.kafka.rows import Row, table

BATCH = 500
NO_LEADER = -1
PROBE = "kafka-analysis.probe-of-rights"  # a topic and a group that nobody has
RETRY_EVERY_S = 0.3
SHORTEST_WAIT_S = 0.5
T = TypeVar("T")


class Described(NamedTuple):
    """A cluster's id, its nodes, and what the caller may do with it: None where Kafka does not say."""

    cluster_id: str
    nodes: tuple[Any, ...]
    operations: frozenset[AclOperation] | None

    @property
    def may_describe(self) -> bool:
        """Tell whether the caller may describe the cluster: without that right Kafka names no operation at all.

        It then answers several questions with an empty list: unknown, not none.
        """
        return self.operations is not None and AclOperation.DESCRIBE in self.operations


def describe_cluster(admin: AdminClient, *, timeout_s: float) -> Described:
    """Return the cluster's id, its nodes, and what the caller may do with it.

    Raises
    ------
    SourceError
        When the cluster does not answer.
    """
    ensure_contact(admin, timeout_s)
    try:
        answer = result_of(
            admin.describe_cluster(include_authorized_operations=True, request_timeout=timeout_s), timeout_s
        )
    except SourceError as error:
        raise lost(admin, error, timeout_s) from None
    allowed = answer.authorized_operations
    return Described(answer.cluster_id, tuple(answer.nodes), None if allowed is None else frozenset(allowed))


def may_describe_topics(admin: AdminClient, *, timeout_s: float) -> bool:
    """Tell whether the caller may describe every topic, by asking for one that is not there.

    Kafka refuses it to who may not see it, whether it is there or not, and creates nothing.
    """
    return not is_forbidden(
        admin.describe_topics(TopicCollection([PROBE]), request_timeout=timeout_s)[PROBE], timeout_s
    )


def brokers_table(
    nodes: Iterable[Any], *, cluster: str, controller: int | None, instance_type: str | None = None
) -> pl.DataFrame:
    """Return the ``brokers`` table.

    Parameters
    ----------
    nodes
        Those of :func:`describe_cluster`.
    controller
        The quorum's leader where it is known. The controller in the client protocol's answer is any live broker of
        a KRaft cluster, so it is not evidence; None leaves ``is_controller`` null.
    instance_type
        Of all brokers, as the profile declares it.
    """
    rows = [
        {
            "broker": node.id,
            "host": node.host,
            "port": node.port,
            "rack": node.rack or None,
            "is_controller": None if controller is None else node.id == controller,
            "instance_type": instance_type,
        }
        for node in nodes
    ]
    return table("brokers", cluster, rows)


def read_topics(
    admin: AdminClient, *, cluster: str, timeout_s: float
) -> tuple[dict[str, pl.DataFrame], str | None]:
    """Return the ``topics`` and ``partitions`` tables of all topics that may be described, and what they lack.

    Raises
    ------
    SourceError
        When the cluster does not answer, or no topic may be described.
    """
    names = sorted(visible_topics(admin, timeout_s))
    stamp = now()
    described, failed = each(
        lambda part: admin.describe_topics(TopicCollection(part), request_timeout=timeout_s), names, timeout_s
    )
    missing = not_read(described, failed, "topics")
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
    tables = {
        "topics": table("topics", cluster, topics, ts=stamp),
        "partitions": table("partitions", cluster, partitions, ts=stamp),
    }
    return tables, missing


def read_offsets(admin: AdminClient, *, cluster: str, timeout_s: float) -> pl.DataFrame:
    """Return the ``offsets`` table: first and next offset of every partition that has a leader.

    A partition whose leader is moving is asked again until the time is up; then its offsets are null.

    Raises
    ------
    SourceError
        When no partition's leader answered, or no topic may be described.
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
    topics = visible_topics(admin, timeout_s)
    return sorted((name, partition) for name, topic in topics.items() for partition in topic.partitions)


def _offsets(
    admin: AdminClient, places: Sequence[tuple[str, int]], spec: OffsetSpec, deadline: float
) -> dict[tuple[str, int], int]:
    """Ask for offsets; ask again, with fresh metadata, for those whose leader has moved."""
    offsets: dict[tuple[str, int], int] = {}
    missing = list(places)
    while missing:
        left = max(deadline - time.monotonic(), SHORTEST_WAIT_S)
        request = {TopicPartition(topic, partition): spec for topic, partition in missing}
        answers, _ = results_of(admin.list_offsets(request, request_timeout=left), left)
        # a partition that nobody leads has none: the client says -1001 and no error
        led = {place: answer.offset for place, answer in answers.items() if answer.offset >= 0}
        offsets |= {(place.topic, place.partition): offset for place, offset in led.items()}
        missing = [place for place in missing if place not in offsets]
        if missing and time.monotonic() + RETRY_EVERY_S >= deadline:
            break
        if missing:
            time.sleep(RETRY_EVERY_S)
            metadata(admin, left)
    return offsets


def visible_topics(admin: AdminClient, timeout_s: float) -> Mapping[str, Any]:
    """Return the topics the caller may see; where there is none, make sure that this is not for want of the right."""
    topics = metadata(admin, timeout_s).topics
    if not topics and not may_describe_topics(admin, timeout_s=timeout_s):
        raise SourceError("no topics are visible: the right to Describe topics is missing")
    return topics


def metadata(admin: AdminClient, timeout_s: float) -> Any:
    """Return the client's own answer: ``topics`` and ``brokers`` by name and id.

    Raises
    ------
    SourceError
        When the cluster does not answer.
    """
    ensure_contact(admin, timeout_s)
    try:
        return admin.list_topics(timeout=timeout_s)
    except KafkaException as error:
        raise lost(admin, source_error(error), timeout_s) from None


def each(
    ask: Callable[[Sequence[Any]], Mapping[Any, Future[T]]],
    keys: Sequence[Any],
    timeout_s: float,
    *,
    batch: int = BATCH,
) -> tuple[dict[Any, T], dict[Any, BaseException]]:
    """Send requests in batches; return answers, and errors of the rest."""
    read: dict[Any, T] = {}
    failed: dict[Any, BaseException] = {}
    for start in range(0, len(keys), batch):
        answered, errors = results_of(ask(keys[start : start + batch]), timeout_s)
        read |= answered
        failed |= errors
    return read, failed


def not_read(read: Mapping[Any, Any], failed: Mapping[Any, BaseException], what: str) -> str | None:
    """Say what was not read, but for what has gone meanwhile; fail when nothing at all was read."""
    lacking = [e for e in failed.values() if code_of(e) != KafkaError.UNKNOWN_TOPIC_OR_PART]
    if lacking and not read:
        raise source_error(lacking[0])
    if not lacking:
        return None
    return f"{what}: {len(lacking)} of {len(read) + len(lacking)} not read: {reason(lacking[0])}"


def read_topic_configs(
    admin: AdminClient, *, cluster: str, timeout_s: float
) -> tuple[pl.DataFrame, str | None]:
    """Return the ``topic_configs`` table, sensitive values null, and what it lacks (None: nothing).

    Raises
    ------
    SourceError
        When no topic's configurations could be read.
    """
    keys = {name: {"topic": name} for name in sorted(visible_topics(admin, timeout_s))}
    stamp = now()
    rows, missing = _configs(admin, ConfigResource.Type.TOPIC, keys, timeout_s)
    return table("topic_configs", cluster, rows, ts=stamp), missing


def read_broker_configs(
    admin: AdminClient, *, cluster: str, timeout_s: float
) -> tuple[pl.DataFrame, str | None]:
    """Return the ``broker_configs`` table, sensitive values null, and what it lacks (None: nothing).

    Raises
    ------
    SourceError
        When no broker's configurations could be read.
    """
    keys = {str(broker): {"broker": broker} for broker in sorted(metadata(admin, timeout_s).brokers)}
    stamp = now()
    rows, missing = _configs(admin, ConfigResource.Type.BROKER, keys, timeout_s)
    return table("broker_configs", cluster, rows, ts=stamp), missing


def _configs(
    admin: AdminClient, kind: ConfigResource.Type, keys: Mapping[str, Row], timeout_s: float
) -> tuple[list[Row], str | None]:
    """Read the configurations of what ``keys`` names; each row begins with the columns that stand for its name."""
    described, failed = each(
        lambda part: admin.describe_configs(part, request_timeout=timeout_s),
        [ConfigResource(kind, name) for name in keys],
        timeout_s,
        batch=1 if kind == ConfigResource.Type.BROKER else BATCH,  # Kafka answers for one broker at a time
    )
    missing = not_read(described, failed, f"configs of {kind.name.lower()}s")
    rows = [
        keys[resource.name]
        | {
            "name": entry.name,
            "value": None if entry.is_sensitive else entry.value,
            "is_default": bool(entry.is_default),
            "source": ConfigSource(entry.source).name,
        }
        for resource, entries in described.items()
        for entry in entries.values()
    ]
    return rows, missing
