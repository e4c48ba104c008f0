"""librdkafka's settings for a cluster of a routing table."""

from collections.abc import Mapping
from typing import Any

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.profile import AWS_MSK_IAM
from kafka_analysis.plan.routing.table import RoutingTable


def address_settings(table: RoutingTable, cluster: str) -> dict[str, Any]:
    """Return a cluster's bootstrap servers, protocol and mechanism, as librdkafka takes them.

    Raises
    ------
    InputError
        The table has no bootstrap servers for it.

    Examples
    --------
    >>> from kafka_analysis.plan.routing.table import RoutedSource
    >>> source = RoutedSource(cluster="old", bootstrap_servers="old:9092")
    >>> address_settings(RoutingTable(source=source, cells={}, topics=()), "old")
    {'bootstrap.servers': 'old:9092', 'security.protocol': 'PLAINTEXT'}
    """
    address = table.address(cluster)
    if address.bootstrap_servers is None:
        raise InputError(
            f"{cluster} has no bootstrap servers in version {table.version} of the routing table; add them"
        )
    settings = {
        "bootstrap.servers": address.bootstrap_servers,
        "security.protocol": address.security.protocol,
    }
    if address.security.mechanism is not None:
        iam = address.security.mechanism == AWS_MSK_IAM  # librdkafka knows it as OAUTHBEARER with a callback
        settings["sasl.mechanism"] = "OAUTHBEARER" if iam else address.security.mechanism
    return settings


def client_settings(
    table: RoutingTable, cluster: str, *, settings: Mapping[str, Any], security: Mapping[str, Any]
) -> dict[str, Any]:
    """Lay a client's settings over each other: for every cluster, the cluster's address, and its own.

    Examples
    --------
    >>> from kafka_analysis.plan.routing.table import RoutedSource
    >>> table = RoutingTable(source=RoutedSource(cluster="old", bootstrap_servers="old:9092"), cells={}, topics=())
    >>> client_settings(table, "old", settings={"acks": 1}, security={"acks": "all"})["acks"]
    'all'
    """
    return {**settings, **address_settings(table, cluster), **security}
