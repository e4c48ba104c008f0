"""What really happened in each step: rows of the truth table, which only tests and comparisons read."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.model.tables import filled
from kafka_analysis.simulate.cluster import SimulatedCluster, Stretch
from kafka_analysis.simulate.plan import Plan

Ints = NDArray[np.int64]


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
