"""MirrorMaker 2 from the source to every cell, as a split would run it."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable, Iterator, Mapping

from confluent_kafka import Consumer, KafkaError, TopicPartition

from testbed import processes
from testbed.admin import Place
from testbed.brokers import answers, jvm
from testbed.clusters import Cluster, State
from testbed.errors import TestbedError
from testbed.profile import mirror_url
from testbed.scenario import Agent, Kafka
from testbed.waiting import wait_for

NAME = "mirror"
READY_WITHIN_S = 300
POLL_S = 2.0
COMMON = {
    "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
    "tasks.max": "2",
    "offset.storage.partitions": "3",
    "status.storage.partitions": "1",
    "emit.heartbeats.interval.seconds": "5",
    "emit.checkpoints.interval.seconds": "5",
    "sync.group.offsets.enabled": "true",
    "sync.group.offsets.interval.seconds": "5",
    "refresh.topics.interval.seconds": "20",
    "refresh.groups.interval.seconds": "10",
    "sync.topic.configs.interval.seconds": "20",
    "sync.topic.acls.enabled": "false",
    "offset.lag.max": "100",
    "dedicated.mode.enable.internal.rest": "false",
}
REPLICATION_FACTORS = (
    "replication.factor",
    "checkpoints.topic.replication.factor",
    "heartbeats.topic.replication.factor",
    "offset-syncs.topic.replication.factor",
    "config.storage.replication.factor",
    "offset.storage.replication.factor",
    "status.storage.replication.factor",
)
OFFSET_FLUSH = "offset.flush.interval.ms"  # heeded only with the target's name before it
OFFSET_FLUSH_MS = "3000"
# A mirror that reads uncommitted data would resurrect aborted transactions at the target.
# Fetches are kept small: what a mirror reads at once from all brokers must fit its heap.
CONSUMER = {
    "isolation.level": "read_committed",
    "auto.offset.reset": "earliest",
    "fetch.max.bytes": "4194304",
    "max.partition.fetch.bytes": "524288",
}
HEAP_MB = 1024
TASK_LOST = "Task is being killed and will not recover"


def topics_of(state: State, cell: str) -> list[str]:
    """Return the topics that go to a cell."""
    return [topic.name for topic in state.scenario.topics if topic.cell == cell]


def mirror_properties(state: State) -> str:
    """Return MirrorMaker's settings: a flow to each cell with that cell's topics only."""
    source = state.source
    lines = {"clusters": ",".join(cluster.name for cluster in state.clusters)}
    lines |= {f"{cluster.name}.bootstrap.servers": cluster.bootstrap for cluster in state.clusters}
    lines |= {f"{source.name}.consumer.{name}": value for name, value in CONSUMER.items()}
    copies = min(3, *(len(cluster.nodes) for cluster in state.clusters))
    lines |= COMMON | dict.fromkeys(REPLICATION_FACTORS, str(copies))
    for cell in state.targets:
        flow, back = f"{source.name}->{cell.name}", f"{cell.name}->{source.name}"
        lines[f"{flow}.enabled"] = "true"
        lines[f"{flow}.topics"] = ",".join(re.escape(name) for name in topics_of(state, cell.name)).replace(
            "\\", "\\\\"
        )
        lines[f"{flow}.groups"] = ".*"
        lines[f"{cell.name}.{OFFSET_FLUSH}"] = OFFSET_FLUSH_MS
        lines[f"{back}.enabled"] = "false"
        lines[f"{back}.emit.heartbeats.enabled"] = "false"
    return "".join(f"{name} = {value}\n" for name, value in lines.items())


def start_mirror(state: State, *, agent: Agent = "msk", kafka: Kafka = "newest") -> None:
    """Start MirrorMaker 2 of a version of Kafka, with one of the agents, and wait until its metrics answer."""
    folder = state.run_dir / NAME
    folder.mkdir(exist_ok=True)
    properties = folder / "mm2.properties"
    properties.write_text(mirror_properties(state), encoding="utf-8")
    main = ["org.apache.kafka.connect.mirror.MirrorMaker", str(properties)]
    place = state.with_jars_of(kafka)
    command = [*jvm(place, heap_mb=HEAP_MB, agent_port=state.mirror_agent_port, agent=agent), *main]
    log = folder / "mirror.log"
    processes.start(NAME, command, run_dir=state.run_dir, log=log, nice=processes.NICE)
    wait_for(
        lambda: answers(mirror_url(state)),
        "the start of MirrorMaker 2",
        within_s=READY_WITHIN_S,
        where=folder,
    )


def check_tasks(state: State) -> None:
    """Raise when a task of MirrorMaker has died: what it mirrored would never catch up.

    Raises
    ------
    TestbedError
        If its log says so.
    """
    log = state.run_dir / NAME / "mirror.log"
    if TASK_LOST in log.read_text(encoding="utf-8", errors="replace"):
        message = f"a task of MirrorMaker 2 died: see {log}"
        raise TestbedError(message)


def mirrored(state: State, cell: Cluster) -> dict[Place, int]:
    """Return the source offset of each partition's last mirrored record, as MirrorMaker stored it."""
    return mirrored_by(cell, f"mm2-offsets.{state.source.name}.internal")


