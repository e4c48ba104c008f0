"""One simulated cluster moving on: logs grow, groups read, counters count, leaders move."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.simulate.counters import Counted, Counters
from kafka_analysis.simulate.layout import COMMIT_EVERY_S, INTERNAL_PARTITIONS, Business, Layout
from kafka_analysis.simulate.plan import Plan
from kafka_analysis.simulate.schedule import Schedule

Ints = NDArray[np.int64]
COMPACTED_S = 3600.0
MOST_BEHIND = 0.2


@dataclass(frozen=True)
class Stretch:
    """What a cluster did in some steps, and how it stood at the scrapes at their ends.

    Arrays are steps × partitions or steps × pairs of a group and a partition. ``there`` and ``reading`` say which
    partitions exist and which pairs commit.
    """

    steps: Ints
    records: Ints
    mirrored: Ints
    log_start: Ints
    log_end: Ints
    committed: Ints
    consumed: Ints
    counted: Counted
    leader: Ints
    there: NDArray[np.bool_]
    reading: NDArray[np.bool_]


class SimulatedCluster:
    """A cluster under simulation.

    Parameters
    ----------
    layout, business
        Who holds what here, and the topics as a whole.
    """

    def __init__(self, plan: Plan, schedule: Schedule, layout: Layout, business: Business) -> None:
        self.layout = layout
        self._plan, self._schedule, self._business = plan, schedule, business
        place = np.searchsorted(layout.business, business.pair_place[layout.pairs])
        self.pair_group, self.pair_place = business.pair_group[layout.pairs], place
        self._lagging = business.lagging[self.pair_group] if len(place) else np.zeros(0, dtype=np.bool_)
        self._dates(business)
        self._logs(business)
        rng = np.random.default_rng([plan.seed, 2])
        behind = rng.uniform(0, MOST_BEHIND, len(business.pair_place))
        self._behind = behind[layout.pairs]
        self.counters = Counters(
            layout.brokers,
            len(layout.topics),
            topic=layout.topic,
            record_bytes=layout.record_bytes,
            replicas=layout.replicas,
        )
        self._read = self._read_from = self._end[place] - (self._behind * self._usual(place)).astype(np.int64)
        self._end_from = self._end[place]
        self.read_records = np.zeros(len(place), dtype=np.int64)
        if layout.role != "target":
            self._count_from_before(rng)

    def _dates(self, business: Business) -> None:
        """Set after which scrape each partition is there, and between which scrapes it is written and read here."""
        schedule, entries = self._schedule, self.layout.business
        target = self.layout.role == "target"
        cuts = np.array(schedule.cutovers or (schedule.steps,))[
            business.topic[entries] % max(len(schedule.cutovers), 1)
        ]
        internal = np.full(INTERNAL_PARTITIONS, -1)
        begun = np.full(len(entries), schedule.mirror_from if target else -1)
        self._there_from = np.concatenate([begun, internal])
        self._cut = np.concatenate([cuts, np.full(INTERNAL_PARTITIONS, schedule.steps)])

    def _logs(self, business: Business) -> None:
        """Set where logs begin and end at the first scrape, and how many records they keep."""
        entries, plan = self.layout.business, self._plan
        commits = self._commits(np.ones(len(self.pair_group), dtype=np.bool_))
        self._usual_records = np.concatenate([business.records_per_s[entries] * plan.interval, commits])
        keeps_s = np.concatenate([business.retention_s[entries], np.full(INTERNAL_PARTITIONS, COMPACTED_S)])
        age_s = np.concatenate([business.age_s[entries], np.full(INTERNAL_PARTITIONS, 2 * COMPACTED_S)])
        per_s = self._usual_records / plan.interval
        self._keeps = np.maximum(np.floor(per_s * keeps_s), 1).astype(np.int64)
        fresh = self.layout.role == "target"
        self._end = np.floor(per_s * age_s * (not fresh)).astype(np.int64)
        self._start = np.maximum(self._end - self._keeps, 0)

    def _usual(self, place: Ints) -> NDArray[np.float64]:
        return self._usual_records[place] * (self._end[place] > 0)

    def _commits(self, reading: NDArray[np.bool_]) -> Ints:
        """Return the records a step brings to each partition of ``__consumer_offsets``: commits of the groups on it."""
        every = max(round(self._plan.interval / COMMIT_EVERY_S), 1)
        on = np.bincount(self.pair_group[reading] % INTERNAL_PARTITIONS, minlength=INTERNAL_PARTITIONS)
        return on.astype(np.int64) * every

    def _count_from_before(self, rng: np.random.Generator) -> None:
        """Let counters stand as if the brokers had run for days before."""
        up_s = rng.uniform(1, 30, self.layout.brokers) * 86400
        usual = np.floor(self._usual_records).astype(np.int64)
        readers = np.bincount(self.pair_place, minlength=len(usual))
        self.counters.lead(self._leaders(set(), self._there_from < 0))
        self.counters.begin((up_s / self._plan.interval).astype(np.int64), usual, usual * readers)

    def _leaders(self, away: set[int], there: NDArray[np.bool_]) -> Ints:
        """Return each partition's leader: the first of its replicas that is not away, −1 where there is none yet."""
        replicas = self.layout.replicas
        present = ~np.isin(replicas, sorted(away))
        first = np.where(present.any(axis=1), present.argmax(axis=1), 0)
        return np.where(there, replicas[np.arange(len(replicas)), first], -1)

    def lag_at_end(self) -> Ints:
        """Return the records each pair is behind now."""
        return self._end[self.pair_place] - np.maximum(self._read, self._start[self.pair_place])

    def take_over(self, lag: Ints) -> None:
        """Let the groups that move here begin as far behind as they were, as far as the log reaches back."""
        end = self._end[self.pair_place]
        self._read = self._read_from = end - np.minimum(lag, end)
        self._end_from = end

    def advance(self, steps: Ints, sent: Ints) -> Stretch:
        """Move on by some steps within which nothing changes.

        Parameters
        ----------
        steps
            Numbers of the steps; step 0 is the first scrape.
        sent
            Records that producers send to each business partition, steps × all of them.
        """
        first, target = int(steps[0]), self.layout.role == "target"
        there = self._there_from < first
        business = len(self.layout.business)
        moved = self._cut[self.pair_place] < first
        reading = moved if target else ~moved
        records, mirrored = self._appended(steps, sent, there, reading)
        end = self._end + np.cumsum(records, axis=0)
        start = np.maximum(self._start, end - self._keeps)
        read = self._positions(end, records, reading) if first > 0 else self._read[None, :]
        consumed = np.diff(read, axis=0, prepend=self._read[None, :])
        self.read_records += consumed.sum(axis=0)
        by_groups = self._per_partition(consumed, records.shape)
        by_mirror = np.zeros_like(records) if target else mirrored
        counted = self._count(first, records, by_groups + by_mirror, there)
        self._end, self._start, self._read = end[-1], start[-1], read[-1]
        return Stretch(
            steps=steps,
            records=records,
            mirrored=mirrored[:, :business] if target else np.zeros((len(steps), business), dtype=np.int64),
            log_start=start,
            log_end=end,
            committed=np.maximum(read, start[:, self.pair_place]),
            consumed=consumed,
            counted=counted,
            leader=self.counters.leader,
            there=there,
            reading=reading if target else np.ones_like(reading),
        )

    def _appended(
        self, steps: Ints, sent: Ints, there: NDArray[np.bool_], reading: NDArray[np.bool_]
    ) -> tuple[Ints, Ints]:
        """Return the records appended to each partition, and how many of them a mirror copies (from or to here)."""
        first, cut = int(steps[0]), self._cut
        internal = np.tile(self._commits(reading) * (first > 0), (len(steps), 1))
        produced = np.concatenate([sent[:, self.layout.business], internal], axis=1)
        mirror_from = self._schedule.mirror_from
        mirroring = np.zeros(len(cut), dtype=np.bool_)
        if mirror_from is not None:
            mirroring[: len(self.layout.business)] = mirror_from < first
        mirrored = produced * (mirroring & (cut >= first))
        written = there if self.layout.role == "target" else cut >= first
        return produced * written, mirrored

    def _positions(self, end: Ints, records: Ints, reading: NDArray[np.bool_]) -> Ints:
        """Return how far each pair has read: nearly to the end, or its share of the growth when its group lags."""
        place = self.pair_place
        near = end[:, place] - np.floor(self._behind * records[:, place]).astype(np.int64)
        grown = end[:, place] - self._end_from
        slow = self._read_from + np.floor(self._plan.lagging_share * grown).astype(np.int64)
        ahead = np.maximum(np.where(self._lagging, slow, near), self._read)
        return np.where(reading | (self.layout.role != "target"), ahead, self._read)

    def _per_partition(self, consumed: Ints, shape: tuple[int, ...]) -> Ints:
        reads = np.zeros(shape, dtype=np.int64)
        if consumed.shape[1]:
            places, starts = np.unique(self.pair_place, return_index=True)
            reads[:, places] = np.add.reduceat(consumed, starts, axis=1)
        return reads

    def _count(self, first: int, records: Ints, reads: Ints, there: NDArray[np.bool_]) -> Counted:
        schedule, is_source = self._schedule, self.layout.role != "target"
        leaders = self._leaders(schedule.away(first) if is_source else set(), there)
        if not is_source or first not in schedule.moves:
            if not np.array_equal(leaders, self.counters.leader):
                self.counters.lead(leaders)
            return self.counters.advance(records, reads)
        part = schedule.fraction[first]
        early, read_early = (np.floor(rows * part).astype(np.int64) for rows in (records, reads))
        self.counters.advance(early, read_early)
        for broker in schedule.restarted(first):
            self.counters.restart(broker)
        self.counters.lead(leaders)
        return self.counters.advance(records - early, reads - read_early)
