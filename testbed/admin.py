"""The few questions and orders the testbed has for a cluster's admin interface."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ParamSpec, TypeVar

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

TIMEOUT_S = 30
PATIENCE_S = 20
Place = tuple[str, int]
P = ParamSpec("P")
T = TypeVar("T")


def patiently(ask: Callable[P, T]) -> Callable[P, T]:
    """Ask again while leaders and coordinators move: a client learns of that from an answer that fails."""

    @functools.wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return ask(*args, **kwargs)
            except KafkaException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    return asked


class Admin:
    """One cluster's admin client; ``settings`` are librdkafka's, of a secured cluster."""

    def __init__(self, bootstrap: str, **settings: object) -> None:
        self._client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0, **settings})

    def brokers(self) -> set[int]:
        """Return the ids of the brokers that are members now (none, if nobody answers)."""
        try:
            return set(self._client.list_topics(timeout=5).brokers)
        except KafkaException:
            return set()

    def create(self, name: str, assignment: Sequence[Sequence[int]], configs: Mapping[str, str]) -> None:
        """Create a topic with exactly these replicas."""
        topic = NewTopic(
            name,
            replica_assignment=[list(r) for r in assignment],
            num_partitions=len(assignment),
            config=dict(configs),
        )
        for future in self._client.create_topics([topic], operation_timeout=TIMEOUT_S).values():
            future.result(timeout=TIMEOUT_S)

    def topics(self) -> set[str]:
        """Return the names of all topics."""
        return set(self._client.list_topics(timeout=TIMEOUT_S).topics)

    def replicas(self) -> dict[Place, list[int]]:
        """Return every partition's replicas, preferred leader first."""
        return {place: list(p.replicas) for place, p in self._partitions()}

    def leaders(self) -> dict[Place, int]:
        """Return every partition's leader (-1: none)."""
        return {place: p.leader for place, p in self._partitions()}

    def in_sync(self) -> bool:
        """Tell whether every partition has all its replicas in sync."""
        try:
            return all(len(p.isrs) == len(p.replicas) for _, p in self._partitions())
        except KafkaException:
            return False

    def _partitions(self) -> Iterable[tuple[Place, object]]:
        metadata = self._client.list_topics(timeout=TIMEOUT_S)
        return [((t.topic, p.id), p) for t in metadata.topics.values() for p in t.partitions.values()]

    @patiently
    def end_offsets(self, topics: Iterable[str]) -> dict[Place, int]:
        """Return the log end offset of every partition of these topics."""
        return self._offsets(topics, OffsetSpec.latest())

    @patiently
    def start_offsets(self, topics: Iterable[str]) -> dict[Place, int]:
        """Return the first offset that every partition of these topics still has."""
        return self._offsets(topics, OffsetSpec.earliest())

    def _offsets(self, topics: Iterable[str], which: OffsetSpec) -> dict[Place, int]:
        wanted = set(topics)
        places = [place for place, _ in self._partitions() if place[0] in wanted]
        asked = self._client.list_offsets(
            {TopicPartition(*p): which for p in places}, request_timeout=TIMEOUT_S
        )
        return {(tp.topic, tp.partition): f.result(timeout=TIMEOUT_S).offset for tp, f in asked.items()}

    @patiently
    def delete_records(self, before: Mapping[Place, int]) -> None:
        """Delete the records of partitions before an offset, as retention would."""
        wanted = [TopicPartition(*place, offset) for place, offset in before.items()]
        for future in self._client.delete_records(wanted, request_timeout=TIMEOUT_S).values():
            future.result(timeout=TIMEOUT_S)

    @patiently
    def committed(self, group: str) -> dict[Place, int]:
        """Return the offsets a group has committed."""
        asked = self._client.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
        answer = asked[group].result(timeout=TIMEOUT_S)
        return {(tp.topic, tp.partition): tp.offset for tp in answer.topic_partitions if tp.offset >= 0}

    @patiently
    def members(self, group: str) -> int:
        """Return how many members a group has now."""
        return len(self._client.describe_consumer_groups([group])[group].result(timeout=TIMEOUT_S).members)

    @patiently
    def commit(self, group: str, offsets: Mapping[Place, int]) -> None:
        """Set offsets of a group that has no members."""
        wanted = [TopicPartition(*place, offset) for place, offset in offsets.items()]
        asked = self._client.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, wanted)])
        for tp in asked[group].result(timeout=TIMEOUT_S).topic_partitions:
            if tp.error is not None:
                raise KafkaException(tp.error)
