"""Where a topic is written and where a group reads it, as a routing table says."""

from collections.abc import Mapping
from dataclasses import dataclass

from kafka_analysis.plan.routing.table import ClientRoute, RoutingTable, TopicRoute


@dataclass(frozen=True)
class Paths:
    """A table with its topics and clients by name: for those who ask it often."""

    table: RoutingTable
    topics: Mapping[str, TopicRoute]
    clients: Mapping[tuple[str, str], ClientRoute]


@dataclass(frozen=True)
class Reading:
    """Where a group reads: topics by cluster, and those of the source that it reads to their end and leaves."""

    by_cluster: Mapping[str, frozenset[str]]
    to_drain: frozenset[str]


def paths_of(table: RoutingTable) -> Paths:
    """Look a table's topics and clients up once.

    Examples
    --------
    >>> from kafka_analysis.plan.routing.table import RoutedSource
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> paths_of(RoutingTable(source=source, cells={}, topics=(TopicRoute(topic="t"),))).topics["t"].state
    'source'
    """
    return Paths(
        table,
        {route.topic: route for route in table.topics},
        {(route.client, route.kind): route for route in table.clients},
    )


def written_on(table: RoutingTable, route: TopicRoute) -> str:
    """Return the cluster a topic is written on; a topic that is paused will be written there again.

    Examples
    --------
    >>> from kafka_analysis.plan.routing.table import RoutedSource
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> table = RoutingTable(source=source, cells={}, topics=())
    >>> [written_on(table, TopicRoute(topic="t", cell="cell-1", state=s)) for s in ("source", "dual", "target")]
    ['old', 'old', 'cell-1']
    """
    moved = route.state == "target" and route.cell is not None
    return route.cell if moved and route.cell else table.source.cluster


def reading_of(paths: Paths, group: str) -> Reading:
    """Return where a group reads, and what it drains; nothing while it is paused.

    Examples
    --------
    >>> from kafka_analysis.plan.routing.table import ClientTopic, RoutedSource
    >>> reader = ClientRoute(client="g", kind="group", topics=(
    ...     ClientTopic(topic="a"), ClientTopic(topic="b", state="dual"), ClientTopic(topic="c", state="target")))
    >>> topics = tuple(TopicRoute(topic=name, cell="cell-1", state="target") for name in "abc")
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> table = RoutingTable(source=source, cells={"cell-1": {}}, topics=topics, clients=(reader,))
    >>> reading = reading_of(paths_of(table), "g")
    >>> {cluster: sorted(topics) for cluster, topics in reading.by_cluster.items()}, sorted(reading.to_drain)
    ({'old': ['a', 'b'], 'cell-1': ['c']}, ['b'])
    """
    route = paths.clients.get((group, "group"))
    if route is None or route.paused:
        return Reading({}, frozenset())
    topics_at: dict[str, set[str]] = {}
    for part in route.topics:
        topic = paths.topics.get(part.topic)
        if topic is not None:
            moved = part.state == "target" and topic.cell is not None
            where = topic.cell if moved and topic.cell else paths.table.source.cluster
            topics_at.setdefault(where, set()).add(part.topic)
    draining = frozenset(part.topic for part in route.topics if part.state == "dual")
    return Reading({where: frozenset(topics) for where, topics in topics_at.items()}, draining)
