"""What a trial orders a cluster to do: create, send, delete, read as a group."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from testbed.admin import TIMEOUT_S, Admin, Place
from testbed.clusters import Cluster
from testbed.errors import TestbedError
from testbed.waiting import wait_for

RECORD_BYTES = 100
WITHIN_S = 60
KAFKAS_OWN = "__"


def client_of(cluster: Cluster) -> AdminClient:
    """Return an admin client of a cluster."""
    return AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 0})


def topics(client: AdminClient) -> list[str]:
    """Return the names of all topics that are not Kafka's own."""
    return [name for name in client.list_topics(timeout=TIMEOUT_S).topics if not name.startswith(KAFKAS_OWN)]


def groups(client: AdminClient) -> list[str]:
    """Return the ids of all groups."""
    listed = client.list_consumer_groups(request_timeout=TIMEOUT_S).result(timeout=TIMEOUT_S)
    return [group.group_id for group in listed.valid]


def create_offsets_topic(cluster: Cluster) -> None:
    """Have a cluster create its topic of committed offsets, without which no capture reads a mirror's topics."""
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": "first", "log_level": 0})
    wait_for(lambda: _answers(consumer), f"{cluster.name}: the topic of committed offsets", within_s=WITHIN_S)
    consumer.close()


def _answers(consumer: Consumer) -> bool:
    try:
        consumer.committed([TopicPartition("none", 0)], timeout=5)
    except KafkaException as error:
        return error.args[0].code() in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC)  # noqa: SLF001
    return True


def create_topic(cluster: Cluster, topic: str, partitions: int = 1, **configs: str) -> None:
    """Create a topic and wait until it has leaders; words of its settings are joined by ``_``, not by dots."""
    settings = {name.replace("_", "."): value for name, value in configs.items()}
    client = client_of(cluster)
    new = NewTopic(topic, num_partitions=partitions, replication_factor=1, config=settings)
    _done(client.create_topics([new]))
    wait_for(lambda: topic in topics(client), f"{cluster.name}: topic {topic}", within_s=WITHIN_S)


def add_partitions(cluster: Cluster, topic: str, total: int) -> None:
    """Raise a topic's number of partitions."""
    client = client_of(cluster)  # kept: its answers end with it
    _done(client.create_partitions([NewPartitions(topic, total)]))


def delete_topics(client: AdminClient, names: Collection[str]) -> None:
    """Delete topics, and wait until they are gone."""
    if names:
        _done(client.delete_topics(list(names)))
        wait_for(
            lambda: not set(names) & set(topics(client)), f"the end of {len(names)} topics", within_s=WITHIN_S
        )


def delete_groups(client: AdminClient, names: Collection[str]) -> None:
    """Delete groups once they have no members."""

    def deleted() -> bool:
        left = groups(client)
        for future in client.delete_consumer_groups(left).values() if left else ():
            try:
                future.result(timeout=TIMEOUT_S)
            except KafkaException:
                return False
        return True

    if names:
        wait_for(deleted, f"the end of groups {sorted(names)}", within_s=WITHIN_S, every_s=1)


def delete_before(cluster: Cluster, topic: str, offset: int, partition: int = 0) -> None:
    """Delete a partition's records before an offset, as retention does."""
    client = client_of(cluster)  # kept: its answers end with it
    _done(client.delete_records([TopicPartition(topic, partition, offset)]))


def send(
    cluster: Cluster,
    topic: str,
    records: int,
    *,
    partitions: Sequence[int] = (0,),
    record_bytes: int = RECORD_BYTES,
    timestamp_ms: int = 0,
) -> int:
    """Send records to each of these partitions and return how many were acknowledged.

    Raises
    ------
    TestbedError
        If one is not acknowledged.
    """
    most = max(record_bytes + 10_000, 1_000_000)
    settings = {"bootstrap.servers": cluster.bootstrap, "acks": "all", "log_level": 0}
    producer = Producer({**settings, "message.max.bytes": most})
    refused: list[KafkaError] = []

    def told(error: KafkaError | None, _: object) -> None:
        if error is not None:
            refused.append(error)

    for partition in partitions:
        for number in range(records):
            producer.produce(
                topic,
                key=b"%d" % number,
                value=bytes(record_bytes),
                partition=partition,
                timestamp=timestamp_ms,
                on_delivery=told,
            )
    left = producer.flush(WITHIN_S)
    if left or refused:
        message = f"{left or len(refused)} records of {topic} were not acknowledged by {cluster.name}: {refused[:1]}"
        raise TestbedError(message)
    return records * len(partitions)


