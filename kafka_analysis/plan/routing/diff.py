"""What differs between two versions of a routing table, and whether the second may follow the first."""

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from kafka_analysis.plan.routing.paths import Paths, paths_of, written_on
from kafka_analysis.plan.routing.table import SOURCE, ClientRoute, RoutingTable, TopicRoute

_ORDER = {"source": 0, "dual": 1, "target": 2}
_COLUMNS = {
    "subject": pl.String, "name": pl.String, "topic": pl.String, "change": pl.String, "from": pl.String,
    "to": pl.String, "step": pl.String, "why": pl.String,
}  # fmt: skip


class _Row(NamedTuple):
    subject: str
    name: str
    topic: str | None
    change: str
    before: str | None
    after: str | None
    step: str = "forward"
    why: str = ""


def routing_diff(before: RoutingTable, after: RoutingTable) -> pl.DataFrame:
    """Compare two versions of a routing table, a row for every change.

    Parameters
    ----------
    before, after
        The tables; the second is meant to replace the first.

    Returns
    -------
    polars.DataFrame
        - ``subject``: ``table``, ``cluster``, ``topic``, ``producer`` or ``group``; ``name``: its name;
        - ``topic``: of a client's change, the topic concerned; null otherwise;
        - ``change``: ``version``, ``added``, ``removed``, ``address``, ``cell``, ``wave``, ``rollback``, ``state``,
          ``paused``, ``principal`` or ``transactional``;
        - ``from``, ``to``: in words; of a state, with the cluster: ``dual on monolith``;
        - ``step``: ``forward``, ``rollback``, ``neutral``, or ``jump`` where the second must not follow the first;
        - ``why``: what is wrong with a jump.

        Allowed are: a higher version; source → dual → target, one at a time, and back to where ``rollback`` says. A
        topic's writers change clusters only out of a pause; a group leaves the source (dual) before it reads the
        cell; a topic's cell changes only while it is ``source``. A client that missed versions does not mind: it
        compares where it is with where it should be.

    Examples
    --------
    >>> from kafka_analysis.plan.routing.moves import move_topics
    >>> from kafka_analysis.plan.routing.table import RoutedSource
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> table = RoutingTable(source=source, cells={"c": {}}, topics=(TopicRoute(topic="t", cell="c"),))
    >>> diff = routing_diff(table, move_topics(table, ["t"], state="target"))
    >>> diff.filter(subject="topic").select("from", "to", "step", "why").row(0)
    ('source on old', 'target on c', 'jump', 'skips dual: nothing has been replicated')
    """
    old, new = paths_of(before), paths_of(after)
    rows = [*_versions(before, after), *_clusters(before, after), *_topics(old, new), *_clients(old, new)]
    return pl.DataFrame(rows, schema=_COLUMNS, orient="row")


def _versions(before: RoutingTable, after: RoutingTable) -> Iterator[_Row]:
    if after.version > before.version:
        yield _Row("table", "version", None, "version", str(before.version), str(after.version), "neutral")
    elif after != before:
        why = f"the version must be above {before.version}, or clients ignore it"
        yield _Row("table", "version", None, "version", str(before.version), str(after.version), "jump", why)


def _clusters(before: RoutingTable, after: RoutingTable) -> Iterator[_Row]:
    old_name, new_name = before.source.cluster, after.source.cluster
    if old_name != new_name:
        why = "the source is a different cluster; start a new table"
        yield _Row("cluster", new_name, None, "address", old_name, new_name, "jump", why)
        return
    for name in sorted({old_name, *before.cells, *after.cells}):
        old, new = (
            t.address(name) if name in (t.source.cluster, *t.cells) else None for t in (before, after)
        )
        if old is None or new is None:
            change = "added" if old is None else "removed"
            yield _Row("cluster", name, None, change, None, None, "neutral")
        elif old != new:
            at = (old.bootstrap_servers, new.bootstrap_servers)
            yield _Row("cluster", name, None, "address", *at, "neutral")


