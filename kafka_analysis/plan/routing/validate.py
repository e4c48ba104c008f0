"""Say what is wrong with a routing table before anyone follows it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from kafka_analysis.model.frames import Frame
from kafka_analysis.plan.common.checks import with_columns_needed
from kafka_analysis.plan.routing.paths import Paths, paths_of, written_on
from kafka_analysis.plan.routing.table import SOURCE, ClientRoute, RoutingTable, TopicRoute

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the rule, whom it concerns, and what to do.

    An ``error`` would lose records, break their order, or leave a client without a way: clients refuse such a table. A
    ``warning`` is to be looked at.
    """

    rule: str
    subject: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.severity}: {self.subject}: {self.message}"


def validate_routing(
    table: RoutingTable, *, topics: Frame | Iterable[str] | None = None, flows: Frame | None = None
) -> list[Problem]:
    """List what is wrong with a table, or with a table and what the clusters hold.

    Parameters
    ----------
    table
        The table.
    topics
        Frame with ``topic``, or names, of every topic that needs a way. None: those of the table.
    flows
        Frame with ``client``, ``kind``, ``topic``: what clients are known to use. None: what the table says.

    Returns
    -------
    list of Problem
        Nothing, where the table may be followed. Errors come first. By rule:

        - ``topic_twice``, ``client_twice``: listed twice, perhaps with two cells;
        - ``name``: a cell is called as the source is, or ``source``, or a topic has a name Kafka does not take;
        - ``incomplete``: a topic or flow that is known is not in the table;
        - ``unknown_cell``, ``no_cell``, ``no_address``: a topic goes to a cell the table does not have, has left the
          source without a cell, or goes to a cell without bootstrap servers;
        - ``no_path``: a client without topics, or with a topic the table does not have;
        - ``two_clusters``: a producer is not where its topic is, so that the topic would be written on two clusters; or
          a producer with transactions has topics on two clusters (a warning without transactions);
        - ``group_ahead``: a group leaves the source before the topic's writers have;
        - ``rollback``: the way back leads nowhere, or is missing before the writers have moved;
        - ``wave``: topics that move have no wave while others do, one that stays has one, or a client's is not the last
          of its topics' (errors); a later wave is ahead of an earlier one (a warning).

    Examples
    --------
    >>> from kafka_analysis.plan.routing.table import RoutedSource
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> table = RoutingTable(source=source, cells={}, topics=(TopicRoute(topic="t", cell="cell-1"),))
    >>> print(validate_routing(table)[0])
    error: topic t: goes to the cell cell-1, which the table does not have; add it under cells
    """
    paths = paths_of(table)
    problems = [problem for rule in _RULES for problem in rule(paths)]
    problems += _unrouted(paths, topics, flows)
    return sorted(problems, key=lambda problem: problem.severity)


def _twice(paths: Paths) -> Iterator[Problem]:
    counts = Counter(route.topic for route in paths.table.topics)
    cells: dict[str, set[str]] = {}
    for route in paths.table.topics:
        cells.setdefault(route.topic, set()).add(route.cell or paths.table.source.cluster)
    for topic in (topic for topic, count in counts.items() if count > 1):
        where = f" (in {', '.join(sorted(cells[topic]))})"
        yield Problem("topic_twice", f"topic {topic}", f"is listed twice{where}; list it once, with one cell")
    for (client, kind), count in Counter(
        (client.client, client.kind) for client in paths.table.clients
    ).items():
        if count > 1:
            yield Problem(
                "client_twice", f"{kind} {client}", "is listed twice; list all its topics in one entry"
            )
    for client in paths.table.clients:
        for topic, count in Counter(part.topic for part in client.topics).items():
            if count > 1:
                yield Problem("client_twice", _who(client), f"lists {topic} twice; list it once")


def _names(paths: Paths) -> Iterator[Problem]:
    for cell in paths.table.cells:
        if cell in (SOURCE, paths.table.source.cluster):
            yield Problem("name", f"cell {cell}", "has the name of the source; give it another name")
    for topic in paths.topics:
        if topic in (".", ".."):
            yield Problem("name", f"topic {topic}", "is not a valid topic name; correct it")


def _topic_cells(paths: Paths) -> Iterator[Problem]:
    for route in paths.topics.values():
        subject, cell = f"topic {route.topic}", route.cell
        if cell is None:
            if route.state != SOURCE:
                message = f"has the state {route.state} and no cell; give it a cell, or the state source"
                yield Problem("no_cell", subject, message)
        elif cell not in paths.table.cells:
            message = f"goes to the cell {cell}, which the table does not have; add it under cells"
            yield Problem("unknown_cell", subject, message)
        elif route.state != SOURCE and paths.table.cells[cell].bootstrap_servers is None:
            message = f"has the state {route.state}, and {cell} has no bootstrap servers; add them"
            yield Problem("no_address", subject, message)


