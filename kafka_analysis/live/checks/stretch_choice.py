"""Choose where to read both ends of a replication: the same records, found by their times."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from kafka_analysis.sources.kafka.stretches import Place, Stretch, StretchRead

BACK = 3  # records before a committed offset that are read too: at the end of a log there is none after it
MORE_RECORDS = 1_000  # with the same time, or times out of order, before a search at the target is given up
SPARE_BYTES = 1_000_000
SAMPLE, COMMITTED = "sample", "committed offset"


class Partition(NamedTuple):
    """A partition of a topic at both ends of a replication."""

    source_topic: str
    topic: str
    number: int

    @property
    def at_source(self) -> Place:
        """Return its place in the source cluster."""
        return self.source_topic, self.number

    @property
    def at_target(self) -> Place:
        """Return its place in the target cluster."""
        return self.topic, self.number


@dataclass(frozen=True)
class Wanted:
    """A stretch to read at the source, and then at the target; of committed offsets the groups, and the offset."""

    partition: Partition
    stretch: Stretch
    groups: tuple[str, ...] = ()
    committed: int | None = None

    @property
    def purpose(self) -> str:
        """Return the purpose as ``record_reads`` names it."""
        return COMMITTED if self.groups else SAMPLE


def some_of(partitions: Iterable[Partition], most: int, seed: int) -> list[Partition]:
    """Return partitions in a random order that is the same for the same seed, at most so many.

    The order matters too: what a limit leaves unread is then of no topic in particular.

    Examples
    --------
    >>> of = [Partition("t", "t", number) for number in range(100)]
    >>> [p.number for p in some_of(of, 3, 1)] == [p.number for p in some_of(reversed(of), 3, 1)]
    True
    """
    chosen = sorted(partitions)
    random.Random(seed).shuffle(chosen)  # noqa: S311 - a sample, and no secret
    return chosen[:most]


def sample_stretches(
    first: int | None, end: int, *, start: int = 0, positions: int, records: int
) -> list[tuple[int, int]]:
    """Return where to begin to read a partition and where to end, newest first; ends are not included.

    Parameters
    ----------
    first
        The offset of the oldest record that both ends have; None = not known: the newest ones alone are sampled.
    end
        The offset after the newest record that is compared.
    start
        Where the log begins.
    positions, records
        How many places, and how many records in a row at each. At the end twice as many offsets are read: in a log of
        transactions every other one may be a marker.

    Examples
    --------
    >>> sample_stretches(0, 1000, positions=3, records=5)
    [(990, 1000), (0, 495), (495, 990)]
    >>> sample_stretches(0, 8, positions=3, records=5), sample_stretches(None, 100, positions=3, records=5)
    ([(0, 8)], [(90, 100)])
    >>> sample_stretches(5, 5, positions=3, records=5)
    []
    """
    low = start if first is None else max(first, start)
    if positions < 1 or end <= low:
        return []
    newest = max(low, end - 2 * records)
    if first is None or positions == 1:
        return [(newest, end)]
    older = sorted({low + (newest - low) * step // (positions - 1) for step in range(positions - 1)})
    bounds = [*(start for start in older if start < newest), newest]
    return [(newest, end), *pairwise(bounds)]


def samples_of(
    partition: Partition, first: int | None, end: int, *, start: int, positions: int, records: int
) -> list[Wanted]:
    """Return the stretches to sample of a partition, newest first; see :func:`sample_stretches`."""
    ranges = sample_stretches(first, end, start=start, positions=positions, records=records)
    return [
        Wanted(partition, Stretch(*partition.at_source, begin, most, end_offset=stop))
        for begin, stop in ranges
        for most in [2 * records if stop == end else records]
    ]


def committed_stretches(
    partition: Partition, groups: Mapping[int, Sequence[str]], *, start: int, end: int, records: int
) -> list[Wanted]:
    """Return a stretch around each committed offset of a partition: a few records before it, and some after.

    Parameters
    ----------
    groups
        The groups at each committed offset: those at the same one share a stretch.
    start, end
        The offsets of the log. An offset outside them is read for at the nearest end.

    Examples
    --------
    >>> found = committed_stretches(Partition("t", "t", 0), {10: ["a", "b"], 99: ["c"]}, start=9, end=12, records=5)
    >>> [(wanted.stretch.first_offset, wanted.groups, wanted.committed) for wanted in found]
    [(9, ('a', 'b'), 10), (9, ('c',), 99)]
    """
    if end <= start:
        return []
    return [
        Wanted(
            partition,
            Stretch(*partition.at_source, max(min(offset, end) - BACK, start), BACK + records),
            tuple(names),
            offset,
        )
        for offset, names in sorted(groups.items())
    ]


def position_stretch(
    partition: Partition, position: int | None, *, start: int, end: int, records: int
) -> list[Wanted]:
    """Return the stretch from where a replicator stands to the end of the log, if anything lies between.

    Where no record is read there, only markers, or records of aborted transactions, are left to copy.

    Examples
    --------
    >>> found = position_stretch(Partition("t", "t", 0), 90, start=0, end=100, records=5)
    >>> [(wanted.stretch.first_offset, wanted.stretch.most_records, wanted.purpose) for wanted in found]
    [(87, 8, 'sample')]
    >>> position_stretch(Partition("t", "t", 0), 100, start=0, end=100, records=5)
    []
    """
    if position is None or not start <= position < end:
        return []
    return [Wanted(partition, Stretch(*partition.at_source, max(position - BACK, start), BACK + records))]


class Times(NamedTuple):
    """The earliest and the latest time of the records of a stretch, in milliseconds."""

    first: int
    last: int


def times_of(read: StretchRead) -> Times | None:
    """Return the times of the records read; None where there are none, or one has no time."""
    times = [record.written_ms for record in read.records]
    known = [ms for ms in times if ms is not None and ms >= 0]  # below 0 Kafka answers other questions
    return Times(min(known), max(known)) if known and len(known) == len(times) else None


def target_stretch(partition: Partition, read: StretchRead, *, begin: int, since: int | None) -> Stretch:
    """Return where the target has the records that were read at the source, if it has them.

    Order within a partition is kept by a replication, so that all of them lie at or after the target's first record
    that is as new as the earliest of them. It is enough when a record later than the latest was read, and as many
    records as the source has from its own first record of that time on: times may be out of order.

    Parameters
    ----------
    read
        What was read at the source; it has records with times.
    begin
        The target's first offset at or after the earliest time.
    since
        The source's own answer to the same question; None where it has none.
    """
    times = times_of(read)
    if times is None:
        message = "a stretch without times cannot be looked for"
        raise ValueError(message)
    before = 0 if since is None else max(read.records[0].offset - since, 0)
    least = before + 2 * len(read.records)  # more than are wanted: a replicator may have written some twice
    return Stretch(
        *partition.at_target,
        begin,
        most_records=MORE_RECORDS + 2 * len(read.records),
        most_bytes=2 * read.bytes + SPARE_BYTES,
        later_than_ms=times.last,
        least_records=least,
    )