@contextmanager
def reading(cluster: Cluster, group: str, topic: str, *, commits: bool = True) -> Iterator[None]:
    """Read a topic as a member of a group for the time of a block, which begins when it is a member."""
    ending = threading.Event()
    thread = threading.Thread(target=_read, args=(cluster, group, topic, commits, ending), daemon=True)
    thread.start()
    try:
        admin = Admin(cluster.bootstrap)
        wait_for(lambda: admin.members(group) > 0, f"{cluster.name}: a member of {group}", within_s=WITHIN_S)
        yield
    finally:
        ending.set()
        thread.join()


def _read(cluster: Cluster, group: str, topic: str, commits: bool, ending: threading.Event) -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": cluster.bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": commits,
            "auto.commit.interval.ms": 1000,
            "log_level": 0,
        }
    )
    consumer.subscribe([topic])
    while not ending.is_set():
        consumer.poll(0.2)
    consumer.close()


def allow(cluster: Cluster, principal: str, operation: str, topic: str) -> None:
    """Allow a principal an operation on the topic of exactly this name."""
    binding = AclBinding(
        ResourceType.TOPIC,
        topic,
        ResourcePatternType.LITERAL,
        principal,
        "*",
        AclOperation[operation],
        AclPermissionType.ALLOW,
    )
    client = client_of(cluster)  # kept: its answers end with it
    _done(client.create_acls([binding]))


def acls(cluster: Cluster) -> set[tuple[str, str, str]]:
    """Return principal, operation and topic of every ACL of a topic."""
    client = client_of(cluster)
    found = client.describe_acls(_any_acl(ResourceType.TOPIC)).result(timeout=TIMEOUT_S)
    return {(acl.principal, acl.operation.name, acl.name) for acl in found}


def delete_all_acls(client: AdminClient) -> None:
    """Delete all ACLs."""
    _done(client.delete_acls([_any_acl(ResourceType.ANY)]))


def _any_acl(kind: ResourceType) -> AclBindingFilter:
    whatever: Any = None  # as the client takes it, though its types do not say so
    any_pattern, any_operation, any_permission = (
        ResourcePatternType.ANY,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    return AclBindingFilter(kind, whatever, any_pattern, whatever, whatever, any_operation, any_permission)


@contextmanager
def broker_setting(cluster: Cluster, name: str, value: str) -> Iterator[None]:
    """Set a setting of the cluster's only broker for the time of a block."""
    client = client_of(cluster)
    broker = str(cluster.nodes[0].id)

    def change(operation: AlterConfigOpType) -> None:
        entry = ConfigEntry(name, value, incremental_operation=operation)
        resource = ConfigResource(ConfigResource.Type.BROKER, broker, incremental_configs=[entry])
        _done(client.incremental_alter_configs([resource]))

    change(AlterConfigOpType.SET)
    try:
        yield
    finally:
        change(AlterConfigOpType.DELETE)


def ends(cluster: Cluster, topic: str) -> dict[Place, int]:
    """Return the log end offsets of a topic's partitions; none while it does not exist."""
    return Admin(cluster.bootstrap).end_offsets([topic])


def starts(cluster: Cluster, topic: str) -> dict[Place, int]:
    """Return the first offsets that a topic's partitions still have."""
    return Admin(cluster.bootstrap).start_offsets([topic])


def _done(futures: Mapping[Any, Future[Any]]) -> None:
    for future in futures.values():
        future.result(timeout=TIMEOUT_S)
