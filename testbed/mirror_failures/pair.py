"""Two or three small clusters, which trials share, and how a trial finds them empty."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from confluent_kafka.admin import AdminClient

from kafka_analysis.model.profile import ClusterProfile, Profile
from testbed import running
from testbed.clusters import Cluster, State
from testbed.jars import kafka_version
from testbed.mirror_failures import orders
from testbed.scenario import ClusterSpec, Phases, Scenario

Role = Literal["source", "target"]
OLD, NEW = "old", "new"
ROLES: dict[str, Role] = {OLD: "source", NEW: "target"}  # in a migration; three clusters have none
EAST, WEST, HUB = "east", "west", "hub"
LARGEST_RECORD_BYTES = 4_000_000  # that the source takes; a mirror's producer sends at most 1 MiB by default
SETTINGS = {
    "min.insync.replicas": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "offsets.topic.num.partitions": "3",
    # ACLs can be read and written without a login, and bind nobody here.
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",
}
# Kafka looks for what to delete every 5 minutes, and the first time after 30 s.
AT_ONCE = {"log.retention.check.interval.ms": "500", "log.initial.task.delay.ms": "500"}


@dataclass(frozen=True)
class Clusters:
    """Small clusters that run."""

    state: State

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """All of them, in the order of their scenario."""
        return self.state.clusters

    def profile(
        self, names: Collection[str] | None = None, *, mirror_files: Mapping[str, Path] = MappingProxyType({})
    ) -> Profile:
        """Return the profile with which a capture reads clusters; no metrics, only what clusters say.

        ``names``: which of them; None: all. ``mirror_files``: properties of the mirror that writes to a cluster.
        """
        return Profile(
            clusters=tuple(
                ClusterProfile(
                    name=cluster.name,
                    role=ROLES.get(cluster.name),
                    flavour=cluster.flavour,
                    kafka_version=kafka_version(),
                    bootstrap_servers=cluster.bootstrap,
                    mirror_properties=mirror_files.get(cluster.name, ()),
                )
                for cluster in self.clusters
                if names is None or cluster.name in names
            )
        )


@dataclass(frozen=True)
class Pair(Clusters):
    """A source cluster and a target cluster, both running."""

    @property
    def old(self) -> Cluster:
        """The source."""
        return self.state.cluster(OLD)

    @property
    def new(self) -> Cluster:
        """The target."""
        return self.state.cluster(NEW)


def scenario(*, source_brokers: int = 1, settings: Mapping[str, str] | None = None) -> Scenario:
    """Return two clusters without topics, the target with one broker; ``settings`` are of the brokers of both."""
    of_both = {**SETTINGS, **(settings or {})}
    of_source = {**of_both, "message.max.bytes": str(LARGEST_RECORD_BYTES)}
    return _scenario(_spec(OLD, "source", source_brokers, of_source), _spec(NEW, "target", 1, of_both))


def three_clusters() -> Scenario:
    """Return three clusters of one broker, two at the edge and a hub, which delete what is too old within a second."""
    roles: dict[str, Role] = {HUB: "source", EAST: "target", WEST: "target"}  # as a scenario wants it
    return _scenario(*(_spec(name, role, 1, {**SETTINGS, **AT_ONCE}) for name, role in roles.items()))


def _scenario(*clusters: ClusterSpec) -> Scenario:
    return Scenario(
        name="mirror-failures",
        seed=1,
        scrape_interval_s=2,
        clusters=clusters,
        topics=(),
        groups=(),
        phases=Phases(warm_up_s=0, baseline_s=0, after_s=0),
    )


def _spec(name: str, role: Role, brokers: int, settings: dict[str, str]) -> ClusterSpec:
    return ClusterSpec(
        name=name, role=role, flavour="self-managed", brokers=brokers, controllers=1, settings=settings
    )


@contextmanager
def running_pair(run_dir: Path, of: Scenario | None = None) -> Iterator[Pair]:
    """Run both clusters for the time of a block, and take them down; those of :func:`scenario` where none is given.

    Raises
    ------
    TestbedError
        If a tool is missing or a broker does not start.
    """
    with running_clusters(run_dir, of or scenario()) as clusters:
        yield Pair(clusters.state)


@contextmanager
def running_clusters(run_dir: Path, of: Scenario) -> Iterator[Clusters]:
    """Run the clusters of a scenario for the time of a block, and take them down.

    Raises
    ------
    TestbedError
        If a tool is missing or a broker does not start.
    """
    state = running.up(of, run_dir=run_dir, say=lambda _: None)
    try:
        for cluster in state.clusters:
            orders.create_offsets_topic(cluster)
        yield Clusters(state)
    finally:
        running.down(run_dir, keep=True)


def clear(clusters: Clusters) -> None:
    """Delete all topics, groups and ACLs of all clusters that are not Kafka's own.

    Raises
    ------
    TestbedError
        If something is still there after a while: a group with members, say.
    """
    for cluster in clusters.clusters:
        client = AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 0})
        orders.delete_groups(client, orders.groups(client))
        orders.delete_topics(client, orders.topics(client))
        orders.delete_all_acls(client)
