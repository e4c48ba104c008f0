"""Ask logs for offsets by time: the first record at or after a moment, of many partitions at once."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from kafka_analysis.model.clock import now
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.client import is_refusal, reason, results_of
from kafka_analysis.sources.kafka.metadata import RETRY_EVERY_S, table

BATCH = 1_000
NO_LEADER = "no leader answered"
NO_DESCRIBE = "the right to Describe the topic is missing"
_NONE, _TRIES = -1, 3  # Kafka answers −1 where no record is that new
Place = tuple[str, int]


@dataclass(frozen=True)
class OffsetAnswers:
    """Offsets of partitions, None where no record is that new; and why others did not answer."""

    offsets: Mapping[Place, int | None] = field(default_factory=dict)
    failed: Mapping[Place, str] = field(default_factory=dict)

    @property
    def missing(self) -> str | None:
        """Say of how many partitions nothing is known, and why; None where all answered."""
        if not self.failed:
            return None
        asked = len(self.failed) + len(self.offsets)
        words = ", ".join(f"{count}: {why}" for why, count in Counter(self.failed.values()).most_common(3))
        return f"offsets of {len(self.failed)} of {asked} partitions unknown ({words})"


def ask_offsets(admin: AdminClient, specs: Mapping[Place, OffsetSpec], deadline: Deadline) -> OffsetAnswers:
    """Ask for one offset of each partition; where a leader is moving, up to three times.

    Parameters
    ----------
    specs
        What is asked of each partition: its earliest or latest offset, or that of a time.
    """
    offsets: dict[Place, int | None] = {}
    failed: dict[Place, str] = {}
    for attempt in range(_TRIES):
        waiting = [place for place in specs if place not in offsets and failed.get(place) != NO_DESCRIBE]
        if not waiting or (attempt and deadline.left <= RETRY_EVERY_S):
            break
        time.sleep(RETRY_EVERY_S if attempt else 0)
        for start in range(0, len(waiting), BATCH):
            found, errors = _asked(admin, specs, waiting[start : start + BATCH], deadline)
            offsets |= found
            failed = {place: why for place, why in (failed | errors).items() if place not in offsets}
    return OffsetAnswers(offsets, failed)


def since(ms: int) -> OffsetSpec:
    """Return the question for the first record at or after a time, in milliseconds."""
    return OffsetSpec.for_timestamp(ms)


def read_offsets_at(
    admin: AdminClient,
    places: Collection[Place],
    times: Sequence[datetime],
    *,
    cluster: str,
    deadline: Deadline,
) -> tuple[pl.DataFrame, str | None]:
    """Return the ``offsets_at`` table, and what it lacks (None: nothing).

    Parameters
    ----------
    places
        Topic and partition.
    times
        In UTC; the same ones asked of both ends of a replication make their answers comparable.

    Returns
    -------
    tuple
        A row for each partition and time that was answered; and in words how many did not answer, and why.
    """
    stamp, rows, lacking = now(), [], {}
    for at in times:
        spec = since(milliseconds(at))
        answers = ask_offsets(admin, dict.fromkeys(sorted(places), spec), deadline)
        lacking |= dict.fromkeys([answers.missing] if answers.missing else [])
        rows += [
            {"topic": topic, "partition": partition, "at": at, "offset": offset}
            for (topic, partition), offset in answers.offsets.items()
        ]
    return table("offsets_at", cluster, rows, ts=stamp), "; ".join(lacking) or None


def milliseconds(at: datetime) -> int:
    """Return a time as Kafka writes it.

    Examples
    --------
    >>> from datetime import UTC
    >>> milliseconds(datetime(2026, 1, 1, tzinfo=UTC))
    1767225600000
    """
    return round(at.timestamp() * 1000)


def _asked(
    admin: AdminClient, specs: Mapping[Place, OffsetSpec], places: Sequence[Place], deadline: Deadline
) -> tuple[dict[Place, int | None], dict[Place, str]]:
    left = max(deadline.left, 0.1)
    ask: Callable = admin.list_offsets
    request = {TopicPartition(*place): specs[place] for place in places}
    answers, errors = results_of(ask(request, request_timeout=left), min(left, deadline.left))
    found = {(p.topic, p.partition): answer.offset for p, answer in answers.items()}
    # of a partition that nobody leads the client says -1001 and no error
    offsets = {
        place: None if offset == _NONE else offset for place, offset in found.items() if offset >= _NONE
    }
    failed = dict.fromkeys((place for place in found if place not in offsets), NO_LEADER)
    failed |= {
        (p.topic, p.partition): NO_DESCRIBE if is_refusal(error) else reason(error)
        for p, error in errors.items()
    }
    return offsets, failed
