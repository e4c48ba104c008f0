"""A table that can be checked by hand, and valid tables of every kind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st

from kafka_analysis.plan.routing.table import (
    ClientRoute,
    ClientTopic,
    RoutedCell,
    RoutedSource,
    RoutingTable,
    TopicRoute,
)


def flows(**states: str) -> tuple[ClientTopic, ...]:
    return tuple(ClientTopic(topic=topic, state=state) for topic, state in states.items())


@pytest.fixture
def table() -> RoutingTable:
    """Return a split of three topics: orders has moved, payments has a replica, audit stays."""
    return RoutingTable(
        version=7,
        source=RoutedSource(cluster="monolith", bootstrap_servers="old:9092"),
        cells={
            "cell-1": RoutedCell(bootstrap_servers="one:9092"),
            "cell-2": RoutedCell(bootstrap_servers="two:9092"),
        },
        topics=(
            TopicRoute(topic="audit"),
            TopicRoute(topic="orders", cell="cell-1", wave=1, state="target"),
            TopicRoute(topic="payments", cell="cell-2", wave=2, state="dual"),
        ),
        clients=(
            ClientRoute(
                client="billing", kind="group", wave=2, topics=flows(orders="target", payments="source")
            ),
            ClientRoute(client="shop", kind="producer", wave=1, topics=flows(orders="target")),
            ClientRoute(client="till", kind="producer", wave=2, topics=flows(payments="dual")),
        ),
    )


@st.composite
def valid_tables(draw: st.DrawFn) -> RoutingTable:
    """Draw a table that follows every rule: topics in waves, one wave on its way, clients where they may be."""
    now = draw(st.integers(1, 3))  # waves before it have moved, those after it have not
    cells = [f"cell-{number}" for number in range(1, draw(st.integers(1, 3)) + 1)]
    names = draw(
        st.lists(st.from_regex(r"\A[a-z][a-zA-Z0-9._-]{0,8}\Z"), min_size=1, max_size=6, unique=True)
    )
    topics = tuple(draw(_routes(name, cells, now)) for name in sorted(names))
    clients = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["group", "producer"]), st.text("aä日 ._'\":#-<", min_size=1, max_size=6)
            ),
            max_size=5,
            unique=True,
        )
    )
    return RoutingTable(
        version=draw(st.integers(1, 99)),
        created_at=draw(st.sampled_from([None, datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)])),
        source=RoutedSource(cluster="monolith", bootstrap_servers="old-1:9092,old-2:9092"),
        cells={cell: RoutedCell(bootstrap_servers=f"{cell}:9096") for cell in cells},
        topics=topics,
        clients=tuple(draw(_client(client, kind, topics)) for kind, client in sorted(clients)),
    )


@st.composite
def _routes(draw: st.DrawFn, name: str, cells: list[str], now: int) -> TopicRoute:
    if draw(st.booleans()):
        return TopicRoute(topic=name, paused=draw(st.booleans()))
    wave = draw(st.integers(1, 3))
    states = ["target"] if wave < now else ["source", "dual"] if wave > now else ["source", "dual", "target"]
    state = draw(st.sampled_from(states))
    back = draw(st.sampled_from(["source", None] if state == "target" else ["source"]))
    paused = draw(st.booleans())
    cell = draw(st.sampled_from(cells))
    return TopicRoute(topic=name, cell=cell, wave=wave, state=state, rollback=back, paused=paused)


@st.composite
def _client(draw: st.DrawFn, client: str, kind: str, topics: tuple[TopicRoute, ...]) -> ClientRoute:
    used = draw(st.lists(st.sampled_from(topics), min_size=1, unique=True))
    if kind == "producer":  # on one cluster: the topics that are where the first of them is
        used = [route for route in used if _where(route) == _where(used[0])]
        states = {route.topic: route.state for route in used}
    else:
        behind = st.sampled_from(["source", "dual", "target"])
        states = {r.topic: draw(behind) if r.state == "target" else "source" for r in used}
    wave = max((route.wave for route in used if route.wave is not None), default=None)
    return ClientRoute(
        client=client,
        kind=kind,
        principal=draw(st.none() | st.just("User:CN=größe")),
        wave=wave,
        paused=draw(st.booleans()),
        transactional=kind == "producer" and draw(st.booleans()),
        topics=flows(**dict(sorted(states.items()))),
    )


def _where(route: TopicRoute) -> str | None:
    return route.cell if route.state == "target" else None


@pytest.fixture(scope="session")
def valid() -> st.SearchStrategy[RoutingTable]:
    """Return a strategy of valid tables."""
    return valid_tables()
