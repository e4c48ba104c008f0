"""A reference client that follows a routing table: what its producers and consumers share, and how to make them.

What happens to records when the table changes, and what does not:

- **Nothing that was acknowledged is lost.** A producer sends its first record to another cluster only after everything
  it sent to the one before is acknowledged there. A record whose delivery report is an error was not acknowledged: the
  caller is told, as without routing, and decides.
- **The order of records of one key holds**, if the topic is paused before it changes clusters, and released when the
  replica holds the source's last record. Without a pause the replica may be behind: records of both sides mix.
- **Nothing is written twice by a switch.** Within a cluster the idempotent producer sees to that. A caller that sends a
  record again after an error may write it twice, as without routing.
- **A group loses nothing.** It reads nothing twice if it has drained the source and its offsets in the cell are those
  of the replica's end. As far as a translated offset lies behind the true one, records are read again (MirrorMaker 2
  translates sparsely); a partition without a translated offset is read from its beginning. So a consumer bears
  repeated records, as ever: what one call returned counts as processed at the next call, and is read again if the
  process dies before.
- **What was written in a cell stays there.** A topic that goes back to the source takes its new records along only if
  they are replicated back: before that, ``rollback`` loses sight of them.
- **Transactions** do not span a switch: the table is looked at between them.

Credentials are never in the table: ``security`` is asked for them, cluster by cluster, when a client is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kafka_analysis.routing.consumer import RoutedConsumer
from kafka_analysis.routing.files import ReadTable
from kafka_analysis.routing.producer import RoutedProducer

Security = Callable[[str], Mapping[str, Any]]


def routed_producer(
    client: str, read: ReadTable, *, settings: Mapping[str, Any], security: Security, every_s: float = 1.0
) -> RoutedProducer:
    """Make a producer that follows the table.

    Parameters
    ----------
    client
        Its client id, as in the table.
    read
        Returns the table there is now, as :func:`kafka_analysis.routing.files.table_file` does.
    settings
        librdkafka's settings for every cluster; addresses come from the table.
    security
        Cluster → more settings for it, credentials say; they are asked for when a client is made, and not kept.
    every_s
        Seconds between two looks at the table.

    Examples
    --------
    >>> from kafka_analysis.plan.routing.table import ClientRoute, ClientTopic, RoutedSource, RoutingTable, TopicRoute
    >>> shop = ClientRoute(client="shop", kind="producer", topics=(ClientTopic(topic="t"),))
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> table = RoutingTable(source=source, cells={}, topics=(TopicRoute(topic="t"),), clients=(shop,))
    >>> producer = routed_producer("shop", lambda: table, settings={}, security=lambda cluster: {})
    >>> producer.cluster_of("t")
    'old'
    """
    return RoutedProducer(client, read, settings=settings, security=security, every_s=every_s)


def routed_consumer(
    group: str,
    read: ReadTable,
    *,
    settings: Mapping[str, Any],
    security: Security,
    every_s: float = 1.0,
    drain_s: float | None = None,
) -> RoutedConsumer:
    """Make a member of a group that follows the table.

    Parameters
    ----------
    group
        Its group id, as in the table.
    read, settings, security, every_s
        As in :func:`routed_producer`.
    drain_s
        Seconds it reads on at most when it is to leave the source; None: until it has read all of it.

    Examples
    --------
    >>> from kafka_analysis.plan.routing.table import ClientRoute, RoutedSource, RoutingTable, TopicRoute
    >>> from kafka_analysis.plan.routing.table import ClientTopic
    >>> paused = ClientRoute(client="g", kind="group", paused=True, topics=(ClientTopic(topic="t"),))
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> table = RoutingTable(source=source, cells={}, topics=(TopicRoute(topic="t"),), clients=(paused,))
    >>> routed_consumer("g", lambda: table, settings={}, security=lambda cluster: {}).clusters
    ()
    """
    return RoutedConsumer(group, read, settings=settings, security=security, every_s=every_s, drain_s=drain_s)
