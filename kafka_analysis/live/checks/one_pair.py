"""Read both ends of one replication, from a source cluster to a target cluster: times, samples, committed offsets."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest
from threading import Event

import polars as pl

from kafka_analysis.live.checks.end_of_pair import NO_GROUPS_TOPIC, End, Seen
from kafka_analysis.live.checks.stretch_choice import (
    Partition,
    Wanted,
    committed_stretches,
    position_stretch,
    samples_of,
    some_of,
    target_stretch,
    times_of,
)
from kafka_analysis.live.record.outcomes import SEE_LOG, Failure, all_outcomes
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.model.units import moment_of
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.metadata import Row
from kafka_analysis.sources.kafka.offsets_at import read_offsets_at
from kafka_analysis.sources.kafka.stretches import Place, Reading, Stretch, StretchRead

APPEND_TIME = (
    "{end}: topic {topic} has message.timestamp.type LogAppendTime: its records' times are not those of the "
    "source, so nothing of it is compared by time"
)
LOG_APPEND_TIME = "LogAppendTime"
MOST_STRETCHES = 20_000
_LATEST_MS = 253_402_300_799_999  # the last of the year 9999: later ones are no times
_TO_LOOK, _TO_ASK, _AT_SOURCE = 0.35, 0.3, 0.5  # of the time that is left
_OLDEST_BYTES, _SOURCE_BYTES = 0.15, 0.425  # of the bytes; the rest is for samples at the target


@dataclass(frozen=True)
class StretchOf:
    """A stretch that was read at one end, or why it was not; ``wanted`` says what for."""

    cluster: str
    number: int
    wanted: Wanted
    read: StretchRead


@dataclass(frozen=True)
class PairReading:
    """What was read of a pair of clusters: tables by name, stretches at both ends, and words of what is missing."""

    tables: Mapping[str, Sequence[pl.DataFrame]] = field(default_factory=dict)
    stretches: Sequence[StretchOf] = ()
    notes: Sequence[str] = ()


@dataclass
class _Pair:
    """A pair under way."""

    source: End
    target: End
    options: CutoverReads
    deadline: Deadline
    most_bytes: int
    tables: dict[str, list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))
    notes: list[str] = field(default_factory=list)
    batch_bytes: int = 0  # what a stretch was seen to cost

    def for_a_while(self, share: float) -> Deadline:
        """Return a deadline for a part of the time that is left."""
        return Deadline.after(self.deadline.left * share)


def read_pair(
    source: End,
    target: End,
    topics: Iterable[tuple[str, str]],
    committed: pl.DataFrame,
    *,
    options: CutoverReads,
    sealed_until: datetime,
    deadline: Deadline,
    most_bytes: int,
    positions: Mapping[Place, int] | None = None,
) -> PairReading:
    """Read both ends of a replication.

    Parameters
    ----------
    topics
        Names at the source and at the target.
    committed
        ``group``, ``source_topic``, ``partition``, ``committed_offset`` at the source.
    sealed_until
        Records newer than this are not compared.
    most_bytes
        That brokers of both ends may send for records.
    positions
        Where the replicator stands in each partition of the source: what lies behind it is read too.
    """
    pair = _Pair(source, target, options, deadline, most_bytes)
    names = sorted(set(topics))
    seen = _look(pair, names)
    if seen is None:
        return PairReading(pair.tables, (), pair.notes)
    at_source, at_target = seen
    partitions = _partitions(pair, names, at_source, at_target)
    sealed = _ask_by_time(pair, partitions, sealed_until)
    if not (partitions and at_source.may_read and at_target.may_read):
        return PairReading(pair.tables, (), pair.notes)
    oldest, stamped = _oldest_of_both(pair, partitions, at_source, at_target)
    if stamped:
        partitions = _without(pair, partitions, stamped)
    wanted = _wanted(pair, partitions, at_source, sealed, oldest, committed, positions or {})
    return PairReading(pair.tables, _read_both(pair, wanted, at_target), pair.notes)


def _look(pair: _Pair, names: Sequence[tuple[str, str]]) -> tuple[Seen, Seen] | None:
    """Ask both ends what they have; None where one does not answer."""
    deadline = pair.for_a_while(_TO_LOOK)
    ends = ((pair.source, {source for source, _ in names}), (pair.target, {topic for _, topic in names}))
    outcomes = all_outcomes([(partial(end.look, of, deadline), deadline.left) for end, of in ends], Event())
    for (end, _), outcome in zip(ends, outcomes, strict=True):
        if isinstance(outcome, Failure):
            pair.notes.append(
                f"{end.name}: {end.cluster.scrub(outcome.reason.removesuffix(SEE_LOG))}; nothing of it is compared"
            )
            continue
        pair.notes += outcome.notes
        for name, rows in outcome.tables.items():
            pair.tables[name].append(rows)
        if not outcome.may_read:
            pair.notes.append(f"{end.name}: {NO_GROUPS_TOPIC}")
    source, target = outcomes
    return None if isinstance(source, Failure) or isinstance(target, Failure) else (source, target)


def _partitions(pair: _Pair, names: Sequence[tuple[str, str]], source: Seen, target: Seen) -> list[Partition]:
    """Return the partitions that both ends have and whose times can be compared, at most as many as are wanted."""
    both: list[Partition] = []
    for source_topic, topic in names:
        here, there = set(source.partitions.get(source_topic, ())), set(target.partitions.get(topic, ()))
        if here and there and here != there:
            pair.notes.append(
                f"{pair.target.name}: topic {topic} has {len(there)} partitions, but {len(here)} at the source; "
                "only common partitions are compared"
            )
        if topic in target.append_time:
            pair.notes.append(APPEND_TIME.format(end=pair.target.name, topic=topic))
        else:
            both += [Partition(source_topic, topic, number) for number in sorted(here & there)]
    chosen = some_of(both, pair.options.partitions_at_most, pair.options.seed)
    if len(chosen) < len(both):
        pair.notes.append(
            f"{pair.source.name} to {pair.target.name}: {len(chosen)} of {len(both)} partitions read, chosen at random "
            f"(seed {pair.options.seed})"
        )
    return chosen


def _without(pair: _Pair, partitions: Sequence[Partition], stamped: Collection[str]) -> list[Partition]:
    """Leave out topics that are found to have times of the target's own, what was asked of them by time too."""
    pair.notes += [APPEND_TIME.format(end=pair.target.name, topic=topic) for topic in sorted(stamped)]
    of_target = pl.col("cluster") == pair.target.name
    pair.tables["offsets_at"] = [
        rows.filter(~(of_target & pl.col("topic").is_in(sorted(stamped))))
        for rows in pair.tables["offsets_at"]
    ]
    return [partition for partition in partitions if partition.topic not in stamped]


