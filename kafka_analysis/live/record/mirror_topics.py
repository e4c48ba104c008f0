"""Ask a cluster again and again what MirrorMaker 2 stores in it; one without a mirror is asked for its topics only."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import polars as pl
from confluent_kafka.admin import AdminClient

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.mirror_topics import MirrorTopic, MirrorTopicKind, mirror_topics
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.client import connect_consumer
from kafka_analysis.sources.kafka.internal_topics import SETTINGS, InternalTopics, TopicReading
from kafka_analysis.sources.kafka.metadata import may_describe_topics, now, table, visible_topics
from kafka_analysis.sources.mirroring.checkpoints import read_checkpoints
from kafka_analysis.sources.mirroring.connectors import read_connector_configs, read_connector_states
from kafka_analysis.sources.mirroring.offset_syncs import read_offset_syncs
from kafka_analysis.sources.mirroring.records import Read, Row
from kafka_analysis.sources.mirroring.source_offsets import read_positions

LOOK_EVERY_S = 55.0  # a minute, less what rounds may be early
NOT_ALL_VISIBLE = (
    "no right to Describe all topics: those of MirrorMaker 2 that are not visible are unknown, not none"
)
GROUPS_TOPIC = "__consumer_offsets"
NO_GROUPS_TOPIC = (
    f"topics of MirrorMaker 2 not read: {GROUPS_TOPIC} is not visible, and reading would create it"
)
BUSY = "previous scrape still running"
Answers = tuple[dict[str, pl.DataFrame], str | None]
_PARSERS: dict[MirrorTopicKind, Callable[[TopicReading, str | None], Read]] = {
    "offsets": lambda reading, _: read_positions(reading.records),
    "checkpoints": lambda reading, alias: read_checkpoints(reading.records, source=alias),
    "offset_syncs": lambda reading, alias: read_offset_syncs(reading.records, peer=alias),
    "configs": lambda reading, alias: read_connector_configs(reading.records, peer=alias),
    "status": lambda reading, alias: read_connector_states(reading.records, peer=alias),
}

READ_KINDS = frozenset(_PARSERS)


@dataclass
class _Found:
    """The topics of MirrorMaker 2 that a cluster shows, their partitions, and what of them is unknown.

    ``is_settled``: the same topics as at the last look; a MirrorMaker that is being started makes them one by one.
    """

    partitions: Mapping[MirrorTopic, tuple[int, ...]]
    missing: str | None
    at: float
    is_settled: bool = False


@dataclass
class MirrorTopics:
    """What MirrorMaker 2 stores in a cluster; what was read is kept, and each question reads what is new.

    Positions are read each time, everything else once a minute and when a topic is new. The list of topics is asked for
    each time until it holds topics of MirrorMaker 2 and has not changed, then once a minute.
    """

    admin: AdminClient
    cluster: ClusterProfile
    timeout_s: float
    topics: InternalTopics | None = None
    _found: _Found | None = None
    _whole_at: float = 0.0
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def read(self) -> Answers:
        """Return the tables of what could be read, and in words what is unknown; a table that is unknown is absent.

        Raises
        ------
        SourceError
            When the cluster does not answer, shows no topic for want of the right, or is still being read.
        """
        if not self._reading.acquire(blocking=False):
            raise SourceError(BUSY)
        try:
            return self._read()
        finally:
            self._reading.release()

    def _read(self) -> Answers:
        before = self._found
        is_kept = before is not None and before.is_settled and time.monotonic() - before.at < LOOK_EVERY_S
        found = self._found = before if before is not None and is_kept else self._look(before)
        is_new = before is None or found.partitions != before.partitions
        is_whole = is_new or time.monotonic() - self._whole_at >= LOOK_EVERY_S
        self._whole_at = time.monotonic() if is_whole else self._whole_at
        wanted = [topic for topic in found.partitions if is_whole or topic.kind == "offsets"]
        if not wanted:
            return {}, found.missing
        self.topics = self.topics or InternalTopics(partial(connect_consumer, self.cluster, SETTINGS))
        deadline = Deadline.after(self.timeout_s)
        readings = self.topics.read({topic.topic: found.partitions[topic] for topic in wanted}, deadline)
        return self._tables({topic: readings[topic.topic] for topic in wanted}, found.missing)

    def _look(self, before: _Found | None) -> _Found:
        """List the topics of MirrorMaker 2 that are visible."""
        listed = visible_topics(self.admin, self.timeout_s)
        found = [topic for topic in mirror_topics(listed) if topic.kind in READ_KINDS]
        all_visible = may_describe_topics(self.admin, timeout_s=self.timeout_s)
        missing = None if all_visible else NOT_ALL_VISIBLE
        # The client looks for the coordinator of its group, though it never joins: that would create the topic.
        if found and GROUPS_TOPIC not in listed:
            return _Found({}, NO_GROUPS_TOPIC, time.monotonic())
        partitions = {topic: tuple(listed[topic.topic].partitions) for topic in found}
        settled = before is not None and bool(partitions) and before.partitions == partitions
        return _Found(partitions, missing, time.monotonic(), settled)

    def _tables(self, readings: Mapping[MirrorTopic, TopicReading], missing: str | None) -> Answers:
        stamp, name = now(), self.cluster.name
        read = {topic: reading for topic, reading in readings.items() if reading.is_read}
        parsed = {topic: _PARSERS[topic.kind](reading, topic.alias) for topic, reading in read.items()}

        def rows(*kinds: MirrorTopicKind) -> list[Row]:
            return [row for topic, found in parsed.items() if topic.kind in kinds for row in found.rows]

        made = {
            "mirror_positions": (table("mirror_positions", name, rows("offsets"), ts=stamp), {"offsets"}),
            "checkpoints": (table("checkpoints", name, rows("checkpoints"), ts=stamp), {"checkpoints"}),
            "offset_syncs": (table("offset_syncs", name, rows("offset_syncs"), ts=stamp), {"offset_syncs"}),
            "connectors": (
                table("connectors", name, rows("configs", "status"), ts=stamp),
                {"configs", "status"},
            ),
        }
        kinds = {topic.kind for topic in read}
        lacking = [missing, *(reading.missing for reading in readings.values())]
        lacking += [
            f"{topic.topic}: {found.unreadable} records not understood"
            for topic, found in parsed.items()
            if found.unreadable
        ]
        tables = {name: rows for name, (rows, of) in made.items() if of & kinds}
        return tables, "; ".join(text for text in lacking if text) or None
