"""The models of a routing table, and what its states mean to the clients that follow it.

A topic's ``state`` says where it is written:

- ``source``: written on the source; the cell has no replica that anyone may rely on.
- ``dual``: a replicator keeps a replica in the cell. Writers stay on the source, and so do the groups of this table.
  Others (canaries, checks) may read the replica, with groups of their own: offsets of a group that is active in the
  cell would not be translated any more.
- ``target``: written in the cell, and nowhere else.

A topic that is ``paused`` is written nowhere: its writers have sent what they had, all of it is acknowledged, and they
wait. Before the writers change clusters the topic is paused until the replica holds the source's last record; else the
order of records of one key breaks.

A client's ``state`` for a topic says where that client is. A producer's is the topic's. A group's is its own, and
behind the topic's, because old records are read first:

- ``source``: the group reads the source.
- ``dual``: it reads the source to its end, commits, leaves it, and waits. Now its offsets can be translated.
- ``target``: it reads the cell, from the offsets committed there.

A client that is ``paused`` is nowhere: a group has left every cluster (offsets can be set only then), a producer waits.
"""

import json
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from kafka_analysis.model.profile import CLUSTER_NAME, Mechanism, Protocol

SCHEMA_VERSION = 1
SOURCE = "source"

State = Literal["source", "dual", "target"]
ClientKind = Literal["producer", "group"]
ClusterName = Annotated[str, Field(min_length=1, max_length=100, pattern=CLUSTER_NAME)]
TopicName = Annotated[str, Field(min_length=1, max_length=249, pattern=r"^[A-Za-z0-9._-]+$")]
ClientName = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
WaveNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]
_HOST = r"[A-Za-z0-9._:\[\]-]+:\d{1,5}"
Bootstrap = Annotated[str, Field(max_length=10_000, pattern=rf"^{_HOST}(,{_HOST})*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ListenerHints(_Strict):
    """How a cluster's listener is spoken to; credentials are never here."""

    protocol: Protocol = "PLAINTEXT"
    mechanism: Mechanism | None = None


class RoutedCell(_Strict):
    """A cell's address; without ``bootstrap_servers`` it does not exist yet, and no client can be sent there."""

    bootstrap_servers: Bootstrap | None = None
    security: ListenerHints = ListenerHints()


class RoutedSource(_Strict):
    """The cluster that is being split: its name and address."""

    cluster: ClusterName
    bootstrap_servers: Bootstrap
    security: ListenerHints = ListenerHints()


class TopicRoute(_Strict):
    """One topic's way: its cell (null: it stays on the source), its wave, where it is written, and the way back.

    ``rollback`` is ``source``, a cell, or null where there is no way back (any more).
    """

    topic: TopicName
    cell: ClusterName | None = None
    wave: WaveNumber | None = None
    state: State = SOURCE
    paused: bool = False
    rollback: str | None = SOURCE


class ClientTopic(_Strict):
    """A topic of a client, and where this client writes or reads it."""

    topic: TopicName
    state: State = SOURCE


class ClientRoute(_Strict):
    """One client's way: its topics, whom it logs in as in the cells, and the last wave that moves a topic of it.

    A client is known by ``client`` and ``kind``: a producer by its client id, a group by its group id.
    """

    client: ClientName
    kind: ClientKind
    principal: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    wave: WaveNumber | None = None
    transactional: bool = False
    paused: bool = False
    topics: tuple[ClientTopic, ...] = ()


class RoutingTable(_Strict):
    """Where every topic is written and every client is, at one step of a migration; each step has a higher version."""

    schema_version: Literal[1] = SCHEMA_VERSION
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1
    created_at: Moment | None = None
    source: RoutedSource
    cells: dict[ClusterName, RoutedCell]
    topics: tuple[TopicRoute, ...]
    clients: tuple[ClientRoute, ...] = ()

    def topic(self, name: str) -> TopicRoute | None:
        """Return a topic's route; None where the table does not have it."""
        return next((route for route in self.topics if route.topic == name), None)

    def client(self, name: str, kind: ClientKind) -> ClientRoute | None:
        """Return a client's route; None where the table does not have it."""
        return next((route for route in self.clients if (route.client, route.kind) == (name, kind)), None)

    def address(self, cluster: str) -> RoutedCell:
        """Return the address of the source or of a cell.

        Examples
        --------
        >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
        >>> RoutingTable(source=source, cells={}, topics=()).address("old").bootstrap_servers
        'old:9092'
        """
        if cluster == self.source.cluster:
            return RoutedCell(bootstrap_servers=self.source.bootstrap_servers, security=self.source.security)
        return self.cells[cluster]


def renewed(table: RoutingTable, *, created_at: datetime | None = None, **changes: object) -> RoutingTable:
    """Return the next version of a table, with some of its fields changed.

    Examples
    --------
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> renewed(RoutingTable(source=source, cells={}, topics=(), version=4)).version
    5
    """
    return table.model_copy(update={**changes, "version": table.version + 1, "created_at": created_at})


def routing_schema() -> str:
    """Return the JSON schema of a routing table, as published in ``docs/routing.schema.json``.

    Examples
    --------
    >>> json.loads(routing_schema())["required"]
    ['source', 'cells', 'topics']
    """
    schema = RoutingTable.model_json_schema()
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