def _ask_by_time(
    pair: _Pair, partitions: Sequence[Partition], sealed_until: datetime
) -> Mapping[Place, int | None]:
    """Ask both ends for offsets at the same times; return those of the source at the latest."""
    times = [sealed_until - timedelta(seconds=age) for age in sorted({0.0, *pair.options.ages_s})]
    deadline = pair.for_a_while(_TO_ASK)
    ends = (
        (pair.source, [p.at_source for p in partitions]),
        (pair.target, [p.at_target for p in partitions]),
    )
    asks = [
        (
            partial(read_offsets_at, end.admin, of, times, cluster=end.name, deadline=deadline),
            deadline.left + 1,
        )
        for end, of in ends
    ]
    outcomes = all_outcomes(asks, Event())
    for (end, _), outcome in zip(ends, outcomes, strict=True):
        if isinstance(outcome, Failure):
            pair.notes.append(
                f"{end.name}: offsets by time unknown: {end.cluster.scrub(outcome.reason.removesuffix(SEE_LOG))}"
            )
            continue
        rows, missing = outcome
        pair.tables["offsets_at"].append(rows)
        pair.notes += [f"{end.name}: {missing}"] if missing else []
    if isinstance(outcomes[0], Failure):
        return {}
    latest = outcomes[0][0].filter(pl.col("at") == sealed_until)
    return {
        (topic, number): offset
        for topic, number, offset in latest["topic", "partition", "offset"].iter_rows()
    }


