"""What a simulated cluster says of itself: rows of the metadata tables, and what really happened, step by step."""

from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.model.tables import empty_table, filled
from kafka_analysis.model.units import moment_of
from kafka_analysis.simulate.cluster import SimulatedCluster, Stretch
from kafka_analysis.simulate.layout import INTERNAL_PARTITIONS, INTERNAL_TOPIC
from kafka_analysis.simulate.plan import Plan

Ints = NDArray[np.int64]
MINUTE_S = 60.0


class TruthRows:
    """The record of one cluster: a row stands for the step that begins at its time, as the testbed's for a second.

    ``acknowledged``: records producers sent to a partition; ``mirrored``: those the mirror copied there; ``batches``:
    bytes appended to a topic; ``consumed``: what a group read of a topic.
    """

    def __init__(self, plan: Plan, cluster: SimulatedCluster) -> None:
        self._cluster, self._layout = cluster, cluster.layout
        self._groups = pl.Series(plan.group_names, dtype=pl.String)

    def of(self, stretch: Stretch, begun: Ints) -> pl.DataFrame:
        """Return the rows of some steps; ``begun``: when each began, in ms since the epoch."""
        business = len(self._layout.business)
        sent, mirrored = stretch.records[:, :business] - stretch.mirrored, stretch.mirrored
        parts = [
            self._appended("producer", "acknowledged", sent, stretch, begun),
            self._appended("mirror", "mirrored", mirrored, stretch, begun),
            self._batches(stretch, begun),
            self._consumed(stretch, begun),
        ]
        return pl.concat(parts)

    def _frame(
        self, actor: str, kind: str, begun: Ints, topic: Ints, columns: dict[str, object]
    ) -> pl.DataFrame:
        fixed = {"cluster": self._layout.name, "actor": actor, "kind": kind}
        return filled("truth", {**fixed, "ts": begun, "topic": self._layout.names.gather(topic), **columns})

    def _appended(self, actor: str, kind: str, records: Ints, stretch: Stretch, begun: Ints) -> pl.DataFrame:
        step, place = np.nonzero(records)
        count, end = records[step, place], stretch.log_end[step, place]
        columns = {
            "partition": self._layout.partition[place],
            "records": count,
            "bytes": count * self._layout.record_bytes[place],
            "first_offset": end - count,
            "last_offset": end - 1,
        }
        return self._frame(actor, kind, begun[step], self._layout.topic[place], columns)

    def _batches(self, stretch: Stretch, begun: Ints) -> pl.DataFrame:
        business = len(self._layout.business)
        sizes = stretch.records[:, :business] * self._layout.record_bytes[:business]
        topics, starts = np.unique(self._layout.topic[:business], return_index=True)
        summed = np.add.reduceat(sizes, starts, axis=1)
        step, column = np.nonzero(summed)
        return self._frame(
            "producer", "batches", begun[step], topics[column], {"bytes": summed[step, column]}
        )

    def _consumed(self, stretch: Stretch, begun: Ints) -> pl.DataFrame:
        group, place = self._cluster.pair_group, self._cluster.pair_place
        size = self._layout.record_bytes[place] if len(place) else place
        key = group * len(self._layout.topics) + self._layout.topic[place]
        order = np.argsort(key, kind="stable")
        keys, starts = np.unique(key[order], return_index=True)
        records, sizes = (
            np.add.reduceat(rows[:, order], starts, axis=1) if len(keys) else rows[:, :0]
            for rows in (stretch.consumed, stretch.consumed * size)
        )
        step, column = np.nonzero(records)
        readers, topics = np.divmod(keys[column], len(self._layout.topics))
        columns = {
            "group": self._groups.gather(readers),
            "records": records[step, column],
            "bytes": sizes[step, column],
        }
        return self._frame("group", "consumed", begun[step], topics, columns)


