"""What a simulated cluster says of itself: rows of the metadata tables, and what really happened, step by step."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.model.tables import table_schema
from kafka_analysis.simulate.cluster import SimulatedCluster, Stretch
from kafka_analysis.simulate.layout import INTERNAL_PARTITIONS, INTERNAL_TOPIC
from kafka_analysis.simulate.plan import Plan

Ints = NDArray[np.int64]
MINUTE_S = 60.0


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
            tables["partitions"] = pl.concat(self._partitions(stretch, times[n]) for n in sorted(set(ends)))
        if last or stretch.steps[0] == 0:
            tables |= self._ends(stretch, times[-1] if last else times[0])
        return tables

    def _frame(self, name: str, columns: dict[str, object]) -> pl.DataFrame:
        schema = table_schema(name).create_empty().schema
        known = {"cluster": pl.lit(self._layout.name), **columns}
        length = next(len(v) for v in known.values() if isinstance(v, (np.ndarray, pl.Series, list)))
        made = pl.DataFrame({"_": np.zeros(length, dtype=np.int8)}).with_columns(
            **{n: v if isinstance(v, pl.Expr) else pl.Series(v) for n, v in known.items()}
        )
        absent = [pl.lit(None, dtype=kind).alias(n) for n, kind in schema.items() if n not in known]
        return (
            made.with_columns(pl.col("ts").cast(pl.Datetime("ms", "UTC")), *absent)
            .select(schema.names())
            .cast(dict(schema))
        )

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

    def _partitions(self, stretch: Stretch, time: np.int64) -> pl.DataFrame:
        there = np.flatnonzero(stretch.there)
        replicas = pl.Series((self._layout.replicas[there] + 1).tolist(), dtype=pl.List(pl.Int32))
        columns = {
            "ts": np.full(len(there), time),
            **self._places(there),
            "leader": stretch.leader[there] + 1,
            "replicas": replicas,
            "isr": replicas,
        }
        return self._frame("partitions", columns)

    def _ends(self, stretch: Stretch, time: np.int64) -> dict[str, pl.DataFrame]:
        return {
            "brokers": self._brokers(time),
            "topics": self._topics(stretch, time),
            "topic_configs": self._configs(stretch, time),
            "groups": self._described_groups(stretch, time),
            "log_dirs": self._log_dirs(stretch, time),
        }

    def _brokers(self, time: np.int64) -> pl.DataFrame:
        layout = self._layout
        brokers = np.arange(layout.brokers)
        columns = {
            "ts": np.full(layout.brokers, time),
            "broker": brokers + 1,
            "host": [f"broker-{b + 1}.{layout.name}.example.org" for b in brokers],
            "port": np.full(layout.brokers, 9092),
            "rack": [f"rack-{b % layout.racks + 1}" for b in brokers],
        }
        return self._frame("brokers", columns)

    def _known_topics(self, stretch: Stretch) -> pl.Series:
        return self._layout.names.gather(np.unique(self._layout.topic[stretch.there]))

    def _topics(self, stretch: Stretch, time: np.int64) -> pl.DataFrame:
        topics = self._known_topics(stretch)
        columns = {"ts": np.full(len(topics), time), "topic": topics, "internal": topics == INTERNAL_TOPIC}
        return self._frame("topics", columns)

    def _configs(self, stretch: Stretch, time: np.int64) -> pl.DataFrame:
        topics = self._known_topics(stretch)
        retention_s = dict(zip(self._layout.topics, self._layout.retention_s, strict=True))
        values = {
            "cleanup.policy": ["compact" if t == INTERNAL_TOPIC else "delete" for t in topics],
            "retention.ms": [str(round(retention_s[t] * 1000)) for t in topics],
        }
        parts = [
            self._frame(
                "topic_configs",
                {
                    "ts": np.full(len(topics), time),
                    "topic": topics,
                    "name": [name] * len(topics),
                    "value": value,
                    "is_default": np.zeros(len(topics), dtype=np.bool_),
                    "source": ["DYNAMIC_TOPIC_CONFIG"] * len(topics),
                },
            )
            for name, value in values.items()
        ]
        return pl.concat(parts)

    def _described_groups(self, stretch: Stretch, time: np.int64) -> pl.DataFrame:
        """Return the groups that commit here; a group's coordinator leads the partition its commits go to."""
        groups = np.unique(self._cluster.pair_group[stretch.reading])
        leaders = stretch.leader[self._layout.internal]
        columns = {
            "ts": np.full(len(groups), time),
            "group": self._groups.gather(groups),
            "state": ["STABLE"] * len(groups),
            "protocol": ["range"] * len(groups),
            "coordinator": leaders[groups % INTERNAL_PARTITIONS] + 1,
        }
        return self._frame("groups", columns)

    def _log_dirs(self, stretch: Stretch, time: np.int64) -> pl.DataFrame:
        layout = self._layout
        there = np.flatnonzero(stretch.there)
        entries = np.repeat(there, layout.replicas.shape[1])
        at = 0 if stretch.steps[0] == 0 else -1
        size = (stretch.log_end[at] - stretch.log_start[at]) * layout.record_bytes
        columns = {
            "ts": np.full(len(entries), time),
            "broker": layout.replicas[there].reshape(-1) + 1,
            "path": ["/var/lib/kafka"] * len(entries),
            **self._places(entries),
            "size_bytes": size[entries],
            "is_future": np.zeros(len(entries), dtype=np.bool_),
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
    schema = table_schema("events").create_empty().schema
    named = [dict(zip(("ts", "name", "kind", "wave", "detail"), row, strict=True)) for row in rows]
    return pl.DataFrame([{"cluster": cluster, **row} for row in named], schema=schema)
