"""Discover Amazon MSK clusters: what they are, how they are reached, and which brokers they have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.tables import empty_table
from kafka_analysis.sources.amazon.clients import aws_errors, source_error

if TYPE_CHECKING:
    from botocore.client import BaseClient

GIB = 2**30
Login = Literal["iam", "scram", "tls", "none", "plaintext"]
# By preference: without a secret of our own first. Each with the bootstrap strings that serve it, private ones first.
_BOOTSTRAP: dict[Login, tuple[str, ...]] = {
    "iam": ("BootstrapBrokerStringSaslIam", "BootstrapBrokerStringPublicSaslIam"),
    "scram": ("BootstrapBrokerStringSaslScram", "BootstrapBrokerStringPublicSaslScram"),
    "tls": ("BootstrapBrokerStringTls", "BootstrapBrokerStringPublicTls"),
    "none": ("BootstrapBrokerStringTls",),
    "plaintext": ("BootstrapBrokerString",),
}


@dataclass(frozen=True)
class MskCluster:
    """An MSK cluster as its interface describes it.

    ``login`` is how we would authenticate, None when no way of it is known; ``bootstrap_servers`` belong to it.
    ``open_monitoring``: whether the pages of the JMX and of the node exporter are on. ``disk_bytes`` is that of each
    broker; None for Express and Serverless, which have no volumes.
    """

    name: str
    arn: str
    state: str
    flavour: str
    kafka_version: str | None
    login: Login | None
    bootstrap_servers: str | None
    open_monitoring: tuple[bool, bool]
    instance_type: str | None
    disk_bytes: int | None


def list_msk_clusters(client: BaseClient, *, name_prefix: str | None = None) -> list[MskCluster]:
    """List the clusters of an account and region, by name.

    Parameters
    ----------
    client
        A client of MSK (boto3 calls it kafka).
    name_prefix
        How the clusters' names begin; None = all.

    Raises
    ------
    SourceError
        MSK did not answer.
    """
    chosen = {"ClusterNameFilter": name_prefix} if name_prefix else {}
    try:
        pages = client.get_paginator("list_clusters_v2").paginate(**chosen)
        listed = [cluster for page in pages for cluster in page["ClusterInfoList"]]
        clusters = [_cluster(client, cluster["ClusterArn"]) for cluster in listed]
    except aws_errors() as error:
        raise source_error(error, service="kafka") from None
    return sorted(clusters, key=lambda cluster: cluster.name)


def _cluster(client: BaseClient, arn: str) -> MskCluster:
    info = client.describe_cluster_v2(ClusterArn=arn)["ClusterInfo"]
    ready = info["State"] not in ("CREATING", "DELETING", "FAILED")
    bootstrap = client.get_bootstrap_brokers(ClusterArn=arn) if ready else {}
    return describe(info, bootstrap)


def describe(info: Mapping[str, Any], bootstrap: Mapping[str, str]) -> MskCluster:
    """Return a cluster from the answers of ``describe_cluster_v2`` and ``get_bootstrap_brokers``.

    Examples
    --------
    >>> info = {"ClusterName": "cell-a", "ClusterArn": "arn", "State": "ACTIVE", "ClusterType": "SERVERLESS",
    ...         "Serverless": {"VpcConfigs": [], "ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}}}}
    >>> cluster = describe(info, {"BootstrapBrokerStringSaslIam": "boot:9098"})
    >>> cluster.flavour, cluster.login, cluster.bootstrap_servers, cluster.kafka_version
    ('msk-serverless', 'iam', 'boot:9098', None)
    """
    inside = info.get("Provisioned") or info.get("Serverless") or {}
    nodes = inside.get("BrokerNodeGroupInfo", {})
    login, servers = _way_in(inside, bootstrap)
    return MskCluster(
        name=info["ClusterName"],
        arn=info["ClusterArn"],
        state=info["State"],
        flavour=_flavour(info, nodes),
        kafka_version=inside.get("CurrentBrokerSoftwareInfo", {}).get("KafkaVersion"),
        login=login,
        bootstrap_servers=servers,
        open_monitoring=_open_monitoring(inside),
        instance_type=nodes.get("InstanceType"),
        disk_bytes=_disk_bytes(nodes),
    )


def _flavour(info: Mapping[str, Any], nodes: Mapping[str, Any]) -> str:
    if info.get("ClusterType") == "SERVERLESS":
        return "msk-serverless"
    return "msk-express" if nodes.get("InstanceType", "").startswith("express.") else "msk-standard"


def _disk_bytes(nodes: Mapping[str, Any]) -> int | None:
    size_gib = nodes.get("StorageInfo", {}).get("EbsStorageInfo", {}).get("VolumeSize")
    return None if size_gib is None else size_gib * GIB


def _open_monitoring(inside: Mapping[str, Any]) -> tuple[bool, bool]:
    prometheus = inside.get("OpenMonitoring", {}).get("Prometheus", {})
    exporters = (prometheus.get(name, {}) for name in ("JmxExporter", "NodeExporter"))
    jmx, node = (exporter.get("EnabledInBroker", False) for exporter in exporters)
    return jmx, node


def _way_in(inside: Mapping[str, Any], bootstrap: Mapping[str, str]) -> tuple[Login | None, str | None]:
    """Choose the first way to authenticate that the cluster allows and gives addresses for."""
    for login in _allowed(inside):
        for name in _BOOTSTRAP[login]:
            if bootstrap.get(name):
                return login, bootstrap[name]
    return None, None


def _allowed(inside: Mapping[str, Any]) -> Iterator[Login]:
    authentication = inside.get("ClientAuthentication", {})
    sasl = authentication.get("Sasl", {})
    if sasl.get("Iam", {}).get("Enabled"):
        yield "iam"
    if sasl.get("Scram", {}).get("Enabled"):
        yield "scram"
    tls = authentication.get("Tls", {})
    # Clusters from before `Enabled` existed tell mutual TLS by their certificate authorities.
    if tls.get("Enabled", bool(tls.get("CertificateAuthorityArnList"))):
        yield "tls"
    # A cluster without any authentication does not list `Unauthenticated` when it is old.
    if authentication.get("Unauthenticated", {}).get("Enabled") or not (sasl or tls):
        yield "none"
        yield "plaintext"


def read_msk_brokers(client: BaseClient, cluster: MskCluster, *, name: str, ts: datetime) -> pl.DataFrame:
    """Return the ``brokers`` table of a cluster; without rows for Serverless, which shows none.

    Parameters
    ----------
    client
        A client of MSK.
    cluster
        Result of :func:`list_msk_clusters`.
    name
        The cluster's name in the capture.
    ts
        When it is asked, UTC.

    Raises
    ------
    SourceError
        MSK did not answer.
    """
    if cluster.flavour == "msk-serverless":
        return empty_table("brokers")
    try:
        pages = client.get_paginator("list_nodes").paginate(ClusterArn=cluster.arn)
        nodes = [node for page in pages for node in page["NodeInfoList"]]
    except aws_errors() as error:
        raise source_error(error, service="kafka") from None
    schema = empty_table("brokers").schema
    rows = [dict.fromkeys(schema) | {"ts": ts, "cluster": name} | row for row in _broker_rows(nodes, cluster)]
    return pl.DataFrame(rows, schema=schema).sort("broker")


def _broker_rows(nodes: Iterable[Mapping[str, Any]], cluster: MskCluster) -> Iterator[dict[str, Any]]:
    """Yield a row per broker and endpoint host; ids come as floats, and other nodes are ZooKeeper's or controllers."""
    port = _port(cluster)
    for node in nodes:
        info = node.get("BrokerNodeInfo")
        if not info or not info.get("Endpoints"):
            continue
        yield {
            "broker": int(info["BrokerId"]),
            "host": info["Endpoints"][0],
            "port": port,
            "instance_type": node.get("InstanceType") or cluster.instance_type,
            "disk_bytes": cluster.disk_bytes,
        }


def _port(cluster: MskCluster) -> int:
    first = (cluster.bootstrap_servers or "").split(",")[0]
    port = first.rpartition(":")[2]
    if not port.isdigit():
        message = f"cluster {cluster.name}: MSK returns no bootstrap address with a port; try again once it is active"
        raise SourceError(message)
    return int(port)