class DescribedTables:
    """The tables of one cluster.

    Offsets come at every scrape, commits every minute; leaders when they changed, the rest at both ends.
    """

    def __init__(self, plan: Plan, cluster: SimulatedCluster) -> None:
        self._plan, self._cluster, self._layout = plan, cluster, cluster.layout
        self._groups = pl.Series(plan.group_names, dtype=pl.String)
        self._leaders: Ints | None = None

    def of(self, stretch: Stretch, times: Ints) -> dict[str, pl.DataFrame]:
        """Return the rows of some scrapes; ``times`` in ms since the epoch."""
        tables = {"offsets": self._offsets(stretch, times), "group_offsets": self._commits(stretch, times)}
        changed = self._leaders is None or not np.array_equal(self._leaders, stretch.leader)
        self._leaders = stretch.leader
        last = stretch.steps[-1] == self._plan.steps
        ends = [n for n, wanted in ((0, changed), (len(times) - 1, last)) if wanted]
        if ends:
            described = [self._partitions(stretch, moment_of(int(times[n]))) for n in sorted(set(ends))]
            tables["partitions"] = pl.concat(described)
        if last or stretch.steps[0] == 0:
            tables |= self._ends(stretch, moment_of(int(times[-1 if last else 0])))
        return tables

    def _frame(self, name: str, columns: dict[str, object]) -> pl.DataFrame:
        return filled(name, {"cluster": self._layout.name, **columns})

    def _places(self, entries: Ints) -> dict[str, object]:
        layout = self._layout
        return {"topic": layout.names.gather(layout.topic[entries]), "partition": layout.partition[entries]}

    def _offsets(self, stretch: Stretch, times: Ints) -> pl.DataFrame:
        there = np.flatnonzero(stretch.there)
        columns = {
            "ts": np.repeat(times, len(there)),
            **self._places(np.tile(there, len(times))),
            "log_start_offset": stretch.log_start[:, there].reshape(-1),
            "log_end_offset": stretch.log_end[:, there].reshape(-1),
        }
        return self._frame("offsets", columns)

    def _commits(self, stretch: Stretch, times: Ints) -> pl.DataFrame:
        every = max(round(MINUTE_S / self._plan.interval), 1)
        due = np.flatnonzero((stretch.steps % every == 0) | (stretch.steps == self._plan.steps))
        reading = np.flatnonzero(stretch.reading)
        pairs = np.tile(reading, len(due))
        columns = {
            "ts": np.repeat(times[due], len(reading)),
            "group": self._groups.gather(self._cluster.pair_group[pairs]),
            **self._places(self._cluster.pair_place[pairs]),
            "committed_offset": stretch.committed[due][:, reading].reshape(-1),
        }
        return self._frame("group_offsets", columns)

    def _partitions(self, stretch: Stretch, time: datetime) -> pl.DataFrame:
        there = np.flatnonzero(stretch.there)
        replicas = pl.Series((self._layout.replicas[there] + 1).tolist(), dtype=pl.List(pl.Int32))
        columns = {
            "ts": time,
            **self._places(there),
            "leader": stretch.leader[there] + 1,
            "replicas": replicas,
            "isr": replicas,
        }
        return self._frame("partitions", columns)

    def _ends(self, stretch: Stretch, time: datetime) -> dict[str, pl.DataFrame]:
        return {
            "brokers": self._brokers(time),
            "topics": self._topics(stretch, time),
            "topic_configs": self._configs(stretch, time),
            "groups": self._described_groups(stretch, time),
            "log_dirs": self._log_dirs(stretch, time),
        }

    def _brokers(self, time: datetime) -> pl.DataFrame:
        layout = self._layout
        brokers = np.arange(layout.brokers)
        columns = {
            "ts": time,
            "broker": brokers + 1,
            "host": [f"broker-{b + 1}.{layout.name}.example.org" for b in brokers],
            "port": 9092,
            "rack": [f"rack-{b % layout.racks + 1}" for b in brokers],
        }
        return self._frame("brokers", columns)

    def _known_topics(self, stretch: Stretch) -> pl.Series:
        return self._layout.names.gather(np.unique(self._layout.topic[stretch.there]))

    def _topics(self, stretch: Stretch, time: datetime) -> pl.DataFrame:
        topics = self._known_topics(stretch)
        return self._frame("topics", {"ts": time, "topic": topics, "internal": topics == INTERNAL_TOPIC})

    def _configs(self, stretch: Stretch, time: datetime) -> pl.DataFrame:
        topics = self._known_topics(stretch)
        retention_s = dict(zip(self._layout.topics, self._layout.retention_s, strict=True))
        values = {
            "cleanup.policy": ["compact" if t == INTERNAL_TOPIC else "delete" for t in topics],
            "retention.ms": [str(round(retention_s[t] * 1000)) for t in topics],
        }
        common = {"ts": time, "topic": topics, "is_default": False, "source": "DYNAMIC_TOPIC_CONFIG"}
        parts = [
            self._frame("topic_configs", {**common, "name": name, "value": value})
            for name, value in values.items()
        ]
        return pl.concat(parts)

    def _described_groups(self, stretch: Stretch, time: datetime) -> pl.DataFrame:
        """Return the groups that commit here; a group's coordinator leads the partition its commits go to."""
        groups = np.unique(self._cluster.pair_group[stretch.reading])
        leaders = stretch.leader[self._layout.internal]
        columns = {
            "ts": time,
            "group": self._groups.gather(groups),
            "state": "STABLE",
            "protocol": "range",
            "coordinator": leaders[groups % INTERNAL_PARTITIONS] + 1,
        }
        return self._frame("groups", columns)

    def _log_dirs(self, stretch: Stretch, time: datetime) -> pl.DataFrame:
        layout = self._layout
        there = np.flatnonzero(stretch.there)
        entries = np.repeat(there, layout.replicas.shape[1])
        at = 0 if stretch.steps[0] == 0 else -1
        size = (stretch.log_end[at] - stretch.log_start[at]) * layout.record_bytes
        columns = {
            "ts": time,
            "broker": layout.replicas[there].reshape(-1) + 1,
            "path": "/var/lib/kafka",
            **self._places(entries),
            "size_bytes": size[entries],
            "is_future": False,
        }
        return self._frame("log_dirs", columns)


def events_table(rows: list[tuple[datetime, str, str, int | None, str]], *, cluster: str) -> pl.DataFrame:
    """Return the events of a cluster: time, name, kind, wave and detail of each.

    Examples
    --------
    >>> from datetime import UTC
    >>> rows = [(datetime(2026, 1, 1, tzinfo=UTC), "after:start", "load", None, "steady")]
    >>> events_table(rows, cluster="c")["kind"].to_list()
    ['load']
    """
    of_cluster = [(ts, cluster, *event) for ts, *event in rows]
    return pl.DataFrame(of_cluster, schema=empty_table("events").schema, orient="row")