def _wanted(
    pair: _Pair,
    partitions: Sequence[Partition],
    source: Seen,
    sealed: Mapping[Place, int | None],
    oldest: Mapping[Partition, int],
    committed: pl.DataFrame,
    positions: Mapping[Place, int],
) -> list[Wanted]:
    """Return the stretches to read at the source: committed offsets and samples by turns, the newest samples first."""
    groups, known = _groups_by_offset(committed), source.starts.keys() & source.ends.keys()
    around = [
        wanted
        for partition in partitions
        if partition.at_source in known
        for wanted in committed_stretches(
            partition,
            groups.get(partition.at_source, {}),
            start=source.starts[partition.at_source],
            end=source.ends[partition.at_source],
            records=pair.options.records,
        )
    ]
    until = {
        place: source.ends[place] if offset is None else offset
        for place, offset in sealed.items()
        if place in known
    }
    behind = [
        wanted
        for partition in partitions
        if partition.at_source in known
        for wanted in position_stretch(
            partition,
            positions.get(partition.at_source),
            start=source.starts[partition.at_source],
            end=source.ends[partition.at_source],
            records=pair.options.records,
        )
    ]
    samples = [
        wanted
        for partition in partitions
        if partition.at_source in until
        for wanted in samples_of(
            partition,
            oldest.get(partition),
            until[partition.at_source],
            start=source.starts[partition.at_source],
            positions=pair.options.positions,
            records=pair.options.records,
        )
    ]
    both = zip_longest(_by_turns(around), _by_turns([*behind, *samples]))
    wanted = [each for pair_of in both for each in pair_of if each is not None]
    if len(wanted) > MOST_STRETCHES:
        pair.notes.append(
            f"{pair.source.name} to {pair.target.name}: {MOST_STRETCHES} of {len(wanted)} places read; choose fewer "
            "groups, partitions or positions"
        )
    return wanted[:MOST_STRETCHES]


