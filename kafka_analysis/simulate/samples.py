"""What a simulated cluster's brokers, and its mirror, answer at each scrape: rows of the samples contract."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.model.frames import repeated
from kafka_analysis.model.samples import SAMPLES
from kafka_analysis.simulate.cluster import Stretch
from kafka_analysis.simulate.layout import SOURCE, Layout
from kafka_analysis.simulate.plan import Plan

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class ScrapedSamples:
    """The samples of one cluster.

    All brokers answer at the same millisecond, so that counters and offsets of a scrape agree to the record.
    """

    def __init__(self, plan: Plan, layout: Layout, *, mirror_from: int | None) -> None:
        self._plan, self._layout, self._mirror_from = plan, layout, mirror_from
        self._mirrored = np.zeros(len(layout.business), dtype=np.int64)

    def of(self, stretch: Stretch, answered: Bools) -> pl.DataFrame:
        """Return the rows of some scrapes.

        Parameters
        ----------
        answered
            Scrapes × brokers: a broker that did not answer leaves no row.
        """
        parts = [
            *self._topic_counters(stretch, answered),
            *self._aggregates(stretch, answered),
            *self._gauges(stretch, answered),
            self._sizes(stretch, answered),
            *self._mirror(stretch),
        ]
        return pl.concat(parts)

    def times(self, steps: Ints) -> Ints:
        """Return when scrapes were, in ms since the epoch."""
        start_ms = round(self._plan.start.timestamp() * 1000)
        return start_ms + np.round(steps * self._plan.interval * 1000).astype(np.int64)

    def _rows(
        self,
        metric: str,
        stretch: Stretch,
        values: NDArray[np.generic],
        kept: Bools,
        *,
        broker: Ints | None = None,
        topic: Ints | None = None,
        partition: Ints | None = None,
        entity: str | None = None,
    ) -> pl.DataFrame:
        """Turn scrapes × series into rows; ``kept`` says which there are."""
        scrape, series = np.nonzero(kept)
        labels = {
            "metric": metric,
            "cluster": self._layout.name,
            "broker": None if broker is None else broker[series] + 1,
            "topic": None if topic is None else self._layout.names.gather(topic[series]),
            "partition": None if partition is None else partition[series],
            "entity": entity,
        }
        read = {"ts": self.times(stretch.steps)[scrape], "value": values[kept]}
        return repeated(labels | read, SAMPLES)

    def _topic_counters(self, stretch: Stretch, answered: Bools) -> Iterator[pl.DataFrame]:
        counted = stretch.counted
        for metric, values in counted.topics.items():
            kept = answered[:, counted.broker]
            yield self._rows(metric, stretch, values, kept, broker=counted.broker, topic=counted.topic)

    def _aggregates(self, stretch: Stretch, answered: Bools) -> Iterator[pl.DataFrame]:
        for metric, values in stretch.counted.brokers.items():
            yield self._rows(metric, stretch, values, answered, broker=np.arange(self._layout.brokers))

    def _gauges(self, stretch: Stretch, answered: Bools) -> Iterator[pl.DataFrame]:
        brokers = self._layout.brokers
        copies = self._layout.replicas[stretch.there].reshape(-1)
        gauges = {
            "leader_count": np.bincount(stretch.leader[stretch.there], minlength=brokers),
            "partition_count": np.bincount(copies, minlength=brokers),
            "under_replicated_partitions": np.zeros(brokers, dtype=np.int64),
        }
        for metric, values in gauges.items():
            yield self._rows(
                metric, stretch, np.broadcast_to(values, answered.shape), answered, broker=np.arange(brokers)
            )

    def _sizes(self, stretch: Stretch, answered: Bools) -> pl.DataFrame:
        layout = self._layout
        there = np.flatnonzero(stretch.there)
        entries = np.repeat(there, layout.replicas.shape[1])
        broker = layout.replicas[there].reshape(-1)
        size = (stretch.log_end - stretch.log_start) * layout.record_bytes
        return self._rows(
            "log_size_bytes",
            stretch,
            size[:, entries],
            answered[:, broker],
            broker=broker,
            topic=layout.topic[entries],
            partition=layout.partition[entries],
        )

    def _mirror(self, stretch: Stretch) -> Iterator[pl.DataFrame]:
        """Yield what the mirror to this cluster counts, from 0 when it starts."""
        layout, business = self._layout, len(self._layout.business)
        if self._mirror_from is None or layout.role != "target":
            return
        total = self._mirrored + np.cumsum(stretch.mirrored, axis=0)
        self._mirrored = total[-1]
        yield self._rows(
            "mirror_records_total",
            stretch,
            total,
            np.broadcast_to((stretch.steps >= self._mirror_from)[:, None], total.shape),
            topic=layout.topic[:business],
            partition=layout.partition[:business],
            entity=f"{SOURCE}->{layout.name}",
        )
