"""Make the next version of a routing table: topics or groups one step on, or back."""

from collections.abc import Iterable
from datetime import datetime

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.routing.table import ClientRoute, RoutingTable, State, renewed


def move_topics(
    table: RoutingTable,
    topics: Iterable[str],
    *,
    state: State | None = None,
    paused: bool | None = None,
    created_at: datetime | None = None,
) -> RoutingTable:
    """Return the next version, with another state of some topics and of their producers.

    Parameters
    ----------
    table
        The table as it is.
    topics
        Names of the topics.
    state, paused
        What they become; None: what they are.
    created_at
        When the new version was made.

    Raises
    ------
    InputError
        The table does not have a topic, or has no cell for one that is to leave ``source``.

    Examples
    --------
    >>> from kafka_analysis.plan.routing.table import RoutedSource, TopicRoute
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> table = RoutingTable(source=source, cells={"c": {}}, topics=(TopicRoute(topic="t", cell="c"),))
    >>> after = move_topics(table, ["t"], state="dual")
    >>> after.version, after.topics[0].state
    (2, 'dual')
    """
    wanted = set(topics)
    _known("topic", wanted, [route.topic for route in table.topics])
    rooted = sorted(route.topic for route in table.topics if route.topic in wanted and route.cell is None)
    if rooted and state not in (None, "source"):
        raise InputError(f"topic {rooted[0]} has no cell to move to; give it a cell first, or leave it out")
    change = {name: value for name, value in (("state", state), ("paused", paused)) if value is not None}
    moved = tuple(
        route.model_copy(update=change) if route.topic in wanted else route for route in table.topics
    )
    clients = tuple(
        _with_state(client, wanted, state) if client.kind == "producer" else client
        for client in table.clients
    )
    return renewed(table, topics=moved, clients=clients, created_at=created_at)


def move_groups(
    table: RoutingTable,
    groups: Iterable[str],
    *,
    topics: Iterable[str] = (),
    state: State | None = None,
    paused: bool | None = None,
    created_at: datetime | None = None,
) -> RoutingTable:
    """Return the next version, with another state of some groups for some topics, or groups paused or released.

    Parameters
    ----------
    table
        The table as it is.
    groups
        Their group ids.
    topics
        For which of their topics ``state`` is changed.
    state, paused
        What they become; None: what they are. A group that is paused leaves every cluster.
    created_at
        When the new version was made.

    Raises
    ------
    InputError
        The table does not have a group or a topic.

    Examples
    --------
    >>> from kafka_analysis.plan.routing.table import ClientTopic, RoutedSource, TopicRoute
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> table = RoutingTable(source=source, cells={"c": {}}, topics=(TopicRoute(topic="t", cell="c", state="target"),),
    ...     clients=(ClientRoute(client="g", kind="group", topics=(ClientTopic(topic="t"),)),))
    >>> move_groups(table, ["g"], topics=["t"], state="dual").clients[0].topics[0].state
    'dual'
    """
    wanted, of = set(groups), set(topics)
    _known("group", wanted, [client.client for client in table.clients if client.kind == "group"])
    _known("topic", of, [route.topic for route in table.topics])
    clients = tuple(
        _with_state(client, of, state).model_copy(update={} if paused is None else {"paused": paused})
        if client.kind == "group" and client.client in wanted
        else client
        for client in table.clients
    )
    return renewed(table, clients=clients, created_at=created_at)


def _with_state(client: ClientRoute, topics: set[str], state: State | None) -> ClientRoute:
    if state is None:
        return client
    parts = tuple(
        part.model_copy(update={"state": state}) if part.topic in topics else part for part in client.topics
    )
    return client.model_copy(update={"topics": parts})


def _known(what: str, wanted: set[str], allowed: list[str]) -> None:
    for name in sorted(wanted - set(allowed)):
        raise InputError.unknown(what, name, allowed)