def _groups_by_offset(committed: pl.DataFrame) -> dict[Place, dict[int, list[str]]]:
    groups: dict[Place, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    columns = ("source_topic", "partition", "committed_offset", "group")
    for topic, number, offset, group in committed.select(columns).unique().sort(columns).iter_rows():
        groups[topic, number][offset].append(group)
    return groups


def _by_turns(samples: Iterable[Wanted]) -> list[Wanted]:
    """Return the first stretch of every partition, then the second of every one, and so on."""
    turns: dict[Partition, int] = defaultdict(int)
    numbered = []
    for wanted in samples:
        numbered.append((turns[wanted.partition], wanted))
        turns[wanted.partition] += 1
    return [wanted for _, wanted in sorted(numbered, key=lambda pair: pair[0])]


def _oldest_of_both(
    pair: _Pair, partitions: Sequence[Partition], source: Seen, target: Seen
) -> tuple[dict[Partition, int], frozenset[str]]:
    """Return the source's offset of the oldest record that both ends have, where the target's oldest tells it.

    And the target's topics whose oldest records have the time at which the target took them in.
    """
    starts, ends = target.starts, target.ends
    filled = [
        p for p in partitions if p.at_target in starts and starts[p.at_target] < ends.get(p.at_target, 0)
    ]
    reading = pair.target.read(
        [Stretch(*p.at_target, starts[p.at_target], 1) for p in filled],
        isolation=pair.options.isolation,
        most_bytes=round(pair.most_bytes * _OLDEST_BYTES),
        deadline=pair.for_a_while(_TO_ASK),
    )
    _note_cost(pair, pair.target, reading, "oldest records")
    pair.batch_bytes = reading.batch_bytes
    read = [
        (p, one.records[0], times_of(one))
        for p, one in zip(filled, reading.reads, strict=True)
        if one.records
    ]
    stamped = {p.topic for p, record, _ in read if record.time_kind == LOG_APPEND_TIME}
    asked = [(p, times.first) for p, _, times in read if times is not None and p.topic not in stamped]
    answers = pair.source.offsets_since([(p.at_source, ms) for p, ms in asked], pair.for_a_while(_TO_ASK))
    known = zip(asked, answers, strict=True)
    first = {
        p: max(answer, source.starts.get(p.at_source, 0))
        for (p, _), answer in known
        if isinstance(answer, int)
    }
    return first, frozenset(stamped)


def _read_both(pair: _Pair, wanted: Sequence[Wanted], target: Seen) -> list[StretchOf]:
    """Read at the source, then at the target what has the same times."""
    options = pair.options
    source_reading = pair.source.read(
        [each.stretch for each in wanted],
        isolation=options.isolation,
        most_bytes=round(pair.most_bytes * _SOURCE_BYTES),
        deadline=pair.for_a_while(_AT_SOURCE),
        batch_bytes=pair.batch_bytes,
    )
    _note_cost(pair, pair.source, source_reading, "samples")
    found = [
        StretchOf(pair.source.name, number, each, read)
        for number, (each, read) in enumerate(zip(wanted, source_reading.reads, strict=True))
    ]
    with_records = [of for of in found if of.read.records]
    searched = _searched(pair, with_records, target)
    to_read = [of for of in searched if of.read.ended is None]
    reading = pair.target.read(
        [of.read.stretch for of in to_read],
        isolation=options.isolation,
        most_bytes=round(pair.most_bytes * (1 - _OLDEST_BYTES - _SOURCE_BYTES)),
        deadline=Deadline.after(pair.deadline.left),
        batch_bytes=pair.batch_bytes,
    )
    _note_cost(pair, pair.target, reading, "samples")
    at_target = [
        StretchOf(of.cluster, of.number, of.wanted, read)
        for of, read in zip(to_read, reading.reads, strict=True)
    ]
    return [*found, *(of for of in searched if of.read.ended is not None), *at_target]


def _searched(pair: _Pair, found: Sequence[StretchOf], target: Seen) -> list[StretchOf]:
    """Ask both ends where the times of the source's records begin; return what is to be read at the target.

    Where there is nothing to be read, ``read.ended`` says why.
    """
    timed = {of.number: times_of(of.read) for of in found}
    asking = [(of, times) for of in found if (times := timed[of.number]) is not None]
    deadline = pair.for_a_while(_TO_ASK)
    asks = [
        (pair.target, [(of.wanted.partition.at_target, times.first) for of, times in asking]),
        (pair.source, [(of.wanted.partition.at_source, times.first) for of, times in asking]),
    ]
    outcomes = all_outcomes(
        [(partial(end.offsets_since, asked, deadline), deadline.left + 1) for end, asked in asks], Event()
    )
    begins, sinces = (
        [outcome.reason.removesuffix(SEE_LOG)] * len(asking) if isinstance(outcome, Failure) else outcome
        for outcome in outcomes
    )
    numbers = {of.number: at for at, (of, _) in enumerate(asking)}
    return [
        _search(pair.target.name, of, target, *(answers[numbers[of.number]] for answers in (begins, sinces)))
        if of.number in numbers
        else _not_read(
            pair.target.name, of, "failed", "the records at the source have no timestamps to look up"
        )
        for of in found
    ]


def _search(
    cluster: str, of: StretchOf, target: Seen, begin: int | str | None, since: int | str | None
) -> StretchOf:
    if isinstance(begin, str) or isinstance(since, str):
        why = begin if isinstance(begin, str) else f"at the source: {since}"
        return _not_read(cluster, of, "out of time" if begin == "out of time" else "failed", str(why))
    if begin is None:
        end = target.ends.get(of.wanted.partition.at_target)
        return _not_read(cluster, of, "end of log", "no record is that new", offset=end)
    stretch = target_stretch(of.wanted.partition, of.read, begin=begin, since=since)
    return StretchOf(cluster, of.number, of.wanted, StretchRead(stretch))


def _not_read(
    cluster: str, of: StretchOf, ended: str, detail: str, *, offset: int | None = None
) -> StretchOf:
    stretch = Stretch(*of.wanted.partition.at_target, -1 if offset is None else offset, 0)
    read = StretchRead(stretch, next_offset=offset, ended=ended, detail=detail)
    return StretchOf(cluster, of.number, of.wanted, read)


def _note_cost(pair: _Pair, end: End, reading: Reading, what: str) -> None:
    if reading.reads:
        records = sum(len(read.records) for read in reading.reads)
        pair.notes.append(
            f"{end.name}: {what}: {records} records at {len(reading.reads)} places, {reading.wire_bytes / 1e6:.1f} MB "
            f"received in {reading.seconds:.1f} s with {reading.requests} requests"
        )


def rows_of_reads(stretches: Iterable[StretchOf]) -> Iterator[Row]:
    """Yield the rows of ``record_reads``: one for each group of a committed offset."""
    for of in stretches:
        read, stretch = of.read, of.read.stretch
        for group in of.wanted.groups or (None,):
            yield {
                "cluster": of.cluster,
                "topic": stretch.topic,
                "partition": stretch.partition,
                "purpose": of.wanted.purpose,
                "stretch": of.number,
                "group": group,
                "wanted_offset": of.wanted.committed,
                "first_offset": None if stretch.first_offset < 0 else stretch.first_offset,
                "next_offset": read.next_offset,
                "records": len(read.records),
                "bytes": read.bytes,
                "seconds": read.seconds,
                "ended": read.ended,
                "detail": read.detail,
            }


def rows_of_checks(stretches: Iterable[StretchOf]) -> Iterator[Row]:
    """Yield the rows of ``record_checks``."""
    for of in stretches:
        for record in of.read.records:
            ms = record.written_ms
            yield {
                "cluster": of.cluster,
                "topic": of.read.stretch.topic,
                "partition": of.read.stretch.partition,
                "stretch": of.number,
                "offset": record.offset,
                "written_at": moment_of(ms) if ms is not None and 0 <= ms <= _LATEST_MS else None,
                "time_kind": record.time_kind,
                "key_hash": record.key_hash,
                "record_hash": record.record_hash,
            }