def mirrored_by(cluster: Cluster, store: str) -> dict[Place, int]:
    """Return the same as the topic of Connect's offsets has it, of a flow or of Connect workers."""
    found: dict[Place, int] = {}
    for key, value in read_all(cluster, store):
        _, where = json.loads(key)
        if where.keys() == {"cluster", "topic", "partition"} and value is not None:
            found[where["topic"], where["partition"]] = json.loads(value)["offset"]
    return found


def behind(state: State, last_readable: Mapping[Place, int], topics: Iterable[str]) -> dict[Place, int]:
    """Return the partitions of these topics whose last record is not mirrored yet, with the records to go."""
    check_tasks(state)
    wanted = set(topics)
    cells = {state.scenario.topic(topic).cell for topic in wanted}
    reached = {
        place: at for cell in cells if cell for place, at in mirrored(state, state.cluster(cell)).items()
    }
    gaps = {
        place: last - reached.get(place, -1) for place, last in last_readable.items() if place[0] in wanted
    }
    return {place: gap for place, gap in gaps.items() if gap > 0}


def checkpoints(state: State, cell: Cluster) -> dict[tuple[str, str, int], tuple[int, int]]:
    """Return the newest checkpoint of every group and partition: offset at the source, offset in the cell."""
    topic = f"{state.source.name}.checkpoints.internal"
    return dict(_checkpoint(key, value) for key, value in read_all(cell, topic) if value is not None)


def _checkpoint(key: bytes, value: bytes) -> tuple[tuple[str, str, int], tuple[int, int]]:
    group, rest = _string(key)
    topic, rest = _string(rest)
    (partition,) = struct.unpack_from(">i", rest)
    upstream, downstream = struct.unpack_from(">qq", value, 2)  # after the two bytes of the format's version
    return (group, topic, partition), (upstream, downstream)


def _string(data: bytes) -> tuple[str, bytes]:
    (length,) = struct.unpack_from(">h", data)
    return data[2 : 2 + length].decode(), data[2 + length :]


def read_all(cluster: Cluster, topic: str) -> Iterator[tuple[bytes, bytes | None]]:
    """Read a small internal topic from its beginning to its present end, without a group."""
    settings = {
        "bootstrap.servers": cluster.bootstrap,
        "group.id": "testbed-never-joined",
        "enable.auto.commit": False,
    }
    consumer = Consumer({**settings, "enable.partition.eof": True, "log_level": 0})
    try:
        metadata = consumer.list_topics(topic, timeout=10).topics[topic]
        remaining = set(metadata.partitions)
        consumer.assign([TopicPartition(topic, partition, 0) for partition in remaining])
        while remaining:
            message = consumer.poll(POLL_S)
            if message is None:
                return
            if message.error() is None:
                yield message.key(), message.value()
            elif message.error().code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
                remaining.discard(message.partition())
            else:
                return
    finally:
        consumer.close()
