"""Connectors that a dedicated MirrorMaker 2 makes of its properties file, as rows of a capture."""

from kafka_analysis.model.errors import InputError
from kafka_analysis.sources.mirroring.properties_file import Flow, MirrorFile, addresses
from kafka_analysis.sources.mirroring.records import Row

CONNECTORS = ("MirrorSourceConnector", "MirrorCheckpointConnector", "MirrorHeartbeatConnector")
_PACKAGE = "org.apache.kafka.connect.mirror"


def flows_into(file: MirrorFile, cluster: str, servers: str) -> list[Flow]:
    """Return the enabled flows into a cluster.

    The cluster's alias is its name, else the one that has an address of it, else the only one that flows go to.

    Parameters
    ----------
    cluster, servers
        The cluster's name in the profile, and its bootstrap servers.

    Raises
    ------
    InputError
        No flow is enabled, none goes to the cluster, or its alias is unknown.

    Examples
    --------
    >>> one = Flow("old", "new", {})
    >>> file = MirrorFile({"old": frozenset({"h:1"}), "new": frozenset({"h:2"})}, (one,))
    >>> [flows_into(file, *cluster) == [one] for cluster in (("new", "x:1"), ("cell", "h:2"), ("cell", "x:1"))]
    [True, True, True]
    """
    targets = sorted({flow.target for flow in file.flows})
    if not targets:
        raise InputError("no flow is enabled; give SOURCE->TARGET.enabled = true for one")
    alias = _alias(file, targets, cluster, addresses(servers))
    found = [flow for flow in file.flows if flow.target == alias]
    if not found:
        where = "its alias is unknown" if alias is None else f"none goes to {alias!r}"
        raise InputError(
            f"flows go to {', '.join(targets)}, but none to cluster {cluster!r}: {where}; use the file's name for the "
            "cluster in the profile, or list the file under the cluster that flows go to"
        )
    return found


def _alias(file: MirrorFile, targets: list[str], cluster: str, servers: frozenset[str]) -> str | None:
    if cluster in file.clusters:
        return cluster
    having = [alias for alias, own in file.clusters.items() if own & servers]
    if having:
        return having[0] if len(having) == 1 else None
    return targets[0] if len(targets) == 1 else None


def connector_rows(flow: Flow) -> list[Row]:
    """Return the settings of a flow's connectors as rows of the ``connectors`` table, as MirrorMaker keeps them.

    Examples
    --------
    >>> rows = connector_rows(Flow("old", "new", {"topics": "orders"}))
    >>> [(row["connector"], row["value"]) for row in rows if row["name"] == "topics"][:2]
    [('MirrorSourceConnector', 'orders'), ('MirrorCheckpointConnector', 'orders')]
    """
    ends = {"source.cluster.alias": flow.source, "target.cluster.alias": flow.target}
    return [
        {"peer": flow.source, "connector": name, "task": None, "name": setting, "value": value, "kind": "config"}
        for name in CONNECTORS
        for setting, value in {
            "name": name, "connector.class": f"{_PACKAGE}.{name}", **ends, **flow.settings
        }.items()
    ]  # fmt: skip
