"""Ask one end of a replication what it has: partitions, ends of logs, whose clock its records' times are of."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import polars as pl
from confluent_kafka.admin import AdminClient, ConfigResource, ConfigSource, OffsetSpec

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.client import connect, connect_consumer
from kafka_analysis.sources.kafka.metadata import Row, each, metadata, not_read, now, table
from kafka_analysis.sources.kafka.offsets_at import OffsetAnswers, ask_offsets, since
from kafka_analysis.sources.kafka.stretches import Isolation, Place, Reading, Stretch, read_stretches

GROUPS_TOPIC = "__consumer_offsets"
NO_GROUPS_TOPIC = f"records not read: {GROUPS_TOPIC} is not visible, and reading would create it"
NOT_SEEN = "is not visible: it does not exist, or the right to Describe it is missing"
SETTINGS = ("message.timestamp.type", "cleanup.policy")
APPEND_TIME = "LogAppendTime"
_SHORTEST_S = 0.2


@dataclass(frozen=True)
class Seen:
    """What a cluster has of some topics; ``notes`` say what of it is unknown.

    ``append_time`` are the topics whose records have the time at which this cluster took them in.
    """

    partitions: Mapping[str, Collection[int]]
    starts: Mapping[Place, int]
    ends: Mapping[Place, int]
    may_read: bool
    append_time: frozenset[str] = frozenset()
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class End:
    """A cluster at one end, and a client of it."""

    cluster: ClusterProfile
    admin: AdminClient

    @classmethod
    def of(cls, cluster: ClusterProfile) -> "End":
        """Return an end; its client connects when it is first used.

        Raises
        ------
        ProfileError
            When a secret cannot be read or a setting is refused.
        """
        return cls(cluster, connect(cluster))

    @property
    def name(self) -> str:
        """Return the cluster's name."""
        return self.cluster.name

    def look(self, topics: Iterable[str], deadline: Deadline) -> Seen:
        """Ask for the partitions of topics, the ends of their logs, and how their records get their times.

        Raises
        ------
        SourceError
            When the cluster does not answer.
        """
        wanted = sorted(set(topics))
        listed = metadata(self.admin, max(deadline.left, _SHORTEST_S)).topics
        found = {topic: sorted(listed[topic].partitions) for topic in wanted if topic in listed}
        notes = [f"{self.name}: topic {topic} {NOT_SEEN}" for topic in wanted if not found.get(topic)]
        places = [(topic, number) for topic, numbers in found.items() for number in numbers]
        starts = ask_offsets(self.admin, dict.fromkeys(places, OffsetSpec.earliest()), deadline)
        ends = ask_offsets(self.admin, dict.fromkeys(places, OffsetSpec.latest()), deadline)
        configs, unknown = self._settings(sorted(found), deadline)
        missing = (starts.missing or ends.missing, unknown)
        notes += [f"{self.name}: {words}" for words in missing if words]
        rows = [
            {
                "topic": topic,
                "partition": number,
                "log_start_offset": starts.offsets.get((topic, number)),
                "log_end_offset": ends.offsets.get((topic, number)),
            }
            for topic, number in places
        ]
        stamped = configs.filter(name="message.timestamp.type", value=APPEND_TIME)["topic"]
        return Seen(
            partitions=found,
            starts={place: offset for place, offset in starts.offsets.items() if offset is not None},
            ends={place: offset for place, offset in ends.offsets.items() if offset is not None},
            may_read=GROUPS_TOPIC in listed,
            append_time=frozenset(stamped),
            tables={"offsets": table("offsets", self.name, rows), "topic_configs": configs},
            notes=tuple(notes),
        )

    def _settings(self, topics: Sequence[str], deadline: Deadline) -> tuple[pl.DataFrame, str | None]:
        """Return the settings that bear on times and on which records are kept, as ``topic_configs``."""
        stamp, left = now(), max(deadline.left, _SHORTEST_S)
        described, failed = each(
            lambda part: self.admin.describe_configs(part, request_timeout=left),
            [ConfigResource(ConfigResource.Type.TOPIC, topic) for topic in topics],
            left,
        )
        rows: list[Row] = [
            {
                "topic": resource.name,
                "name": entry.name,
                "value": entry.value,
                "is_default": bool(entry.is_default),
                "source": ConfigSource(entry.source).name,
            }
            for resource, entries in described.items()
            for entry in entries.values()
            if entry.name in SETTINGS
        ]
        try:
            missing = not_read(described, failed, f"{' and '.join(SETTINGS)} of topics")
        except SourceError as error:
            missing = f"{' and '.join(SETTINGS)} of topics unknown: {error}"
        return table("topic_configs", self.name, rows, ts=stamp), missing

    def offsets_since(self, asked: Sequence[tuple[Place, int]], deadline: Deadline) -> list[int | str | None]:
        """Return the first offset at or after a time, in milliseconds, for each place and time asked.

        Returns
        -------
        list
            The offset; None where no record is that new; a text says why it is not known.
        """
        rounds: dict[int, dict[Place, int]] = defaultdict(dict)
        met: Counter[Place] = Counter()
        order = []
        for place, ms in asked:
            rounds[met[place]][place] = ms
            order.append((met[place], place))
            met[place] += 1
        answers: dict[int, OffsetAnswers] = {
            number: ask_offsets(self.admin, {place: since(ms) for place, ms in places.items()}, deadline)
            if deadline.left > 0
            else OffsetAnswers(failed=dict.fromkeys(places, "out of time"))
            for number, places in rounds.items()
        }
        return [
            answers[number].offsets[place]
            if place in answers[number].offsets
            else answers[number].failed.get(place, "not answered")
            for number, place in order
        ]

    def read(
        self,
        stretches: Sequence[Stretch],
        *,
        isolation: Isolation,
        most_bytes: int,
        deadline: Deadline,
        batch_bytes: int = 0,
    ) -> Reading:
        """Read stretches of this cluster's partitions; see :func:`read_stretches`.

        Raises
        ------
        SourceError
            When the client refuses to read.
        """
        return read_stretches(
            partial(connect_consumer, self.cluster),
            stretches,
            isolation=isolation,
            most_bytes=most_bytes,
            deadline=deadline,
            batch_bytes=batch_bytes,
        )