def _rollbacks(paths: Paths) -> Iterator[Problem]:
    for route in paths.topics.values():
        subject, back = f"topic {route.topic}", route.rollback
        if back is None and route.cell is not None and route.state != "target":
            message = "has no rollback, but its producers have not moved yet; set rollback to source"
            yield Problem("rollback", subject, message)
        elif back is not None and back != SOURCE and (back not in paths.table.cells or back == route.cell):
            message = f"has the rollback {back}; give source, another cell of the table, or null"
            yield Problem("rollback", subject, message)


def _client_paths(paths: Paths) -> Iterator[Problem]:
    for client in paths.table.clients:
        if not client.topics:
            yield Problem(
                "no_path", _who(client), "has no topics, so its cluster is unknown; list its topics"
            )
        for part in client.topics:
            if part.topic not in paths.topics:
                message = f"uses {part.topic}, which is not in topics; add it to topics"
                yield Problem("no_path", _who(client), message)


def _producers(paths: Paths) -> Iterator[Problem]:
    for client in (client for client in paths.table.clients if client.kind == "producer"):
        routed = [(part, paths.topics[part.topic]) for part in client.topics if part.topic in paths.topics]
        for part, route in routed:
            if part.state != route.state:
                message = (
                    f"has the state {part.state} for {part.topic}, whose state is {route.state}: it would be "
                    f"written on two clusters; give both the same state"
                )
                yield Problem("two_clusters", _who(client), message)
        where = sorted({written_on(paths.table, route) for _, route in routed})
        if len(where) > 1:
            severity: Severity = "error" if client.transactional else "warning"
            what = (
                "a transaction cannot span them"
                if client.transactional
                else "records keep no order across them"
            )
            message = f"writes to {' and '.join(where)}: {what}; move its topics together"
            yield Problem("two_clusters", _who(client), message, severity)


def _groups(paths: Paths) -> Iterator[Problem]:
    for client in (client for client in paths.table.clients if client.kind == "group"):
        for part in client.topics:
            route = paths.topics.get(part.topic)
            if route is not None and part.state != SOURCE and route.state != "target":
                message = (
                    f"has the state {part.state} for {part.topic}, which is still written on the source; "
                    f"move its producers first"
                )
                yield Problem("group_ahead", _who(client), message)


def _waves(paths: Paths) -> Iterator[Problem]:
    planned = any(route.wave is not None for route in paths.topics.values())
    for route in paths.topics.values():
        if route.cell is None and route.wave is not None:
            message = f"has wave {route.wave}, but no cell; give it a cell, or no wave"
            yield Problem("wave", f"topic {route.topic}", message)
        elif planned and route.cell is not None and route.wave is None:
            message = "has a cell, but no wave, while other topics have one; give it a wave"
            yield Problem("wave", f"topic {route.topic}", message)
    for client in paths.table.clients:
        waves = [paths.topics[part.topic].wave for part in client.topics if part.topic in paths.topics]
        last = max((wave for wave in waves if wave is not None), default=None)
        if client.wave != last:
            message = (
                f"has wave {client.wave or 'null'}, but its last topic moves in {last or 'null'}; write that"
            )
            yield Problem("wave", _who(client), message)
    yield from _wave_order(paths.topics.values())


def _wave_order(routes: Iterable[TopicRoute]) -> Iterator[Problem]:
    """Warn where a topic's writers have moved and those of an earlier wave have not."""
    waves = {route.wave: route for route in routes if route.wave is not None and route.state != "target"}
    first = min(waves, default=None)
    for route in routes:
        if first is not None and route.wave is not None and route.wave > first and route.state == "target":
            message = (
                f"has moved in wave {route.wave}, but {waves[first].topic} of wave {first} has not; "
                f"check whether that is intended"
            )
            yield Problem("wave", f"topic {route.topic}", message, "warning")


def _unrouted(paths: Paths, topics: Frame | Iterable[str] | None, flows: Frame | None) -> Iterator[Problem]:
    for topic in sorted(_topic_names(topics) - paths.topics.keys()):
        yield Problem("incomplete", f"topic {topic}", "is not in the table; add it")
    if flows is None:
        return
    listed = {
        (client.client, client.kind): {p.topic for p in client.topics} for client in paths.table.clients
    }
    columns = ["client", "kind", "topic"]
    used = with_columns_needed(flows, "flows", columns).select(columns).unique().sort(columns)
    for client, kind, topic in used.iter_rows():
        if (client, kind) not in listed:
            yield Problem("incomplete", f"{kind} {client}", f"uses {topic}, but is not in the table; add it")
        elif topic not in listed[client, kind]:
            yield Problem(
                "incomplete", f"{kind} {client}", f"uses {topic}, which is not among its topics; add it"
            )


def _topic_names(topics: Frame | Iterable[str] | None) -> set[str]:
    if hasattr(topics, "columns"):
        topics = with_columns_needed(topics, "topics", ["topic"])["topic"]
    return set(() if topics is None else topics)


def _who(client: ClientRoute) -> str:
    return f"{client.kind} {client.client}"


_RULES: tuple[Callable[[Paths], Iterator[Problem]], ...] = (
    _twice, _names, _topic_cells, _rollbacks, _client_paths, _producers, _groups, _waves,
)  # fmt: skip
