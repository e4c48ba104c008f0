"""The counters of a cluster's brokers, as Kafka keeps them: a topic's on the brokers that lead it, and aggregates."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
TRAFFIC = ("messages_in_total", "bytes_in_total", "bytes_out_total")
REPLICATION = ("replication_bytes_in_total", "replication_bytes_out_total")


@dataclass(frozen=True)
class Counted:
    """What the counters said at some scrapes: a row per scrape, a column per series."""

    broker: Ints  # of each series of a topic
    topic: Ints
    topics: dict[str, Ints]
    brokers: dict[str, Ints]  # aggregates: a column per broker


class Counters:
    """Counters that run on from call to call.

    Parameters
    ----------
    brokers, topics
        How many there are.
    topic, record_bytes, replicas
        Of each partition; brokers count from 0.
    """

    def __init__(self, brokers: int, topics: int, *, topic: Ints, record_bytes: Ints, replicas: Ints) -> None:
        self._brokers, self._topics = brokers, topics
        self._topic, self._bytes, self._replicas = topic, record_bytes, replicas
        self._codes = np.zeros(0, dtype=np.int64)
        self._series = {name: np.zeros(0, dtype=np.int64) for name in TRAFFIC}
        self._aggregates = {name: np.zeros(brokers, dtype=np.int64) for name in (*TRAFFIC, *REPLICATION)}
        self.leader = np.full(len(topic), -1, dtype=np.int64)

    def lead(self, leader: Ints) -> None:
        """Give the partitions leaders (−1: the partition is not there yet).

        A broker that leads a topic's first partition begins its counters at 0, one that leads none any more drops them;
        its aggregates go on.
        """
        led = np.flatnonzero(leader >= 0)
        codes, series = np.unique(leader[led] * self._topics + self._topic[led], return_inverse=True)
        kept, old, new = np.intersect1d(self._codes, codes, assume_unique=True, return_indices=True)
        for name, values in self._series.items():
            carried = np.zeros(len(codes), dtype=np.int64)
            carried[new] = values[old][: len(kept)]
            self._series[name] = carried
        self._codes, self.leader = codes, leader
        self._led, self._series_of_led = led, _Sum(series, len(codes))
        self._broker_of_series = _Sum(codes // self._topics, self._brokers)
        entries = np.repeat(led, self._replicas.shape[1])
        copies = self._replicas[led].reshape(-1)
        follows = copies != leader[entries]
        self._followed, self._follower = entries[follows], _Sum(copies[follows], self._brokers)
        self._leader_of_followed = _Sum(leader[entries[follows]], self._brokers)

    def restart(self, broker: int) -> None:
        """Let everything a broker counts begin at 0."""
        for values in self._series.values():
            values[self._codes // self._topics == broker] = 0
        for values in self._aggregates.values():
            values[broker] = 0

    def begin(self, steps: Ints, records: Ints, reads: Ints) -> None:
        """Count as if each broker (a number of steps each) had counted this many records and reads per step before."""
        counted = self.advance(records[None, :], reads[None, :])
        for name, values in counted.topics.items():
            self._series[name] = values[0] * steps[counted.broker]
        for name, values in counted.brokers.items():
            self._aggregates[name] = values[0] * steps

    def advance(self, records: Ints, reads: Ints) -> Counted:
        """Count records appended to and read from each partition, step by step.

        Parameters
        ----------
        records, reads
            Steps × partitions. Every follower copies what its leader appends.
        """
        appended, read = records[:, self._led], reads[:, self._led]
        size = self._bytes[self._led]
        flows = dict(zip(TRAFFIC, (appended, appended * size, read * size), strict=True))
        grown = {name: self._series_of_led.of(flow) for name, flow in flows.items()}
        copied = records[:, self._followed] * self._bytes[self._followed]
        summed = {name: self._broker_of_series.of(rows) for name, rows in grown.items()}
        summed["replication_bytes_in_total"] = self._follower.of(copied)
        summed["replication_bytes_out_total"] = self._leader_of_followed.of(copied)
        topics = {name: self._series[name] + np.cumsum(rows, axis=0) for name, rows in grown.items()}
        brokers = {name: self._aggregates[name] + np.cumsum(rows, axis=0) for name, rows in summed.items()}
        self._series = {name: rows[-1].copy() for name, rows in topics.items()}
        self._aggregates = {name: rows[-1].copy() for name, rows in brokers.items()}
        return Counted(self._codes // self._topics, self._codes % self._topics, topics, brokers)


class _Sum:
    """Sums of columns by a key of each column."""

    def __init__(self, key: Ints, size: int) -> None:
        self._order = np.argsort(key, kind="stable")
        ordered = key[self._order]
        self._starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        self._keys, self._size = ordered[self._starts], size

    def of(self, rows: Ints) -> Ints:
        """Return steps × keys; a key without columns has 0."""
        sums = np.zeros((len(rows), self._size), dtype=np.int64)
        if len(self._keys):
            sums[:, self._keys] = np.add.reduceat(rows[:, self._order], self._starts, axis=1)
        return sums
