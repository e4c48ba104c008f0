"""A member of a group that reads where the routing table says, and drains the source before it reads a cell."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, Message

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.routing.paths import Paths, Reading, reading_of
from kafka_analysis.routing.files import Follower, ReadTable
from kafka_analysis.routing.membership import Membership
from kafka_analysis.routing.settings import client_settings

DEFAULTS = {"auto.offset.reset": "earliest"}
_OURS = {"enable.partition.eof": True, "enable.auto.offset.store": False}


@dataclass(frozen=True)
class Received:
    """A record and the cluster it was read from."""

    cluster: str
    message: Message


class RoutedConsumer:
    """Read a group's topics on the clusters the table says; one thread uses it.

    Where the group's state for a topic is ``dual``, this member reads its partitions of it to their end on the source,
    commits, and leaves. Where it is ``target``, it reads the cell from the offsets committed there, and from the
    beginning where there are none (set ``auto.offset.reset`` to anything else, and such records are lost). A member
    that missed versions goes straight to where the newest table wants it.

    Records that one call returned count as processed at the next call of ``consume``, ``poll``, ``follow``, ``close``.

    Parameters
    ----------
    group
        Its group id, as in the table.
    read
        Returns the table there is now, as :func:`kafka_analysis.routing.files.table_file` does.
    settings
        librdkafka's settings for every cluster; addresses come from the table.
    security
        Cluster → more settings for it, credentials say; they are read when a client is made, and not kept.
    every_s
        Seconds between two looks at the table.
    drain_s
        Seconds it reads on at most when it is to leave the source; None: to the end, however long that takes.
    make, clock
        Make a client from its settings, and tell seconds.

    Raises
    ------
    InputError
        The first table is wrong, or does not have this group.

    Examples
    --------
    >>> from kafka_analysis.plan.routing.table import ClientRoute, ClientTopic, RoutedSource, RoutingTable, TopicRoute
    >>> paused = ClientRoute(client="g", kind="group", paused=True, topics=(ClientTopic(topic="t"),))
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> table = RoutingTable(source=source, cells={}, topics=(TopicRoute(topic="t"),), clients=(paused,))
    >>> RoutedConsumer("g", lambda: table, settings={}, security=lambda cluster: {}).clusters
    ()
    """

    def __init__(
        self,
        group: str,
        read: ReadTable,
        *,
        settings: Mapping[str, Any],
        security: Callable[[str], Mapping[str, Any]],
        every_s: float = 1.0,
        drain_s: float | None = None,
        make: Callable[[dict[str, Any]], Consumer] = Consumer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._group = group
        self._settings = {**DEFAULTS, **settings, **_OURS, "group.id": group}
        self._security = security
        self._drain_s = drain_s
        self._make = make
        self._clock = clock
        self._follower = Follower(read, every_s=every_s, clock=clock)
        self._memberships: dict[str, Membership] = {}
        self._drained: frozenset[str] = frozenset()
        self._draining_since: float | None = None
        self._turn = 0
        self.version = 0  # the table that is applied: clusters left and joined, the source drained
        groups = [client for client, kind in self._follower.paths.clients if kind == "group"]
        if group not in groups:
            raise InputError.unknown("group", group, groups)
        self.follow()

    @property
    def clusters(self) -> tuple[str, ...]:
        """Return the clusters it is a member on now."""
        return tuple(sorted(self._memberships))

    @property
    def problem(self) -> str | None:
        """Return why the newest table is not followed, or the last error a cluster reported."""
        reported = (membership.problem for membership in self._memberships.values())
        return self._follower.problem or next((text for text in reported if text), None)

    def consume(self, count: int = 1, timeout: float = 1.0) -> list[Received]:
        """Return up to `count` records, of all clusters in turn.

        Raises
        ------
        KafkaException
            A consumer cannot go on.
        """
        self.follow()
        names = list(self._memberships)
        if not names:
            time.sleep(timeout)
            return []
        self._turn += 1
        first = self._turn % len(names)
        received: list[Received] = []
        for cluster in names[first:] + names[:first]:
            if len(received) < count:
                records = self._memberships[cluster].take(count - len(received), timeout / len(names))
                received += [Received(cluster, message) for message in records]
        return received

    def poll(self, timeout: float = 1.0) -> Received | None:
        """Return the next record, if one comes in time."""
        return next(iter(self.consume(1, timeout)), None)

    def follow(self, *, now: bool = False) -> int:
        """Apply the newest table, and return the version that is applied.

        While the source is drained the version stays what it was; read on, and it comes.
        """
        for membership in self._memberships.values():
            membership.settle()
        paths = self._follower.look(now=now)
        if self.version != paths.table.version:
            reading = reading_of(paths, self._group)
            source = paths.table.source.cluster
            wanted = dict(reading.by_cluster)
            draining = self._still_draining(reading, source)
            wanted[source] = (wanted.get(source, frozenset()) - reading.to_drain) | draining
            self._move(paths, {cluster: topics for cluster, topics in wanted.items() if topics})
            if not draining:
                self.version = paths.table.version
        return self.version

    def close(self) -> None:
        """Commit what was processed, and leave every group."""
        while self._memberships:
            self._memberships.popitem()[1].leave()

    def _still_draining(self, reading: Reading, source: str) -> frozenset[str]:
        """Return the topics of the source that are to be left and are not read to their end yet."""
        self._drained &= reading.to_drain  # a topic that came back is drained again when it leaves again
        todo = reading.to_drain - self._drained
        if not todo or source not in reading.by_cluster:
            self._draining_since = None
            return frozenset()
        if self._draining_since is None:
            self._draining_since = self._clock()
        late = self._drain_s is not None and self._clock() - self._draining_since >= self._drain_s
        here = self._memberships.get(source)
        if late or (here is not None and todo <= here.topics and here.at_end(todo) and here.commit()):
            self._drained |= todo
            self._draining_since = None
            return frozenset()
        return todo

    def _move(self, paths: Paths, wanted: Mapping[str, frozenset[str]]) -> None:
        """Leave what is not wanted as it is, then join what is missing."""
        for cluster, membership in list(self._memberships.items()):
            if wanted.get(cluster) != membership.topics:
                del self._memberships[cluster]
                membership.leave()
        for cluster in sorted(wanted.keys() - self._memberships.keys()):
            security = self._security(cluster)
            settings = client_settings(paths.table, cluster, settings=self._settings, security=security)
            self._memberships[cluster] = Membership(self._make(settings), wanted[cluster])