def _topics(old: Paths, new: Paths) -> Iterator[_Row]:
    for name in sorted(old.topics.keys() | new.topics.keys()):
        was, now = old.topics.get(name), new.topics.get(name)
        if was is None or now is None:
            yield _came_or_went("topic", name, was, now)
            continue
        if was.cell != now.cell:
            jump = was.state != SOURCE or now.state != SOURCE
            why = (
                "the topic already has a replica in its cell; move it back to source before the cell changes"
            )
            step = ("jump", why) if jump else ("neutral", "")
            yield _Row("topic", name, None, "cell", was.cell, now.cell, *step)
        for field in ("wave", "rollback"):
            yield from _changed("topic", name, field, getattr(was, field), getattr(now, field))
        if (was.state, written_on(old.table, was)) != (now.state, written_on(new.table, now)):
            words = _at(old, was), _at(new, now)
            yield _Row("topic", name, None, "state", *words, *_topic_step(was, now))
        yield from _changed("topic", name, "paused", was.paused, now.paused)


def _topic_step(was: TopicRoute, now: TopicRoute) -> tuple[str, str]:
    up = _ORDER[now.state] - _ORDER[was.state]
    if up > 1:
        return "jump", "skips dual: nothing has been replicated"
    writers_move = "target" in (was.state, now.state) and was.state != now.state
    if writers_move and not was.paused:
        return "jump", "the writers change clusters without a pause: records of one key may change order"
    if up < 0 and was.state == "target" and was.rollback != SOURCE:
        return "jump", f"goes back to the source, and the way back is {was.rollback or 'none'}"
    return ("rollback" if up < 0 else "forward"), ""


def _clients(old: Paths, new: Paths) -> Iterator[_Row]:
    for client, kind in sorted(old.clients.keys() | new.clients.keys(), key=lambda key: key[::-1]):
        was, now = old.clients.get((client, kind)), new.clients.get((client, kind))
        if was is None or now is None:
            yield _came_or_went(kind, client, was, now)
            continue
        for field in ("principal", "wave", "transactional", "paused"):
            yield from _changed(kind, client, field, getattr(was, field), getattr(now, field))
        yield from _flows(was, now)


def _flows(was: ClientRoute, now: ClientRoute) -> Iterator[_Row]:
    old, new = ({part.topic: part.state for part in route.topics} for route in (was, now))
    for topic in sorted(old.keys() | new.keys()):
        if topic not in old or topic not in new:
            change = "added" if topic not in old else "removed"
            yield _Row(now.kind, now.client, topic, change, old.get(topic), new.get(topic), "neutral")
        elif old[topic] != new[topic]:
            step = _client_step(old[topic], new[topic], now.kind)
            yield _Row(now.kind, now.client, topic, "state", old[topic], new[topic], *step)


def _client_step(was: str, now: str, kind: str) -> tuple[str, str]:
    up = _ORDER[now] - _ORDER[was]
    if up > 1:
        first = (
            "it has not left the source, so its offsets are not final" if kind == "group" else "see its topic"
        )
        return "jump", f"skips dual: {first}"
    return ("rollback" if up < 0 else "forward"), ""


def _came_or_went(subject: str, name: str, was: object | None, now: object | None) -> _Row:
    """Return the row of what one table has and the other has not; what has moved must not be forgotten."""
    gone = was if now is None else None
    moved = isinstance(gone, TopicRoute) and gone.state != SOURCE
    step = ("jump", "has left the source; bring it back before it is removed") if moved else ("neutral", "")
    return _Row(subject, name, None, "added" if was is None else "removed", None, None, *step)


def _changed(subject: str, name: str, field: str, was: object, now: object) -> Iterator[_Row]:
    if was != now:
        yield _Row(subject, name, None, field, _word(was), _word(now), "neutral")


def _word(value: object) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _at(paths: Paths, route: TopicRoute) -> str:
    return f"{route.state} on {written_on(paths.table, route)}"
