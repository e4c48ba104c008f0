"""A producer that goes where the routing table says, and changes clusters without losing or mixing records."""

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, Message, Producer

from kafka_analysis.model.errors import InputError, TopicHeldError
from kafka_analysis.plan.routing.paths import Paths, written_on
from kafka_analysis.plan.routing.table import TopicRoute
from kafka_analysis.routing.files import Follower, ReadTable
from kafka_analysis.routing.settings import client_settings

SAFE = {"acks": "all", "enable.idempotence": True}
FLUSH_S = 60.0
Delivered = Callable[[str, KafkaError | None, Message], None]


class RoutedProducer:
    """Write topics on the clusters the table says; threads may share it.

    A topic changes clusters in this order: everything sent to the cluster it leaves is acknowledged (``flush``), then
    the first record goes to the other. While a topic is paused, or is not flushed yet, its records are not accepted
    (:class:`~kafka_analysis.model.errors.TopicHeldError`): nothing is buffered that could be sent to the wrong side.
    Delivery callbacks do not send records themselves: a flush of another thread may be waiting for them.

    Parameters
    ----------
    client
        Its client id, as in the table.
    read
        Returns the table there is now, as :func:`kafka_analysis.routing.files.table_file` does.
    settings
        librdkafka's settings for every cluster; addresses come from the table. ``acks=all`` and idempotence are set;
        whoever turns them off may lose records or their order.
    security
        Cluster → more settings for it, credentials say; they are read when a client is made, and not kept.
    every_s
        Seconds between two looks at the table.
    flush_s
        Seconds a flush may take; what is not acknowledged by then holds the topic until it is.
    delivered
        Called with the cluster and each delivery report that has no ``on_delivery`` of its own.
    on_left
        Called with the name and client of a cluster that is flushed and needed no more.
    make, clock
        Make a client from its settings, and tell seconds.

    Raises
    ------
    InputError
        The first table is wrong, or does not have this producer.

    Examples
    --------
    >>> from kafka_analysis.plan.routing.table import ClientRoute, ClientTopic, RoutedSource, RoutingTable, TopicRoute
    >>> shop = ClientRoute(client="shop", kind="producer", topics=(ClientTopic(topic="t"),))
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> table = RoutingTable(source=source, cells={}, topics=(TopicRoute(topic="t"),), clients=(shop,))
    >>> producer = RoutedProducer("shop", lambda: table, settings={}, security=lambda cluster: {})
    >>> producer.cluster_of("t")
    'old'
    """

    def __init__(
        self,
        client: str,
        read: ReadTable,
        *,
        settings: Mapping[str, Any],
        security: Callable[[str], Mapping[str, Any]],
        every_s: float = 1.0,
        flush_s: float = FLUSH_S,
        delivered: Delivered | None = None,
        on_left: Callable[[str, Producer], None] | None = None,
        make: Callable[[dict[str, Any]], Producer] = Producer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._settings = {**SAFE, **settings, "client.id": client}
        self._security = security
        self._flush_s = flush_s
        self._delivered = delivered
        self._on_left = on_left
        self._make = make
        self._follower = Follower(read, every_s=every_s, clock=clock)
        self._lock = threading.RLock()
        self._clients: dict[str, Producer] = {}
        self._at: dict[str, str] = {}  # topic → the cluster its last record went to
        self._in_transaction = False
        self._paths = self._follower.paths
        self._mine, self._paused = _own(self._paths, client)
        if not self._mine:
            producers = [name for name, kind in self._paths.clients if kind == "producer"]
            raise InputError.unknown("producer", client, producers)
        self.version = 0  # the table that is applied: held topics flushed, clusters left
        self.follow()

    @property
    def problem(self) -> str | None:
        """Return why the newest table is not followed, if it is not."""
        return self._follower.problem

    def follow(self, *, now: bool = False) -> int:
        """Apply the newest table, and return the version that is applied.

        On return, topics that are paused or change clusters are flushed where they were; if that took too long, the
        version stays what it was, and the next call goes on. In a transaction nothing changes.
        """
        with self._lock:
            if not self._in_transaction:
                self._take(self._follower.look(now=now))
                if self.version != self._paths.table.version and self._settled():
                    self._leave()
                    self.version = self._paths.table.version
            return self.version

    def cluster_of(self, topic: str) -> str:
        """Return the cluster a topic is written on now (or again, once it is released).

        Raises
        ------
        InputError
            The table has no such topic for this producer.
        """
        with self._lock:
            return written_on(self._paths.table, self._route(topic))

    def held(self, topic: str) -> bool:
        """Tell whether records of a topic are refused now."""
        with self._lock:
            route = self._route(topic)
            return route.paused or self._paused or self.version != self._paths.table.version

    def produce(self, topic: str, value: bytes | None = None, key: bytes | None = None, **more: Any) -> str:
        """Send a record, and return the cluster it goes to. ``more`` is that of confluent-kafka's ``produce``.

        Raises
        ------
        TopicHeldError
            The topic is paused or about to change clusters: nothing was sent; poll, and send it again.
        InputError
            The table has no such topic for this producer.
        BufferError
            librdkafka's queue is full, as without routing.
        """
        with self._lock:
            self.follow()
            if self.held(topic):
                raise TopicHeldError(
                    f"{topic} is on hold in version {self._paths.table.version} of the routing table; send again later"
                )
            cluster = self.cluster_of(topic)
            if self._delivered is not None:
                more = {"on_delivery": partial(self._delivered, cluster), **more}
            self._of(cluster).produce(topic, value=value, key=key, **more)
            self._at[topic] = cluster
            return cluster

    def poll(self, timeout: float = 0.0) -> int:
        """Look at the table, serve delivery reports, and return how many came."""
        self.follow()
        clients = list(self._clients.values())
        if not clients:
            time.sleep(timeout)
        return sum(client.poll(timeout / len(clients)) for client in clients)

    def flush(self, timeout: float | None = None) -> int:
        """Wait until everything sent is acknowledged, and return how many records are not."""
        within = self._flush_s if timeout is None else timeout
        return sum(client.flush(within) for client in list(self._clients.values()))

    def close(self) -> int:
        """Flush, let every client go, and return how many records were not acknowledged."""
        with self._lock:
            left = self.flush()
            self._at = {}
            self._leave(everything=True)
            return left

    # Transactions: ``transactional.id`` in the settings, all topics on one cluster

    def begin_transaction(self) -> str:
        """Begin a transaction on the cluster of this producer's topics, and return that cluster.

        Raises
        ------
        TopicHeldError
            A topic is held; begin again later.
        """
        with self._lock:
            self.follow()
            held = [topic for topic in self._mine if self.held(topic)]
            if held or not self._mine:
                name = held[0] if held else self._client
                message = f"{name} is on hold, so no transaction can begin; try again later"
                raise TopicHeldError(message)
            cluster = self.cluster_of(next(iter(self._mine)))
            self._of(cluster).begin_transaction()
            self._in_transaction = True
            self._at |= dict.fromkeys(self._mine, cluster)
            return cluster

    def commit_transaction(self, timeout: float = FLUSH_S) -> None:
        """Commit the transaction; the table is heeded again."""
        self._end_transaction("commit_transaction", timeout)

    def abort_transaction(self, timeout: float = FLUSH_S) -> None:
        """Abort the transaction; the table is heeded again."""
        self._end_transaction("abort_transaction", timeout)

    def _end_transaction(self, how: str, timeout: float) -> None:
        with self._lock:
            (cluster,) = set(self._at.values())
            getattr(self._of(cluster), how)(timeout)
            self._in_transaction = False

    # What follows a change of the table

    def _settled(self) -> bool:
        """Flush the clusters that topics leave or are held on; tell whether nothing is left."""
        leaving = {cluster for topic, cluster in self._at.items() if self._leaves(topic, cluster)}
        return not sum(self._clients[cluster].flush(self._flush_s) for cluster in sorted(leaving))

    def _leaves(self, topic: str, cluster: str) -> bool:
        route = self._mine.get(topic)
        held = route is None or route.paused or self._paused
        return held or written_on(self._paths.table, self._mine[topic]) != cluster

    def _leave(self, *, everything: bool = False) -> None:
        """Forget where topics were that leave, and let clients go that no topic needs."""
        table, routes = self._paths.table, self._mine
        self._at = {
            topic: at
            for topic, at in self._at.items()
            if topic in routes and written_on(table, routes[topic]) == at
        }
        for cluster in sorted(self._clients.keys() - (set() if everything else set(self._at.values()))):
            client = self._clients.pop(cluster)
            if self._on_left is not None:
                self._on_left(cluster, client)

    def _of(self, cluster: str) -> Producer:
        if cluster not in self._clients:
            security = self._security(cluster)
            settings = client_settings(self._paths.table, cluster, settings=self._settings, security=security)
            client = self._make(settings)
            if "transactional.id" in settings:
                client.init_transactions(self._flush_s)
            self._clients[cluster] = client
        return self._clients[cluster]

    def _route(self, topic: str) -> TopicRoute:
        route = self._mine.get(topic)
        if route is None:
            kind = f"topic of the producer {self._client}"
            raise InputError.unknown(kind, topic, self._mine)
        return route

    def _take(self, paths: Paths) -> None:
        if paths is not self._paths:
            self._paths = paths
            self._mine, self._paused = _own(paths, self._client)


def _own(paths: Paths, client: str) -> tuple[dict[str, TopicRoute], bool]:
    """Return a producer's topics with their routes, and whether it is paused as a whole."""
    mine = paths.clients.get((client, "producer"))
    if mine is None:
        return {}, True
    return {part.topic: paths.topics[part.topic] for part in mine.topics}, mine.paused
